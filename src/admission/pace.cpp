#include "admission/pace.h"

#include <algorithm>
#include <bit>

#include "core/slot_rules.h"

namespace weir {
namespace {

constexpr std::array<int64_t, 4> length_bounds = {256, 1'024, 4'096, 16'384};  // tokens
constexpr uint32_t enough = 20;                                                // samples to know a p95 from
constexpr uint32_t many = 1'024;

std::size_t length_of(int64_t input_tokens) {
  return static_cast<std::size_t>(std::lower_bound(length_bounds.begin(), length_bounds.end(), input_tokens) -
                                  length_bounds.begin());
}

// Four steps for each doubling: 4, 5, 6, 7, 8, 10, 12, 14, 16 … quarters of a millisecond.
std::size_t step_of(int64_t us) {
  const auto quarters = static_cast<uint64_t>(std::max<int64_t>(us / 250, 4));
  const auto doublings = static_cast<std::size_t>(std::bit_width(quarters)) - 3;
  return doublings * 4 + ((quarters >> doublings) & 3);
}

// The first that lies beyond it, in microseconds.
int64_t end_of(std::size_t step) {
  const auto next = step + 1;
  return static_cast<int64_t>((4 + next % 4) << (next / 4)) * 250;
}

void average_in(std::atomic<int64_t>& average, int64_t us) {
  average.store(next_average_use_us(average.load(std::memory_order_relaxed), us), std::memory_order_relaxed);
}

}  // namespace

void Pace::record(const Sample& sample) {
  const auto first = sample.first_us > 0 ? sample.first_us : sample.whole_us;
  auto& average = averages_[length_of(sample.input_tokens)];
  if (sample.first_us > 0) average_in(average.first_us, sample.first_us);
  average_in(average.whole_us, sample.whole_us);
  count(sample.form, first);
}

void Pace::count(Form form, int64_t first_us) {
  auto& spread = spreads_[static_cast<std::size_t>(form)];
  spread.counts[std::min(step_of(first_us), steps - 1)].fetch_add(1, std::memory_order_relaxed);
  if (spread.total.fetch_add(1, std::memory_order_relaxed) + 1 < many) return;
  uint32_t left = 0;
  for (auto& count : spread.counts) {
    const auto half = count.load(std::memory_order_relaxed) / 2;
    count.store(half, std::memory_order_relaxed);
    left += half;
  }
  spread.total.store(left, std::memory_order_relaxed);
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

std::optional<int64_t> Pace::p95_ms(Form form) const {
  const auto& spread = spreads_[static_cast<std::size_t>(form)];
  uint64_t total = 0;
  for (const auto& count : spread.counts) total += count.load(std::memory_order_relaxed);
  if (total < enough) return std::nullopt;
  uint64_t below = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    below += spread.counts[step].load(std::memory_order_relaxed);
    if (below * 20 >= total * 19) return std::max<int64_t>(end_of(step) / 1'000, 1);
  }
  return std::nullopt;
}

}  // namespace weir
