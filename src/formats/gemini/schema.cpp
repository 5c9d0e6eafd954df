#include "formats/gemini/schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "formats/gemini/names.h"

namespace weir::gemini {
namespace {

using json::Element;

// In the order of their numbers.
constexpr std::array<std::string_view, 8> types = {"TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER",
                                                   "BOOLEAN",          "ARRAY",  "OBJECT", "NULL"};
constexpr std::array<std::string_view, 8> json_types = {"",        "string", "number", "integer",
                                                        "boolean", "array",  "object", "null"};

enum class Holds : uint8_t {
  anything,  // copied
  type,
  schema,
  schemas,  // a list
  named,    // schemas by name
  count,    // a 64-bit integer: protobuf writes it as a string
  example,
  format,
  choices,
  nothing,  // said otherwise, or of no use to others
};
struct Keyword {
  std::string_view camel;
  Holds holds;
};
constexpr std::array keywords = {
    Keyword{"type", Holds::type},
    Keyword{"enum", Holds::choices},
    Keyword{"nullable", Holds::nothing},
    Keyword{"propertyOrdering", Holds::nothing},
    Keyword{"properties", Holds::named},
    Keyword{"$defs", Holds::named},
    Keyword{"defs", Holds::named},
    Keyword{"items", Holds::schema},
    Keyword{"additionalProperties", Holds::schema},
    Keyword{"anyOf", Holds::schemas},
    Keyword{"oneOf", Holds::schemas},
    Keyword{"allOf", Holds::schemas},
    Keyword{"prefixItems", Holds::schemas},
    Keyword{"minItems", Holds::count},
    Keyword{"maxItems", Holds::count},
    Keyword{"minLength", Holds::count},
    Keyword{"maxLength", Holds::count},
    Keyword{"minProperties", Holds::count},
    Keyword{"maxProperties", Holds::count},
    Keyword{"example", Holds::example},
    Keyword{"format", Holds::format},
};

class SchemaWriter {
 public:
  explicit SchemaWriter(std::string& out) : writer_(out) {}

  void schema(const Element& value) {
    json::Object object;
    if (value.get(object) != simdjson::SUCCESS) {  // `additionalProperties: false`
      writer_.value(value);
      return;
    }
    const bool nullable = is_nullable(object);
    Element any_of;
    const bool has_options = find(object, "anyOf", any_of);
    writer_.begin_object();
    for (const auto member : object) {
      if (member.value.is_null()) continue;
      const auto* const known = std::find_if(keywords.begin(), keywords.end(),
                                             [&](const Keyword& one) { return is_named(member.key, one.camel); });
      if (known == keywords.end()) {
        writer_.key(member.key).value(member.value);
      } else {
        keyword(*known, member.value, object, nullable && !(known->holds == Holds::type && has_options));
      }
    }
    writer_.end_object();
  }

 private:
  static bool is_nullable(const json::Object& object) {
    Element value;
    bool truth = false;
    if (find(object, "nullable", value)) json::read_if(value, truth);
    return truth;
  }

  void keyword(const Keyword& word, const Element& value, const json::Object& whole, const bool& nullable) {
    switch (word.holds) {
      case Holds::type:
        type(value, nullable);
        break;
      case Holds::choices:
        writer_.key(word.camel);
        choices(value, nullable);
        break;
      case Holds::schema:
        writer_.key(word.camel);
        schema(value);
        break;
      case Holds::schemas:
        writer_.key(word.camel);
        schemas(value, nullable && word.camel == "anyOf");
        break;
      case Holds::named:
        writer_.key(word.camel == "defs" ? std::string_view("$defs") : word.camel);
        named(value, whole, word.camel == "properties");
        break;
      case Holds::count:
        writer_.key(word.camel);
        count(value);
        break;
      case Holds::example:
        writer_.key("examples").begin_array().value(value).end_array();
        break;
      case Holds::format: {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS || text != "enum") writer_.key(word.camel).value(value);
        break;
      }
      case Holds::anything:
      case Holds::nothing:
        break;
    }
  }

  void type(const Element& value, const bool& nullable) {
    const auto number = enumerator_of(value, types);
    if (number && json_types[*number].empty()) return;
    writer_.key("type");
    if (!number) {
      writer_.value(value);  // JSON Schema already, as some send it
    } else if (nullable && json_types[*number] != "null") {
      writer_.begin_array().value(json_types[*number]).value("null").end_array();
    } else {
      writer_.value(json_types[*number]);
    }
  }

  void choices(const Element& value, const bool& nullable) {
    json::Array list;
    if (!nullable || value.get(list) != simdjson::SUCCESS) {
      writer_.value(value);
      return;
    }
    writer_.begin_array();
    for (const auto one : list) writer_.value(one);
    writer_.null().end_array();
  }

  void schemas(const Element& value, const bool& or_null) {
    json::Array list;
    if (value.get(list) != simdjson::SUCCESS) {
      writer_.value(value);
      return;
    }
    writer_.begin_array();
    for (const auto one : list) schema(one);
    if (or_null) writer_.begin_object().key("type").value("null").end_object();
    writer_.end_array();
  }

  // In the order that `propertyOrdering` wants: models write an object's members in the order of its schema.
  void named(const Element& value, const json::Object& whole, const bool& ordered) {
    json::Object members;
    if (value.get(members) != simdjson::SUCCESS) {
      writer_.value(value);
      return;
    }
    writer_.begin_object();
    std::unordered_map<std::string_view, Element> left;
    Element order;
    json::Array wanted;
    if (ordered && find(whole, "propertyOrdering", order) && order.get(wanted) == simdjson::SUCCESS) {
      for (const auto member : members) left.emplace(member.key, member.value);
      for (const auto one : wanted) {
        std::string_view name;
        if (one.get(name) != simdjson::SUCCESS) continue;
        const auto found = left.find(name);
        if (found == left.end()) continue;
        writer_.key(name);
        schema(found->second);
        left.erase(found);
      }
      for (const auto member : members) {
        if (left.erase(member.key) == 0) continue;
        writer_.key(member.key);
        schema(member.value);
      }
    } else {
      for (const auto member : members) {
        writer_.key(member.key);
        schema(member.value);
      }
    }
    writer_.end_object();
  }

  void count(const Element& value) {
    std::string_view text;
    int64_t number = 0;
    if (value.get(text) == simdjson::SUCCESS &&
        std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{}) {
      writer_.value(number);
    } else {
      writer_.value(value);
    }
  }

  json::Writer writer_;
};

}  // namespace

std::string json_schema_of(const Element& schema) {
  std::string out;
  SchemaWriter(out).schema(schema);
  return out;
}

}  // namespace weir::gemini
