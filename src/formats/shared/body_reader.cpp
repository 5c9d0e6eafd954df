#include "formats/shared/body_reader.h"

namespace weir {

bool BodyReader::root_object(json::Object& out) {
  const auto root = request_.document->root();
  if (root.get(out) != simdjson::SUCCESS) {
    error_ = Error{.code = ErrorCode::invalid_request,
                   .message = fmt::format("The body must be a JSON object, but it is {}.", json::type_name(root))};
    return false;
  }
  request_.document->survey();
  return true;
}

bool BodyReader::function_tools(const json::Element& value, const Place& place, std::string_view raw) {
  json::Array list;
  if (!read(value, place, list)) return false;
  count(raw);
  request_.tools.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!function_tool(element, Place{.outer = &place, .key = {}, .index = index++})) return false;
  }
  return true;
}

bool BodyReader::function_tool(const json::Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  json::Element inner;
  if (object.at_key("type").get(inner) == simdjson::SUCCESS && !inner.is_null()) {
    std::string_view type;
    if (!read(inner, Place{.outer = &place, .key = "type"}, type)) return false;
    if (type != "function") {
      only_here(place, fmt::format("a tool of type '{}'", type));
      return true;
    }
  }
  const Place here{.outer = &place, .key = "function"};
  if (object.at_key("function").get(inner) != simdjson::SUCCESS) return missing(here);
  json::Object function;
  if (!read(inner, here, function)) return false;
  Tool tool;
  for (const auto member : function) {
    const Place field{.outer = &here, .key = member.key};
    if (member.value.is_null()) continue;
    if (member.key == "name" && !read(member.value, field, tool.name)) return false;
    if (member.key == "description" && !read(member.value, field, tool.description)) return false;
    if (member.key != "parameters") continue;
    if (!member.value.is_object()) return wrong_type(field, "an object", member.value);
    tool.parameters = member.value;
  }
  if (tool.name.empty()) return missing(Place{.outer = &here, .key = "name"});
  request_.tools.push_back(tool);
  return true;
}

bool BodyReader::texts(const json::Element& value, const Place& place, Alone alone,
                       std::vector<std::string_view>& out) {
  std::string_view text;
  if (alone == Alone::allowed && value.get(text) == simdjson::SUCCESS) {
    out.push_back(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) {
    return wrong_type(place, alone == Alone::allowed ? "a string or an array of strings" : "an array of strings",
                      value);
  }
  std::size_t index = 0;
  for (const auto element : list) {
    if (!read(element, Place{.outer = &place, .key = {}, .index = index++}, text)) return false;
    out.push_back(text);
  }
  return true;
}

}  // namespace weir
