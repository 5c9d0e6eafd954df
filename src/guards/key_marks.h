// The marks by which issuers let their keys and tokens be known: what one begins with, and of which characters and how
// many of them the rest is. From the issuers' documentation and what their keys look like; lengths are the least that
// were seen, with room, because issuers lengthen keys without notice. Pure data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::guards {

enum class Body : uint8_t {
  base62,     // letters, digits
  base64url,  // and `-`, `_`
  dotted,     // and `.`
  base64,     // letters, digits, `+`, `/`, `=`, `-`, `_`, `,`
  base36,     // small letters, digits
  upper32,    // capitals and digits
  hex,        // lower case
  hexdash,    // and `-`, as in UUIDs
  query,      // as a value in a URL: base64, `%2B`
  path,       // of a webhook's URL
};

// Whether the body must look random: words joined by `-` or `_` don't.
enum class Look : uint8_t { any, random };

struct KeyMark {
  std::string_view prefix;
  std::string_view what;
  Body body;
  uint16_t least;  // characters after the prefix
  Look look = Look::random;
};

[[nodiscard]] std::span<const KeyMark> key_marks();

[[nodiscard]] bool in_body(char c, Body body);

}  // namespace weir::guards
