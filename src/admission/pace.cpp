#include "admission/pace.h"

#include <algorithm>

#include "core/slot_rules.h"

namespace weir {
namespace {

constexpr std::array<int64_t, 4> length_bounds = {256, 1'024, 4'096, 16'384};  // tokens

std::size_t length_of(int64_t input_tokens) {
  return static_cast<std::size_t>(std::lower_bound(length_bounds.begin(), length_bounds.end(), input_tokens) -
                                  length_bounds.begin());
}

void average_in(std::atomic<int64_t>& average, int64_t us) {
  average.store(next_average_use_us(average.load(std::memory_order_relaxed), us), std::memory_order_relaxed);
}

}  // namespace

void Pace::record(const Sample& sample) {
  auto& average = averages_[length_of(sample.input_tokens)];
  if (sample.first_us > 0) average_in(average.first_us, sample.first_us);
  average_in(average.whole_us, sample.whole_us);
}

Pace::Expected Pace::expected(int64_t input_tokens) const {
  const auto wanted = length_of(input_tokens);
  for (std::size_t off = 0; off < lengths; ++off) {
    for (const auto at : {wanted + off, wanted - off}) {
      if (at >= lengths) continue;
      const auto whole = averages_[at].whole_us.load(std::memory_order_relaxed);
      if (whole == 0) continue;
      const auto first = averages_[at].first_us.load(std::memory_order_relaxed);
      return {.first_ms = first == 0 ? 0 : std::max<int64_t>(first / 1'000, 1),
              .whole_ms = std::max<int64_t>(whole / 1'000, 1)};
    }
  }
  return {};
}

}  // namespace weir
