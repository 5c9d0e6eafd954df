// Where each text of a JSON document stands in it, and what it is there: so that one can be replaced by another with
// every other byte as it came. Pure; one thread; views live as long as the document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace weir::redaction {

struct BodyPlace {
  enum class Kind : uint8_t { key, value, number };
  Kind kind = Kind::value;
  std::size_t begin = 0;  // in the document's text; of strings, with their quotes
  std::size_t end = 0;
  std::string_view key;  // that the value stands under; of one in a list, the list's
  std::string_view top;  // the field of the whole document that it stands in
  bool data = false;     // within what callers and tools put together freely: arguments, schemas, metadata
};

// In the order of `document.texts()`, one for each. Precondition: survey() has been called.
[[nodiscard]] std::vector<BodyPlace> places_of(const json::Document& document);

// What a value means there: whether it may be another one.
enum class Role : uint8_t {
  text,
  name,       // of a tool, a field: letters, digits and `_.-` alone
  arguments,  // of a tool, as JSON in a string
  fixed       // an id, an address, a word of the format: must stay as it is
};
[[nodiscard]] Role role_of(const BodyPlace& place, std::string_view text);

// Whether more of a conversation is put behind what stands there with each turn, and how late: 0 where it is not.
[[nodiscard]] int turn_rank(std::string_view top);

}  // namespace weir::redaction
