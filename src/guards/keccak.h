// Keccak-256 as Ethereum and Monero use it: the hash of the Keccak submission, whose padding differs from that of
// SHA3-256 (FIPS 202), so that no library's SHA-3 gives it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::guards {

[[nodiscard]] std::array<uint8_t, 32> keccak256(std::string_view bytes);

}  // namespace weir::guards
