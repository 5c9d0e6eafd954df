// Traffic as a month's Workload.
#include <algorithm>
#include <map>

#include "economics/traffic/traffic.h"
#include "ledger/query.h"

namespace weir::plan {
namespace {

constexpr int64_t us_per_hour = 3'600'000'000;
constexpr int64_t us_per_day = 24 * us_per_hour;
constexpr int64_t us_per_month = 30 * us_per_day;
constexpr int64_t shortest_us = us_per_hour;

bool was_answered(const Arrival& arrival) { return arrival.model != 0 && arrival.outcome == outcome_ok; }

// `count` × a month / `span`, rounded half up.
int64_t monthly(int64_t count, int64_t span_us) {
  __extension__ using Wide = __int128;
  return static_cast<int64_t>((Wide{count} * us_per_month + span_us / 2) / span_us);
}

std::string slice_name(const Arrival& arrival, const Traffic& traffic) {
  std::string name = arrival.route != 0 ? traffic.name(arrival.route) : "model " + traffic.name(arrival.requested);
  if (arrival.operation != Operation::chat) name += fmt::format(" ({})", to_string(arrival.operation));
  return name;
}

// The hours of whole days only say something once there is a day; before that, all hours count alike.
HourShares hours_of(const std::array<int64_t, 24>& counts, int64_t total, int64_t span_us) {
  if (span_us < us_per_day) return flat_hours();
  HourShares shares{};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i] = static_cast<double>(counts[i]) / static_cast<double>(total);
  }
  return shares;
}

Slice scaled_slice(const Slice& slice, int64_t span_us) {
  return {.name = slice.name,
          .requests = monthly(slice.requests, span_us),
          .tokens = {.input = monthly(slice.tokens.input, span_us),
                     .cached = monthly(slice.tokens.cached, span_us),
                     .output = monthly(slice.tokens.output, span_us)}};
}

std::string source_of(const Traffic& traffic, int64_t answered) {
  auto text = fmt::format("ledger, {} to {} ({}), {} answered requests", format_date(traffic.since_us),
                          format_date(traffic.until_us), format_span(traffic.span_us()), answered);
  const auto others = static_cast<int64_t>(traffic.arrivals.size()) - answered;
  if (others > 0) text += fmt::format(", {} others left out", others);
  text += "; scaled to 30 days";
  if (traffic.span_us() < us_per_day) text += ", hours of the day taken as flat (less than a day is known)";
  return text;
}

}  // namespace

Result<Workload> to_workload(const Traffic& traffic, int64_t asked_us) {
  std::map<std::pair<Name, Operation>, std::size_t> places;  // of routes; named models follow them
  std::map<std::pair<Name, Operation>, std::size_t> direct_places;
  std::vector<Slice> slices;
  std::array<int64_t, 24> hours{};
  int64_t answered = 0;
  for (const auto& arrival : traffic.arrivals) {
    if (!was_answered(arrival)) continue;
    ++answered;
    ++hours[static_cast<std::size_t>(arrival.time_us % us_per_day / us_per_hour)];
    auto& known = arrival.route != 0 ? places : direct_places;
    const auto [place, added] =
        known.try_emplace({arrival.route != 0 ? arrival.route : arrival.requested, arrival.operation}, slices.size());
    if (added) slices.push_back({.name = slice_name(arrival, traffic)});
    auto& slice = slices[place->second];
    ++slice.requests;
    slice.tokens.input += arrival.input;
    slice.tokens.cached += arrival.cached;
    slice.tokens.output += arrival.output;
  }
  if (answered == 0 && traffic.sandbox > 0) {
    return failure(ErrorCode::invalid_request,
                   fmt::format("all {} requests of that time were answered by sandbox models: they are no traffic to "
                               "plan by; send some to real models, or ask for a longer time",
                               traffic.sandbox));
  }
  if (answered == 0) {
    return failure(ErrorCode::invalid_request,
                   "the ledger has no answered requests of that time: send some through "
                   "Weir first, or ask for a longer time");
  }
  const auto span_us = traffic.span_us();
  if (span_us < shortest_us && (asked_us <= 0 || span_us < asked_us / 2)) {
    return failure(ErrorCode::invalid_request,
                   fmt::format("the ledger reaches back only {}: a month cannot be told from less than an hour; wait, "
                               "or ask for just that time, if it is typical (such as 10m)",
                               format_span(span_us)));
  }
  Workload workload{.hours = hours_of(hours, answered, span_us), .source = source_of(traffic, answered)};
  std::stable_sort(slices.begin(), slices.end(),
                   [](const Slice& a, const Slice& b) { return a.requests > b.requests; });
  for (const auto& slice : slices) {
    const auto& monthly_slice = workload.mix.emplace_back(scaled_slice(slice, std::max<int64_t>(span_us, 1)));
    workload.requests += monthly_slice.requests;
    workload.tokens.input += monthly_slice.tokens.input;
    workload.tokens.cached += monthly_slice.tokens.cached;
    workload.tokens.output += monthly_slice.tokens.output;
  }
  return workload;
}

}  // namespace weir::plan
