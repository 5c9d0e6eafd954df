// Request bodies of Cohere's chat → Request, and the way in to all of them. Strict about the types of what is read;
// what is unknown is left out.
#include "formats/cohere/client_face.h"
#include "formats/cohere/request_reader.h"

namespace weir::cohere_client {

bool RequestReader::model(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.model);
}

bool RequestReader::hint(const Element&, const Place& place, std::string_view) {
  leave_out(place);
  return true;
}

// An empty list asks for nothing.
bool RequestReader::only_cohere(const Element& value, const Place& place, std::string_view raw) {
  json::Array list;
  if (value.get(list) == simdjson::SUCCESS && list.size() == 0) return true;
  count(raw);
  only_here(place, fmt::format("'{}'", place.key));
  return true;
}

bool RequestReader::stream(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.stream);
}

bool RequestReader::tools(const Element& value, const Place& place, std::string_view raw) {
  return function_tools(value, place, raw);
}

bool RequestReader::strict_tools(const Element& value, const Place& place, std::string_view) {
  return read(value, place, strict_);
}

bool RequestReader::tool_choice(const Element& value, const Place& place, std::string_view) {
  std::string_view choice;
  if (!read(value, place, choice)) return false;
  if (choice == "REQUIRED") request_.tool_choice.mode = ToolChoice::Mode::any;
  if (choice == "NONE") request_.tool_choice.mode = ToolChoice::Mode::none;
  return request_.tool_choice.mode != ToolChoice::Mode::unset ||
         fail(place, fmt::format("Invalid value for 'tool_choice': '{}'. It is 'REQUIRED' or 'NONE'.", choice));
}

bool RequestReader::citation_options(const Element& value, const Place& place, std::string_view) {
  json::Object options;
  if (!read(value, place, options)) return false;
  const auto mode = json::string_or(options, "mode");
  if (!mode.empty() && mode != "OFF" && mode != "DISABLED") only_here(place, "citations");
  return true;
}

bool RequestReader::response_format(const Element& value, const Place& place, std::string_view raw) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !text_member(object, "type", place, type)) return false;
  if (type == "text") return true;
  if (type != "json_object") {
    return fail(Place{.outer = &place, .key = "type"},
                fmt::format("Invalid value for 'response_format.type': '{}'. It is 'text' or 'json_object'.", type));
  }
  request_.response_format = ResponseFormat::json_object;
  // `schema` is the older name.
  for (const std::string_view key : {"schema", "json_schema"}) {
    Element schema;
    if (object.at_key(key).get(schema) != simdjson::SUCCESS || schema.is_null()) continue;
    if (!schema.is_object()) return wrong_type(Place{.outer = &place, .key = key}, "an object", schema);
    request_.response_format = ResponseFormat::json_schema;
    request_.json_schema = schema;
  }
  count(raw);
  return true;
}

// An instruction that Cohere puts into the prompt. Others have none: that is as good as what is usual, but not as
// what is strict.
bool RequestReader::safety_mode(const Element& value, const Place& place, std::string_view) {
  std::string_view mode;
  if (!read(value, place, mode)) return false;
  if (mode == "STRICT") {
    only_here(place, "safety instructions");
  } else {
    leave_out(place);
  }
  return true;
}

bool RequestReader::max_tokens(const Element& value, const Place& place, std::string_view) {
  if (!read(value, place, request_.max_tokens)) return false;
  return *request_.max_tokens >= 0 ||
         fail(place, fmt::format("Invalid 'max_tokens': {} is less than 0.", *request_.max_tokens));
}

bool RequestReader::stop_sequences(const Element& value, const Place& place, std::string_view) {
  return texts(value, place, Alone::refused, request_.stop);
}

bool RequestReader::temperature(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.temperature);
}

bool RequestReader::seed(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.seed);
}

bool RequestReader::frequency_penalty(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.frequency_penalty);
}

bool RequestReader::presence_penalty(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.presence_penalty);
}

// 0 = off.
bool RequestReader::top_k(const Element& value, const Place& place, std::string_view) {
  if (!read(value, place, request_.top_k)) return false;
  if (*request_.top_k == 0) request_.top_k.reset();
  return true;
}

bool RequestReader::top_p(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.top_p);
}

bool RequestReader::logprobs(const Element& value, const Place& place, std::string_view) {
  return read(value, place, request_.logprobs);
}

bool RequestReader::thinking(const Element& value, const Place& place, std::string_view) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !text_member(object, "type", place, type)) return false;
  if (type != "enabled" && type != "disabled") {
    return fail(Place{.outer = &place, .key = "type"},
                fmt::format("Invalid value for 'thinking.type': '{}'. It is 'enabled' or 'disabled'.", type));
  }
  request_.show_thinking = type == "enabled";
  request_.thinking_tokens = type == "enabled" ? -1 : 0;
  Element budget;
  if (object.at_key("token_budget").get(budget) != simdjson::SUCCESS || budget.is_null()) return true;
  int64_t tokens = 0;
  if (!read(budget, Place{.outer = &place, .key = "token_budget"}, tokens)) return false;
  if (type == "enabled" && tokens > 0) request_.thinking_tokens = tokens;
  return true;
}

std::span<const RequestReader::Known> RequestReader::chat_fields() {
  static constexpr std::array known = {
      Known{"model", &RequestReader::model},
      Known{"messages", &RequestReader::messages},
      Known{"stream", &RequestReader::stream},
      Known{"tools", &RequestReader::tools},
      Known{"strict_tools", &RequestReader::strict_tools},
      Known{"tool_choice", &RequestReader::tool_choice},
      Known{"documents", &RequestReader::only_cohere},
      Known{"citation_options", &RequestReader::citation_options},
      Known{"response_format", &RequestReader::response_format},
      Known{"safety_mode", &RequestReader::safety_mode},
      Known{"max_tokens", &RequestReader::max_tokens},
      Known{"stop_sequences", &RequestReader::stop_sequences},
      Known{"temperature", &RequestReader::temperature},
      Known{"seed", &RequestReader::seed},
      Known{"frequency_penalty", &RequestReader::frequency_penalty},
      Known{"presence_penalty", &RequestReader::presence_penalty},
      Known{"k", &RequestReader::top_k},
      Known{"p", &RequestReader::top_p},
      Known{"logprobs", &RequestReader::logprobs},
      Known{"thinking", &RequestReader::thinking},
      Known{"priority", &RequestReader::hint},
  };
  return known;
}

bool RequestReader::text_member(const json::Object& object, std::string_view key, const Place& place,
                                std::string_view& out) {
  Element value;
  const Place here{.outer = &place, .key = key};
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return missing(here);
  return read(value, here, out);
}

bool RequestReader::needs_model() { return !request_.model.empty() || missing(Place{.key = "model"}); }

bool RequestReader::read_chat() {
  if (!read_fields(*this, chat_fields()) || !needs_model()) return false;
  if (request_.messages.empty()) return missing(Place{.key = "messages"});
  if (strict_) {
    for (auto& tool : request_.tools) tool.strict = strict_;
  }
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
  } else if (asked.operation == Operation::rerank) {
    good = reader.read_rerank();
  } else {
    good = reader.read_chat();
  }
  if (!good) return failure(reader.take_error());
  return request;
}

}  // namespace weir::cohere_client
