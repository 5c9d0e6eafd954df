#include "judges/json_schema.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace weir {
namespace {

using json::Array;
using json::Element;
using json::Object;

constexpr int deepest = 64;          // of the value; what lies deeper is taken for right
constexpr int most_steps = 200'000;  // of one comparison: a schema may refer to itself

class Check {
 public:
  explicit Check(const Element& root) : root_(root) {}

  [[nodiscard]] std::string fault(const Element& schema, const Element& value, const std::string& place, int depth) {
    if (depth > deepest || ++steps_ > most_steps) return {};
    bool allowed = true;
    if (schema.get(allowed) == simdjson::SUCCESS) return allowed ? "" : at(place, "nothing is allowed here");
    Object object;
    if (schema.get(object) != simdjson::SUCCESS) return {};
    if (const auto named = json::string_or(object, "$ref"); !named.empty()) {
      const auto target = resolve(named);
      if (target) {
        auto found = fault(*target, value, place, depth + 1);
        if (!found.empty()) return found;
      }
    }
    for (const auto step : {&Check::types, &Check::values, &Check::bounds}) {
      auto found = (this->*step)(object, value, place);
      if (!found.empty()) return found;
    }
    auto found = combined(object, value, place, depth);
    if (!found.empty()) return found;
    Object members;
    Array items;
    if (value.get(members) == simdjson::SUCCESS) return members_of(object, members, place, depth);
    if (value.get(items) == simdjson::SUCCESS) return items_of(object, items, place, depth);
    return {};
  }

 private:
  static std::string at(const std::string& place, std::string_view what) {
    return (place.empty() ? std::string("the answer") : place) + ": " + std::string(what);
  }

  // `#/$defs/item`, `#`
  [[nodiscard]] std::optional<Element> resolve(std::string_view name) const {
    if (!name.starts_with("#")) return std::nullopt;
    if (name == "#") return root_;
    Element found;
    if (root_.at_pointer(name.substr(1)).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }

  static bool is_of(const Element& value, std::string_view type) {
    using simdjson::dom::element_type;
    switch (value.type()) {
      case element_type::OBJECT:
        return type == "object";
      case element_type::ARRAY:
        return type == "array";
      case element_type::STRING:
        return type == "string";
      case element_type::BOOL:
        return type == "boolean";
      case element_type::NULL_VALUE:
        return type == "null";
      case element_type::DOUBLE: {
        double number = 0;
        json::read_if(value, number);
        return type == "number" || (type == "integer" && std::floor(number) == number);
      }
      default:
        return type == "number" || type == "integer";
    }
  }

  std::string types(const Object& schema, const Element& value, const std::string& place) {
    Element type;
    if (schema["type"].get(type) != simdjson::SUCCESS) return {};
    std::vector<std::string_view> allowed;
    std::string_view one;
    Array several;
    if (type.get(one) == simdjson::SUCCESS) {
      // Gemini writes types in capitals.
      allowed.push_back(one);
    } else if (type.get(several) == simdjson::SUCCESS) {
      for (const auto& each : several) {
        if (each.get(one) == simdjson::SUCCESS) allowed.push_back(one);
      }
    }
    if (allowed.empty()) return {};
    const auto fits = [&](std::string_view name) {
      std::string small(name);
      for (auto& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      return is_of(value, small);
    };
    if (std::any_of(allowed.begin(), allowed.end(), fits)) return {};
    return at(place, std::string(json::type_name(value)) + " where " + std::string(allowed.front()) + " is wanted");
  }

  static std::string text_of(const Element& value) {
    std::string out;
    json::Writer(out).value(value);
    return out;
  }

  std::string values(const Object& schema, const Element& value, const std::string& place) {
    Array allowed;
    if (schema["enum"].get(allowed) == simdjson::SUCCESS) {
      const auto text = text_of(value);
      const bool among =
          std::any_of(allowed.begin(), allowed.end(), [&](const Element& one) { return text_of(one) == text; });
      if (!among) return at(place, "none of the values that are allowed");
    }
    Element wanted;
    if (schema["const"].get(wanted) == simdjson::SUCCESS && text_of(wanted) != text_of(value))
      return at(place, "not the value that is wanted");
    return {};
  }

  std::string bounds(const Object& schema, const Element& value, const std::string& place) {
    double number = 0;
    std::string_view text;
    const auto limit = [&](std::string_view key) -> std::optional<double> {
      double bound = 0;
      if (schema[key].get(bound) == simdjson::SUCCESS) return bound;
      return std::nullopt;
    };
    if (value.is_number() && value.get(number) == simdjson::SUCCESS) {
      if (const auto least = limit("minimum"); least && number < *least) return at(place, "too small");
      if (const auto most = limit("maximum"); most && number > *most) return at(place, "too large");
      if (const auto least = limit("exclusiveMinimum"); least && number <= *least) return at(place, "too small");
      if (const auto most = limit("exclusiveMaximum"); most && number >= *most) return at(place, "too large");
    } else if (value.get(text) == simdjson::SUCCESS) {
      const auto characters = static_cast<double>(std::count_if(
          text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
      if (const auto least = limit("minLength"); least && characters < *least) return at(place, "too short");
      if (const auto most = limit("maxLength"); most && characters > *most) return at(place, "too long");
    }
    return {};
  }

  std::string combined(const Object& schema, const Element& value, const std::string& place, int depth) {
    Array all;
    if (schema["allOf"].get(all) == simdjson::SUCCESS) {
      for (const auto& one : all) {
        auto found = fault(one, value, place, depth + 1);
        if (!found.empty()) return found;
      }
    }
    for (const auto* key : {"anyOf", "oneOf"}) {
      Array any;
      if (schema[key].get(any) != simdjson::SUCCESS) continue;
      std::string first;
      bool fits = any.size() == 0;
      for (const auto& one : any) {
        auto found = fault(one, value, place, depth + 1);
        fits = fits || found.empty();
        if (first.empty()) first = std::move(found);
      }
      if (!fits) return first;
    }
    return {};
  }

  std::string members_of(const Object& schema, const Object& members, const std::string& place, int depth) {
    Array required;
    if (schema["required"].get(required) == simdjson::SUCCESS) {
      for (const auto& one : required) {
        std::string_view name;
        if (one.get(name) != simdjson::SUCCESS) continue;
        if (members[name].error() != simdjson::SUCCESS) return at(place, "`" + std::string(name) + "` is missing");
      }
    }
    Object properties;
    const bool has_properties = schema["properties"].get(properties) == simdjson::SUCCESS;
    Element others;
    const bool says_others = schema["additionalProperties"].get(others) == simdjson::SUCCESS;
    const bool by_pattern = schema["patternProperties"].error() == simdjson::SUCCESS;
    for (const auto& member : members) {
      const auto inside = (place.empty() ? std::string() : place + ".") + std::string(member.key);
      Element of;
      std::string found;
      if (has_properties && properties[member.key].get(of) == simdjson::SUCCESS) {
        found = fault(of, member.value, inside, depth + 1);
      } else if (says_others && !by_pattern) {
        bool allowed = true;
        const bool is_flag = others.get(allowed) == simdjson::SUCCESS;
        if (is_flag && !allowed) return at(inside, "no such field is wanted");
        found = is_flag ? std::string() : fault(others, member.value, inside, depth + 1);
      }
      if (!found.empty()) return found;
    }
    return {};
  }

  std::string items_of(const Object& schema, const Array& items, const std::string& place, int depth) {
    int64_t bound = 0;
    const auto count = static_cast<int64_t>(items.size());
    if (schema["minItems"].get(bound) == simdjson::SUCCESS && count < bound) return at(place, "too few items");
    if (schema["maxItems"].get(bound) == simdjson::SUCCESS && count > bound) return at(place, "too many items");
    Element of;
    Object item_schema;
    if (schema["items"].get(of) != simdjson::SUCCESS || of.get(item_schema) != simdjson::SUCCESS) return {};
    std::size_t index = 0;
    for (const auto& item : items) {
      auto found = fault(of, item, place + "[" + std::to_string(index++) + "]", depth + 1);
      if (!found.empty()) return found;
    }
    return {};
  }

  const Element& root_;
  int steps_ = 0;
};

}  // namespace

std::string schema_fault(const json::Value& schema, const json::Element& value) {
  json::Document made;
  const auto* element = schema.element();
  Element root;
  if (element != nullptr) {
    root = *element;
  } else {
    if (schema.text().empty() || !made.parse(std::string(schema.text()))) return {};
    root = made.root();
  }
  return Check(root).fault(root, value, {}, 0);
}

}  // namespace weir
