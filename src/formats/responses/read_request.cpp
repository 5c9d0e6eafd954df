// Request bodies in the Responses format → Request: the top level. Strict about the types of what Weir reads; what it
// does not know is named as left out. Items and tools: read_items.cpp, read_tools.cpp.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "formats/responses/client_face.h"
#include "formats/responses/request_reader.h"

namespace weir::responses {
namespace {

// Read here, each at most once.
constexpr std::array<std::string_view, 26> known = {"model",          "input",
                                                    "instructions",   "stream",
                                                    "tools",          "tool_choice",
                                                    "text",           "parallel_tool_calls",
                                                    "reasoning",      "include",
                                                    "temperature",    "max_output_tokens",
                                                    "top_p",          "stream_options",
                                                    "top_logprobs",   "previous_response_id",
                                                    "prompt",         "conversation",
                                                    "background",     "moderation",
                                                    "store",          "truncation",
                                                    "metadata",       "service_tier",
                                                    "max_tool_calls", "context_management"};

struct Kept {
  std::string_view field;
  std::string_view what;
};
// What a provider keeps between requests.
constexpr std::array keeps = {
    Kept{"previous_response_id",
         "an earlier answer that its provider keeps (here none are kept, see `responses.keep`: send the whole input)"},
    Kept{"conversation",
         "a conversation that its provider keeps (use previous_response_id here, or send the whole input)"},
    Kept{"prompt", "a prompt template that its provider keeps (send its text as instructions)"},
};

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
  std::vector<std::string_view> seen;
  std::size_t index = 0;
  for (const auto member : root) {
    const auto& range = request_.fields()[index++];
    const Place place{.key = member.key};
    const bool is_known = std::find(known.begin(), known.end(), member.key) != known.end();
    if (is_known) {
      if (std::find(seen.begin(), seen.end(), member.key) != seen.end()) {
        return fail(place, fmt::format("Duplicate parameter: '{}' is given twice.", member.key));
      }
      seen.push_back(member.key);
    }
    if (member.value.is_null()) continue;
    const auto raw =
        std::string_view(request_.document->text()).substr(range.value_begin, range.value_end - range.value_begin);
    if (!is_known) {
      request_.left_out.push_back(member.key);
    } else if (!later(member.key, member.value, raw) && !field(member.key, member.value, place, raw)) {
      return false;
    }
  }
  return finish();
}

// False: it is not one of those.
bool RequestReader::later(std::string_view key, const Element& value, std::string_view raw) {
  if (key == "tools") {
    tools_ = value;
    count(raw);
  } else if (key == "tool_choice") {
    choice_ = value;
  } else if (key == "instructions") {
    instructions_ = value;
  } else if (key == "input") {
    input_ = value;
  } else {
    return false;
  }
  return true;
}

bool RequestReader::field(std::string_view key, const Element& value, const Place& place, std::string_view raw) {
  if (key == "model") return read(value, place, request_.model);
  if (key == "stream") return read(value, place, request_.stream);
  if (key == "stream_options") return stream_options(value, place);
  if (key == "parallel_tool_calls") return read(value, place, request_.parallel_tool_calls);
  if (key == "temperature") return read(value, place, request_.temperature);
  if (key == "top_p") return read(value, place, request_.top_p);
  if (key == "top_logprobs") return read(value, place, top_logprobs_);
  if (key == "max_output_tokens") return max_output_tokens(value, place);
  if (key == "include") return include(value, place);
  if (key == "reasoning") return reasoning(value, place);
  if (key == "text") return text(value, place, raw);
  if (key == "moderation") {
    only_here(place, "an answer with what moderation says of it");
    return true;
  }
  if (key == "background" || key == "store") {
    bool wanted = false;
    if (!read(value, place, wanted)) return false;
    if (wanted && key == "background") {
      return fail(place,
                  "'background' is not served here: leave it out, and ask for a stream where answers take long.");
    }
    if (wanted && key == "store") leave_out(place);
    return true;
  }
  if (key == "truncation") {
    std::string_view how;
    if (!read(value, place, how)) return false;
    if (how != "disabled") leave_out(place);
    return true;
  }
  for (const auto& [field_name, what] : keeps) {
    if (key != field_name) continue;
    only_here(place, std::string(what));
    return true;
  }
  leave_out(place);  // changes nothing of the answer
  return true;
}

bool RequestReader::max_output_tokens(const Element& value, const Place& place) {
  if (!read(value, place, request_.max_tokens)) return false;
  return *request_.max_tokens > 0 ||
         fail(place, fmt::format("Invalid 'max_output_tokens': {} is not above 0.", *request_.max_tokens));
}

bool RequestReader::stream_options(const Element& value, const Place& place) {
  json::Object options;
  if (!read(value, place, options)) return false;
  Element obfuscation;
  if (options.at_key("include_obfuscation").get(obfuscation) != simdjson::SUCCESS || obfuscation.is_null()) return true;
  const Place here{.outer = &place, .key = "include_obfuscation"};
  bool wanted = false;
  if (!read(obfuscation, here, wanted)) return false;
  if (wanted) leave_out(here);
  return true;
}

bool RequestReader::include(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    std::string_view what;
    if (!read(element, here, what)) return false;
    if (what == "message.output_text.logprobs") {
      request_.logprobs = true;
    } else if (what != "reasoning.encrypted_content") {
      leave_out(here);
    }
  }
  return true;
}

bool RequestReader::reasoning(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null()) continue;
    std::string_view word;
    if (member.key == "effort") {
      if (!read(member.value, here, request_.reasoning_effort)) return false;
    } else if (member.key == "summary" || member.key == "generate_summary") {
      if (!read(member.value, here, word)) return false;
      if (word != "none") request_.show_thinking = true;
    } else {
      leave_out(here);
    }
  }
  return true;
}

bool RequestReader::text(const Element& value, const Place& place, std::string_view raw) {
  json::Object object;
  if (!read(value, place, object)) return false;
  count(raw);
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "format") {
      if (!text_format(member.value, here)) return false;
    } else {
      leave_out(here);
    }
  }
  return true;
}

bool RequestReader::text_format(const Element& value, const Place& place) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !needed(object, "type", place, type)) return false;
  if (type == "text") return true;
  if (type == "json_object") {
    request_.response_format = ResponseFormat::json_object;
    return true;
  }
  if (type != "json_schema") {
    only_here(place, fmt::format("an answer in the format '{}'", type));
    return true;
  }
  request_.response_format = ResponseFormat::json_schema;
  if (!allowed(object, "name", place, request_.json_schema_name)) return false;
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "schema") {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      request_.json_schema = member.value;
    } else if (member.key == "strict") {
      if (!read(member.value, here, request_.json_schema_strict)) return false;
    } else if (member.key == "description") {
      leave_out(here);
    }
  }
  return request_.json_schema || missing(Place{.outer = &place, .key = "schema"});
}

bool RequestReader::instructions(const Element& value, const Place& place) {
  auto& message = request_.messages.emplace_back();
  message.role = Role::system;
  auto& part = message.parts.emplace_back();
  if (!read(value, place, part.text)) return false;
  count(part.text);
  return true;
}

bool RequestReader::finish() {
  const bool counting = request_.operation == Operation::token_count;
  if (request_.model.empty() && !counting) return missing(Place{.key = "model"});
  if (request_.logprobs) request_.top_logprobs = top_logprobs_;
  if (tools_) {
    declared_ = DeclaredTools(*tools_);
    if (!tools(*tools_, Place{.key = "tools"})) return false;
  }
  if (choice_ && !tool_choice(*choice_, Place{.key = "tool_choice"})) return false;
  if (instructions_ && !instructions(*instructions_, Place{.key = "instructions"})) return false;
  if (input_) return input(*input_, Place{.key = "input"});
  // A provider that keeps the rest may be asked without one.
  return counting || !request_.foreign.empty() || missing(Place{.key = "input"});
}

bool RequestReader::needed(const json::Object& object, std::string_view key, const Place& place,
                           std::string_view& out) {
  const Place here{.outer = &place, .key = key};
  Element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return missing(here);
  return read(value, here, out);
}

bool RequestReader::allowed(const json::Object& object, std::string_view key, const Place& place,
                            std::string_view& out) {
  Element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return true;
  return read(value, Place{.outer = &place, .key = key}, out);
}

Message& RequestReader::turn() {
  if (request_.messages.empty() || request_.messages.back().role != Role::assistant) {
    request_.messages.emplace_back().role = Role::assistant;
  }
  return request_.messages.back();
}

void RequestReader::only_here(const Place& place, std::string what) {
  request_.foreign.push_back({.place = to_string(place), .what = std::move(what)});
}

void RequestReader::leave_out(const Place& place) {
  request_.left_out.push_back(place.outer == nullptr ? place.key : request_.keep(to_string(place)));
}

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = wire_name;
  request.carried = std::move(asked.carried);
  request.include_usage = true;
  request.document = pool.take();
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed) {
    return failure(std::move(parsed.error()));
  }
  RequestReader reader(request);
  if (!reader.read_body()) return failure(reader.take_error());
  if (request.operation == Operation::token_count) request.stream = false;
  return request;
}

}  // namespace weir::responses
