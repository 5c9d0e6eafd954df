// Near duplicates among texts: which of them say nearly the same, by the share of three-word runs that they have in
// common (estimated by minhash, found by bands of it, so that a hundred thousand texts need no comparison of each with
// each). The same texts give the same groups, in whatever order they come. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

inline constexpr std::size_t minhash_size = 64;
using MinHash = std::array<uint64_t, minhash_size>;

[[nodiscard]] MinHash minhash_of(std::string_view text);
// 0 to 1, within about ± 0.1.
[[nodiscard]] double alike(const MinHash& a, const MinHash& b);

// For each text the index of the first one of its group; texts are of one group where a chain of pairs that are at
// least `least` alike leads from one to the other. Texts without words are alone.
[[nodiscard]] std::vector<std::size_t> groups_of(std::span<const MinHash> hashes, double least);

}  // namespace weir
