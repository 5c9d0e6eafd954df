// Bytes as hexadecimal digits. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir {

// In small letters.
[[nodiscard]] inline std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const auto byte : bytes) out.append({digits[byte >> 4U], digits[byte & 15U]});
  return out;
}

}  // namespace weir
