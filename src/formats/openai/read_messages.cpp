// The nested parts of a request body: typed readers, messages, content parts, tool calls and tools.
#include <cmath>

#include <fmt/format.h>

#include "formats/openai/request_reader.h"

namespace weir::openai_dialect {

std::string to_string(const Place& place) {
  std::string text = place.outer != nullptr ? to_string(*place.outer) : std::string();
  if (place.key.empty()) return text + "[" + std::to_string(place.index) + "]";
  if (!text.empty()) text += '.';
  return text.append(place.key);
}

bool Decoder::fail(const Place& place, std::string message) {
  error_ = Error{.code = ErrorCode::invalid_request, .message = std::move(message), .param = to_string(place)};
  return false;
}

bool Decoder::wrong_type(const Place& place, std::string_view expected, const Element& given) {
  return fail(place, fmt::format("Invalid type for '{}': expected {}, but got {} instead.", to_string(place), expected,
                                 json::type_name(given)));
}

bool Decoder::missing(const Place& place) {
  return fail(place, fmt::format("Missing required parameter: '{}'.", to_string(place)));
}

bool Decoder::read(const Element& value, const Place& place, std::string_view& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "a string", value);
}

bool Decoder::read(const Element& value, const Place& place, bool& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "a boolean", value);
}

bool Decoder::read(const Element& value, const Place& place, int64_t& out) {
  if (value.get(out) == simdjson::SUCCESS) return true;
  // Whole, but written as a real, or wider than ours (a seed): as near as it gets. The provider is sent the original.
  constexpr double limit = 9.2e18;
  double real = 0;
  if (value.get(real) == simdjson::SUCCESS && real == std::floor(real)) {
    out = static_cast<int64_t>(std::clamp(real, -limit, limit));
    return true;
  }
  return wrong_type(place, "an integer", value);
}

bool Decoder::read(const Element& value, const Place& place, double& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "a number", value);
}

bool Decoder::read(const Element& value, const Place& place, json::Object& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "an object", value);
}

bool Decoder::read(const Element& value, const Place& place, json::Array& out) {
  return value.get(out) == simdjson::SUCCESS || wrong_type(place, "an array", value);
}

bool Decoder::tools(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  request_.tools.reserve(request_.tools.size() + list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!tool(element, Place{.outer = &place, .key = {}, .index = index++})) return false;
  }
  return true;
}

bool Decoder::tool(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  if (place.outer->key == "functions") return function(object, place);
  Element type;
  if (object.at_key("type").get(type) == simdjson::SUCCESS) {
    std::string_view kind;
    if (!read(type, Place{.outer = &place, .key = "type"}, kind)) return false;
    if (kind != "function") {
      request_.has_other_tools = true;
      return true;
    }
  }
  const Place inner{.outer = &place, .key = "function"};
  Element described;
  if (object.at_key("function").get(described) != simdjson::SUCCESS) return missing(inner);
  json::Object body;
  return read(described, inner, body) && function(body, inner);
}

bool Decoder::function(const json::Object& function, const Place& place) {
  Tool tool;
  bool named = false;
  for (const auto member : function) {
    const Place here{.outer = &place, .key = member.key};
    if (member.key == "name") {
      if (!read(member.value, here, tool.name)) return false;
      named = true;
    } else if (member.key == "description" && !member.value.is_null()) {
      if (!read(member.value, here, tool.description)) return false;
    } else if (member.key == "parameters" && !member.value.is_null()) {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      tool.parameters = member.value;
    }
  }
  if (!named) return missing(Place{.outer = &place, .key = "name"});
  request_.tools.push_back(tool);
  return true;
}

bool Decoder::messages(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  if (list.size() == 0) return fail(place, "Invalid 'messages': the array is empty; at least one message is needed.");
  request_.messages.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !message(object, here)) return false;
  }
  return true;
}

bool Decoder::message(const json::Object& object, const Place& place) {
  auto& message = request_.messages.emplace_back();
  bool has_role = false;
  for (const auto member : object) {
    const auto& value = member.value;
    const Place here{.outer = &place, .key = member.key};
    bool good = true;
    if (member.key == "role") {
      good = role(value, here, message.role);
      has_role = true;
    } else if (value.is_null()) {
      continue;
    } else if (member.key == "content") {
      message.parts.clear();
      good = content(value, here, message.parts);
    } else if (member.key == "name") {
      good = read(value, here, message.name);
    } else if (member.key == "tool_calls") {
      good = tool_calls(value, here, message.tool_calls);
    } else if (member.key == "tool_call_id") {
      good = read(value, here, message.tool_call_id);
    } else if (member.key == "refusal") {
      std::string_view text;
      good = read(value, here, text);
      message.parts.push_back({.kind = Part::Kind::refusal, .text = text, .raw = {}});
      count(text);
    } else if ((member.key == "reasoning_content" || member.key == "reasoning") && value.is_string()) {
      good = read(value, here, message.reasoning);
      count(message.reasoning);
    }
    if (!good) return false;
  }
  return has_role || missing(Place{.outer = &place, .key = "role"});
}

bool Decoder::role(const Element& value, const Place& place, Role& out) {
  std::string_view name;
  if (!read(value, place, name)) return false;
  if (name == "user") {
    out = Role::user;
  } else if (name == "assistant") {
    out = Role::assistant;
  } else if (name == "system") {
    out = Role::system;
  } else if (name == "tool" || name == "function") {
    out = Role::tool;
  } else if (name == "developer") {
    out = Role::developer;
  } else {
    return fail(place, fmt::format("Invalid value for '{}': '{}'. Supported values are: 'system', 'developer', 'user', "
                                   "'assistant' and 'tool'.",
                                   to_string(place), name));
  }
  return true;
}

bool Decoder::content(const Element& value, const Place& place, std::vector<Part>& parts) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    parts.push_back({.kind = Part::Kind::text, .text = text, .raw = {}});
    count(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of parts", value);
  parts.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!part(element, Place{.outer = &place, .key = {}, .index = index++}, parts.emplace_back())) return false;
  }
  return true;
}

bool Decoder::part(const Element& value, const Place& place, Part& out) {
  json::Object object;
  if (!read(value, place, object)) return false;
  const Place type_place{.outer = &place, .key = "type"};
  Element type_value;
  if (object.at_key("type").get(type_value) != simdjson::SUCCESS) return missing(type_place);
  std::string_view type;
  if (!read(type_value, type_place, type)) return false;
  if (type != "text" && type != "refusal" && type != "image_url") {
    out.kind = Part::Kind::other;
    out.raw = value;
    return true;
  }
  const Place here{.outer = &place, .key = type};
  Element inner;
  if (object.at_key(type).get(inner) != simdjson::SUCCESS) return missing(here);
  if (type == "image_url") {
    out.kind = Part::Kind::image_url;
    request_.has_images = true;
    if (inner.get(out.text) == simdjson::SUCCESS) return true;  // some clients send the URL itself
    json::Object image;
    Element url;
    const Place url_place{.outer = &here, .key = "url"};
    if (!read(inner, here, image)) return false;
    if (image.at_key("url").get(url) != simdjson::SUCCESS) return missing(url_place);
    return read(url, url_place, out.text);
  }
  out.kind = type == "text" ? Part::Kind::text : Part::Kind::refusal;
  if (!read(inner, here, out.text)) return false;
  count(out.text);
  return true;
}

bool Decoder::tool_calls(const Element& value, const Place& place, std::vector<ToolCall>& calls) {
  json::Array list;
  if (!read(value, place, list)) return false;
  calls.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object)) return false;
    auto& call = calls.emplace_back();
    call.id = json::string_or(object, "id");
    const bool custom = json::string_or(object, "type") == "custom";
    const Place inner{.outer = &here, .key = custom ? "custom" : "function"};
    Element described;
    json::Object body;
    if (object.at_key(inner.key).get(described) != simdjson::SUCCESS) return missing(inner);
    if (!read(described, inner, body)) return false;
    const Place name_place{.outer = &inner, .key = "name"};
    const Place arguments_place{.outer = &inner, .key = custom ? "input" : "arguments"};
    Element part;
    if (body.at_key("name").get(part) != simdjson::SUCCESS) return missing(name_place);
    if (!read(part, name_place, call.name)) return false;
    if (body.at_key(arguments_place.key).get(part) == simdjson::SUCCESS && !part.is_null() &&
        !read(part, arguments_place, call.arguments)) {
      return false;
    }
    count(call.name);
    count(call.arguments);
  }
  return true;
}

}  // namespace weir::openai_dialect
