#include "economics/replay/replay_tally.h"

#include <algorithm>

#include "economics/base/money.h"

namespace weir::plan {
namespace {

constexpr int64_t us_per_hour = 3'600'000'000;

bool is_local(uint32_t model, const Snapshot& snapshot) { return zone_of(model, snapshot).kind == ZoneKind::local; }

}  // namespace

Quantiles quantiles(std::vector<int64_t>& values) {
  if (values.empty()) return {};
  const auto at = [&](std::size_t percent) {
    // Nearest rank: the smallest value that so many percent of all do not exceed.
    const std::size_t rank = (values.size() * percent + 99) / 100;
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(values.begin(), place, values.end());
    return *place;
  };
  return {.p50_us = at(50), .p95_us = at(95), .p99_us = at(99), .samples = static_cast<int64_t>(values.size())};
}

Tally::Tally(const Snapshot& snapshot, const ReplaySettings& settings, std::size_t requests) : snapshot_(snapshot) {
  result_.name = settings.name;
  result_.requests = static_cast<int64_t>(requests);
  for (const auto& model : snapshot.models) {
    result_.models.push_back({.model = model.id, .zone = to_string(zone_of(model, snapshot))});
  }
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    const auto& provider = snapshot.providers[i];
    result_.machines.push_back({.provider = provider.id,
                                .machines = settings.machines.empty() ? 1 : settings.machines[i],
                                .slots = provider.slots,
                                .per_hour = provider.cost_per_hour});
  }
  latencies_.reserve(requests);
  waits_.reserve(requests);
}

void Tally::attempt(uint32_t model, int64_t busy_us, MicroDollars cost) {
  const auto provider = snapshot_.models[model].provider;
  auto& work = result_.models[model];
  ++work.attempts;
  work.cost += cost;
  auto& machine = result_.machines[provider];
  machine.busy_us += busy_us;
  if (machine.per_hour > 0) {
    machine.metered += cost;
  } else {
    result_.token_cost += cost;
  }
}

void Tally::answer(uint32_t model, const Usage& usage) {
  auto& work = result_.models[model];
  ++work.answered;
  work.input += usage.input;
  work.output += usage.output;
  if (is_local(model, snapshot_)) ++result_.answered_local;
}

void Tally::end(const Ending& ending) {
  result_.cost += ending.cost;
  if (!ending.priced) ++result_.unpriced;
  if (ending.spilled) ++result_.spilled;
  if (ending.baseline) {
    result_.baseline += *ending.baseline;
    result_.saved += *ending.baseline - ending.cost;
  }
  if (ending.outcome != outcome_ok) {
    ++endings_[ending.outcome];
    return;
  }
  ++result_.answered;
  if (!ending.baseline) ++result_.without_baseline;
  latencies_.push_back(ending.latency_us);
  waits_.push_back(ending.wait_us);
  if (ending.first_token_us > 0) first_tokens_.push_back(ending.first_token_us);
}

ReplayResult Tally::finish(int64_t span_us) {
  const auto gone = outcome_of_error(ErrorCode::client_gone);
  for (std::size_t code = 0; code < static_cast<std::size_t>(ErrorCode::count_); ++code) {
    if (endings_[code] == 0) continue;
    if (code == gone) {
      result_.client_gone = endings_[code];
    } else {
      result_.refusals.push_back(
          {.code = std::string(to_string(static_cast<ErrorCode>(code))), .requests = endings_[code]});
    }
  }
  std::stable_sort(result_.refusals.begin(), result_.refusals.end(),
                   [](const RefusalCount& a, const RefusalCount& b) { return a.requests > b.requests; });
  std::erase_if(result_.models, [](const ModelWork& work) { return work.attempts == 0; });
  std::stable_sort(result_.models.begin(), result_.models.end(),
                   [](const ModelWork& a, const ModelWork& b) { return a.answered > b.answered; });
  std::erase_if(result_.machines, [](const MachineWork& work) { return work.slots == 0 && work.per_hour == 0; });
  for (auto& machine : result_.machines) {
    machine.bill = scaled(machine.per_hour, span_us, us_per_hour);
    result_.bill += machine.bill;
    const double slot_time = static_cast<double>(machine.slots) * static_cast<double>(span_us);
    if (slot_time > 0) machine.busy_share = static_cast<double>(machine.busy_us) / slot_time;
  }
  result_.latency = quantiles(latencies_);
  result_.wait = quantiles(waits_);
  result_.first_token = quantiles(first_tokens_);
  return std::move(result_);
}

}  // namespace weir::plan
