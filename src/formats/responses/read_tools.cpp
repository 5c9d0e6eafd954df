// `tools` and `tool_choice` of the Responses format. Functions stay what they are, custom tools become functions of one
// text, namespaces are opened; tools that the provider itself runs are foreign.
#include <fmt/format.h>

#include "formats/responses/request_reader.h"

namespace weir::responses {
namespace {

constexpr std::string_view input_schema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false})";

}  // namespace

bool RequestReader::tools(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  request_.tools.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!tool(element, Place{.outer = &place, .key = {}, .index = index++}, {})) return false;
  }
  return true;
}

bool RequestReader::tool(const Element& value, const Place& place, std::string_view inside) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !needed(object, "type", place, type)) return false;
  if (type == "function") return function(object, place, inside);
  if (type == "custom") return custom(object, place, inside);
  if (type == "namespace" && inside.empty()) return space(object, place);
  only_here(place, fmt::format("a tool of type '{}', which its provider runs", type));
  return true;
}

bool RequestReader::space(const json::Object& object, const Place& place) {
  std::string_view name;
  if (!needed(object, "name", place, name)) return false;
  if (name.empty()) return fail(Place{.outer = &place, .key = "name"}, "Invalid 'name': it is empty.");
  if (Element said; object.at_key("description").get(said) == simdjson::SUCCESS && !said.is_null()) {
    leave_out(Place{.outer = &place, .key = "description"});
  }
  const Place inner{.outer = &place, .key = "tools"};
  Element value;
  json::Array list;
  if (object.at_key("tools").get(value) != simdjson::SUCCESS) return missing(inner);
  if (!read(value, inner, list)) return false;
  std::size_t index = 0;
  for (const auto element : list) {
    if (!tool(element, Place{.outer = &inner, .key = {}, .index = index++}, name)) return false;
  }
  return true;
}

// When and by whom a tool may be called. False: the error is set.
bool RequestReader::loading(const Element& value, std::string_view key, const Place& place) {
  if (key == "defer_loading") {
    bool wanted = false;
    if (!read(value, place, wanted)) return false;
    if (wanted) leave_out(place);
    return true;
  }
  json::Array callers;
  if (!read(value, place, callers)) return false;
  for (const auto caller : callers) {
    std::string_view name;
    if (!read(caller, place, name)) return false;
    if (name != "direct") only_here(place, fmt::format("a tool that '{}' may call", name));
  }
  return true;
}

bool RequestReader::function(const json::Object& object, const Place& place, std::string_view inside) {
  Tool tool;
  if (!needed(object, "name", place, tool.name)) return false;
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "description") {
      if (!read(member.value, here, tool.description)) return false;
    } else if (member.key == "parameters") {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      tool.parameters = member.value;
    } else if (member.key == "strict") {
      if (!read(member.value, here, tool.strict)) return false;
    } else if (member.key == "defer_loading" || member.key == "allowed_callers") {
      if (!loading(member.value, member.key, here)) return false;
    } else if (member.key == "output_schema") {
      leave_out(here);
    }
  }
  const auto* const declared = declared_.find_said(tool.name, inside);
  if (declared != nullptr && declared->name != tool.name) tool.name = request_.keep(declared->name);
  request_.tools.push_back(tool);
  return true;
}

// Free text that may have to follow a grammar: no other format can hold a model to it, but it can be told.
bool RequestReader::custom(const json::Object& object, const Place& place, std::string_view inside) {
  Tool tool;
  if (!needed(object, "name", place, tool.name) || !allowed(object, "description", place, tool.description)) {
    return false;
  }
  for (const auto member : object) {
    const Place here{.outer = &place, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "defer_loading" || member.key == "allowed_callers") {
      if (!loading(member.value, member.key, here)) return false;
    } else if (member.key == "format") {
      json::Object format;
      std::string_view type;
      std::string_view syntax;
      std::string_view definition;
      if (!read(member.value, here, format) || !needed(format, "type", here, type) ||
          !allowed(format, "syntax", here, syntax) || !allowed(format, "definition", here, definition)) {
        return false;
      }
      if (type == "text") continue;
      leave_out(here);
      tool.description = request_.keep(fmt::format("{}{}The text of `input` must follow this grammar{}{}:\n{}",
                                                   tool.description, tool.description.empty() ? "" : "\n\n",
                                                   syntax.empty() ? "" : ", in the syntax of ", syntax, definition));
    }
  }
  tool.parameters = json::Value::made(input_schema);
  const auto* const declared = declared_.find_said(tool.name, inside);
  if (declared != nullptr && declared->name != tool.name) tool.name = request_.keep(declared->name);
  request_.tools.push_back(tool);
  return true;
}

// A word, or the tool that must be called.
bool RequestReader::tool_choice(const Element& value, const Place& place) {
  auto& choice = request_.tool_choice;
  std::string_view word;
  if (value.get(word) == simdjson::SUCCESS) {
    if (word == "auto") {
      choice.mode = ToolChoice::Mode::automatic;
    } else if (word == "none") {
      choice.mode = ToolChoice::Mode::none;
    } else if (word == "required") {
      choice.mode = ToolChoice::Mode::any;
    } else {
      return fail(place, fmt::format("Invalid value for 'tool_choice': '{}'. Supported values are: 'none', 'auto' and "
                                     "'required'.",
                                     word));
    }
    return true;
  }
  json::Object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong_type(place, "a string or an object", value);
  std::string_view type;
  if (!needed(object, "type", place, type)) return false;
  if (type != "function" && type != "custom") {
    choice.mode = ToolChoice::Mode::foreign;
    only_here(place, fmt::format("a choice of type '{}'", type));
    return true;
  }
  choice.mode = ToolChoice::Mode::named;
  return needed(object, "name", place, choice.name);
}

}  // namespace weir::responses
