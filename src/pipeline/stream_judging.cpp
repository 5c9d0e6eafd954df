// A stream that is held back until it is judged. Methods of StreamRelay.
#include "formats/shared/assembler.h"
#include "pipeline/stream_relay.h"

namespace weir {

void StreamRelay::collect() {
  if (!held_) return;
  for (const auto& event : events_) held_->add(event);
  // The client has it, and nobody reads so much of it.
  if (!held_->holding && held_->bytes > context_.plan.escalate->most_held) held_.reset();
}

// The judges have read them; the client did not ask.
void StreamRelay::drop_logprobs(const FramedEvent& framed) {
  bool any = false;
  for (auto& event : events_) any = any || !std::exchange(event.logprobs, {}).empty();
  if (!any || !pass_through_) return;
  auto& forwarding = state_.forwarding;
  if (forwarding.way == Forwarding::Way::from_events) return;
  const auto from = forwarding.way == Forwarding::Way::rewritten ? std::string_view(forwarding.text) : framed.data;
  auto without = without_logprobs(from);
  forwarding.text = std::move(without);
  forwarding.way = Forwarding::Way::rewritten;
}

std::optional<AttemptResult> StreamRelay::look() {
  auto& held = *held_;
  if (out_.size() + held.bytes > context_.plan.escalate->most_held) {
    release({.value = -1, .found = "longer than is held back"});
    return std::nullopt;
  }
  if (!content_seen_ || held.poor || !held.worth_a_look()) return std::nullopt;
  const auto score = relay_.cascade_.look(held.answer());
  if (!score) return std::nullopt;
  if (!relay_.cascade_.is_poor(*score)) {
    release(*score);
    return std::nullopt;
  }
  if (score->value > worthless) {
    held.poor = score;
    return std::nullopt;
  }
  // It will not get better: nobody waits for its end, and there is no draft.
  relay_.cascade_.note(model_, place_, *score, true);
  settle_usage();
  context_.as_one = {};
  return not_good_enough();
}

void StreamRelay::release(const Score& score) {
  held_->holding = false;
  relay_.cascade_.note(model_, place_, score, false);
  context_.entry.score = score.value;
  if (context_.entry.first_token_us == 0)
    context_.entry.first_token_us = std::max<int64_t>(context_.worker.loop.now_us() - context_.started_us, 1);
}

net::Task<bool> StreamRelay::falls_short(const Response& answer) {
  auto score = held_->poor.value_or(Score{});
  bool poor = held_->poor.has_value();
  if (!poor) {
    auto judging = relay_.cascade_.judge(model_, answer, relay_.downstream_.cancellation());
    score = co_await std::move(judging);
    poor = !relay_.downstream_.cancellation().requested() && relay_.cascade_.is_poor(score);
  }
  if (!poor) {
    release(score);
    co_return false;
  }
  relay_.cascade_.note(model_, place_, score, true);
  write_ending();
  Draft draft{.model = model_,
              .place = place_,
              .score = score.value,
              .bytes = std::move(out_),
              .stream = true,
              .usage = entry().usage,
              .changed = relay_.changed_};
  out_.clear();
  context_.as_one = {};
  relay_.cascade_.keep_draft(std::move(draft), answer);
  co_return true;
}

}  // namespace weir
