#include "economics/base/money.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::plan {
namespace {

constexpr MicroDollars one_dollar = 1'000'000;
constexpr MicroDollars one_cent = 10'000;

}  // namespace

MicroDollars scaled(MicroDollars amount, int64_t numerator, int64_t denominator) {
  const Wide product = Wide{amount} * numerator;
  return static_cast<MicroDollars>((product + denominator / 2) / denominator);
}

MicroDollars capped(Wide amount) { return static_cast<MicroDollars>(std::min(amount, Wide{most_money})); }

Rate Rate::of(int64_t units, int64_t requests, MicroDollars price) {
  return {.numerator = Wide{units} * price, .denominator = requests};
}

MicroDollars Rate::times(Volume volume) const {
  // numerator / denominator is what a request costs in 10^-12 dollars. Its whole part and its rest are multiplied
  // apart, so that neither product passes 128 bits; what the second division drops is too small to move the rounding.
  constexpr Wide per_micro_dollar = Wide{one_request} * 1'000'000;
  const Wide cost =
      numerator / denominator * volume + numerator % denominator * volume / denominator + per_micro_dollar / 2;
  return capped(cost / per_micro_dollar);
}

std::string grouped(int64_t number) {
  if (number < 0) return fmt::format("-{}", grouped(-number));
  if (number < 1000) return fmt::format("{}", number);
  return fmt::format("{},{:03}", grouped(number / 1000), number % 1000);
}

std::string dollars(MicroDollars amount) {
  if (amount < 0) return fmt::format("-{}", dollars(-amount));
  const auto cents = (amount + one_cent / 2) / one_cent;
  if (amount >= 1000 * one_dollar || amount % one_dollar == 0) {
    const bool whole = amount % one_dollar < one_cent / 2 || amount >= 100'000 * one_dollar;
    if (whole) return fmt::format("${}", grouped((amount + one_dollar / 2) / one_dollar));
  }
  if (amount >= one_dollar || amount % one_cent == 0)
    return fmt::format("${}.{:02}", grouped(cents / 100), cents % 100);
  auto small = fmt::format("$0.{:06}", amount);
  while (small.ends_with('0')) small.pop_back();
  return small;
}

std::string percent(int64_t tenths) {
  const auto size = tenths < 0 ? -tenths : tenths;
  return fmt::format("{}{}.{} %", tenths < 0 ? "-" : "", size / 10, size % 10);
}

}  // namespace weir::plan
