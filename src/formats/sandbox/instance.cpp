#include "formats/sandbox/instance.h"

#include <cmath>

namespace weir {
namespace {

using json::Element;
using json::Object;

// Recursive schemas end here: optional things are left out long before.
constexpr int deepest = 16;

class Instance {
 public:
  Instance(const Element& root, std::string& out) : root_(root), writer_(out) {}

  void write(const Element& schema, int depth) {
    Object object;
    if (depth > deepest || schema.get(object) != simdjson::SUCCESS) {
      writer_.value("sandbox");
      return;
    }
    Element value;
    if (object.at_key("const").get(value) == simdjson::SUCCESS) {
      writer_.value(value);
    } else if (first_of(object, "enum", value)) {
      writer_.value(value);
    } else if (follow(object, value) || first_of(object, "anyOf", value) || first_of(object, "oneOf", value) ||
               first_of(object, "allOf", value)) {
      write(value, depth + 1);
    } else {
      write_type(object, type_of(object), depth);
    }
  }

 private:
  static bool first_of(const Object& object, std::string_view key, Element& out) {
    json::Array list;
    return object.at_key(key).get(list) == simdjson::SUCCESS && list.size() != 0 &&
           list.at(0).get(out) == simdjson::SUCCESS;
  }

  bool follow(const Object& object, Element& out) const {
    const auto reference = json::string_or(object, "$ref");
    return reference.starts_with("#") && root_.at_pointer(reference.substr(1)).get(out) == simdjson::SUCCESS;
  }

  static std::string_view type_of(const Object& object) {
    Element type;
    std::string_view name;
    if (object.at_key("type").get(type) == simdjson::SUCCESS) {
      json::Array several;
      if (type.get(several) == simdjson::SUCCESS && several.size() != 0) json::read_if(several.at(0), name);
      json::read_if(type, name);
    }
    if (!name.empty()) return name;
    return object.at_key("properties").error() == simdjson::SUCCESS ? "object" : "string";
  }

  void write_type(const Object& schema, std::string_view type, int depth) {
    if (type == "object") {
      write_object(schema, depth);
    } else if (type == "array") {
      write_array(schema, depth);
    } else if (type == "integer" || type == "number") {
      write_number(schema, type == "integer");
    } else if (type == "boolean") {
      writer_.boolean(true);
    } else if (type == "null") {
      writer_.null();
    } else {
      write_string(schema);
    }
  }

  void write_object(const Object& schema, int depth) {
    writer_.begin_object();
    Object properties;
    json::Array required;
    const bool has_properties = schema.at_key("properties").get(properties) == simdjson::SUCCESS;
    if (schema.at_key("required").get(required) == simdjson::SUCCESS) {
      for (const auto entry : required) {
        std::string_view name;
        Element property = root_;
        if (entry.get(name) != simdjson::SUCCESS) continue;
        writer_.key(name);
        if (has_properties && properties.at_key(name).get(property) == simdjson::SUCCESS) {
          write(property, depth + 1);
        } else {
          writer_.value("sandbox");
        }
      }
    } else if (has_properties && depth < 3) {
      for (const auto property : properties) {
        writer_.key(property.key);
        write(property.value, depth + 1);
      }
    }
    writer_.end_object();
  }

  void write_array(const Object& schema, int depth) {
    writer_.begin_array();
    const auto count = std::clamp<int64_t>(json::int_or(schema, "minItems"), 0, 64);
    Element items;
    const bool typed = schema.at_key("items").get(items) == simdjson::SUCCESS;
    for (int64_t i = 0; i < count; ++i) {
      if (typed) {
        write(items, depth + 1);
      } else {
        writer_.value("sandbox");
      }
    }
    writer_.end_array();
  }

  static double bound(const Object& schema, std::string_view key, double otherwise) {
    double value = 0;
    return schema.at_key(key).get(value) == simdjson::SUCCESS ? value : otherwise;
  }

  void write_number(const Object& schema, bool whole) {
    double value = 0;
    value = std::max(value, bound(schema, "minimum", value));
    const double above = bound(schema, "exclusiveMinimum", value - 1);
    if (value <= above) value = above + (whole ? 1 : 0.5);
    value = std::min(value, bound(schema, "maximum", value));
    const double below = bound(schema, "exclusiveMaximum", value + 1);
    if (value >= below) value = below - (whole ? 1 : 0.5);
    const double step = bound(schema, "multipleOf", 0);
    if (step > 0) value = std::ceil(value / step) * step;
    if (whole && std::abs(value) < 9e15) {
      writer_.value(static_cast<int64_t>(std::ceil(value)));
    } else {
      writer_.value(value);
    }
  }

  void write_string(const Object& schema) {
    const auto format = json::string_or(schema, "format");
    if (format == "date") return void(writer_.value("2025-01-01"));
    if (format == "date-time") return void(writer_.value("2025-01-01T00:00:00Z"));
    if (format == "time") return void(writer_.value("00:00:00Z"));
    if (format == "email") return void(writer_.value("sandbox@example.com"));
    if (format == "uri" || format == "url") return void(writer_.value("https://example.com/sandbox"));
    if (format == "uuid") return void(writer_.value("00000000-0000-4000-8000-000000000000"));
    std::string text = "sandbox";
    const auto shortest = static_cast<std::size_t>(std::clamp<int64_t>(json::int_or(schema, "minLength"), 0, 10'000));
    const auto longest =
        static_cast<std::size_t>(std::clamp<int64_t>(json::int_or(schema, "maxLength", 10'000), 0, 10'000));
    if (text.size() < shortest) text.resize(shortest, 'x');
    if (text.size() > longest) text.resize(longest);
    writer_.value(text);
  }

  const Element& root_;
  json::Writer writer_;
};

}  // namespace

std::string smallest_instance(const json::Element& schema) {
  std::string out;
  Instance(schema, out).write(schema, 0);
  return out;
}

}  // namespace weir
