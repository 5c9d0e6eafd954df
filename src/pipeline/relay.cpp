#include "pipeline/relay.h"

#include "core/slot_rules.h"
#include "dialects/dialect.h"
#include "ledger/pricing.h"
#include "pipeline/breaker_call.h"
#include "pipeline/stream_relay.h"

namespace weir {
namespace {

constexpr std::size_t max_error_body = 64 * 1024;
constexpr std::size_t max_message = 500;
constexpr int64_t longest_retry_wait_ms = 10'000;   // with nobody else to ask
constexpr int64_t longest_retry_detour_ms = 1'000;  // while another candidate could answer meanwhile
constexpr int64_t breaker_retry_after_ms = 1'000;

}  // namespace

net::Task<void> Relay::run() {
  const auto kept = context_.plan.kept();
  std::optional<Error> error;
  bool asked = false;
  std::size_t attempts = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto model = context_.plan.candidates[i].model;
    if (!worth_trying(model, error)) continue;
    if (asked)
      context_.worker.metrics.add(error && error->code == ErrorCode::queue_timeout ? Count::spills : Count::fallbacks);
    asked = true;
    auto failed = co_await try_candidate(model, i + 1 == kept);
    if (!failed) co_return;
    // "Not asked" says less than the failure before it.
    if (!error || context_.entry.attempts.size() > attempts) error = std::move(failed);
    attempts = context_.entry.attempts.size();
    if (!rule_of(error->code).fall_back || (progress_.begun && !may_continue())) break;
    if (context_.worker.loop.now_us() >= context_.deadline_us) {
      error = Error{.code = ErrorCode::deadline_exceeded,
                    .message = fmt::format("No answer within the {} ms that the route allows; the last failure was: {}",
                                           context_.plan.total_ms, error->message)};
      break;
    }
  }
  if (!error) error = Error{.code = ErrorCode::no_target, .message = "No candidate is left."};
  co_await refuse(*error);
}

Error Relay::interrupted() const {
  if (downstream_.shutting_down()) {
    return {.code = ErrorCode::shutting_down,
            .message = "This gateway is shutting down and could not wait any longer."};
  }
  return {.code = ErrorCode::client_gone, .message = "The client left."};
}

bool Relay::may_continue() const {
  return context_.plan.on_stream_failure == OnStreamFailure::resume && progress_.continuable;
}

// After an overflow only a candidate with a larger context can help.
bool Relay::worth_trying(uint32_t model, const std::optional<Error>& last_error) const {
  if (!last_error || last_error->code != ErrorCode::context_overflow || !overflowed_) return true;
  const auto was = context_.model(*overflowed_).context_length;
  const auto is = context_.model(model).context_length;
  return is == 0 || is > was;
}

net::Task<std::optional<Error>> Relay::try_candidate(uint32_t model, bool last) {
  auto& breaker = *context_.deployment->breakers[model];
  auto& loop = context_.worker.loop;
  std::optional<Error> last_error;
  for (int tries = 0;; ++tries) {
    if (downstream_.cancellation().requested()) co_return interrupted();
    const auto permit = breaker.allow(loop.now_us() / 1000);
    if (permit == Permit::no) {
      if (last_error) co_return last_error;  // says more than that it was not asked again
      co_return Error{.code = ErrorCode::upstream_unreachable,
                      .message = fmt::format("{} has failed lately and is being probed; it was not asked",
                                             context_.model(model).id),
                      .http_status = 503,
                      .retry_after_ms = breaker_retry_after_ms};
    }
    const auto result = co_await attempt(model, permit, last);
    if (!result.error) co_return std::nullopt;
    if (result.error->code == ErrorCode::context_overflow) overflowed_ = model;
    if (progress_.begun) co_return result.error;  // whoever goes on, it is not the one that broke off
    const auto delay = retry_delay_ms(result, tries, model, last);
    if (!delay) co_return result.error;
    last_error = result.error;
    context_.worker.metrics.add(Count::retries);
    const auto slept = co_await loop.sleep(*delay, &downstream_.cancellation());
    if (slept == net::Outcome::cancelled) co_return interrupted();
  }
}

std::optional<int64_t> Relay::retry_delay_ms(const AttemptResult& result, int tries, uint32_t model, bool last) {
  const auto& error = *result.error;
  // A stale connection deserves another try at once, whatever the provider's `retries`.
  if (result.stale && tries == 0) return 1;
  if (!rule_of(error.code).retry_same || tries >= context_.provider_of(model).retries) return std::nullopt;
  std::uniform_int_distribution<int64_t> jitter(50, 150);
  const auto delay = error.retry_after_ms > 0 ? error.retry_after_ms + jitter(context_.worker.random) / 5
                                              : (jitter(context_.worker.random) << tries);
  if (delay > (last ? longest_retry_wait_ms : longest_retry_detour_ms)) return std::nullopt;
  const bool in_time = context_.worker.loop.now_us() + delay * 1000 < context_.deadline_us;
  return in_time ? std::optional(delay) : std::nullopt;
}

net::Task<Result<SlotLease>> Relay::wait_for_slot(uint32_t model, bool last) {
  const auto& provider = context_.provider_of(model);
  auto& slots = *context_.deployment->slots[context_.model(model).provider];
  if (auto lease = slots.try_acquire()) co_return lease;

  const auto turn = last ? Turn::last : Turn::others_follow;
  const auto patience_ms = slot_patience_ms(context_.plan.spill_queue_ms, provider.queue_ms, turn);
  const auto expected_ms = slots.expected_wait_ms();
  const auto full = [&](std::string_view why) {
    return failure(Error{.code = ErrorCode::queue_timeout,
                         .message = fmt::format("All {} slots of {} are busy and {}", provider.slots, provider.id, why),
                         .retry_after_ms = std::max<int64_t>(expected_ms, 1'000)});
  };
  if (spills_at_once(expected_ms, patience_ms, turn)) co_return full("the wait would be too long");

  // The grant may come from another thread, and after we have stopped waiting: both sides share where to say so.
  auto& loop = context_.worker.loop;
  const auto deadline = std::min(loop.deadline_in_ms(patience_ms), context_.deadline_us);
  net::Signal granted(loop, {.deadline_us = deadline, .cancellation = &downstream_.cancellation()});
  const auto signal = std::make_shared<net::Signal*>(&granted);
  SlotWaiter waiter([&loop, signal] {
    loop.post([signal] {
      if (*signal != nullptr) (*signal)->fire();
    });
  });
  const auto entered = slots.enqueue(waiter, context_.entry.key_id);
  if (entered == SlotEntry::full) co_return full("the queue is full");
  if (entered == SlotEntry::queued) {
    const auto outcome = co_await granted;
    *signal = nullptr;
    if (outcome != net::Outcome::ready && waiter.cancel()) {
      if (outcome == net::Outcome::cancelled) co_return failure(interrupted());
      co_return full(fmt::format("none came free within {} ms", patience_ms));
    }
  }
  *signal = nullptr;
  co_return waiter.take();
}

net::Task<AttemptResult> Relay::attempt(uint32_t model, Permit permit, bool last) {
  auto& loop = context_.worker.loop;
  const auto& provider = context_.provider_of(model);
  const auto& adapter = *context_.deployment->adapters[context_.model(model).provider];
  BreakerCall call(*context_.deployment->breakers[model], permit, loop.now_us());

  context_.entry.attempts.push_back({.model = context_.model(model).id,
                                     .provider = provider.id,
                                     .zone = to_string(provider.zone),
                                     .started_us = loop.now_us() - context_.started_us});
  const auto place = context_.entry.attempts.size() - 1;
  const auto entry = [&]() -> AttemptEntry& { return context_.entry.attempts[place]; };

  const auto queued_us = loop.now_us();
  SlotLease lease;
  if (provider.slots > 0) {
    auto got = co_await wait_for_slot(model, last);
    entry().queue_us = loop.now_us() - queued_us;
    if (!got) {
      const AttemptResult result{.error = got.error()};
      close_attempt(entry(), model, result, queued_us);
      co_return result;
    }
    lease = std::move(*got);
  }

  const auto began_us = loop.now_us();
  AttemptResult result;
  auto http = adapter.encode(context_.request, {provider, context_.model(model)}, progress_.said);
  if (!http) {
    result.error = http.error();
  } else {
    Exchange exchange(context_.worker.pool, provider);
    const auto deadline = std::min(loop.deadline_in_ms(provider.timeouts.total), context_.deadline_us);
    const auto sent = co_await exchange.send(*http, deadline, &downstream_.cancellation());
    entry().http_status = exchange.status();
    if (!sent) {
      result.error = sent.error();
      result.stale = exchange.was_reused() && sent.error().code == ErrorCode::upstream_reset;
    } else if (exchange.status() < 200 || exchange.status() > 299) {
      auto body = co_await exchange.read_all(max_error_body);
      result.error = adapter.classify({exchange.status(), exchange.headers(), body ? std::move(*body) : std::string()});
    } else if (context_.request.stream) {
      StreamRelay stream(*this, model, exchange, call);
      result = co_await stream.run(place, began_us);
    } else {
      context_.worker.documents.keep(std::move(http->body));  // it was sent
      result = co_await whole_answer(model, exchange, entry());
    }
  }
  if (result.error && downstream_.cancellation().requested()) {
    result.error = interrupted();
    // The prompt was read, most likely, and will be billed.
    auto& usage = entry().usage;
    if (!usage.known && !usage.estimated) usage = estimated_usage(context_.facts.input_tokens, 0);
  }
  if (result.error) {
    call.failed(result.error->code);
  } else {
    call.answered(entry().first_token_us / 1000);  // 0 for a whole answer: its time says how long it is, not how late
  }
  close_attempt(entry(), model, result, began_us);
  lease.release_after(loop.now_us() - began_us);
  co_return result;
}

net::Task<AttemptResult> Relay::whole_answer(uint32_t model, Exchange& exchange, AttemptEntry& entry) {
  const auto& adapter = *context_.deployment->adapters[context_.model(model).provider];
  auto& documents = context_.worker.documents;
  auto body = co_await exchange.read_all(context_.snapshot().limits.response_bytes, documents.spare_text());
  if (!body) co_return AttemptResult{.error = body.error()};
  auto response = adapter.decode(context_.request, std::move(*body), documents);
  if (!response) co_return AttemptResult{.error = response.error()};

  entry.usage = response->usage;
  if (!entry.usage.known) {
    std::size_t bytes = 0;
    for (const auto& choice : response->choices) bytes += choice.text.size() + choice.reasoning.size();
    entry.usage = estimated_usage(context_.facts.input_tokens, bytes);
  }
  context_.answered_by(model);
  context_.entry.usage = entry.usage;
  note_reason(model);
  const bool as_is = adapter.info().dialect == context_.request.dialect;
  auto answer = as_is ? std::move(response->raw) : dialect_.encode(*response, context_.request);
  // Named before it is awaited: g++ 12 destroys a braced temporary in a co_await expression twice.
  AnswerHead head{.fields = context_.answer_fields(documents.spare_text())};
  const auto written = co_await downstream_.respond(head, answer);
  documents.keep(std::move(head.fields));
  documents.keep(std::move(answer));
  co_return AttemptResult{.error = written ? std::nullopt : std::optional(interrupted())};
}

void Relay::note_reason(uint32_t model) {
  context_.entry.reason =
      context_.worker.answer(context_.plan, context_.snapshot(), model, context_.entry.attempts.size()).reason;
}

void Relay::close_attempt(AttemptEntry& entry, uint32_t model, const AttemptResult& result, int64_t began_us) {
  entry.duration_us = context_.worker.loop.now_us() - began_us;
  entry.outcome = result.error ? to_string(result.error->code) : "ok";
  if (result.error) entry.message = redact(result.error->message.substr(0, max_message));
  // A failed attempt that gave nothing costs nothing; one that was cut off costs what it had said by then.
  const bool gave_something = entry.usage.known || entry.usage.estimated;
  if (gave_something) {
    const auto cost = attempt_cost(context_.snapshot(), model, entry.usage, entry.duration_us);
    entry.cost = cost.amount;
    entry.price_known = cost.known;
  }
  context_.worker.metrics.attempt({.model = context_.deployment->labels.models[model],
                                   .operation = context_.entry.operation,
                                   .error = result.error ? std::optional(result.error->code) : std::nullopt,
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

net::Task<void> Relay::refuse(const Error& error) {
  context_.failed(error, progress_.begun ? 200 : error.status());
  if (error.code == ErrorCode::client_gone) co_return;
  if (progress_.begun) {
    std::string out;
    dialect_.encode_stream_error(error, progress_.downstream, out);
    const auto written = co_await downstream_.write(out);
    if (written) co_await downstream_.end();
    co_return;
  }
  if (context_.entry.reason.empty()) context_.entry.reason = fmt::format("refused: {}", to_string(error.code));
  AnswerHead head{.status = error.status(), .fields = context_.answer_fields()};
  if (error.retry_after_ms > 0) head.fields += fmt::format("Retry-After: {}\r\n", (error.retry_after_ms + 999) / 1000);
  co_await downstream_.respond(head, dialect_.encode_error(error));
}

}  // namespace weir
