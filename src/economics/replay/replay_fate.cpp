#include "economics/replay/replay_fate.h"

#include <algorithm>

namespace weir::plan {

Fates::Fates(const Traffic& traffic, const Snapshot& snapshot, const ReplaySettings& settings)
    : traffic_(traffic),
      snapshot_(snapshot),
      settings_(settings),
      typical_(traffic),
      names_(traffic, snapshot),
      rates_(measure_rates(traffic, snapshot)),
      assumed_(snapshot.models.size()) {
  if (std::find(settings.resized.begin(), settings.resized.end(), true) != settings.resized.end()) {
    concurrency_ = measure_concurrency(traffic, snapshot, names_, rates_);
  }
  for (const auto& speed : settings.speeds) {
    rates_[*find_model(snapshot, speed.model)] = ServiceRates{.per_output_us = 1e6 / speed.output_per_s};
  }
}

Fate Fates::of(const Arrival& arrival, uint32_t model, uint32_t& next_recorded, int64_t beside) {
  const auto provider = snapshot_.models[model].provider;
  for (auto i = next_recorded; i < arrival.attempts; ++i) {
    const auto& attempt = traffic_.attempts[arrival.first_attempt + i];
    if (attempt.never_began() || names_.model_of(attempt) != model) continue;
    next_recorded = i + 1;
    Fate fate{.busy_us = attempt.duration_us,
              .first_token_us = attempt.first_token_us,
              .outcome = attempt.outcome,
              .usage = {.input = attempt.input, .cached = attempt.cached, .output = attempt.output},
              .has_usage = attempt.has_usage};
    share_machine(fate, provider, arrival.first_attempt + i, beside);
    return fate;
  }
  auto fate = estimated(arrival, model);
  share_machine(fate, provider, std::nullopt, beside);
  return fate;
}

Fate Fates::estimated(const Arrival& arrival, uint32_t model) {
  ++estimates_;
  Fate fate{.usage = {.input = arrival.input, .cached = arrival.cached, .output = arrival.output}};
  const bool known = arrival.outcome == outcome_ok;
  if (!known) {
    fate.usage = typical_.of(arrival);
    ++guesses_;
  }
  if (const auto& rates = rates_[model]) {
    const auto input = fate.usage.input - fate.usage.cached;
    fate.busy_us = rates->busy_us(input, fate.usage.output);
    if (arrival.stream) fate.first_token_us = std::min(rates->busy_us(input, 1), fate.busy_us);
    return fate;
  }
  assumed_[model] = true;
  if (known && arrival.attempts > 0) {
    const auto& answer = traffic_.attempts[arrival.first_attempt + arrival.attempts - 1U];
    fate.busy_us = answer.duration_us;
    fate.first_token_us = answer.first_token_us;
  }
  return fate;
}

// On machines that were resized a request works beside more or fewer others than it did.
void Fates::share_machine(Fate& fate, uint32_t provider, std::optional<uint32_t> attempt, int64_t beside) const {
  if (!concurrency_ || !settings_.resized[provider]) return;
  const auto& slowdown = concurrency_->slowdowns[provider];
  const auto machines = static_cast<double>(settings_.machines.empty() ? 1 : settings_.machines[provider]);
  const double now = static_cast<double>(beside) / machines;
  const double then = attempt ? concurrency_->others[*attempt] : slowdown.mean_others;
  const double factor = slowdown.at(now) / slowdown.at(then);
  for (auto* time_us : {&fate.busy_us, &fate.first_token_us}) {
    *time_us = static_cast<int64_t>(static_cast<double>(*time_us) * factor);
  }
}

bool Fates::is_retried(const Arrival& arrival, uint32_t model, uint32_t next_recorded) const {
  if (next_recorded == 0 || next_recorded >= arrival.attempts) return false;
  const auto& next = traffic_.attempts[arrival.first_attempt + next_recorded];
  return !next.never_began() && names_.model_of(next) == model;
}

std::vector<int64_t> Fates::mean_uses_us() const {
  std::vector<int64_t> uses(snapshot_.providers.size());
  std::vector<int64_t> means(snapshot_.providers.size());
  for (const auto& attempt : traffic_.attempts) {
    const auto model = names_.model_of(attempt);
    if (!model || attempt.never_began()) continue;
    ++uses[snapshot_.models[*model].provider];
    means[snapshot_.models[*model].provider] += attempt.duration_us;
  }
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (uses[i] > 0) means[i] /= uses[i];
  }
  return means;
}

void Fates::describe(ReplayResult& result) const {
  result.estimated = estimates_;
  result.guessed_tokens = guesses_;
  for (std::size_t model = 0; model < assumed_.size(); ++model) {
    if (assumed_[model]) result.assumed.push_back(snapshot_.models[model].id);
  }
  if (!concurrency_) return;
  for (std::size_t i = 0; i < settings_.resized.size(); ++i) {
    if (!settings_.resized[i]) continue;
    const auto& slowdown = concurrency_->slowdowns[i];
    const auto& provider = snapshot_.providers[i].id;
    result.slowdowns.push_back(
        slowdown.attempts == 0
            ? fmt::format(
                  "{}: the ledger does not show how requests slow each other down on it: each is taken to be as "
                  "fast as it was",
                  provider)
            : fmt::format("{}: each further request at a time on a machine makes each {:.1f} % slower than a lone one "
                          "(measured on {} attempts); more at a time than were recorded is extrapolated",
                          provider, 100 * slowdown.per_other / slowdown.alone, slowdown.attempts));
  }
}

}  // namespace weir::plan
