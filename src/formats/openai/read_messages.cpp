// The nested parts of a request body: messages, content parts, tool calls and tools.
#include <fmt/format.h>

#include "formats/openai/request_reader.h"

namespace weir::openai_dialect {
namespace {

// The members of a message have no order, what a model says has one: it thinks, speaks, calls.
int turn_of(const Part& part) {
  if (part.kind == Part::Kind::thinking) return 0;
  return part.kind == Part::Kind::tool_call ? 2 : 1;
}

void put_in_order(std::vector<Part>& parts) {
  const auto before = [](const Part& a, const Part& b) { return turn_of(a) < turn_of(b); };
  if (!std::is_sorted(parts.begin(), parts.end(), before)) std::stable_sort(parts.begin(), parts.end(), before);
}

// `wav` of an input_audio.
std::string_view sound_type(std::string_view format) {
  if (format == "mp3") return "audio/mpeg";
  if (format == "flac") return "audio/flac";
  if (format == "ogg" || format == "opus") return "audio/ogg";
  if (format == "aac") return "audio/aac";
  if (format == "m4a") return "audio/mp4";
  if (format == "webm") return "audio/webm";
  return "audio/wav";
}

}  // namespace

// Only OpenAI's own format can carry it.
void RequestReader::only_here(const Place& place, std::string what) {
  request_.foreign.push_back({.place = to_string(place), .what = std::move(what)});
}

bool RequestReader::tools(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  request_.tools.reserve(request_.tools.size() + list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!tool(element, Place{.outer = &place, .key = {}, .index = index++})) return false;
  }
  return true;
}

bool RequestReader::tool(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  if (place.outer->key == "functions") return function(object, place);
  Element type;
  if (object.at_key("type").get(type) == simdjson::SUCCESS) {
    std::string_view kind;
    if (!read(type, Place{.outer = &place, .key = "type"}, kind)) return false;
    if (kind != "function") {
      only_here(place, fmt::format("a tool of type '{}'", kind));
      return true;
    }
  }
  const Place inner{.outer = &place, .key = "function"};
  Element described;
  if (object.at_key("function").get(described) != simdjson::SUCCESS) return missing(inner);
  json::Object body;
  return read(described, inner, body) && function(body, inner);
}

bool RequestReader::function(const json::Object& function, const Place& place) {
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
    } else if (member.key == "strict" && !member.value.is_null()) {
      if (!read(member.value, here, tool.strict)) return false;
    }
  }
  if (!named) return missing(Place{.outer = &place, .key = "name"});
  request_.tools.push_back(tool);
  return true;
}

bool RequestReader::messages(const Element& value, const Place& place) {
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

bool RequestReader::message(const json::Object& object, const Place& place) {
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
      good = content(value, here, message.parts);
    } else if (member.key == "name") {
      good = read(value, here, message.name);
    } else if (member.key == "tool_calls") {
      good = tool_calls(value, here, message.parts);
    } else if (member.key == "tool_call_id") {
      good = read(value, here, message.tool_call_id);
    } else if (member.key == "refusal") {
      auto& refusal = message.parts.emplace_back();
      refusal.kind = Part::Kind::refusal;
      good = read(value, here, refusal.text);
      count(refusal.text);
    } else if ((member.key == "reasoning_content" || member.key == "reasoning") && value.is_string()) {
      const bool twice = std::any_of(message.parts.begin(), message.parts.end(),
                                     [](const Part& part) { return part.kind == Part::Kind::thinking; });
      if (twice) continue;  // some clients send both names with the same text
      auto& thought = message.parts.emplace_back();
      thought.kind = Part::Kind::thinking;
      good = read(value, here, thought.text);
      count(thought.text);
    } else if (member.key == "function_call" || member.key == "audio") {
      only_here(here, fmt::format("'{}'", member.key));
    }
    if (!good) return false;
  }
  put_in_order(message.parts);
  return has_role || missing(Place{.outer = &place, .key = "role"});
}

bool RequestReader::role(const Element& value, const Place& place, Role& out) {
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

bool RequestReader::content(const Element& value, const Place& place, std::vector<Part>& parts) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    parts.emplace_back().text = text;
    count(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of parts", value);
  parts.reserve(parts.size() + list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!part(element, Place{.outer = &place, .key = {}, .index = index++}, parts.emplace_back())) return false;
  }
  return true;
}

bool RequestReader::part(const Element& value, const Place& place, Part& out) {
  json::Object object;
  if (!read(value, place, object)) return false;
  const Place type_place{.outer = &place, .key = "type"};
  Element type_value;
  if (object.at_key("type").get(type_value) != simdjson::SUCCESS) return missing(type_place);
  std::string_view type;
  if (!read(type_value, type_place, type)) return false;
  const Place here{.outer = &place, .key = type};
  Element inner;
  const bool known =
      type == "text" || type == "refusal" || type == "image_url" || type == "file" || type == "input_audio";
  if (!known) {
    out.kind = Part::Kind::foreign;
    out.raw = value;
    only_here(place, fmt::format("content of type '{}'", type));
    return true;
  }
  if (object.at_key(type).get(inner) != simdjson::SUCCESS) return missing(here);
  if (Element cache; object.at_key("cache_control").get(cache) == simdjson::SUCCESS) out.cache = cache.is_object();
  if (type == "image_url") return image(inner, here, out);
  if (type == "file") return file(inner, here, out);
  if (type == "input_audio") return sound(inner, here, out);
  out.kind = type == "text" ? Part::Kind::text : Part::Kind::refusal;
  if (!read(inner, here, out.text)) return false;
  count(out.text);
  return true;
}

bool RequestReader::text_member(const json::Object& object, std::string_view key, const Place& place,
                                std::string_view& out) {
  Element value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return true;
  return read(value, Place{.outer = &place, .key = key}, out);
}

bool RequestReader::image(const Element& value, const Place& place, Part& out) {
  out.kind = Part::Kind::media;
  request_.has_images = true;
  std::string_view url;
  std::string_view detail;
  if (value.get(url) != simdjson::SUCCESS) {  // some clients send the URL itself
    json::Object object;
    Element inner;
    const Place url_place{.outer = &place, .key = "url"};
    if (!read(value, place, object)) return false;
    if (object.at_key("url").get(inner) != simdjson::SUCCESS) return missing(url_place);
    if (!read(inner, url_place, url) || !text_member(object, "detail", place, detail)) return false;
  }
  out.media = media_of_url(url, Media::Kind::image);
  out.media.detail = detail;
  return true;
}

bool RequestReader::file(const Element& value, const Place& place, Part& out) {
  out.kind = Part::Kind::media;
  json::Object object;
  std::string_view data;
  std::string_view name;
  std::string_view id;
  if (!read(value, place, object) || !text_member(object, "file_data", place, data) ||
      !text_member(object, "filename", place, name) || !text_member(object, "file_id", place, id)) {
    return false;
  }
  out.media = media_of_url(data, Media::Kind::document);
  if (!out.media.mime.empty()) out.media.kind = kind_of_mime(out.media.mime);
  if (out.media.data.empty() && !data.starts_with("data:")) {  // bare base64
    out.media.data = data;
    out.media.url = {};
  }
  out.media.name = name;
  out.media.file = id;
  if (!id.empty()) only_here(Place{.outer = &place, .key = "file_id"}, "a file that its provider keeps");
  return true;
}

bool RequestReader::sound(const Element& value, const Place& place, Part& out) {
  out.kind = Part::Kind::media;
  json::Object object;
  std::string_view data;
  std::string_view format;
  if (!read(value, place, object) || !text_member(object, "data", place, data) ||
      !text_member(object, "format", place, format)) {
    return false;
  }
  out.media = {.kind = Media::Kind::audio, .mime = sound_type(format), .data = data};
  return true;
}

bool RequestReader::tool_calls(const Element& value, const Place& place, std::vector<Part>& parts) {
  json::Array list;
  if (!read(value, place, list)) return false;
  parts.reserve(parts.size() + list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object)) return false;
    auto& call = parts.emplace_back();
    call.kind = Part::Kind::tool_call;
    call.id = json::string_or(object, "id");
    const bool custom = json::string_or(object, "type") == "custom";
    if (custom) only_here(here, "a call of a tool of type 'custom'");
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
        !read(part, arguments_place, call.text)) {
      return false;
    }
    // Where Gemini's seal travels in this format.
    if (Element seal;
        object.at_key("extra_content").at_key("google").at_key("thought_signature").get(seal) == simdjson::SUCCESS) {
      json::read_if(seal, call.signature);
    }
    count(call.name);
    count(call.text);
  }
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
    } else if (word == "required" || word == "any") {
      choice.mode = ToolChoice::Mode::any;
    } else {
      choice.mode = ToolChoice::Mode::foreign;
      only_here(place, fmt::format("'{}'", word));
    }
    return true;
  }
  Element name;
  for (const auto* const key : {"function", "name"}) {
    const bool found = std::string_view(key) == "function"
                           ? value.at_key("function").at_key("name").get(name) == simdjson::SUCCESS
                           : value.at_key("name").get(name) == simdjson::SUCCESS;
    if (!found || !name.is_string()) continue;
    choice.mode = ToolChoice::Mode::named;
    json::read_if(name, choice.name);
    return true;
  }
  choice.mode = ToolChoice::Mode::foreign;
  only_here(place, "such a choice");
  return true;
}

}  // namespace weir::openai_dialect
