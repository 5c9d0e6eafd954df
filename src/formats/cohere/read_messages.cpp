// The nested parts of a chat's body: messages, content blocks, tool calls.
#include "formats/cohere/request_reader.h"

namespace weir::cohere_client {

bool RequestReader::messages(const Element& value, const Place& place, std::string_view) {
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

// What a model says has an order that the members of a message have not: it thinks and speaks, plans, calls.
bool RequestReader::message(const json::Object& object, const Place& place) {
  auto& message = request_.messages.emplace_back();
  bool has_role = false;
  std::optional<std::string_view> plan;
  std::vector<Part> calls;
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
    } else if (member.key == "tool_plan") {
      good = read(value, here, plan);
    } else if (member.key == "tool_calls") {
      good = tool_calls(value, here, calls);
    } else if (member.key == "tool_call_id") {
      good = read(value, here, message.tool_call_id);
    } else {
      leave_out(here);  // citations of an answer before
    }
    if (!good) return false;
  }
  if (!has_role) return missing(Place{.outer = &place, .key = "role"});
  if (message.role == Role::tool && message.tool_call_id.empty()) {
    return missing(Place{.outer = &place, .key = "tool_call_id"});
  }
  if (plan && !plan->empty()) {
    message.parts.push_back({.kind = Part::Kind::text, .text = *plan});
    count(*plan);
  }
  message.parts.insert(message.parts.end(), calls.begin(), calls.end());
  return true;
}

bool RequestReader::role(const Element& value, const Place& place, Role& out) {
  std::string_view name;
  if (!read(value, place, name)) return false;
  constexpr std::array<std::pair<std::string_view, Role>, 4> roles = {
      {{"user", Role::user}, {"assistant", Role::assistant}, {"system", Role::system}, {"tool", Role::tool}}};
  for (const auto& [known, role] : roles) {
    if (name != known) continue;
    out = role;
    return true;
  }
  return fail(place,
              fmt::format("Invalid value for '{}': '{}'. Supported values are: 'user', 'assistant', 'system' and "
                          "'tool'.",
                          to_string(place), name));
}

bool RequestReader::content(const Element& value, const Place& place, std::vector<Part>& out) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    out.push_back({.kind = Part::Kind::text, .text = text});
    count(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of blocks", value);
  out.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !block(object, here, out.emplace_back())) return false;
    if (out.back().kind == Part::Kind::foreign) out.back().raw = element;
  }
  return true;
}

bool RequestReader::block(const json::Object& object, const Place& place, Part& out) {
  std::string_view type;
  if (!text_member(object, "type", place, type)) return false;
  if (type == "text" || type == "thinking") {
    out.kind = type == "text" ? Part::Kind::text : Part::Kind::thinking;
    if (!text_member(object, type, place, out.text)) return false;
    count(out.text);
    return true;
  }
  if (type == "image_url" || type == "document") {
    const Place here{.outer = &place, .key = type};
    Element inner;
    if (object.at_key(type).get(inner) != simdjson::SUCCESS) return missing(here);
    return type == "document" ? document(inner, here, out) : image(inner, here, out);
  }
  out.kind = Part::Kind::foreign;
  only_here(place, fmt::format("a block of type '{}'", type));
  return true;
}

bool RequestReader::image(const Element& value, const Place& place, Part& out) {
  json::Object object;
  std::string_view url;
  if (!read(value, place, object) || !text_member(object, "url", place, url)) return false;
  out.kind = Part::Kind::media;
  out.media = media_of_url(url, Media::Kind::image);
  out.media.detail = json::string_or(object, "detail");
  request_.has_images = true;
  return true;
}

// What a tool found: its data is what the model reads, its id only serves to cite it.
bool RequestReader::document(const Element& value, const Place& place, Part& out) {
  json::Object object;
  Element data;
  const Place here{.outer = &place, .key = "data"};
  if (!read(value, place, object)) return false;
  if (object.at_key("data").get(data) != simdjson::SUCCESS) return missing(here);
  if (data.is_object()) {
    out.text = request_.keep(simdjson::minify(data));
  } else if (data.get(out.text) != simdjson::SUCCESS) {
    return wrong_type(here, "an object or a string", data);
  }
  count(out.text);
  if (object.at_key("id").error() == simdjson::SUCCESS) leave_out(Place{.outer = &place, .key = "id"});
  return true;
}

bool RequestReader::tool_calls(const Element& value, const Place& place, std::vector<Part>& out) {
  json::Array list;
  if (!read(value, place, list)) return false;
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !tool_call(object, here, out.emplace_back())) return false;
  }
  return true;
}

bool RequestReader::tool_call(const json::Object& object, const Place& place, Part& out) {
  out.kind = Part::Kind::tool_call;
  const Place inner{.outer = &place, .key = "function"};
  Element value;
  json::Object function;
  if (!text_member(object, "id", place, out.id)) return false;
  if (object.at_key("function").get(value) != simdjson::SUCCESS) return missing(inner);
  if (!read(value, inner, function) || !text_member(function, "name", inner, out.name)) return false;
  out.text = "{}";
  if (function.at_key("arguments").get(value) == simdjson::SUCCESS && !value.is_null()) {
    if (value.is_object()) {
      out.text = request_.keep(simdjson::minify(value));
    } else if (value.get(out.text) != simdjson::SUCCESS) {
      return wrong_type(Place{.outer = &inner, .key = "arguments"}, "a string", value);
    }
  }
  count(out.name);
  count(out.text);
  return true;
}

}  // namespace weir::cohere_client
