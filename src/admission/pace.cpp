#include "admission/pace.h"

#include <algorithm>
#include <bit>

#include "core/slot_rules.h"

namespace weir {
namespace {

constexpr std::array<int64_t, 4> length_bounds = {256, 1'024, 4'096, 16'384};  // tokens
constexpr uint64_t enough = 20;                                                // samples to know a p95 from
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
  auto& average = averages_[length_of(sample.input_tokens)];
  if (sample.first_us > 0) average_in(average.first_us, sample.first_us);
  average_in(average.whole_us, sample.whole_us);
  known_.store(true, std::memory_order_relaxed);
  const auto began_us = sample.first_us > 0 ? sample.first_us : sample.whole_us;
  spreads_[static_cast<std::size_t>(sample.form)][length_of(sample.input_tokens)].add(sample.queue_us + began_us);
}

void Pace::record_silence(Form form, int64_t input_tokens, int64_t us) {
  const auto limit_ms = p95_ms(form, input_tokens);
  if (limit_ms && us >= *limit_ms * 1'000) spreads_[static_cast<std::size_t>(form)][length_of(input_tokens)].add(us);
}

void Pace::Spread::add(int64_t us) {
  counts[std::min(step_of(us), steps - 1)].fetch_add(1, std::memory_order_relaxed);
  if (total.fetch_add(1, std::memory_order_relaxed) + 1 < many) return;
  uint32_t left = 0;
  for (auto& count : counts) {
    const auto half = count.load(std::memory_order_relaxed) / 2;
    count.store(half, std::memory_order_relaxed);
    left += half;
  }
  total.store(left, std::memory_order_relaxed);
}

void Pace::Spread::add_to(std::array<uint64_t, steps>& sum) const {
  for (std::size_t step = 0; step < steps; ++step) sum[step] += counts[step].load(std::memory_order_relaxed);
}

std::optional<int64_t> Pace::p95_ms(Form form, int64_t input_tokens) const {
  const auto& spreads = spreads_[static_cast<std::size_t>(form)];
  std::array<uint64_t, steps> counts{};
  spreads[length_of(input_tokens)].add_to(counts);
  if (const auto own = p95_of(counts)) return own;
  counts = {};
  for (const auto& one : spreads) one.add_to(counts);
  return p95_of(counts);
}

std::optional<int64_t> Pace::p95_of(const std::array<uint64_t, steps>& counts) {
  uint64_t total = 0;
  for (const auto count : counts) total += count;
  if (total < enough) return std::nullopt;
  uint64_t below = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    below += counts[step];
    if (below * 20 >= total * 19) return std::max<int64_t>(end_of(step) / 1'000, 1);
  }
  return std::nullopt;
}

Pace::Expected Pace::expected(int64_t input_tokens) const {
  if (!known_.load(std::memory_order_relaxed)) return {};
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
