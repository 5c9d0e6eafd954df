// Base64 (RFC 4648, section 4), and the packed form in which OpenAI's API carries embeddings: little-endian 32-bit
// floats in base64. Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

[[nodiscard]] std::string encode_base64(std::string_view bytes);
// Padding may be left out; nullopt for anything that is not base64.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

[[nodiscard]] std::string pack_floats(std::span<const float> values);
[[nodiscard]] std::optional<std::vector<float>> unpack_floats(std::string_view text);

}  // namespace weir
