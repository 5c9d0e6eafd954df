// Bodies in Gemini's format → Request: the top level, what stands in `generationConfig`, tools and how they are called.
#include <fmt/format.h>

#include "formats/gemini/client_face.h"
#include "formats/gemini/request_reader.h"
#include "formats/gemini/schema.h"

namespace weir::gemini {

enum class RequestReader::Field : uint8_t {
  contents,
  system_instruction,
  tools,
  tool_config,
  generation_config,
  cached_content,
  model,
  generate_content_request,
  count_
};

namespace {

// In the order of Field.
constexpr std::array<std::string_view, 8> fields = {"contents",   "systemInstruction",     "tools",
                                                    "toolConfig", "generationConfig",      "cachedContent",
                                                    "model",      "generateContentRequest"};

constexpr std::array<std::string_view, 5> modes = {"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"};
constexpr std::array<std::string_view, 5> levels = {"THINKING_LEVEL_UNSPECIFIED", "LOW", "HIGH", "MEDIUM", "MINIMAL"};
constexpr std::array<std::string_view, 5> efforts = {"", "low", "high", "medium", "minimal"};
constexpr std::array<std::string_view, 3> mime_types = {"MIME_TYPE_UNSPECIFIED", "APPLICATION_JSON", "TEXT_PLAIN"};

}  // namespace

bool RequestReader::read_body() {
  json::Object body;
  if (request_.document->root().get(body) != simdjson::SUCCESS) {
    error_ = Error{.code = ErrorCode::invalid_request,
                   .message = fmt::format("The body must be a JSON object, but it is {}.",
                                          json::type_name(request_.document->root()))};
    return false;
  }
  request_.document->survey();
  return request_.operation == Operation::embedding ? embedding(body, nullptr) : generate(body, nullptr) && finish();
}

bool RequestReader::foreign(const Place& place, std::string what) {
  request_.foreign.push_back({.place = to_string(place), .what = std::move(what)});
  return true;
}

bool RequestReader::generate(const json::Object& body, const Place* outer) {
  uint64_t seen = 0;
  for (const auto member : body) {
    const Place here{.outer = outer, .key = member.key};
    const auto* const known =
        std::find_if(fields.begin(), fields.end(), [&](std::string_view name) { return is_named(member.key, name); });
    if (known == fields.end()) {
      // `safetySettings`, `labels`, `store`, `serviceTier`, and what only newer servers know.
      leave_out(member.key);
      continue;
    }
    const auto which = static_cast<std::size_t>(known - fields.begin());
    const auto bit = uint64_t{1} << which;
    if ((seen & bit) != 0) return fail(here, fmt::format("Duplicate parameter: '{}' is given twice.", *known));
    seen |= bit;
    if (!member.value.is_null() && !field(static_cast<Field>(which), member.value, here)) return false;
  }
  return true;
}

bool RequestReader::field(Field which, const Element& value, const Place& place) {
  switch (which) {
    case Field::contents:
      return contents(value, place);
    case Field::system_instruction:
      return system(value, place);
    case Field::tools:
      count(std::string_view(simdjson::minify(value)));
      return each(value, place, [this](const Element& one, const Place& here) { return tool(one, here); });
    case Field::tool_config:
      return tool_config(value, place);
    case Field::generation_config:
      return config(value, place);
    case Field::cached_content:
      return foreign(place, "cached content");
    case Field::generate_content_request: {
      json::Object inner;
      if (request_.operation != Operation::token_count) return true;
      return read(value, place, inner) && generate(inner, &place);
    }
    case Field::model:  // the path says it
    case Field::count_:
      break;
  }
  return true;
}

bool RequestReader::finish() {
  for (std::size_t i = 0; i < in_pieces_.size(); ++i) {
    if (in_pieces_[i]) join_pieces(request_.messages[i]);
  }
  const bool any = std::any_of(request_.messages.begin(), request_.messages.end(),
                               [](const Message& message) { return message.role != Role::system; });
  if (!any) return fail(Place{.key = "contents"}, "'contents' is not specified.");
  narrow_tools();
  return true;
}

bool RequestReader::config(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    if (!setting(member.value, Place{.outer = &place, .key = member.key})) return false;
  }
  return true;
}

bool RequestReader::setting(const Element& value, const Place& place) {
  const auto is = [&](std::string_view name) { return is_named(place.key, name); };
  if (is("maxOutputTokens")) {
    if (!read(value, place, request_.max_tokens)) return false;
    if (*request_.max_tokens < 0) return fail(place, fmt::format("'{}' must be positive.", to_string(place)));
    if (*request_.max_tokens == 0) request_.max_tokens.reset();  // protobuf: not set
    return true;
  }
  if (is("temperature")) return read(value, place, request_.temperature);
  if (is("topP")) return read(value, place, request_.top_p);
  if (is("topK")) return read(value, place, request_.top_k);
  if (is("seed")) return read(value, place, request_.seed);
  if (is("presencePenalty")) return read(value, place, request_.presence_penalty);
  if (is("frequencyPenalty")) return read(value, place, request_.frequency_penalty);
  if (is("responseLogprobs")) return read(value, place, request_.logprobs);
  if (is("logprobs")) return read(value, place, request_.top_logprobs);
  if (is("stopSequences")) return stops(value, place);
  if (is("thinkingConfig")) return thinking(value, place);
  if (is("responseMimeType")) return mime_type(value, place);
  if (is("responseFormat")) return response_format(value, place);
  if (is("responseModalities")) return modalities(value, place);
  if (is("candidateCount")) {
    if (!read(value, place, request_.n)) return false;
    if (request_.n == 0) request_.n = 1;
    const bool good = request_.n >= 1 && request_.n <= 128;
    return good || fail(place, fmt::format("Invalid '{}': {} is not between 1 and 128.", to_string(place), request_.n));
  }
  if (is("responseSchema")) {
    if (!value.is_object()) return wrong_type(place, "an object", value);
    const auto schema = request_.keep(json_schema_of(value));
    count(schema);
    request_.json_schema = json::Value::made(schema);
    request_.response_format = ResponseFormat::json_schema;
    return true;
  }
  if (is("responseJsonSchema") || place.key == "_responseJsonSchema") {
    if (!value.is_object()) return wrong_type(place, "an object", value);
    count(std::string_view(simdjson::minify(value)));
    request_.json_schema = value;
    request_.response_format = ResponseFormat::json_schema;
    return true;
  }
  // How to look at media, how to speak or draw where that is asked for, and what only newer servers know.
  leave_out(place.key);
  return true;
}

bool RequestReader::stops(const Element& value, const Place& place) {
  return each(value, place, [this](const Element& one, const Place& here) {
    std::string_view text;
    if (!read(one, here, text)) return false;
    request_.stop.push_back(text);
    return true;
  });
}

bool RequestReader::thinking(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    bool good = true;
    if (is_named(member.key, "includeThoughts")) {
      good = read(member.value, here, request_.show_thinking);
    } else if (is_named(member.key, "thinkingBudget")) {
      good = read(member.value, here, request_.thinking_tokens);
    } else if (is_named(member.key, "thinkingLevel")) {
      const auto level = enumerator_of(member.value, levels);
      if (!level) {
        return fail(here, fmt::format("Invalid value for '{}'. Supported values are: 'MINIMAL', 'LOW', 'MEDIUM' and "
                                      "'HIGH'.",
                                      to_string(here)));
      }
      request_.reasoning_effort = efforts[*level];
    }
    if (!good) return false;
  }
  return true;
}

bool RequestReader::mime_type(const Element& value, const Place& place) {
  std::string_view type;
  if (!read(value, place, type)) return false;
  if (type == "application/json") {
    // With a schema beside it, before or behind it, that says more.
    if (!request_.json_schema) request_.response_format = ResponseFormat::json_object;
    return true;
  }
  return type.empty() || type == "text/plain" || foreign(place, fmt::format("answers of type '{}'", type));
}

bool RequestReader::response_format(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    json::Object text;
    if (member.key != "text") {
      foreign(here, fmt::format("answers as {}", member.key));
      continue;
    }
    if (!read(member.value, here, text)) return false;
    Element type;
    Element schema;
    const auto kind = find(text, "mimeType", type) ? enumerator_of(type, mime_types) : std::optional<std::size_t>(0);
    if (!kind) return fail(Place{.outer = &here, .key = "mimeType"}, "Invalid value for 'mimeType'.");
    if (*kind != 1) continue;
    request_.response_format = ResponseFormat::json_object;
    if (!find(text, "schema", schema)) continue;
    request_.json_schema = schema;
    request_.response_format = ResponseFormat::json_schema;
  }
  return true;
}

bool RequestReader::modalities(const Element& value, const Place& place) {
  constexpr std::array<std::string_view, 5> names = {"MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO"};
  return each(value, place, [&](const Element& one, const Place& here) {
    const auto which = enumerator_of(one, names);
    if (!which && !one.is_string()) return wrong_type(here, "a string", one);
    return (which && *which <= 1) || foreign(here, "answers that are not text");
  });
}

bool RequestReader::tool(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (is_named(member.key, "functionDeclarations")) {
      const auto read_one = [this](const Element& one, const Place& at) { return declaration(one, at); };
      if (!each(member.value, here, read_one)) return false;
    } else {
      foreign(here, fmt::format("the tool '{}'", member.key));  // Google's own: googleSearch, codeExecution …
    }
  }
  return true;
}

bool RequestReader::declaration(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  Tool tool;
  bool named = false;
  bool has_json_schema = false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (member.key == "name") {
      if (!read(member.value, here, tool.name)) return false;
      named = true;
    } else if (member.key == "description") {
      if (!read(member.value, here, tool.description)) return false;
    } else if (is_named(member.key, "parametersJsonSchema")) {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      tool.parameters = member.value;
      has_json_schema = true;
    } else if (member.key == "parameters") {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      if (!has_json_schema) tool.parameters = json::Value::made(request_.keep(json_schema_of(member.value)));
    } else if (member.key == "behavior") {
      std::string_view text;
      if (member.value.get(text) == simdjson::SUCCESS && text == "NON_BLOCKING") {
        foreign(here, "a function that does not block");
      }
    }
  }
  if (!named) return missing(Place{.outer = &place, .key = "name"});
  request_.tools.push_back(tool);
  return true;
}

bool RequestReader::tool_config(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (!is_named(member.key, "functionCallingConfig")) {
      leave_out(member.key);  // of Google's own tools, which are refused where they stand
    } else if (!calling(member.value, here)) {
      return false;
    }
  }
  return true;
}

bool RequestReader::calling(const Element& value, const Place& place) {
  using Mode = ToolChoice::Mode;
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (member.key == "mode") {
      constexpr std::array by_number = {Mode::unset, Mode::automatic, Mode::any, Mode::none, Mode::automatic};
      const auto mode = enumerator_of(member.value, modes);
      if (!mode) {
        return fail(here, fmt::format("Invalid value for '{}'. Supported values are: 'AUTO', 'ANY', 'NONE' and "
                                      "'VALIDATED'.",
                                      to_string(here)));
      }
      request_.tool_choice.mode = by_number[*mode];
    } else if (is_named(member.key, "allowedFunctionNames")) {
      const bool good = each(member.value, here, [this](const Element& one, const Place& at) {
        std::string_view name;
        if (!read(one, at, name)) return false;
        allowed_.push_back(name);
        return true;
      });
      if (!good) return false;
    } else if (is_named(member.key, "streamFunctionCallArguments")) {
      bool truth = false;
      if (!read(member.value, here, truth)) return false;
      if (truth) foreign(here, "calls that come in pieces");
    }
  }
  return true;
}

// What may not be called is not offered to a model of another format.
void RequestReader::narrow_tools() {
  if (allowed_.empty() || request_.tool_choice.mode == ToolChoice::Mode::none) return;
  std::sort(allowed_.begin(), allowed_.end());
  std::erase_if(request_.tools,
                [this](const Tool& tool) { return !std::binary_search(allowed_.begin(), allowed_.end(), tool.name); });
  if (request_.tool_choice.mode == ToolChoice::Mode::any && allowed_.size() == 1) {
    request_.tool_choice = {.mode = ToolChoice::Mode::named, .name = allowed_.front()};
  }
}

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = format_name;
  request.document = pool.take();
  request.carried = std::move(asked.carried);
  request.stream = asked.streams;
  request.include_usage = true;
  request.model = request.keep(model_of(asked.named));
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed) {
    return failure(std::move(parsed.error()));
  }
  RequestReader reader(request);
  if (!reader.read_body()) return failure(reader.take_error());
  if (asked.streams && !wants_events(asked.query)) request.answer_shape = shape_array;
  return request;
}

}  // namespace weir::gemini
