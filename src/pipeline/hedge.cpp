// A second candidate is asked when the first has not said anything in time (`hedge`). Each runs through a Relay of its
// own, on a lane: it passes the gate, waits for a slot, tries its keys and is judged by its breaker as if it were
// alone. Methods of Relay.
#include "admission/demand.h"
#include "core/hedge_rules.h"
#include "pipeline/race.h"
#include "pipeline/relay.h"
#include "policies/hedging.h"

namespace weir {
namespace {

Pace::Form form_of(const Request& request) { return request.stream ? Pace::Form::stream : Pace::Form::whole; }

}  // namespace

Relay::Relay(const Relay& whole, Lane& lane) : Relay(whole.context_, whole.face_, lane) { lane_ = &lane; }

bool Relay::lost() const { return lane_ != nullptr && lane_->lost(); }

bool Relay::claim() {
  if (lane_ == nullptr || lane_->won()) return true;
  if (!lane_->claim()) return false;
  // Whoever is still being asked was asked beside the answer.
  auto& attempts = context_.entry.attempts;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    if (i != place_ && attempts[i].outcome.empty()) attempts[i].purpose = hedged;
  }
  return true;
}

// Where somebody listens to the answer, or values have to be put back into it, there is one.
std::optional<int64_t> Relay::hedge_after_us(std::size_t first) const {
  const auto* const rules = hedge_rules_of(context_.plan, context_.snapshot());
  if (rules == nullptr || !context_.entry.attempts.empty() || progress_.begun || outgoing_ != nullptr)
    return std::nullopt;
  if (!context_.purpose.empty() || context_.heard || !context_.entry.experiment.empty()) return std::nullopt;
  if (!why_never_hedged(context_.request, context_.facts, context_.plan).empty()) return std::nullopt;
  if (!second_choice(context_.plan, first)) return std::nullopt;
  if (rules->after_ms > 0) return rules->after_ms * 1'000;
  const auto& pace = *context_.deployment->paces[context_.plan.candidates[first].model];
  const auto slow_ms = pace.p95_ms(form_of(context_.request), context_.facts.input_tokens);
  return slow_ms ? std::optional(*slow_ms * 1'000) : std::nullopt;
}

// One that failed lately is asked only after the first has failed, and nobody waits in a queue beside somebody else.
std::optional<std::size_t> Relay::choose_second(std::size_t first) {
  const auto& candidates = context_.plan.candidates;
  for (auto second = second_choice(context_.plan, first); second; second = second_choice(context_.plan, *second)) {
    const auto model = candidates[*second].model;
    const auto capacity = context_.provider_of(model).slots;
    const bool has_slot =
        capacity == 0 || context_.deployment->slots[context_.model(model).provider]->load() < capacity;
    if (!has_slot || !worth_trying(model) || !context_.deployment->breakers[model]->available(now_ms())) continue;
    if (!reserve_beside(model)) return std::nullopt;
    if (context_.deployment->hedges[*context_.plan.route]->take()) return second;
    context_.reserved_beside = {};
    return std::nullopt;
  }
  return std::nullopt;
}

bool Relay::reserve_beside(uint32_t model) {
  if (!context_.key || !context_.key->meter->limited()) return true;
  const auto demand = demand_of(context_.request, context_.facts, context_.snapshot(), {model});
  auto more = reserve_more(*context_.key, demand,
                           {.wall_us = context_.entry.time_us, .steady_us = context_.worker.loop.now_us()});
  if (!more) return false;
  context_.reserved_beside = std::move(*more);
  return true;
}

net::Task<void> Relay::run_on_lane(uint32_t model, Turn turn) {
  lane_->began();
  auto failed = co_await pass_gate(model);
  if (!failed) failed = co_await try_candidate(model, turn);
  lane_->ended(std::move(failed));
}

net::Task<Relay::Raced> Relay::race(std::size_t first, int64_t after_us) {
  auto& loop = context_.worker.loop;
  const auto& candidates = context_.plan.candidates;
  const auto begins_us = loop.now_us() + after_us;
  const auto first_model = candidates[first].model;
  context_.deployment->hedges[*context_.plan.route]->count();
  Race race(loop);
  Lane first_lane(race, downstream_);
  Relay alone(*this, first_lane);
  net::spawn(alone.run_on_lane(first_model, Turn::others_follow));
  while (first_lane.runs() && race.winner() == nullptr && loop.now_us() < begins_us) co_await race.news(begins_us);
  const bool is_time = first_lane.runs() && race.winner() == nullptr && !downstream_.cancellation().requested();
  const auto second = is_time ? choose_second(first) : std::nullopt;
  if (is_time) context_.worker.metrics.add(second ? Count::hedges : Count::hedges_held);
  if (!second) {
    while (first_lane.runs()) co_await race.news(0);
    take_over(alone);
    co_return Raced{.error = first_lane.error(), .failed_beside = {}};
  }

  const auto second_model = candidates[*second].model;
  Lane second_lane(race, downstream_);
  Relay beside(*this, second_lane);
  first_lane.why = second_lane.why =
      fmt::format("{} had said nothing for {} ms, so {} was asked as well", context_.model(first_model).id,
                  (after_us + 999) / 1'000, context_.model(second_model).id);
  const bool others_follow = second_choice(context_.plan, *second).has_value();
  net::spawn(beside.run_on_lane(second_model, others_follow ? Turn::others_follow : Turn::last));
  while (first_lane.runs() || second_lane.runs()) co_await race.news(0);

  Raced raced;
  if (!second_lane.lost() && second_lane.error()) raced.failed_beside = second;
  if (race.winner() != nullptr) {
    const bool second_won = second_lane.won();
    if (second_won) context_.worker.metrics.add(Count::hedges_won);
    take_over(second_won ? alone : beside);
    take_over(second_won ? beside : alone);
    raced.error = second_won ? second_lane.error() : first_lane.error();
    co_return raced;
  }
  // Nobody has answered: both have failed, or the client left both.
  if (downstream_.cancellation().requested() && beside.place_) context_.entry.attempts[*beside.place_].purpose = hedged;
  take_over(beside);
  take_over(alone);
  raced.error = told(*first_lane.error(), *second_lane.error(), second_model);
  co_return raced;
}

// What one has learned of the request on its lane, and what it has told the client, if it broke off.
void Relay::take_over(Relay& ran) {
  overflowed_ = overflowed_ || ran.overflowed_;
  overflowed_context_ = std::max(overflowed_context_, ran.overflowed_context_);
  if (ran.lane_->won()) progress_ = std::move(ran.progress_);
}

void Relay::note_hedge(std::string& reason) {
  if (lane_ == nullptr || lane_->why.empty()) return;
  reason += "; " + lane_->why;
  context_.own_reason = true;
}

}  // namespace weir
