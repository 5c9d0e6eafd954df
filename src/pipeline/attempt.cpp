// One attempt at one candidate: a slot, the exchange, and what is learned from its end. Methods of Relay.
#include "core/utf8.h"
#include "ledger/pricing.h"
#include "ledger/usage_bounds.h"
#include "pipeline/relay.h"
#include "pipeline/scrub.h"
#include "policies/policy.h"

namespace weir {
namespace {

constexpr std::size_t max_message = 500;
constexpr int64_t longest_overload_ms = 30'000;  // that a 503 may ask for on behalf of everybody
constexpr int64_t first_probe_ms = 3'000;        // what one request may lose to find out whether a silent one is back
constexpr int64_t most_doublings = 8;

// What a key is limited for: the model, as the provider knows it.
uint64_t mark_of(const ModelSettings& model) { return std::hash<std::string_view>{}(model.name); }

}  // namespace

// What was said goes to those who take it as the beginning of their own answer: declared, by kind or in the config. A
// caller's own beginning cannot have a second one behind it.
bool Relay::sends_prefill(uint32_t model) const {
  const auto& request = context_.request;
  return progress_.begun && !progress_.said.empty() && request.operation == Operation::chat &&
         context_.provider_of(model).quirks.accepts_prefill &&
         !(request.messages.empty() || request.messages.back().role == Role::assistant) &&
         !context_.deployment->learned[model]->prefill_refused(now_ms());
}

Waits Relay::waits(const Ask& ask, AskedForm form) const {
  const auto& provider = context_.provider_of(ask.model);
  const auto& breaker = *context_.deployment->breakers[ask.model];
  auto waits = waits_for(provider.timeouts, {.zone = provider.zone.kind,
                                             .form = form,
                                             .turn = ask.turn,
                                             .on_stream_failure = context_.plan.on_stream_failure,
                                             .input_tokens = context_.facts.input_tokens,
                                             .output_tokens = context_.facts.output_tokens,
                                             .usual_first_ms = breaker.usual_first_token_ms()});
  if (ask.permit != Permit::probe || ask.turn == Turn::last || !breaker.was_silent()) return waits;
  const auto doublings = std::clamp<int64_t>(breaker.growth() - 1, 0, most_doublings);
  const auto probe_ms = std::max(first_probe_ms << doublings, 4 * breaker.usual_first_token_ms());
  for (auto* const wait : {&waits.head_ms, &waits.silence_ms, &waits.content_ms}) *wait = std::min(*wait, probe_ms);
  return waits;
}

ExchangeWaits Relay::exchange_waits(const Ask& ask, const Waits& limits, AskedForm form) const {
  const auto& timeouts = context_.provider_of(ask.model).timeouts;
  return {.deadline_us = std::min(context_.worker.loop.deadline_in_ms(timeouts.total), context_.deadline_us),
          .head_ms = limits.head_ms,
          .first_piece_ms = limits.silence_ms,
          .idle_ms = limits.idle_ms,
          .head_key = form == AskedForm::stream && timeouts.first_byte == 0 ? "first_token" : "first_byte"};
}

net::Task<Result<SlotLease>> Relay::wait_for_slot(const Ask& ask) {
  const auto& provider = context_.provider_of(ask.model);
  auto& slots = *context_.deployment->slots[context_.model(ask.model).provider];
  if (auto lease = slots.try_acquire()) co_return lease;

  auto& loop = context_.worker.loop;
  const auto left_ms = std::max<int64_t>((context_.deadline_us - loop.now_us()) / 1000, 0);
  const auto patience_ms =
      std::min(slot_patience_ms(context_.plan.spill_queue_ms, provider.queue_ms, ask.turn), left_ms);
  const auto expected_ms = slots.expected_wait_ms(context_.facts.batch ? Urgency::batch : Urgency::interactive);
  const auto full = [&](std::string_view why) {
    return failure(Error{.code = ErrorCode::queue_timeout,
                         .message = fmt::format("All {} slots of {} are busy and {}", provider.slots, provider.id, why),
                         .retry_after_ms = std::max<int64_t>(expected_ms, 1'000)});
  };
  if (spills_at_once(expected_ms, patience_ms, ask.turn)) co_return full("the wait would be too long");

  // The grant may come from another thread, and after we have stopped waiting: both sides share where to say so.
  const auto deadline = std::min(loop.deadline_in_ms(patience_ms), context_.deadline_us);
  net::Signal granted(loop, {.deadline_us = deadline, .cancellation = &downstream_.cancellation()});
  const auto signal = std::make_shared<net::Signal*>(&granted);
  const auto held_bytes = context_.request.document ? context_.request.document->text().size() : 0;
  SlotWaiter waiter(
      [&loop, signal] {
        loop.post([signal] {
          if (*signal != nullptr) (*signal)->fire();
        });
      },
      static_cast<int64_t>(held_bytes));
  const auto urgency = context_.facts.batch ? Urgency::batch : Urgency::interactive;
  const auto entered = slots.enqueue(waiter, context_.entry.key_id, urgency);
  if (entered == SlotEntry::full) co_return full("the queue is full");
  if (entered == SlotEntry::queued) {
    const auto outcome = co_await granted;
    *signal = nullptr;
    if (outcome != net::Outcome::ready && waiter.cancel()) {
      if (outcome == net::Outcome::cancelled) co_return failure(interrupted());
      if (out_of_time()) co_return failure(too_late(fmt::format("no slot of {} came free", provider.id)));
      co_return full(fmt::format("none came free within {} ms", patience_ms));
    }
  }
  *signal = nullptr;
  co_return waiter.take();
}

net::Task<AttemptResult> Relay::attempt(const Ask& ask) {
  auto& loop = context_.worker.loop;
  const auto model = ask.model;
  const auto& provider = context_.provider_of(model);
  BreakerCall call(*context_.deployment->breakers[model], ask.permit, loop.now_us());

  context_.entry.attempts.push_back({.model = context_.model(model).id,
                                     .provider = provider.id,
                                     .zone = to_string(zone_of_model(context_.plan, model, context_.snapshot())),
                                     .started_us = loop.now_us() - context_.started_us,
                                     .redacted = outgoing_ != nullptr && !outgoing_->values.counts.empty()});
  if (context_.entry.attempts.back().redacted) context_.entry.redacted = outgoing_->values.summary();
  const auto place = context_.entry.attempts.size() - 1;
  place_ = place;
  const auto entry = [&]() -> AttemptEntry& { return context_.entry.attempts[place]; };

  const auto queued_us = loop.now_us();
  auto slot = co_await wait_for_slot(ask);
  if (provider.slots > 0) entry().queue_us = loop.now_us() - queued_us;
  if (!slot) {
    const AttemptResult result{.error = slot.error()};
    note_silence(model, entry(), queued_us);
    close_attempt(entry(), model, result, queued_us);
    co_return result;
  }
  auto lease = std::move(*slot);

  const auto began_us = loop.now_us();
  auto& keys = *context_.deployment->credentials[context_.model(model).provider];
  const auto key = keys.size() == 0 ? std::nullopt : std::optional(keys.next(now_ms(), mark_of(context_.model(model))));
  key_ = key;
  auto result = co_await exchange_with(ask, place, call, began_us);
  if (result.error && result.error->code == ErrorCode::upstream_auth && !entry().partial) {
    const bool renewed = co_await renew_token(model, Renewal::refused);
    if (renewed) result = co_await exchange_with(ask, place, call, began_us);
  }
  if (result.error && downstream_.cancellation().requested()) {
    result.error = interrupted();
    result.poor = false;
    // The prompt was read, most likely, and will be billed.
    auto& usage = entry().usage;
    const bool counts_tokens = names_a_model(context_.request.operation) && !result.unreached;
    if (counts_tokens && !usage.known && !usage.estimated)
      usage = with_units(estimated_usage(context_.facts.input_tokens, 0), context_.request);
  } else if (result.poor) {
    // It did as it should.
  } else if (result.error && out_of_time() && result.error->code == ErrorCode::upstream_timeout) {
    result.error = too_late({});  // our time was over, not the provider's patience
  }
  entry().duration_us = loop.now_us() - began_us;
  if (result.error && !result.poor) {
    hide_credentials(*result.error, provider);
    result.spoke = entry().partial;
    result.other_key = key && rest_key(model, *key, *result.error) && !result.spoke;
    if (!result.other_key) learn(ask, result, entry(), call);
    note_silence(model, entry(), queued_us);
  } else {
    call.ended();
    note_pace(model, entry());
    if (key)
      context_.deployment->credentials[context_.model(model).provider]->answered(*key, now_ms(),
                                                                                 mark_of(context_.model(model)));
  }
  close_attempt(entry(), model, result, began_us);
  const auto used_us = loop.now_us() - began_us;
  if (result.left_running) {
    net::spawn(JobRun::give_up(std::move(result.left_running), std::move(lease), used_us));
  } else {
    lease.release_after(used_us);
  }
  co_return result;
}

void Relay::learn(const Ask& ask, const AttemptResult& result, const AttemptEntry& entry, BreakerCall& call) {
  const auto& error = *result.error;
  auto& breaker = *context_.deployment->breakers[ask.model];
  auto& learned = *context_.deployment->learned[ask.model];
  if (refused_prefill(ask, error) && !result.spoke) {
    learned.refuses_prefill(now_ms());
    return;
  }
  if (result.blameless) return call.ended();
  if (error.lacks != Ability::none) learned.lacks(error.lacks, now_ms());
  if (error.code == ErrorCode::upstream_rate_limited) breaker.limit(error.retry_after_ms, now_ms());
  if (error.code == ErrorCode::upstream_server_error && error.retry_after_ms > 0) {
    breaker.limit(std::min(error.retry_after_ms, longest_overload_ms), now_ms());
  }
  if (error.code == ErrorCode::unsupported && entry.http_status == 0) return;  // it was not even asked
  call.failed(error.code, {.took_ms = entry.duration_us / 1000, .http_status = entry.http_status},
              std::hash<std::string_view>{}(context_.entry.id) | 1);
}

// Any answer that finds fault: providers have many words for it, and the next try tells.
bool Relay::refused_prefill(const Ask& ask, const Error& error) const {
  if (!sends_prefill(ask.model)) return false;
  return error.code == ErrorCode::upstream_rejected || error.code == ErrorCode::unsupported ||
         error.code == ErrorCode::upstream_server_error || error.code == ErrorCode::context_overflow;
}

bool Relay::rest_key(uint32_t model, std::size_t key, Error& error) {
  auto& keys = *context_.deployment->credentials[context_.model(model).provider];
  const auto mark = mark_of(context_.model(model));
  if (error.code == ErrorCode::upstream_rate_limited) {
    keys.limited(key, error.retry_after_ms, now_ms(), mark);
  } else if (error.code == ErrorCode::upstream_auth) {
    keys.refused(key, now_ms());
    context_.worker.log.warn("a credential of a provider was refused; it rests while the others go on",
                             {{"provider", context_.provider_of(model).id}, {"number", key + 1}});
  } else {
    return false;
  }
  if (!keys.all_rest(now_ms(), mark)) return true;
  // As with one key: the limit is the model's now, until the first of them is back.
  if (const auto limited = keys.limited_ms(now_ms(), mark); limited > 0) {
    error.code = ErrorCode::upstream_rate_limited;
    error.http_status = 0;
    error.retry_after_ms = limited;
  }
  return false;
}

void Relay::note_pace(uint32_t model, const AttemptEntry& entry) {
  const bool streamed = context_.request.stream && entry.first_token_us > 0;
  context_.deployment->paces[model]->record({.form = streamed ? Pace::Form::stream : Pace::Form::whole,
                                             .input_tokens = context_.facts.input_tokens,
                                             .queue_us = entry.queue_us,
                                             .first_us = entry.first_token_us,
                                             .whole_us = entry.duration_us});
}

// Of one that was stopped: how long it would have taken nobody knows, but so long at least.
void Relay::note_silence(uint32_t model, const AttemptEntry& entry, int64_t since_us) {
  if (!lost() || entry.first_token_us > 0) return;
  const auto form = context_.request.stream ? Pace::Form::stream : Pace::Form::whole;
  context_.deployment->paces[model]->record_silence(form, context_.facts.input_tokens,
                                                    context_.worker.loop.now_us() - since_us);
}

void Relay::close_attempt(AttemptEntry& entry, uint32_t model, const AttemptResult& result, int64_t began_us) {
  entry.duration_us = context_.worker.loop.now_us() - began_us;
  entry.outcome = result.poor ? escalated : !result.error ? "ok" : lost() ? cancelled : to_string(result.error->code);
  if (result.error && !result.poor) {
    entry.message = without_echo(result.error->message, context_.request);
    entry.message.resize(cut_at_character(entry.message, max_message).size());
  }
  // A failed attempt that gave nothing costs nothing; one that was cut off costs what it had said by then.
  const bool gave_something = entry.usage.known || entry.usage.estimated;
  if (gave_something) {
    const auto asked_us = context_.entry.time_us + entry.started_us;
    const auto cost =
        attempt_cost(context_.snapshot(), priced_as_.value_or(model), entry.usage, entry.duration_us, asked_us);
    entry.cost = cost.amount;
    entry.price_known = cost.known;
    entry.price = cost.marks;
  }
  context_.worker.metrics.attempt(
      {.model = context_.deployment->labels.models[model],
       .operation = context_.entry.operation,
       .error = result.error && !result.poor ? std::optional(result.error->code) : std::nullopt,
       .duration_us = entry.duration_us,
       .first_token_us = entry.first_token_us,
       .queue_us = entry.queue_us,
       .bad_events = entry.bad_events,
       .usage = entry.usage,
       .cost = entry.cost});
  if (context_.worker.log.enabled(LogLevel::trace)) {
    context_.worker.log.trace("attempt", {{"id", context_.entry.id},
                                          {"model", entry.model},
                                          {"outcome", entry.outcome},
                                          {"duration_us", entry.duration_us}});
  }
}

}  // namespace weir
