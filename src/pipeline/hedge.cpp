// A second candidate is asked when the first has not said anything for long (`hedge`). Methods of Relay.
#include "admission/demand.h"
#include "core/hedge_rules.h"
#include "pipeline/race.h"
#include "pipeline/relay.h"

namespace weir {
namespace {

constexpr int64_t look_every_us = 25'000;  // whether the client is still there

bool can_be_asked_twice(Operation operation) {
  return operation == Operation::chat || operation == Operation::completion || operation == Operation::embedding ||
         operation == Operation::rerank;
}

}  // namespace

// When the second is asked; nullopt: never.
std::optional<int64_t> Relay::hedge_after_us(uint32_t model) const {
  const auto& plan = context_.plan;
  if (!plan.route || plan.escalate || !can_be_asked_twice(context_.request.operation)) return std::nullopt;
  const auto& rules = context_.snapshot().routes[*plan.route].hedge;
  if (!rules) return std::nullopt;
  if (rules->after_ms > 0) return rules->after_ms * 1'000;
  const auto form = context_.request.stream ? Pace::Form::stream : Pace::Form::whole;
  const auto slow_ms = context_.deployment->paces[model]->p95_ms(form);
  return slow_ms ? std::optional(*slow_ms * 1'000) : std::nullopt;
}

// The next that is as good a choice: one that failed lately, or has hardly room, only where the first has failed.
std::optional<std::size_t> Relay::second_choice(std::size_t first) const {
  const auto& candidates = context_.plan.candidates;
  for (auto i = first + 1; i < candidates.size() && candidates[i].verdict == Verdict::kept; ++i) {
    if (context_.deployment->breakers[candidates[i].model]->available(now_ms())) return i;
  }
  return std::nullopt;
}

// Its tokens and its money are reserved beside those of the first; where they are not to be had, it is not asked.
bool Relay::reserve_second(uint32_t model) {
  if (!context_.key || !context_.key->meter->limited()) return true;
  const auto demand = demand_of(context_.request, context_.facts, context_.snapshot(), {model});
  auto more = reserve_more(*context_.key, demand,
                           {.wall_us = context_.entry.time_us, .steady_us = context_.worker.loop.now_us()});
  if (!more) return false;
  context_.reserved_beside = std::move(*more);
  return true;
}

net::Task<void> Relay::run_on(Lane& lane, uint32_t model, Turn turn) {
  auto failed = co_await try_candidate(model, turn);
  lane.ended(std::move(failed));
}

net::Task<Relay::Raced> Relay::race(std::size_t first, std::size_t second, int64_t after_us) {
  auto& loop = context_.worker.loop;
  const auto& candidates = context_.plan.candidates;
  const uint32_t models[] = {candidates[first].model, candidates[second].model};
  Race race(loop);
  Lane lanes[] = {{race, downstream_}, {race, downstream_}};
  Relay relays[] = {{context_, face_, lanes[0]}, {context_, face_, lanes[1]}};
  relays[1].purpose_ = "hedge";
  const auto begins_us = loop.now_us() + after_us;
  Raced raced;
  net::spawn(relays[0].run_on(lanes[0], models[0], Turn::others_follow));
  const auto alone_is_over = [&] { return lanes[0].is_over() || race.winner() != nullptr; };
  const auto pass_on = [&] {
    if (!downstream_.cancellation().requested()) return;
    for (auto& lane : lanes) lane.stop();
  };
  while (!alone_is_over() && loop.now_us() < begins_us) {
    co_await race.wait_until(std::min(begins_us, loop.now_us() + look_every_us));
    pass_on();
  }
  if (!alone_is_over() && !downstream_.cancellation().requested() && reserve_second(models[1])) {
    raced.asked_second = true;
    context_.worker.metrics.add(Count::hedges);
    const bool others = second + 1 < context_.plan.kept();
    net::spawn(relays[1].run_on(lanes[1], models[1], others ? Turn::others_follow : Turn::last));
  } else {
    lanes[1].ended({});
  }
  const auto ran = [&](std::size_t i) { return i == 0 || raced.asked_second; };
  while (!lanes[0].is_over() || !lanes[1].is_over()) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (lanes[i].lost()) lanes[i].stop();
    }
    co_await race.wait_until(loop.now_us() + look_every_us);
    pass_on();
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (!ran(i)) continue;
    overflowed_ = overflowed_ || relays[i].overflowed_;
    overflowed_context_ = std::max(overflowed_context_, relays[i].overflowed_context_);
    if (race.winner() == &lanes[i]) {
      // What it has said so far, if it broke off.
      progress_ = std::move(relays[i].progress_);
      raced.error = lanes[i].error();
      if (i == 1) context_.worker.metrics.add(Count::hedges_won);
      co_return raced;
    }
  }
  raced.error = lanes[0].error();
  if (raced.asked_second && lanes[1].error()) raced.error = told(*lanes[0].error(), *lanes[1].error(), models[1]);
  co_return raced;
}

}  // namespace weir
