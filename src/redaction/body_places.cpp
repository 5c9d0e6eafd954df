#include "redaction/body_places.h"

#include <algorithm>
#include <initializer_list>

#include "core/unreadable.h"

namespace weir::redaction {
namespace {

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// What callers, tools and schemas put together freely stands below such a key.
bool holds_data(std::string_view key, std::size_t depth) {
  if (key == "input" || key == "output") return depth > 1;
  return is_any_of(key, {"arguments", "args", "parameters", "input_schema", "schema", "metadata", "response",
                         "parametersJsonSchema", "parameters_json_schema", "responseSchema", "responseJsonSchema",
                         "properties", "definitions", "$defs", "labels"});
}

bool is_fixed(const BodyPlace& place) {
  if (place.data) return false;
  return is_any_of(place.key, {"model",
                               "id",
                               "type",
                               "role",
                               "tool_call_id",
                               "toolCallId",
                               "call_id",
                               "tool_use_id",
                               "item_id",
                               "object",
                               "status",
                               "signature",
                               "thought_signature",
                               "thoughtSignature",
                               "encrypted_content",
                               "previous_response_id",
                               "conversation",
                               "file_id",
                               "vector_store_ids",
                               "container",
                               "mime_type",
                               "media_type",
                               "mimeType",
                               "cachedContent",
                               "service_tier",
                               "anthropic_version"});
}

bool is_address_key(std::string_view key) {
  return is_any_of(key, {"url", "uri", "file_uri", "fileUri", "image_url", "file_url", "server_url"});
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

struct Level {
  std::string_view key;  // of the value that comes next
  bool list = false;
  bool data = false;
};

std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

bool is_key_before(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) ++at;
  return at < text.size() && text[at] == ':';
}

}  // namespace

std::vector<BodyPlace> places_of(const json::Document& document) {
  const std::string_view body = document.text();
  const auto& texts = document.texts();
  const auto kinds = document.text_kinds();
  std::vector<BodyPlace> places;
  places.reserve(texts.size());
  std::vector<Level> levels;
  std::string_view top;
  for (std::size_t at = 0; at < body.size() && places.size() < texts.size();) {
    const char c = body[at];
    const std::string_view text = texts[places.size()];
    if (c == '{' || c == '[') {
      Level level{.list = c == '['};
      if (!levels.empty()) {
        level.data = levels.back().data || holds_data(levels.back().key, levels.size());
        if (level.list) level.key = levels.back().key;
      }
      levels.push_back(level);
      ++at;
    } else if (c == '}' || c == ']') {
      if (!levels.empty()) levels.pop_back();
      ++at;
    } else if (c == '"') {
      BodyPlace place{.begin = at, .end = string_end(body, at)};
      at = place.end;
      const bool key = !levels.empty() && !levels.back().list && is_key_before(body, at);
      if (key) {
        place.kind = BodyPlace::Kind::key;
        levels.back().key = text;
        if (levels.size() == 1) top = text;
      }
      if (!levels.empty()) {
        place.key = levels.back().key;
        place.data = levels.back().data || (!key && holds_data(place.key, levels.size()));
      }
      place.top = top;
      places.push_back(place);
    } else if (kinds.is_number(text) && text.data() == body.data() + at) {
      BodyPlace place{.kind = BodyPlace::Kind::number, .begin = at, .end = at + text.size(), .top = top};
      if (!levels.empty()) {
        place.key = levels.back().key;
        place.data = levels.back().data;
      }
      places.push_back(place);
      at = place.end;
    } else {
      ++at;
    }
  }
  return places;
}

Role role_of(const BodyPlace& place, std::string_view text) {
  if (place.kind == BodyPlace::Kind::key) return is_name(text) ? Role::name : Role::text;
  if (place.kind == BodyPlace::Kind::number) return Role::text;
  if (is_fixed(place) || (!place.data && is_address_key(place.key) && is_remote_address(text))) return Role::fixed;
  if (place.key == "arguments" || place.key == "partial_json") return Role::arguments;
  // What stands in a list of required fields is a field's name.
  if ((place.key == "name" || place.key == "required" || place.key == "tool_name") && is_name(text)) return Role::name;
  return Role::text;
}

int turn_rank(std::string_view top) {
  if (top == "chat_history") return 1;
  return is_any_of(top, {"messages", "input", "contents", "prompt", "message", "inputs", "documents", "query"}) ? 2 : 0;
}

}  // namespace weir::redaction
