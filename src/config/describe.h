// What a config can say, as data: made by the same `fields` functions that the loader reads with. From it come the JSON
// Schema (docs/weir.schema.json) and the reference tables of docs/configuration.md. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct KeyInfo {
  enum class Type : uint8_t {
    text,
    texts,
    map,
    values,
    flag,
    integer,
    number,
    share,
    duration,
    size,
    dollars,
    object,
    list
  };
  std::string name;
  Type type = Type::text;
  std::string about;
  std::string example;
  std::string otherwise;  // the default, as text; "" when required or when there is none
  bool required = false;
  std::vector<std::string> choices;
  int digits = 0;  // of a number: `least` and `most` are × 10^digits
  int64_t least = 0;
  int64_t most = 0;
  std::vector<KeyInfo> keys;  // of an object, or of a list's entries
  std::string main_key;       // of an object: its value may be written in the object's place; "" = may not
};

// The keys of the whole file, in order.
[[nodiscard]] std::vector<KeyInfo> config_keys();

// The same texts for any keys.
[[nodiscard]] std::string schema_of(std::string_view title, const std::vector<KeyInfo>& keys);
[[nodiscard]] std::string reference_of(const std::vector<KeyInfo>& keys);

// JSON Schema, draft 2020-12, indented.
[[nodiscard]] std::string config_schema();

// Markdown: one table a map.
[[nodiscard]] std::string config_reference();

}  // namespace weir
