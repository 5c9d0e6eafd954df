#include "formats/shared/said.h"

namespace weir {
namespace {

constexpr int deepest = 4;  // parts within parts

std::string text_at_depth(const json::Element& value, int depth) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.is_null() || depth > deepest) return {};
  std::string said;
  json::Array list;
  if (value.get(list) == simdjson::SUCCESS) {
    for (const auto part : list) said += text_at_depth(part, depth + 1);
    return said;
  }
  json::Object part;
  if (value.get(part) != simdjson::SUCCESS) return simdjson::minify(value);
  json::Element inner;
  for (const std::string_view key : {"text", "content", "value", "summary"}) {
    if (part.at_key(key).get(inner) == simdjson::SUCCESS) return text_at_depth(inner, depth + 1);
  }
  const bool of_another_kind = part.size() == 0 || part.at_key("type").error() == simdjson::SUCCESS;
  return of_another_kind ? std::string() : simdjson::minify(value);
}

}  // namespace

std::string said_text(const json::Element& value) { return text_at_depth(value, 0); }

std::string said_text(const json::Object& object, std::string_view key) {
  json::Element value;
  return object.at_key(key).get(value) == simdjson::SUCCESS ? said_text(value) : std::string();
}

std::string said_arguments(const json::Element& value) {
  std::string_view text;
  if (value.is_null()) return "{}";
  if (value.get(text) != simdjson::SUCCESS) return simdjson::minify(value);
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos ? "{}" : std::string(text);
}

std::string said_arguments(const json::Object& object, std::string_view key) {
  json::Element value;
  return object.at_key(key).get(value) == simdjson::SUCCESS ? said_arguments(value) : "{}";
}

}  // namespace weir
