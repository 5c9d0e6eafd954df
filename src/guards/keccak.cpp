#include "guards/keccak.h"

#include <bit>

namespace weir::guards {
namespace {

using State = std::array<uint64_t, 25>;

constexpr std::array<uint64_t, 24> round_constants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

// Rho and pi: how far a lane turns, and where it goes, along the one path through all lanes but the first.
constexpr std::array<int, 24> turns = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                       27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
constexpr std::array<std::size_t, 24> path = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                              15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};

void permute(State& a) {
  for (const uint64_t constant : round_constants) {
    std::array<uint64_t, 5> columns{};
    for (std::size_t x = 0; x < 5; ++x) columns[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t x = 0; x < 5; ++x) {
      const uint64_t mixed = columns[(x + 4) % 5] ^ std::rotl(columns[(x + 1) % 5], 1);
      for (std::size_t y = 0; y < 25; y += 5) a[x + y] ^= mixed;
    }
    uint64_t lane = a[1];
    for (std::size_t i = 0; i < path.size(); ++i) {
      const uint64_t next = a[path[i]];
      a[path[i]] = std::rotl(lane, turns[i]);
      lane = next;
    }
    for (std::size_t y = 0; y < 25; y += 5) {
      const std::array<uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= constant;
  }
}

}  // namespace

std::array<uint8_t, 32> keccak256(std::string_view bytes) {
  constexpr std::size_t rate = 136;
  State state{};
  std::size_t at = 0;
  const auto mix = [&](uint8_t byte) {
    state[at / 8] ^= uint64_t{byte} << (8 * (at % 8));
    if (++at < rate) return;
    permute(state);
    at = 0;
  };
  for (const char c : bytes) mix(static_cast<uint8_t>(c));
  state[at / 8] ^= uint64_t{1} << (8 * (at % 8));
  state[(rate - 1) / 8] ^= uint64_t{0x80} << 56U;
  permute(state);
  std::array<uint8_t, 32> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(state[i / 8] >> (8 * (i % 8)));
  return out;
}

}  // namespace weir::guards
