#include "training/near_duplicates.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "core/stable_hash.h"
#include "judges/answer_text.h"

namespace weir {
namespace {

constexpr std::size_t rows_a_band = 2;
constexpr std::size_t run = 3;                // words
constexpr std::size_t most_of_a_bucket = 64;  // compared with each other: the rest is compared with these

std::size_t root_of(std::vector<std::size_t>& parents, std::size_t at) {
  while (parents[at] != at) {
    parents[at] = parents[parents[at]];
    at = parents[at];
  }
  return at;
}

}  // namespace

MinHash minhash_of(std::string_view text) {
  MinHash least;
  least.fill(std::numeric_limits<uint64_t>::max());
  const auto words = words_of(text);
  const auto runs = words.size() < run ? std::min<std::size_t>(words.size(), 1) : words.size() - run + 1;
  for (std::size_t i = 0; i < runs; ++i) {
    uint64_t hash = 0;
    for (std::size_t j = i; j < std::min(words.size(), i + run); ++j) hash = stirred(hash ^ stable_hash(words[j]));
    for (std::size_t k = 0; k < minhash_size; ++k)
      least[k] = std::min(least[k], stirred(hash + k * 0x9e3779b97f4a7c15ULL));
  }
  return least;
}

double alike(const MinHash& a, const MinHash& b) {
  std::size_t same = 0;
  for (std::size_t k = 0; k < minhash_size; ++k) {
    same += a[k] == b[k] && a[k] != std::numeric_limits<uint64_t>::max() ? 1 : 0;
  }
  return static_cast<double>(same) / minhash_size;
}

std::vector<std::size_t> groups_of(std::span<const MinHash> hashes, double least) {
  std::vector<std::size_t> parents(hashes.size());
  std::iota(parents.begin(), parents.end(), 0);
  for (std::size_t band = 0; band < minhash_size; band += rows_a_band) {
    std::unordered_map<uint64_t, std::vector<std::size_t>> buckets;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (hashes[i][band] == std::numeric_limits<uint64_t>::max()) continue;
      auto& bucket = buckets[stirred(hashes[i][band]) ^ hashes[i][band + 1]];
      for (const auto other : bucket) {
        const auto a = root_of(parents, i);
        const auto b = root_of(parents, other);
        // The smaller index is the group's.
        if (a != b && alike(hashes[i], hashes[other]) >= least) parents[std::max(a, b)] = std::min(a, b);
      }
      if (bucket.size() < most_of_a_bucket) bucket.push_back(i);
    }
  }
  std::vector<std::size_t> groups(hashes.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) groups[i] = root_of(parents, i);
  return groups;
}

}  // namespace weir
