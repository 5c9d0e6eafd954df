// CRC-32 as of IEEE 802.3 (zlib, PNG, gzip): reflected, polynomial 0xEDB88320. Here so that `core` needs no library for
// it. Eight bytes a step. Pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

namespace crc32_detail {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
    tables[0][i] = value;
  }
  for (uint32_t i = 0; i < 256; ++i) {
    for (std::size_t step = 1; step < tables.size(); ++step) {
      const auto before = tables[step - 1][i];
      tables[step][i] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}
inline constexpr Tables tables = make_tables();

constexpr uint32_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

}  // namespace crc32_detail

// `before`: of the bytes that come before these ("" has 0).
[[nodiscard]] constexpr uint32_t crc32(std::string_view bytes, uint32_t before = 0) {
  const auto& tables = crc32_detail::tables;
  using crc32_detail::byte_at;
  uint32_t sum = ~before;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    sum ^=
        byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2) << 16 | byte_at(bytes, at + 3) << 24;
    sum = tables[7][sum & 0xff] ^ tables[6][(sum >> 8) & 0xff] ^ tables[5][(sum >> 16) & 0xff] ^ tables[4][sum >> 24] ^
          tables[3][byte_at(bytes, at + 4)] ^ tables[2][byte_at(bytes, at + 5)] ^ tables[1][byte_at(bytes, at + 6)] ^
          tables[0][byte_at(bytes, at + 7)];
  }
  for (; at < bytes.size(); ++at) sum = (sum >> 8) ^ tables[0][(sum ^ byte_at(bytes, at)) & 0xff];
  return ~sum;
}

static_assert(crc32("123456789") == 0xCBF43926U, "the check value of the algorithm");

}  // namespace weir
