// The one pass over the text: 64 bytes at a time become bit masks of where something may begin. AVX2 where the machine
// has it, else plain code; both give the same masks. Pure; safe from any thread.
//
// Any set of bytes is looked up by nibbles (the way of simdjson and Hyperscan): a byte is in the set when the row of
// its low nibble has the bit of its high nibble. ASCII and non-ASCII bytes have a table each, so that eight bits
// suffice.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::guards {

struct Masks {
  uint64_t alnum = 0;    // ASCII letters and digits
  uint64_t digits = 0;   // ASCII digits
  uint64_t leads = 0;    // bytes from 0xC0: first of a non-ASCII character
  uint64_t special = 0;  // bytes of the ByteSet
};

struct ByteSet {
  alignas(16) std::array<uint8_t, 16> ascii{};
  alignas(16) std::array<uint8_t, 16> other{};

  void add(uint8_t byte) {
    auto& rows = byte < 0x80 ? ascii : other;
    rows[byte & 0xFU] = static_cast<uint8_t>(rows[byte & 0xFU] | (1U << ((byte >> 4U) & 7U)));
  }
  [[nodiscard]] bool has(uint8_t byte) const {
    const auto& rows = byte < 0x80 ? ascii : other;
    return ((rows[byte & 0xFU] >> ((byte >> 4U) & 7U)) & 1U) != 0;
  }
};

// Reads exactly 64 bytes.
using BlockScan = Masks (*)(const char* block, const ByteSet& set);

[[nodiscard]] Masks scan_block_portable(const char* block, const ByteSet& set);
// The fastest this machine can run.
[[nodiscard]] BlockScan best_block_scan();

}  // namespace weir::guards
