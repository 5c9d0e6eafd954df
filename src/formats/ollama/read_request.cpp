// Request bodies of Ollama's API → Request. Strict about the types of what is read; what is unknown is left out.
#include "formats/ollama/client_face.h"
#include "formats/ollama/request_reader.h"

namespace weir::ollama_client {

namespace {

// Ollama takes -1 for "at random" and "without end".
void drop_negative(std::optional<int64_t>& number) {
  if (number && *number < 0) number.reset();
}

}  // namespace

bool RequestReader::model(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.model);
}

bool RequestReader::stream(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.stream);
}

bool RequestReader::format(const Element& value, const Place& place, std::string_view raw) {
  std::string_view named;
  has_format_ = true;
  if (value.get(named) == simdjson::SUCCESS) {
    has_format_ = !named.empty();
    if (named == "json") request_.response_format = ResponseFormat::json_object;
    return named.empty() || named == "json" ||
           fail(place, fmt::format("Invalid value for 'format': '{}'. It is 'json' or a JSON Schema.", named));
  }
  if (!value.is_object()) return wrong_type(place, "'json' or a JSON Schema", value);
  request_.response_format = ResponseFormat::json_schema;
  request_.json_schema = value;
  count(raw);
  return true;
}

bool RequestReader::options(const Element& value, const Place& place, std::string_view) {
  json::Object options;
  if (!read(value, place, options)) return false;
  for (const auto member : options) {
    if (member.value.is_null()) continue;
    if (!option(member.value, Place{.outer = &place, .key = member.key})) return false;
  }
  drop_negative(request_.seed);
  // 0 and -1: without end; -2: until the context is full.
  if (request_.max_tokens && *request_.max_tokens <= 0) request_.max_tokens.reset();
  return true;
}

bool RequestReader::option(const Element& value, const Place& place) {
  const auto key = place.key;
  if (key == "temperature") return read(value, place, request_.temperature);
  if (key == "top_p") return read(value, place, request_.top_p);
  if (key == "top_k") return read(value, place, request_.top_k);
  if (key == "seed") return read(value, place, request_.seed);
  if (key == "num_predict") return read(value, place, request_.max_tokens);
  if (key == "presence_penalty") return read(value, place, request_.presence_penalty);
  if (key == "frequency_penalty") return read(value, place, request_.frequency_penalty);
  if (key == "stop") {
    request_.stop.clear();
    return texts(value, place, Alone::allowed, request_.stop);
  }
  leave_out(place);
  return true;
}

bool RequestReader::think(const Element& value, const Place& place, std::string_view) {
  bool wanted = false;
  if (value.get(wanted) == simdjson::SUCCESS) {
    request_.show_thinking = wanted;
    if (wanted) {
      request_.thinking_tokens = -1;
    } else {
      request_.reasoning_effort = "none";
    }
    return true;
  }
  std::string_view effort;
  if (value.get(effort) != simdjson::SUCCESS) return wrong_type(place, "a boolean or a string", value);
  if (effort != "low" && effort != "medium" && effort != "high" && effort != "max") {
    return fail(
        place,
        fmt::format("Invalid value for 'think': '{}'. It is a boolean, 'low', 'medium', 'high' or 'max'.", effort));
  }
  request_.show_thinking = true;
  request_.reasoning_effort = effort;
  return true;
}

bool RequestReader::logprobs(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.logprobs);
}

bool RequestReader::top_logprobs(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.top_logprobs);
}

bool RequestReader::hint(const Element&, const Place& place, std::string_view) {
  leave_out(place);
  return true;
}

bool RequestReader::tools(const Element& value, const Place& place, std::string_view raw) {
  return function_tools(value, place, raw);
}

bool RequestReader::prompt(const Element& value, const Place& place, std::string_view) {
  std::string_view text;
  if (!read(value, place, text)) return false;
  prompt_ = text;
  count(text);
  return true;
}

bool RequestReader::suffix(const Element& value, const Place& place, std::string_view) {
  if (!read(value, place, request_.suffix)) return false;
  count(request_.suffix);
  return true;
}

bool RequestReader::system(const Element& value, const Place& place, std::string_view) {
  if (!read(value, place, system_)) return false;
  count(system_);
  return true;
}

bool RequestReader::is_raw(const Element& value, const Place& place, std::string_view) {
  return read(value, place, raw_);
}

bool RequestReader::images(const Element& value, const Place& place, std::string_view) {
  return pictures(value, place, pictures_);
}

// A template of the caller's own, a conversation as token ids, an image to be made.
bool RequestReader::only_ollama(const Element& value, const Place& place, std::string_view) {
  json::Array list;
  std::string_view text;
  const bool nothing = (value.get(list) == simdjson::SUCCESS && list.size() == 0) ||
                       (value.get(text) == simdjson::SUCCESS && text.empty());
  if (nothing) return true;
  if (place.key == "context") request_.text_bytes += list.size() * 18 / 5;  // 3.6 bytes a token
  only_here(place, fmt::format("'{}'", place.key));
  return true;
}

bool RequestReader::input(const Element& value, const Place& place, std::string_view) {
  if (!texts(value, place, Alone::allowed, request_.inputs)) return false;
  if (request_.inputs.empty()) return fail(place, "Invalid 'input': the array is empty.");
  for (const auto text : request_.inputs) count(text);
  request_.prompts = static_cast<int64_t>(request_.inputs.size());
  return true;
}

bool RequestReader::older_prompt(const Element& value, const Place& place, std::string_view) {
  std::string_view text;
  if (!read(value, place, text)) return false;
  prompt_ = text;
  return true;
}

bool RequestReader::dimensions(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.dimensions);
}

// Fields that change nothing of an answer: how long a model stays loaded, how a text that is too long is cut.
std::span<const RequestReader::Known> RequestReader::chat_fields() {
  static constexpr std::array known = {
      Known{"model", &RequestReader::model},
      Known{"messages", &RequestReader::messages},
      Known{"stream", &RequestReader::stream},
      Known{"tools", &RequestReader::tools},
      Known{"format", &RequestReader::format},
      Known{"options", &RequestReader::options},
      Known{"think", &RequestReader::think},
      Known{"logprobs", &RequestReader::logprobs},
      Known{"top_logprobs", &RequestReader::top_logprobs},
      Known{"keep_alive", &RequestReader::hint},
      Known{"truncate", &RequestReader::hint},
      Known{"shift", &RequestReader::hint},
  };
  return known;
}

std::span<const RequestReader::Known> RequestReader::generate_fields() {
  static constexpr std::array known = {
      Known{"model", &RequestReader::model},          Known{"prompt", &RequestReader::prompt},
      Known{"suffix", &RequestReader::suffix},        Known{"system", &RequestReader::system},
      Known{"raw", &RequestReader::is_raw},           Known{"images", &RequestReader::images},
      Known{"stream", &RequestReader::stream},        Known{"format", &RequestReader::format},
      Known{"options", &RequestReader::options},      Known{"think", &RequestReader::think},
      Known{"logprobs", &RequestReader::logprobs},    Known{"top_logprobs", &RequestReader::top_logprobs},
      Known{"template", &RequestReader::only_ollama}, Known{"context", &RequestReader::only_ollama},
      Known{"width", &RequestReader::only_ollama},    Known{"height", &RequestReader::only_ollama},
      Known{"steps", &RequestReader::only_ollama},    Known{"keep_alive", &RequestReader::hint},
      Known{"truncate", &RequestReader::hint},        Known{"shift", &RequestReader::hint},
  };
  return known;
}

std::span<const RequestReader::Known> RequestReader::embedding_fields() {
  static constexpr std::array known = {
      Known{"model", &RequestReader::model},         Known{"input", &RequestReader::input},
      Known{"prompt", &RequestReader::older_prompt}, Known{"dimensions", &RequestReader::dimensions},
      Known{"options", &RequestReader::hint},        Known{"keep_alive", &RequestReader::hint},
      Known{"truncate", &RequestReader::hint},
  };
  return known;
}

bool RequestReader::needs_model() { return !request_.model.empty() || missing(Place{.key = "model"}); }

bool RequestReader::read_chat() {
  request_.stream = true;
  if (!read_fields(*this, chat_fields()) || !needs_model()) return false;
  if (request_.messages.empty()) only_here(Place{.key = "messages"}, "a request to load or unload a model");
  return true;
}

bool RequestReader::read_generate() {
  request_.stream = true;
  request_.variant = generate;
  return read_fields(*this, generate_fields()) && needs_model() && finish_generate();
}

bool RequestReader::finish_generate() {
  const bool completion = raw_ || !request_.suffix.empty();
  request_.operation = completion ? Operation::completion : Operation::chat;
  if (!prompt_ || prompt_->empty()) only_here(Place{.key = "prompt"}, "a request to load or unload a model");
  if (completion) return finish_completion();
  if (!system_.empty()) {
    Message message{.role = Role::system};
    message.parts.push_back({.kind = Part::Kind::text, .text = system_});
    request_.messages.push_back(std::move(message));
  }
  if (!prompt_) return true;
  Message message{.role = Role::user, .parts = std::move(pictures_)};
  message.parts.push_back({.kind = Part::Kind::text, .text = *prompt_});
  request_.messages.push_back(std::move(message));
  return true;
}

// A text to go on with, or a gap to fill: without a conversation around it.
bool RequestReader::finish_completion() {
  request_.inputs.push_back(prompt_.value_or(""));
  if (raw_ && !system_.empty()) return fail(Place{.key = "system"}, "With 'raw' there may be no 'system'.");
  if (!system_.empty()) only_here(Place{.key = "system"}, "a system prompt beside a gap to fill");
  if (!pictures_.empty()) only_here(Place{.key = "images"}, "images in a text to go on with");
  if (has_format_) only_here(Place{.key = "format"}, "'format' of a text to go on with");
  return true;
}

bool RequestReader::read_embedding() {
  if (!read_fields(*this, embedding_fields()) || !needs_model()) return false;
  if (!request_.inputs.empty()) return true;
  if (!prompt_) return missing(Place{.key = "input"});
  request_.variant = embeddings;
  request_.inputs.push_back(*prompt_);
  count(*prompt_);
  return true;
}

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = name;
  request.carried = std::move(asked.carried);
  request.include_usage = true;
  request.document = pool.take();
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed)
    return failure(std::move(parsed.error()));
  RequestReader reader(request);
  bool good = false;
  if (asked.operation == Operation::embedding) {
    good = reader.read_embedding();
  } else if (asked.operation == Operation::completion) {
    good = reader.read_generate();
  } else {
    good = reader.read_chat();
  }
  if (!good) return failure(reader.take_error());
  return request;
}

}  // namespace weir::ollama_client
