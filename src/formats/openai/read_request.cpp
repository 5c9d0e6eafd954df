// Request bodies of the OpenAI dialect → Request. Strict about the types of what Weir reads, silent about what it
// does not know. Each field is looked at once, in the order of the body; paths for messages are only rendered when
// there is something to complain about.
#include <fmt/format.h>

#include "formats/openai/client_face.h"
#include "formats/openai/request_reader.h"

namespace weir::openai_dialect {
namespace {

struct NamedKey {
  std::string_view name;
  Key key = Key::unknown;
};

constexpr std::array named_keys = {
    NamedKey{"model", Key::model},
    NamedKey{"messages", Key::messages},
    NamedKey{"stream", Key::stream},
    NamedKey{"stream_options", Key::stream_options},
    NamedKey{"tools", Key::tools},
    NamedKey{"functions", Key::functions},
    NamedKey{"tool_choice", Key::tool_choice},
    NamedKey{"parallel_tool_calls", Key::parallel_tool_calls},
    NamedKey{"response_format", Key::response_format},
    NamedKey{"temperature", Key::temperature},
    NamedKey{"top_p", Key::top_p},
    NamedKey{"presence_penalty", Key::presence_penalty},
    NamedKey{"frequency_penalty", Key::frequency_penalty},
    NamedKey{"max_tokens", Key::max_tokens},
    NamedKey{"max_completion_tokens", Key::max_completion_tokens},
    NamedKey{"seed", Key::seed},
    NamedKey{"logprobs", Key::logprobs},
    NamedKey{"top_logprobs", Key::top_logprobs},
    NamedKey{"reasoning_effort", Key::reasoning_effort},
    NamedKey{"stop", Key::stop},
    NamedKey{"n", Key::n},
    NamedKey{"best_of", Key::best_of},
    NamedKey{"prompt", Key::prompt},
    NamedKey{"suffix", Key::suffix},
    NamedKey{"input", Key::input},
    NamedKey{"encoding_format", Key::encoding_format},
    NamedKey{"dimensions", Key::dimensions},
    NamedKey{"top_k", Key::top_k},
    // What would change the answer, and no other format has.
    NamedKey{"logit_bias", Key::only_openai},
    NamedKey{"echo", Key::only_openai},
    NamedKey{"audio", Key::only_openai},
    NamedKey{"web_search_options", Key::only_openai},
    NamedKey{"function_call", Key::only_openai},
    // What changes nothing of the answer.
    NamedKey{"user", Key::hint},
    NamedKey{"metadata", Key::hint},
    NamedKey{"store", Key::hint},
    NamedKey{"service_tier", Key::hint},
    NamedKey{"safety_identifier", Key::hint},
    NamedKey{"prompt_cache_key", Key::hint},
    NamedKey{"prompt_cache_retention", Key::hint},
    NamedKey{"prediction", Key::hint},
    NamedKey{"verbosity", Key::hint},
};

// Open addressing, filled at compile time: one comparison for almost every key.
constexpr std::size_t slot_of(std::string_view name) {
  if (name.empty()) return 0;
  return (name.size() * 5 + static_cast<unsigned char>(name.front()) * 3 + static_cast<unsigned char>(name.back())) %
         64;
}

constexpr std::array<NamedKey, 64> key_table = [] {
  std::array<NamedKey, 64> table{};
  for (const auto& entry : named_keys) {
    auto slot = slot_of(entry.name);
    while (table[slot].key != Key::unknown) slot = (slot + 1) % table.size();
    table[slot] = entry;
  }
  return table;
}();

Key find_key(std::string_view name) {
  for (auto slot = slot_of(name); key_table[slot].key != Key::unknown; slot = (slot + 1) % key_table.size()) {
    if (key_table[slot].name == name) return key_table[slot].key;
  }
  return Key::unknown;
}

}  // namespace

bool RequestReader::read_body() {
  json::Object root;
  if (request_.document->root().get(root) != simdjson::SUCCESS) {
    error_ = Error{.code = ErrorCode::invalid_request,
                   .message = fmt::format("The body must be a JSON object, but it is {}.",
                                          json::type_name(request_.document->root()))};
    return false;
  }
  request_.document->survey();
  uint64_t seen = 0;
  std::size_t index = 0;
  for (const auto member : root) {
    const auto& range = request_.fields()[index++];
    const auto key = find_key(member.key);
    if (key == Key::unknown) {
      request_.left_out.push_back(member.key);
      continue;
    }
    const Place place{.key = member.key};
    const auto bit = uint64_t{1} << static_cast<unsigned>(key);
    const bool group = key == Key::hint || key == Key::only_openai;
    if ((seen & bit) != 0 && !group) {
      return fail(place, fmt::format("Duplicate parameter: '{}' is given twice.", member.key));
    }
    seen |= bit;
    if (member.value.is_null()) continue;
    const auto raw =
        std::string_view(request_.document->text()).substr(range.value_begin, range.value_end - range.value_begin);
    if (!field(key, member.value, place, raw)) return false;
  }
  return finish();
}

bool RequestReader::field(Key key, const Element& value, const Place& place, std::string_view raw) {
  const bool completion = request_.operation == Operation::completion;
  switch (key) {
    case Key::model:
      return read(value, place, request_.model);
    case Key::stream:
      return request_.operation == Operation::embedding || read(value, place, request_.stream);
    case Key::prompt:
      return !completion || inputs(value, place);
    case Key::suffix:
      return !completion || read(value, place, request_.suffix);
    case Key::input:
      return request_.operation != Operation::embedding || inputs(value, place);
    case Key::dimensions:
      return request_.operation != Operation::embedding || read(value, place, request_.dimensions);
    case Key::encoding_format: {
      std::string_view format;
      if (request_.operation != Operation::embedding) return true;
      if (!read(value, place, format)) return false;
      request_.wants_base64 = format == "base64";
      return request_.wants_base64 || format == "float" ||
             fail(place,
                  fmt::format("Invalid value for 'encoding_format': '{}'. Supported values are: 'float' and 'base64'.",
                              format));
    }
    default:
      return request_.operation == Operation::embedding || chat_field(key, value, place, raw);
  }
}

bool RequestReader::chat_field(Key key, const Element& value, const Place& place, std::string_view raw) {
  const bool chat = request_.operation == Operation::chat;
  switch (key) {
    case Key::messages:
      return !chat || messages(value, place);
    case Key::tools:
    case Key::functions:
      if (!chat) return true;
      count(raw);
      return tools(value, place);
    case Key::tool_choice:
      return !chat || tool_choice(value, place);
    case Key::top_k:
      if (int64_t count = 0; value.get(count) == simdjson::SUCCESS) request_.top_k = count;
      return true;
    case Key::only_openai:
      if (bool truth = true; value.get(truth) == simdjson::SUCCESS && !truth) return true;
      only_here(place, fmt::format("'{}'", place.key));
      return true;
    case Key::hint:
      request_.left_out.push_back(place.key);
      return true;
    case Key::parallel_tool_calls:
      return read(value, place, request_.parallel_tool_calls);
    case Key::response_format:
      if (!chat) return true;
      count(raw);
      return response_format(value, place);
    case Key::stream_options:
      return stream_options(value, place);
    case Key::temperature:
      return read(value, place, request_.temperature);
    case Key::top_p:
      return read(value, place, request_.top_p);
    case Key::presence_penalty:
      return read(value, place, request_.presence_penalty);
    case Key::frequency_penalty:
      return read(value, place, request_.frequency_penalty);
    case Key::max_tokens:
      return read(value, place, max_tokens_);
    case Key::max_completion_tokens:
      return read(value, place, max_completion_tokens_);
    case Key::seed:
      return read(value, place, request_.seed);
    case Key::top_logprobs:
      return read(value, place, request_.top_logprobs);
    case Key::reasoning_effort:
      return read(value, place, request_.reasoning_effort);
    case Key::best_of:
      return chat || read(value, place, request_.best_of);
    case Key::stop:
      return stop(value, place);
    case Key::logprobs: {
      if (chat) return read(value, place, request_.logprobs);
      request_.logprobs = true;  // of a completion: how many alternatives
      return read(value, place, request_.top_logprobs);
    }
    case Key::n: {
      if (!read(value, place, request_.n)) return false;
      const bool good = request_.n >= 1 && request_.n <= 128;
      return good || fail(place, fmt::format("Invalid 'n': {} is not between 1 and 128.", request_.n));
    }
    default:
      return true;
  }
}

bool RequestReader::stream_options(const Element& value, const Place& place) {
  json::Object options;
  if (!read(value, place, options)) return false;
  Element include;
  if (options.at_key("include_usage").get(include) != simdjson::SUCCESS || include.is_null()) return true;
  return read(include, Place{.outer = &place, .key = "include_usage"}, request_.include_usage);
}

bool RequestReader::stop(const Element& value, const Place& place) {
  std::string_view one;
  if (value.get(one) == simdjson::SUCCESS) {
    request_.stop.push_back(one);
    return true;
  }
  json::Array many;
  if (value.get(many) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of strings", value);
  for (const auto element : many) {
    const Place here{.outer = &place, .key = {}, .index = request_.stop.size()};
    if (!read(element, here, one)) return false;
    request_.stop.push_back(one);
  }
  return true;
}

bool RequestReader::response_format(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  const Place type_place{.outer = &place, .key = "type"};
  Element type_value;
  if (object.at_key("type").get(type_value) != simdjson::SUCCESS) return missing(type_place);
  std::string_view type;
  if (!read(type_value, type_place, type)) return false;
  if (type == "json_object") request_.response_format = ResponseFormat::json_object;
  if (type != "json_schema") return true;
  request_.response_format = ResponseFormat::json_schema;
  const Place schema_place{.outer = &place, .key = "json_schema"};
  Element described;
  if (object.at_key("json_schema").get(described) != simdjson::SUCCESS) return missing(schema_place);
  json::Object description;
  if (!read(described, schema_place, description)) return false;
  request_.json_schema_name = json::string_or(description, "name");
  if (Element strict; description.at_key("strict").get(strict) == simdjson::SUCCESS) {
    if (bool truth = false; strict.get(truth) == simdjson::SUCCESS) request_.json_schema_strict = truth;
  }
  Element schema;
  if (description.at_key("schema").get(schema) != simdjson::SUCCESS) return true;
  if (!schema.is_object()) return wrong_type(Place{.outer = &schema_place, .key = "schema"}, "an object", schema);
  request_.json_schema = schema;
  return true;
}

// A string, strings, token ids, or lists of token ids.
bool RequestReader::inputs(const Element& value, const Place& place) {
  constexpr std::string_view expected = "a string, an array of strings or an array of tokens";
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    request_.inputs.push_back(text);
    count(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, expected, value);
  std::size_t index = 0;
  std::size_t tokens = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Array ids;
    if (element.get(text) == simdjson::SUCCESS) {
      request_.inputs.push_back(text);
      count(text);
    } else if (element.get(ids) == simdjson::SUCCESS) {
      for (const auto id : ids) {
        if (!id.is_int64()) return wrong_type(here, "an array of integers", id);
        ++tokens;
      }
    } else if (element.is_int64()) {
      ++tokens;
    } else {
      return wrong_type(here, "a string or tokens", element);
    }
  }
  if (index == 0) return fail(place, fmt::format("Invalid '{}': the array is empty.", place.key));
  if (tokens != 0 && !request_.inputs.empty()) {
    return fail(place, fmt::format("Invalid '{}': strings and tokens may not be mixed.", place.key));
  }
  request_.inputs_are_tokens = tokens != 0;
  // One list of ids is one prompt.
  json::Element first;
  const bool flat = list.at(0).get(first) == simdjson::SUCCESS && first.is_int64();
  request_.prompts = flat ? 1 : static_cast<int64_t>(index);
  if (tokens != 0) tokens += request_.document->left_out();
  request_.text_bytes += tokens * 18 / 5;  // estimated_input_tokens() counts 3.6 bytes a token
  return true;
}

bool RequestReader::finish() {
  if (request_.model.empty()) return missing(Place{.key = "model"});
  if (request_.operation == Operation::chat && request_.messages.empty()) return missing(Place{.key = "messages"});
  if (request_.operation == Operation::completion && request_.inputs.empty() && !request_.inputs_are_tokens) {
    return missing(Place{.key = "prompt"});
  }
  if (request_.operation == Operation::embedding && request_.inputs.empty() && !request_.inputs_are_tokens) {
    return missing(Place{.key = "input"});
  }
  request_.max_tokens = max_completion_tokens_ ? max_completion_tokens_ : max_tokens_;
  // Local servers know -1 as `no limit`.
  if (request_.max_tokens && *request_.max_tokens < 0) request_.max_tokens.reset();
  return true;
}

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = name;
  request.carried = std::move(asked.carried);
  request.document = pool.take();
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed)
    return failure(std::move(parsed.error()));
  RequestReader reader(request);
  if (!reader.read_body()) return failure(reader.take_error());
  return request;
}

}  // namespace weir::openai_dialect
