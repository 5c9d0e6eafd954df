#include "economics/cost/assessment.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "config/values.h"

namespace weir::plan {
namespace {

constexpr int64_t months_shown = 24;

// amount × 1000 / whole, rounded half away from zero.
int64_t tenths_of(MicroDollars amount, MicroDollars whole) {
  if (whole == 0) return 0;
  return amount < 0 ? -scaled(-amount, 1000, whole) : scaled(amount, 1000, whole);
}

OptionResult result_of(const CostModel& model, std::size_t option) {
  const Volume volume = model.comparison().workload.requests * one_request;
  OptionResult out{.quote = model.quote(option, volume), .parts = model.parts(option, volume)};
  const auto first = model.quote(0, volume).total();
  out.saved = first - out.quote.total();
  out.saved_tenths = tenths_of(out.saved, first);
  out.hardware = hardware_price(model, option, volume);
  out.machine_takes = model.machine_takes(option);
  if (option == 0) return out;
  out.against_first = break_even(model, option, 0);
  out.payback_tenths = payback_tenths(model, option, 0, volume);
  return out;
}

VolumeRow row_at(const CostModel& model, int64_t requests) {
  VolumeRow row{.requests = requests};
  for (std::size_t i = 0; i < model.comparison().options.size(); ++i)
    row.quotes.push_back(model.quote(i, requests * one_request));
  return row;
}

// 1, 2, 5, 10, 20, … from a hundredth of the workload to ten times it, the workload, and every break-even there.
std::vector<int64_t> usual_volumes(const Comparison& comparison, const std::vector<OptionResult>& results) {
  const auto now = comparison.workload.requests;
  const auto low = std::max<int64_t>(1, now / 100);
  const auto high = std::min(most_requests, now * 10);
  std::vector<int64_t> out{now};
  for (int64_t decade = 1; decade <= high; decade *= 10) {
    for (const int64_t step : {1, 2, 5}) {
      if (decade * step >= low && decade * step <= high) out.push_back(decade * step);
    }
  }
  for (const auto& result : results) {
    const auto at = result.against_first ? result.against_first->requests() : std::nullopt;
    if (at && *at > low && *at <= most_requests && *at <= high * 10) out.push_back(*at);
  }
  return out;
}

void add_volumes(Assessment& out, const CostModel& model) {
  auto volumes = model.comparison().volumes;
  if (volumes.empty()) volumes = usual_volumes(model.comparison(), out.options);
  std::sort(volumes.begin(), volumes.end());
  volumes.erase(std::unique(volumes.begin(), volumes.end()), volumes.end());
  for (const auto requests : volumes) out.volumes.push_back(row_at(model, requests));
}

void add_months(Assessment& out, const CostModel& model) {
  const auto growth = model.comparison().growth;
  if (!growth) return;
  auto requests = model.comparison().workload.requests;
  for (int64_t month = 1; month <= months_shown && requests <= most_requests; ++month) {
    out.months.push_back({.month = month, .costs = row_at(model, requests)});
    requests = scaled(requests, whole_share + *growth, whole_share);
  }
}

std::string per_request(int64_t tokens, int64_t requests) { return decimal_text(scaled(tokens, 10, requests), 1); }

std::vector<std::string> assumptions_of(const Comparison& comparison) {
  const auto& work = comparison.workload;
  const auto& tokens = work.tokens;
  std::vector<std::string> out;
  out.push_back(
      fmt::format("Workload ({}): {} requests a month of {} days, {} input and {} output tokens each on average",
                  work.source, grouped(work.requests), comparison.days, per_request(tokens.input, work.requests),
                  per_request(tokens.output, work.requests)));
  if (tokens.cached > 0)
    out.back() += fmt::format(", {} of input cached", percent(scaled(tokens.cached, 1000, tokens.input)));
  if (comparison.batch_share > 0)
    out.back() +=
        fmt::format(", {} of requests in batches", percent(scaled(comparison.batch_share, 1000, whole_share)));
  const auto busiest = *std::max_element(work.hours.begin(), work.hours.end()) * 24;
  out.push_back(
      busiest < 1.0001
          ? "Hours: requests come evenly, day and night"
          : fmt::format("Hours: the busiest hour of the day has {:.2f} times the average hour's requests", busiest));
  for (const auto& option : comparison.options) {
    for (const auto& source : option.sources) out.push_back(option.name + ": " + source);
  }
  return out;
}

std::vector<std::string> cautions_of(const Comparison& comparison, const Assessment& found) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < comparison.options.size(); ++i) {
    const auto& option = comparison.options[i];
    const auto* local = std::get_if<LocalOption>(&option.what);
    if (local == nullptr) continue;
    if (!local->capacity.known()) {
      out.push_back(fmt::format(
          "{}: nothing says what its machines take, so their cost is the same at any volume. Give `capacity` to see "
          "where the next machine is needed (measure it: weir bench-model; estimate it: weir plan size)",
          option.name));
    }
    if (local->capacity.known() && !local->spill && found.options[i].quote.machines > local->machines)
      out.push_back(fmt::format("{}: the busiest hour needs {} machines, not the {} that it begins with", option.name,
                                grouped(found.options[i].quote.machines), grouped(local->machines)));
    const auto& payback = found.options[i].payback_tenths;
    if (local->machine.owned && payback && *payback > local->machine.owned->life_months * 10)
      out.push_back(fmt::format("{}: its hardware is written off before it has paid for itself", option.name));
  }
  return out;
}

}  // namespace

Assessment assess(const Comparison& comparison) {
  const CostModel model(comparison);
  Assessment out;
  for (std::size_t i = 0; i < comparison.options.size(); ++i) out.options.push_back(result_of(model, i));
  for (std::size_t i = 0; i < comparison.options.size(); ++i) {
    for (std::size_t j = 0; j < comparison.options.size(); ++j) {
      if (!is_cloud(comparison.options[i]) && is_cloud(comparison.options[j]))
        out.against_cloud.push_back(break_even(model, i, j));
    }
  }
  add_volumes(out, model);
  add_months(out, model);
  out.variations = variations(comparison);
  for (const auto& claim : comparison.claims) out.claims.push_back(judge(claim, model, out.options));
  out.assumptions = assumptions_of(comparison);
  out.cautions = cautions_of(comparison, out);
  return out;
}

}  // namespace weir::plan
