#include "economics/cost/variation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "economics/base/money.h"
#include "economics/cost/break_even.h"
#include "economics/cost/cost_model.h"

namespace weir::plan {
namespace {

constexpr std::array<int64_t, 4> changes = {-50, -20, 20, 50};  // percent

int64_t times(int64_t value, int64_t change) { return scaled(value, 100 + change, 100); }

void each_cloud(Comparison& comparison, const std::function<void(CloudOption&)>& apply) {
  for (auto& option : comparison.options) {
    if (auto* cloud = std::get_if<CloudOption>(&option.what)) apply(*cloud);
  }
}

void each_local(Comparison& comparison, const std::function<void(LocalOption&)>& apply) {
  for (auto& option : comparison.options) {
    if (auto* local = std::get_if<LocalOption>(&option.what)) apply(*local);
  }
}

// "" when it could be changed so far.
using Change = std::string (*)(Comparison&, int64_t change);

std::string cloud_prices(Comparison& comparison, int64_t change) {
  each_cloud(comparison, [&](CloudOption& cloud) {
    for (auto* price : {&cloud.prices.input, &cloud.prices.cached, &cloud.prices.output, &cloud.pico_per_request,
                        &cloud.fee_per_month})
      *price = times(*price, change);
  });
  return {};
}

std::string machine_cost(Comparison& comparison, int64_t change) {
  each_local(comparison, [&](LocalOption& local) {
    auto& machine = local.machine;
    machine.rent_per_hour = times(machine.rent_per_hour, change);
    machine.usd_per_month = times(machine.usd_per_month, change);
    if (!machine.owned) return;
    machine.owned->price = times(machine.owned->price, change);
    machine.owned->residual = times(machine.owned->residual, change);
  });
  return {};
}

std::string electricity(Comparison& comparison, int64_t change) {
  each_local(comparison, [&](LocalOption& local) {
    if (local.machine.owned) local.machine.owned->dollars_per_kwh = times(local.machine.owned->dollars_per_kwh, change);
  });
  return {};
}

std::string staff(Comparison& comparison, int64_t change) {
  each_local(comparison, [&](LocalOption& local) { local.staff = times(local.staff, change); });
  return {};
}

std::string throughput(Comparison& comparison, int64_t change) {
  each_local(comparison, [&](LocalOption& local) {
    for (auto* rate : {&local.capacity.output_rate, &local.capacity.prompt_rate, &local.capacity.requests_per_month}) {
      // Half of the least there is would be nothing, which means something else.
      if (*rate > 1) *rate = times(*rate, change);
    }
  });
  return {};
}

std::string utilisation(Comparison& comparison, int64_t change) {
  std::string why;
  each_local(comparison, [&](LocalOption& local) {
    auto& share = local.capacity.utilisation;
    if (share > 1) share = times(share, change);
    if (share > whole_share) why = "more than all of a machine";
  });
  return why;
}

std::string input_tokens(Comparison& comparison, int64_t change) {
  auto& tokens = comparison.workload.tokens;
  tokens.input = times(tokens.input, change);
  tokens.cached = times(tokens.cached, change);
  return {};
}

std::string output_tokens(Comparison& comparison, int64_t change) {
  comparison.workload.tokens.output = times(comparison.workload.tokens.output, change);
  return {};
}

std::string cached_share(Comparison& comparison, int64_t change) {
  auto& tokens = comparison.workload.tokens;
  tokens.cached = times(tokens.cached, change);
  return tokens.cached > tokens.input ? "more than all input tokens" : "";
}

// How far the busiest hour stands above the average one; the day keeps its form: every hour's share to one power.
std::string peaks(Comparison& comparison, int64_t change) {
  auto& hours = comparison.workload.hours;
  const auto raised = [&](double power) {
    HourShares out = hours;
    double sum = 0;
    for (auto& share : out) sum += share = share > 0 ? std::pow(share * 24, power) : 0;
    for (auto& share : out) share /= sum;
    return out;
  };
  const auto peak = [](const HourShares& shares) { return *std::max_element(shares.begin(), shares.end()) * 24; };
  constexpr double flat = 1e-9;
  const double above = peak(hours) - 1;
  if (above < flat) return {};  // nothing stands above the others
  const double wanted = 1 + above * static_cast<double>(100 + change) / 100;
  double low = 0;
  double high = 1;
  constexpr double most = 64;
  while (high < most && peak(raised(high)) < wanted) high *= 2;
  if (peak(raised(high)) < wanted) return "no day has a peak so high";
  constexpr int halvings = 100;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (peak(raised(middle)) < wanted ? low : high) = middle;
  }
  hours = raised(high);
  return {};
}

struct Input {
  std::string_view name;
  Change change;
};
constexpr std::array inputs = {Input{"cloud prices", cloud_prices},
                               Input{"machine cost", machine_cost},
                               Input{"electricity price", electricity},
                               Input{"staff cost", staff},
                               Input{"throughput", throughput},
                               Input{"utilisation", utilisation},
                               Input{"peaks", peaks},
                               Input{"input tokens", input_tokens},
                               Input{"output tokens", output_tokens},
                               Input{"cached share", cached_share}};

std::vector<VariationRow::Outcome> outcomes_of(const Comparison& comparison, int64_t requests) {
  const CostModel model(comparison);
  std::vector<VariationRow::Outcome> out;
  for (std::size_t i = 0; i < comparison.options.size(); ++i) {
    out.push_back({.total = model.quote(i, requests * one_request).total()});
    if (i > 0) out.back().break_even = break_even(model, i, 0).requests();
  }
  return out;
}

bool same(const std::vector<VariationRow::Outcome>& a, const std::vector<VariationRow::Outcome>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].total != b[i].total || a[i].break_even != b[i].break_even) return false;
  }
  return true;
}

}  // namespace

std::vector<VariationRow> variations(const Comparison& comparison) {
  std::vector<VariationRow> out;
  const auto requests = comparison.workload.requests;
  const auto now = outcomes_of(comparison, requests);
  for (const auto change : changes) {
    const auto volume = std::max<int64_t>(1, times(requests, change));
    VariationRow row{.input = "requests", .change = change};
    if (volume > most_requests) row.why_not = "more requests than Weir counts";
    if (row.why_not.empty()) row.outcomes = outcomes_of(comparison, volume);
    out.push_back(std::move(row));
  }
  for (const auto& input : inputs) {
    std::vector<VariationRow> rows;
    bool matters = false;
    for (const auto change : changes) {
      Comparison changed = comparison;
      VariationRow row{.input = std::string(input.name), .change = change};
      row.why_not = input.change(changed, change);
      if (row.why_not.empty()) row.outcomes = outcomes_of(changed, requests);
      matters = matters || (row.why_not.empty() && !same(row.outcomes, now));
      rows.push_back(std::move(row));
    }
    if (matters) out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

}  // namespace weir::plan
