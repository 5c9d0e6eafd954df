// `input` of the Responses format: a text, or a list of items.
#include <fmt/format.h>

#include "formats/responses/request_reader.h"
#include "formats/responses/seal.h"

namespace weir::responses {

bool RequestReader::input(const Element& value, const Place& place) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    request_.messages.emplace_back().parts.emplace_back().text = text;
    count(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of items", value);
  if (list.size() == 0 && request_.operation != Operation::token_count && request_.foreign.empty()) {
    return fail(place, "Invalid 'input': the array is empty; at least one item is needed.");
  }
  request_.messages.reserve(request_.messages.size() + list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!item(element, Place{.outer = &place, .key = {}, .index = index++})) return false;
  }
  return true;
}

bool RequestReader::item(const Element& value, const Place& place) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !allowed(object, "type", place, type)) return false;
  if (type.empty()) {
    if (object.at_key("role").error() != simdjson::SUCCESS) return missing(Place{.outer = &place, .key = "type"});
    type = "message";
  }
  if (type == "message") return message(object, place);
  if (type == "reasoning") return thought(object, place);
  if (type == "function_call") return call(object, place);
  if (type == "custom_tool_call") return custom_call(object, place);
  if (type == "function_call_output" || type == "custom_tool_call_output") return result(object, place);
  if (type == "item_reference") {
    foreign_item(value, place,
                 "a reference to an item that its provider keeps (send the item, or go on with previous_response_id)");
  } else {
    foreign_item(value, place, fmt::format("an item of type '{}'", type));
  }
  return true;
}

void RequestReader::foreign_item(const Element& value, const Place& place, std::string what) {
  auto& part = turn().parts.emplace_back();
  part.kind = Part::Kind::foreign;
  part.raw = value;
  only_here(place, std::move(what));
}

bool RequestReader::role(const json::Object& object, const Place& place, Role& out) {
  std::string_view name;
  if (!needed(object, "role", place, name)) return false;
  if (name == "user") {
    out = Role::user;
  } else if (name == "assistant") {
    out = Role::assistant;
  } else if (name == "system") {
    out = Role::system;
  } else if (name == "developer") {
    out = Role::developer;
  } else {
    const Place here{.outer = &place, .key = "role"};
    return fail(here, fmt::format("Invalid value for '{}': '{}'. Supported values are: 'assistant', 'system', "
                                  "'developer' and 'user'.",
                                  to_string(here), name));
  }
  return true;
}

bool RequestReader::message(const json::Object& object, const Place& place) {
  Role who = Role::user;
  if (!role(object, place, who)) return false;
  // Which of several messages of a turn is the last word: told apart by their order elsewhere.
  if (Element phase; object.at_key("phase").get(phase) == simdjson::SUCCESS && !phase.is_null() && !phase_named_) {
    phase_named_ = true;
    leave_out(Place{.outer = &place, .key = "phase"});
  }
  const Place here{.outer = &place, .key = "content"};
  Element value;
  if (object.at_key("content").get(value) != simdjson::SUCCESS) return missing(here);
  if (who != Role::assistant) request_.messages.emplace_back().role = who;
  auto& parts = who == Role::assistant ? turn().parts : request_.messages.back().parts;
  return content(value, here, parts);
}

bool RequestReader::thought_texts(const json::Object& object, std::string_view key, const Place& place,
                                  std::string& out) {
  const Place here{.outer = &place, .key = key};
  Element value;
  json::Array list;
  if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return true;
  if (!read(value, here, list)) return false;
  std::size_t index = 0;
  for (const auto element : list) {
    const Place inner{.outer = &here, .key = {}, .index = index++};
    json::Object part;
    std::string_view text;
    if (!read(element, inner, part) || !needed(part, "text", inner, text)) return false;
    if (!out.empty()) out += "\n\n";
    out += text;
  }
  return true;
}

// What the model thought: its summary, or all of it where a server shows that. A seal without either is kept, for its
// provider knows more.
bool RequestReader::thought(const json::Object& object, const Place& place) {
  std::string summary;
  std::string whole;
  std::string_view id;
  std::string_view encrypted;
  if (!thought_texts(object, "summary", place, summary) || !thought_texts(object, "content", place, whole) ||
      !allowed(object, "id", place, id) || !allowed(object, "encrypted_content", place, encrypted)) {
    return false;
  }
  if (const auto seal = read_seal_of_call(encrypted); !seal.empty()) {
    call_seal_ = seal;
    return true;
  }
  auto& text = summary.empty() ? whole : summary;
  if (text.empty() && encrypted.empty()) return true;
  auto& part = turn().parts.emplace_back();
  part.kind = Part::Kind::thinking;
  part.text = request_.keep(std::move(text));
  part.signature = request_.keep(join_seal(id, encrypted));
  count(part.text);
  return true;
}

// What both kinds of call have in common.
bool RequestReader::begin_call(const json::Object& object, const Place& place, Part& out,
                               const DeclaredTool*& declared) {
  std::string_view inside;
  if (!needed(object, "call_id", place, out.id) || !needed(object, "name", place, out.name) ||
      !allowed(object, "namespace", place, inside)) {
    return false;
  }
  if (Element caller; object.at_key("caller").get(caller) == simdjson::SUCCESS && !caller.is_null()) {
    json::Object who;
    const Place here{.outer = &place, .key = "caller"};
    if (!read(caller, here, who)) return false;
    if (json::string_or(who, "type") != "direct") only_here(here, "a call that a program made at its provider");
  }
  out.kind = Part::Kind::tool_call;
  out.signature = std::exchange(call_seal_, {});
  declared = declared_.find_said(out.name, inside);
  if (declared != nullptr && declared->name != out.name) out.name = request_.keep(declared->name);
  count(out.name);
  return true;
}

bool RequestReader::call(const json::Object& object, const Place& place) {
  auto& part = turn().parts.emplace_back();
  const DeclaredTool* declared = nullptr;
  if (!begin_call(object, place, part, declared) || !needed(object, "arguments", place, part.text)) return false;
  count(part.text);
  return true;
}

bool RequestReader::custom_call(const json::Object& object, const Place& place) {
  auto& part = turn().parts.emplace_back();
  const DeclaredTool* declared = nullptr;
  std::string_view text;
  if (!begin_call(object, place, part, declared) || !needed(object, "input", place, text)) return false;
  part.text = request_.keep(arguments_of_input(text));
  count(part.text);
  // A function has other arguments than one text.
  if (declared != nullptr && !declared->custom) only_here(place, "a call with a text, of a tool that is a function");
  return true;
}

bool RequestReader::result(const json::Object& object, const Place& place) {
  auto& message = request_.messages.emplace_back();
  message.role = Role::tool;
  if (!allowed(object, "call_id", place, message.tool_call_id) || !allowed(object, "name", place, message.name)) {
    return false;
  }
  if (message.tool_call_id.empty()) only_here(place, "a tool's result that says of no call that it is its own");
  const Place here{.outer = &place, .key = "output"};
  Element value;
  if (object.at_key("output").get(value) != simdjson::SUCCESS) return missing(here);
  return content(value, here, message.parts);
}

}  // namespace weir::responses
