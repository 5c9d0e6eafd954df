#include "formats/anthropic/schema.h"

namespace weir::anthropic {
namespace {

// The value as an element; `document` holds it where it was made.
bool element_of(const json::Value& value, json::Document& document, json::Element& out) {
  if (value.element() != nullptr) {
    out = *value.element();
    return true;
  }
  if (!document.parse_copy(value.text())) return false;
  out = document.root();
  return true;
}

// Where schemas stand inside a schema: as a member's value, in a list, or under names of the caller's own.
bool holds_named_schemas(std::string_view key) { return key == "properties" || key == "$defs" || key == "definitions"; }
bool holds_schemas(std::string_view key) {
  return key == "items" || key == "anyOf" || key == "oneOf" || key == "allOf" || key == "prefixItems" || key == "not";
}

// NOLINTNEXTLINE(misc-no-recursion): json::max_depth bounds it
void write_closed(json::Writer& writer, const json::Element& schema) {
  json::Array list;
  json::Object object;
  if (schema.get(list) == simdjson::SUCCESS) {
    writer.begin_array();
    for (const auto element : list) write_closed(writer, element);
    writer.end_array();
    return;
  }
  if (schema.get(object) != simdjson::SUCCESS) {
    writer.value(schema);
    return;
  }
  writer.begin_object();
  bool said = false;
  for (const auto member : object) {
    writer.key(member.key);
    said = said || member.key == "additionalProperties";
    json::Object named;
    if (holds_named_schemas(member.key) && member.value.get(named) == simdjson::SUCCESS) {
      writer.begin_object();
      for (const auto one : named) {
        writer.key(one.key);
        write_closed(writer, one.value);
      }
      writer.end_object();
    } else if (holds_schemas(member.key)) {
      write_closed(writer, member.value);
    } else {
      writer.value(member.value);
    }
  }
  const bool is_object =
      json::string_or(object, "type") == "object" || object.at_key("properties").error() == simdjson::SUCCESS;
  if (is_object && !said) writer.key("additionalProperties").boolean(false);
  writer.end_object();
}

}  // namespace

void write_input_schema(json::Writer& writer, const std::optional<json::Value>& schema) {
  json::Document document;
  json::Element element;
  json::Object object;
  if (!schema || !element_of(*schema, document, element) || element.get(object) != simdjson::SUCCESS) {
    writer.raw(R"({"type":"object","properties":{}})");
    return;
  }
  if (object.at_key("type").error() == simdjson::SUCCESS) {
    writer.value(*schema);
    return;
  }
  writer.begin_object().key("type").value("object");
  for (const auto member : object) writer.key(member.key).value(member.value);
  writer.end_object();
}

void write_closed_schema(json::Writer& writer, const json::Value& schema) {
  json::Document document;
  json::Element element;
  if (!element_of(schema, document, element)) {
    writer.value(schema);
    return;
  }
  write_closed(writer, element);
}

}  // namespace weir::anthropic
