#include "economics/cost/cost_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace weir::plan {
namespace {

constexpr int64_t hours_a_day = 24;
constexpr int64_t share_unit = 1'000'000'000'000;  // of hour_shares_

// Sums stay within 64 bits: twelve lines of at most most_money would not, so that a sum is capped as well.
void add(MicroDollars& to, MicroDollars amount) { to = capped(Wide{to} + amount); }

void add(Quote& to, const Quote& other) {
  for (std::size_t i = 0; i < item_count; ++i) add(to.lines[i], other.lines[i]);
  to.machines += other.machines;
  to.spilled += other.spilled;
  to.shape += other.shape;
}

MicroDollars& line(Quote& quote, Item item) { return quote.lines[static_cast<std::size_t>(item)]; }

// value × numerator / denominator, rounded half up, for the months of machines.
MicroDollars product(Wide value, Wide denominator) { return capped((value + denominator / 2) / denominator); }

// Shares as whole numbers that sum to share_unit, so that no part of a request is lost or made.
std::array<int64_t, 24> whole_shares(const HourShares& shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::array<int64_t, 24> out{};
  int64_t rest = share_unit;
  for (std::size_t h = 0; h < out.size(); ++h) {
    out[h] = std::min(rest, static_cast<int64_t>(shares[h] / sum * share_unit));
    rest -= out[h];
  }
  *std::max_element(out.begin(), out.end()) += rest;
  return out;
}

// What one machine takes in a month when its busiest hour is just full. The time a request takes is what its tokens
// need at the machine's rates; an hour of the day comes `days` times a month.
Volume month_of(const Capacity& capacity, const Comparison& comparison, double busiest_hour) {
  if (capacity.requests_per_month > 0) return capacity.requests_per_month * one_request;
  if (capacity.output_rate == 0) return 0;
  using Real = long double;
  const auto& tokens = comparison.workload.tokens;
  constexpr Real thousand = 1000;
  Real seconds = static_cast<Real>(tokens.output) * thousand / static_cast<Real>(capacity.output_rate);
  if (capacity.prompt_rate > 0)
    seconds += static_cast<Real>(tokens.input - tokens.cached) * thousand / static_cast<Real>(capacity.prompt_rate);
  const Real ready = static_cast<Real>(comparison.days) * 3600 * static_cast<Real>(capacity.utilisation) / whole_share;
  const Real requests =
      ready / static_cast<Real>(busiest_hour) * static_cast<Real>(comparison.workload.requests) / seconds;
  constexpr Real most = static_cast<Real>(most_requests) * one_request;
  constexpr Real sliver = 0.02L;  // of a millionth of a request: what the fractions above may lack
  return static_cast<Volume>(std::floor(std::min(requests * one_request + sliver, most)));
}

}  // namespace

MicroDollars Quote::total() const {
  Wide sum = 0;
  for (const auto amount : lines) sum += amount;
  return capped(sum);
}

CostModel::CostModel(const Comparison& comparison)
    : comparison_(comparison), rates_(comparison.options.size()), takes_(comparison.options.size()) {
  const auto& work = comparison.workload;
  hour_shares_ = whole_shares(work.hours);
  busiest_hour_ = *std::max_element(work.hours.begin(), work.hours.end()) /
                  std::accumulate(work.hours.begin(), work.hours.end(), 0.0);
  for (std::size_t i = 0; i < comparison.options.size(); ++i) {
    if (const auto* local = std::get_if<LocalOption>(&comparison.options[i].what))
      takes_[i] = month_of(local->capacity, comparison, busiest_hour_);
    const auto* cloud = std::get_if<CloudOption>(&comparison.options[i].what);
    if (cloud == nullptr || !cloud->prices.known) continue;
    const auto rate = [&](int64_t tokens, MicroDollars price) { return Rate::of(tokens, work.requests, price); };
    const auto batch = [&](MicroDollars price) {
      return scaled(price, whole_share - cloud->batch_discount, whole_share);
    };
    rates_[i] = {.input = rate(work.tokens.input - work.tokens.cached, cloud->prices.input),
                 .cached = rate(work.tokens.cached, cloud->prices.cached),
                 .output = rate(work.tokens.output, cloud->prices.output),
                 .batch_input = rate(work.tokens.input, batch(cloud->prices.input)),
                 .batch_output = rate(work.tokens.output, batch(cloud->prices.output))};
  }
}

Quote CostModel::quote(std::size_t option, Volume volume) const {
  const auto& what = comparison_.options[option].what;
  if (const auto* of_cloud = std::get_if<CloudOption>(&what)) return cloud(option, *of_cloud, volume);
  if (const auto* of_local = std::get_if<LocalOption>(&what)) return local(option, *of_local, volume);
  Quote sum;
  for (const auto& part : parts(option, volume)) add(sum, part.quote);
  return sum;
}

std::vector<PartQuote> CostModel::parts(std::size_t option, Volume volume) const {
  std::vector<PartQuote> out;
  const auto* hybrid = std::get_if<HybridOption>(&comparison_.options[option].what);
  if (hybrid == nullptr) return out;
  // Each part takes its share of what is left: so no part shrinks as the whole grows, whatever is rounded.
  Volume left = volume;
  int64_t shares_left = whole_share;
  for (const auto& part : hybrid->parts) {
    const auto mine = shares_left == 0 ? 0 : static_cast<Volume>(Wide{left} * part.share / shares_left);
    out.push_back({.option = part.option, .share = part.share, .volume = mine, .quote = quote(part.option, mine)});
    left -= mine;
    shares_left -= part.share;
  }
  return out;
}

Quote CostModel::cloud(std::size_t option, const CloudOption& what, Volume volume) const {
  const auto& rates = rates_[option];
  const auto batched = static_cast<Volume>(Wide{volume} * comparison_.batch_share / whole_share);
  const Volume live = volume - batched;
  Quote out;
  line(out, Item::input) = rates.input.times(live);
  line(out, Item::cached_input) = rates.cached.times(live);
  line(out, Item::output) = rates.output.times(live);
  line(out, Item::batch) = capped(Wide{rates.batch_input.times(batched)} + rates.batch_output.times(batched));
  line(out, Item::requests) = Rate{.numerator = what.pico_per_request, .denominator = 1}.times(volume);
  line(out, Item::fee) = what.fee_per_month;
  return out;
}

Quote CostModel::local(std::size_t option, const LocalOption& what, Volume volume) const {
  Quote out;
  const Volume takes = takes_[option];
  out.machines = what.machines;
  int64_t hours_full = 0;
  if (takes > 0 && what.spill) {
    out.spilled = spilled(what, takes, volume, hours_full);
  } else if (takes > 0) {
    out.machines = std::max(what.machines, (volume + takes - 1) / takes);
  }
  const Wide hours = comparison_.days * hours_a_day;
  const Wide machines = out.machines;
  if (what.machine.owned) {
    const auto& owned = *what.machine.owned;
    line(out, Item::amortisation) = product(machines * (owned.price - owned.residual), owned.life_months);
    const Wide watt_hours = machines * owned.watts * hours;
    line(out, Item::electricity) = product(watt_hours * owned.pue * owned.dollars_per_kwh, Wide{1000} * whole_share);
  }
  line(out, Item::machines) = capped(machines * (what.machine.rent_per_hour * hours + what.machine.usd_per_month));
  line(out, Item::staff) = what.staff;
  line(out, Item::monitoring) = what.monitoring;
  line(out, Item::infrastructure) = what.infrastructure;
  out.shape = out.machines + hours_full;
  if (what.spill && takes > 0) {
    add(out, quote(*what.spill, out.spilled));
  }
  return out;
}

Volume CostModel::spilled(const LocalOption& what, Volume takes, Volume volume, int64_t& hours_full) const {
  const auto room = static_cast<Wide>(static_cast<long double>(takes) * static_cast<long double>(busiest_hour_) *
                                      static_cast<long double>(what.machines));
  Wide over = 0;
  for (const auto share : hour_shares_) {
    const Wide asked = Wide{volume} * share / share_unit;
    // A fraction of a request is what the shares were rounded by, not work.
    if (asked <= room + 24) continue;
    over += asked - room;
    ++hours_full;
  }
  return static_cast<Volume>(over);
}

MicroDollars CostModel::rounding(std::size_t option) const {
  // Half a micro-dollar a line, and the millionth of a request that a share or an hour may be off by.
  constexpr MicroDollars lines = 64;
  MicroDollars dearest = 0;
  for (std::size_t i = 0; i < comparison_.options.size(); ++i) {
    if (is_cloud(comparison_.options[i])) {
      dearest = std::max(dearest, quote(i, 2 * one_request).total() - quote(i, one_request).total());
    }
  }
  return is_cloud(comparison_.options[option]) ? lines : lines + dearest / 10'000;
}

HourShares hours_with_peak(double peak) {
  constexpr double busiest = 14;
  const auto curve = [&](double k) {
    HourShares hours{};
    double sum = 0;
    for (std::size_t h = 0; h < hours.size(); ++h) {
      hours[h] = std::exp(k * (std::cos(2 * std::numbers::pi * (static_cast<double>(h) - busiest) / 24) - 1));
      sum += hours[h];
    }
    for (auto& share : hours) share /= sum;
    return hours;
  };
  const auto highest = [](const HourShares& hours) { return *std::max_element(hours.begin(), hours.end()); };
  double low = 0;
  double high = 10'000;
  constexpr int halvings = 200;
  for (int i = 0; i < halvings; ++i) {
    const double k = (low + high) / 2;
    (highest(curve(k)) * 24 < peak ? low : high) = k;
  }
  return curve(high);
}

std::string_view to_string(Item item) {
  constexpr std::array<std::string_view, item_count> names = {
      "input",    "cached_input", "output",      "batch", "requests",   "fee",
      "machines", "amortisation", "electricity", "staff", "monitoring", "infrastructure"};
  return names[static_cast<std::size_t>(item)];
}

std::string_view title_of(Item item) { return item == Item::cached_input ? "cached input" : to_string(item); }

std::string_view to_string(Claim::What what) {
  switch (what) {
    case Claim::What::monthly_usd:
      return "monthly_usd";
    case Claim::What::saved_usd:
      return "saved_usd";
    case Claim::What::saved_pct:
      return "saved_pct";
    case Claim::What::break_even_requests:
      return "break_even_requests";
  }
  return "";
}

bool is_cloud(const Option& option) { return std::holds_alternative<CloudOption>(option.what); }
bool is_local(const Option& option) { return std::holds_alternative<LocalOption>(option.what); }

}  // namespace weir::plan
