#include "routing/text_features.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "routing/shape.h"

namespace weir::routing {
namespace {

// Kinds of terms: the same bytes mean another thing in each.
enum class TermKind : uint32_t { word = 1, pair, beginning, ending };

// FNV-1a with a last stir, so that the upper bits are as good as the lower ones.
class Hash {
 public:
  explicit Hash(TermKind kind) : value_(2'166'136'261U ^ static_cast<uint32_t>(kind) * 0x9E3779B9U) {}
  Hash& add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 16'777'619U;
    return *this;
  }
  [[nodiscard]] uint32_t value() const {
    uint32_t h = value_;
    h = (h ^ h >> 15) * 0x85EBCA6BU;
    h = (h ^ h >> 13) * 0xC2B2AE35U;
    return h ^ h >> 16;
  }

 private:
  uint32_t value_;
};

constexpr std::size_t long_word = 5;  // bytes; of longer ones beginning and end count too

void add_terms(const std::vector<std::string_view>& words, std::vector<uint32_t>& out) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    out.push_back(Hash(TermKind::word).add(word).value());
    if (i + 1 < words.size()) out.push_back(Hash(TermKind::pair).add(word).add(" ").add(words[i + 1]).value());
    if (word.size() < long_word) continue;
    out.push_back(Hash(TermKind::beginning).add(word.substr(0, long_word - 1)).value());
    out.push_back(Hash(TermKind::ending).add(word.substr(word.size() - 3)).value());
  }
}

std::vector<Term> counted(std::vector<uint32_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  std::vector<Term> out;
  for (std::size_t i = 0; i < hashes.size();) {
    std::size_t end = i;
    while (end < hashes.size() && hashes[end] == hashes[i]) ++end;
    out.push_back({.hash = hashes[i], .weight = 1 + std::log(static_cast<float>(end - i))});
    i = end;
  }
  return out;
}

// Beginning and end, where it is long: what is asked stands in one of them.
std::string read_part(std::string_view text) {
  if (text.size() <= most_read_bytes) return std::string(text);
  std::string out(text.substr(0, most_read_bytes * 3 / 4));
  out += '\n';
  out += text.substr(text.size() - most_read_bytes / 4);
  return out;
}

}  // namespace

TextFeatures text_features(std::string_view text) {
  const std::string read = read_part(text);
  const std::string lower = lower_case(read);
  const auto words = words_of(lower);
  std::vector<uint32_t> hashes;
  hashes.reserve(words.size() * 4);
  add_terms(words, hashes);
  TextFeatures out{.terms = counted(std::move(hashes))};
  out.shape = shape_of({.text = read, .lower = lower, .words = words, .bytes = text.size()});
  return out;
}

}  // namespace weir::routing
