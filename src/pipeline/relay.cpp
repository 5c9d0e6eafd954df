#include "pipeline/relay.h"

#include <algorithm>

#include "pipeline/said_so_far.h"
#include "policies/policy.h"

namespace weir {
namespace {

constexpr int64_t fast_detour_ms = 300;  // waited for a first choice where others could answer and fast is preferred
constexpr int64_t longest_wait_step_ms = 1'000;

// The request itself was refused, in a way that says no more than that this candidate cannot.
bool blames_the_request(const Error& error) {
  return error.code == ErrorCode::context_overflow || error.code == ErrorCode::unsupported;
}

}  // namespace

net::Task<void> Relay::run() {
  const auto& request = context_.request;
  if (cascade_.holds(context_.plan.kept() > 1) && request.stream && Heartbeat::suits(request.format)) {
    context_.entry.reason = "held back until it is judged";
    heartbeat_.start({.content_type = face_.stream_type(request), .fields = context_.answer_fields()},
                     "held back until it is judged");
    context_.entry.reason.clear();
  }
  co_await run_candidates();
  co_await heartbeat_.stop();
  cascade_.keep_lesson();
}

net::Task<void> Relay::run_candidates() {
  auto kept = context_.plan.kept();
  std::optional<Error> error;
  bool error_was_asked = false;
  std::optional<std::size_t> failed_beside;  // it was asked while the first was silent
  bool asked = false;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto model = context_.plan.candidates[i].model;
    // What was said so far goes to whoever continues it.
    if (progress_.begun) narrow_by_what_was_said(context_, progress_.said);
    if (!is_kept(context_.plan.candidates[i].verdict) || !worth_trying(model) || i == failed_beside) continue;
    auto barred = co_await pass_gate(model);
    if (barred) {
      if (!error) error = std::move(barred);
      continue;
    }
    const bool escalated_to = std::exchange(poor_, false);
    if (asked && !escalated_to)
      context_.worker.metrics.add(error && error->code == ErrorCode::queue_timeout ? Count::spills : Count::fallbacks);
    asked = true;
    const auto attempts = context_.entry.attempts.size();
    std::optional<Error> failed;
    const auto after_us = hedge_after_us(i);
    if (after_us) {
      auto raced = co_await race(i, *after_us);
      failed = std::move(raced.error);
      failed_beside = raced.failed_beside;
    } else {
      failed = co_await try_candidate(model, i + 1 == kept ? Turn::last : Turn::others_follow);
    }
    if (!failed) co_return;
    if (poor_) {
      if (out_of_time()) break;
      continue;
    }
    const bool over = !rule_of(failed->code).fall_back || (progress_.begun && !may_continue()) || out_of_time();
    // "Not asked" says less than a failure.
    const bool was_asked = context_.entry.attempts.size() > attempts;
    if (!error || (was_asked && !error_was_asked)) {
      error = std::move(failed);
    } else if (was_asked || over) {
      error = told(*error, *failed, model);
    }
    error_was_asked = error_was_asked || was_asked;
    if (overflowed_) kept += call_reserves(kept);
    if (over) break;
  }
  if (!error) error = Error{.code = ErrorCode::no_target, .message = "No candidate is left."};
  const bool gone = error->code == ErrorCode::client_gone || error->code == ErrorCode::shutting_down;
  if (cascade_.draft() && !gone && !progress_.begun) {
    auto draft = cascade_.take_draft();
    auto given = give_draft(std::move(*draft), *error);
    co_await std::move(given);
    co_return;
  }
  error = co_await second_look(*error);
  if (!error) co_return;
  if (out_of_time() && error->code != ErrorCode::client_gone && error->code != ErrorCode::shutting_down) {
    error = too_late(error->code == ErrorCode::deadline_exceeded ? std::string_view() : error->message);
  }
  if (error->code == ErrorCode::context_overflow && !progress_.begun) {
    error->message += " " + larger_context_hint(context_.plan, context_.facts, context_.snapshot());
  }
  co_await refuse(*error);
}

net::Task<std::optional<Error>> Relay::pass_gate(uint32_t model) {
  outgoing_ = nullptr;
  auto& candidates = context_.plan.candidates;
  const auto candidate =
      std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& one) { return one.model == model; });
  if (candidate == candidates.end()) co_return std::nullopt;
  const Candidate asked_for = *candidate;
  auto passed = co_await context_.outgoing.pass(context_, asked_for);
  std::optional<Error> error;
  if (!passed) {
    error = std::move(passed.error());
  } else if (*passed != nullptr && progress_.begun) {
    const auto taken = context_.outgoing.take_out_of_said(context_, **passed, progress_.said);
    if (!taken) error = taken.error();
  }
  if (!error) {
    outgoing_ = *passed;
    co_return std::nullopt;
  }
  candidate->verdict = Verdict::redaction;
  context_.plan.refusal = *error;
  context_.entry.plan = context_.worker.plan_json(context_.plan, context_.snapshot());
  co_return error;
}

// The first failure is the cause, and what the client is told; those after it are named beside it. But what only says
// that this candidate cannot gives way to a failure that passes; and an end that all candidates would share is one.
Error Relay::told(Error before, const Error& failed, uint32_t model) const {
  if (failed.code == ErrorCode::client_gone || failed.code == ErrorCode::shutting_down) return failed;
  const bool final_word = !rule_of(failed.code).fall_back && !progress_.begun;
  if (final_word || (blames_the_request(before) && !blames_the_request(failed))) return failed;
  before.message += fmt::format(" ({}, asked after it: {})", context_.model(model).id, to_string(failed.code));
  return before;
}

net::Task<std::optional<Error>> Relay::second_look(Error error) {
  if (!rule_of(error.code).fall_back || out_of_time() || downstream_.cancellation().requested()) co_return error;
  std::optional<uint32_t> again;
  if (progress_.begun) {
    if (may_continue()) again = progress_.broken;
  } else {
    // Of those that only asked for a moment, the one that asked for the shortest.
    auto shortest = patience_ms(context_.plan.patience_ms, Turn::others_follow);
    for (std::size_t i = 0; i < context_.plan.kept(); ++i) {
      const auto model = context_.plan.candidates[i].model;
      const auto wait = context_.deployment->breakers[model]->limited_ms(now_ms());
      if (wait <= 0 || wait > shortest) continue;
      shortest = wait;
      again = model;
    }
    // With one candidate its own turn has waited already.
    if (context_.plan.kept() == 1) again.reset();
  }
  if (!again) co_return error;
  const auto barred = co_await pass_gate(*again);
  if (barred) co_return error;
  context_.worker.metrics.add(Count::retries);
  auto failed = co_await try_candidate(*again, Turn::last);
  if (!failed) co_return std::nullopt;
  co_return told(std::move(error), *failed, *again);
}

Error Relay::interrupted() const {
  if (lost()) return {.code = ErrorCode::client_gone, .message = "Another candidate answered first."};
  if (downstream_.shutting_down()) {
    return {.code = ErrorCode::shutting_down,
            .message = "This gateway is shutting down and could not wait any longer."};
  }
  return {.code = ErrorCode::client_gone, .message = "The client left."};
}

bool Relay::out_of_time() const { return context_.worker.loop.now_us() >= context_.deadline_us; }

Error Relay::too_late(std::string_view last_failure) const {
  auto message = fmt::format("No answer within the {} ms that the route allows (`total`)", context_.plan.total_ms);
  if (!last_failure.empty()) message += fmt::format("; the last failure was: {}", last_failure);
  return {.code = ErrorCode::deadline_exceeded, .message = std::move(message)};
}

bool Relay::may_continue() const {
  return context_.plan.on_stream_failure == OnStreamFailure::resume && progress_.continuable;
}

// After an overflow only a candidate with a larger context can help.
bool Relay::worth_trying(uint32_t model) const {
  const auto context = context_.model(model).context_length;
  return context == 0 || context > overflowed_context_;
}

std::size_t Relay::call_reserves(std::size_t kept) {
  // What was said by then might be kept from them: they were judged by the question alone.
  if (progress_.begun) return 0;
  auto& candidates = context_.plan.candidates;
  std::size_t called = 0;
  for (auto at = kept; at < candidates.size(); ++at) {
    if (candidates[at].verdict != Verdict::reserved || !worth_trying(candidates[at].model)) continue;
    candidates[at].verdict = Verdict::kept;
    const auto begin = candidates.begin();
    std::rotate(begin + static_cast<std::ptrdiff_t>(kept + called), begin + static_cast<std::ptrdiff_t>(at),
                begin + static_cast<std::ptrdiff_t>(at + 1));
    ++called;
  }
  return called;
}

// The breaker's word, and what follows from a no: who asked for a moment is waited for where that is worth it; who
// fails is passed by while another can answer. The last one is asked all the same, where that costs no timeout.
net::Task<Relay::Permission> Relay::permission(uint32_t model, Turn turn) {
  auto& breaker = *context_.deployment->breakers[model];
  auto& loop = context_.worker.loop;
  const bool waits = turn == Turn::last || context_.plan.prefer == Prefer::first_choice;
  const auto patience = waits ? patience_ms(context_.plan.patience_ms, turn) : fast_detour_ms;
  const auto give_up_ms = std::min(now_ms() + patience, context_.deadline_us / 1000);
  std::uniform_int_distribution<int64_t> jitter(1, 20);
  for (;;) {
    const auto now = now_ms();
    if (const auto permit = breaker.allow(now); permit != Permit::no) co_return Permission{.permit = permit};
    const auto limited = breaker.limited_ms(now);
    const auto& id = context_.model(model).id;
    if (limited == 0 && turn == Turn::last && !breaker.was_silent()) co_return Permission{.permit = Permit::yes};
    if (limited == 0 && turn == Turn::last && breaker.state(now) == BreakerState::down) {
      co_return Permission{.permit = Permit::yes};  // a health check takes nobody's last candidate away
    }
    const auto ready = breaker.retry_in_ms(now);
    if ((limited == 0 && turn == Turn::others_follow) || now + ready > give_up_ms || now >= give_up_ms) {
      if (limited > 0) {
        co_return Permission{.error = {.code = ErrorCode::upstream_rate_limited,
                                       .message = fmt::format("{} asked for no more requests for another {} s", id,
                                                              (limited + 999) / 1000),
                                       .retry_after_ms = limited}};
      }
      co_return Permission{
          .error = {.code = ErrorCode::upstream_unreachable,
                    .message = fmt::format("{} has failed lately and is being probed; it was not asked", id),
                    .http_status = 503,
                    .retry_after_ms = std::max<int64_t>(ready, 1'000)}};
    }
    const auto step = std::clamp<int64_t>(ready, 1, longest_wait_step_ms) + jitter(context_.worker.random);
    const auto slept = co_await loop.sleep(step, &downstream_.cancellation());
    if (slept == net::Outcome::cancelled) co_return Permission{.error = interrupted()};
  }
}

net::Task<std::optional<Error>> Relay::try_candidate(uint32_t model, Turn turn) {
  auto& loop = context_.worker.loop;
  std::optional<Error> last_error;
  std::size_t keys_tried = 0;
  for (int tries = 0;; ++tries) {
    if (downstream_.cancellation().requested()) co_return interrupted();
    const auto may = co_await permission(model, turn);
    if (may.permit == Permit::no) {
      // What it said when it was asked says more than that it was not asked again.
      if (last_error && may.error.code != ErrorCode::client_gone) co_return last_error;
      co_return may.error;
    }
    const Ask ask{.model = model, .permit = may.permit, .turn = turn};
    const bool had_prefill = sends_prefill(model);
    const bool added_logprobs = cascade_.wants_logprobs(model);
    const auto result = co_await attempt(ask);
    if (!result.error || result.poor) cascade_.answered(model);
    if (!result.error) co_return std::nullopt;
    if (result.poor) {
      poor_ = true;
      co_return result.error;
    }
    // It may have refused what only we asked for.
    if (added_logprobs &&
        (result.error->code == ErrorCode::upstream_rejected || result.error->code == ErrorCode::unsupported ||
         result.error->code == ErrorCode::upstream_server_error)) {
      cascade_.drop_logprobs();
      --tries;
      continue;
    }
    if (result.error->code == ErrorCode::context_overflow) {
      overflowed_ = true;
      overflowed_context_ = std::max(overflowed_context_, context_.model(model).context_length);
    }
    if (progress_.begun && !progress_.broken) progress_.broken = model;
    // Whoever goes on, it is not the one that broke off.
    if (result.spoke || result.blameless) co_return result.error;
    // The same candidate with its next key, at once: it counts neither as a try nor as a failure of the model.
    if (result.other_key && ++keys_tried < context_.deployment->credentials[context_.model(model).provider]->size()) {
      last_error = result.error;
      context_.worker.metrics.add(Count::retries);
      --tries;
      continue;
    }
    // It refused what another had said, not the request: the same again from the start.
    if (had_prefill && !sends_prefill(model)) {
      --tries;
      continue;
    }
    const auto delay = retry_delay_ms(result, tries, model, turn);
    if (!delay) co_return result.error;
    last_error = result.error;
    context_.worker.metrics.add(Count::retries);
    const auto slept = co_await loop.sleep(*delay, &downstream_.cancellation());
    if (slept == net::Outcome::cancelled) co_return interrupted();
  }
}

// 0 where `permission` waits as long as the provider asked for.
std::optional<int64_t> Relay::retry_delay_ms(const AttemptResult& result, int tries, uint32_t model, Turn turn) {
  const auto& error = *result.error;
  // A stale connection deserves another try at once, whatever the provider's `retries`.
  if (result.stale && tries == 0) return 1;
  if (!rule_of(error.code).retry_same || tries >= context_.provider_of(model).retries || out_of_time()) {
    return std::nullopt;
  }
  const auto limited = context_.deployment->breakers[model]->limited_ms(now_ms());
  if (limited > 0) {
    const bool waits = turn == Turn::last || context_.plan.prefer == Prefer::first_choice;
    if (limited > (waits ? patience_ms(context_.plan.patience_ms, turn) : fast_detour_ms)) return std::nullopt;
    if (now_ms() + limited >= context_.deadline_us / 1000) return std::nullopt;
    return 0;
  }
  std::uniform_int_distribution<int64_t> jitter(50, 150);
  const auto delay = jitter(context_.worker.random) << tries;
  const bool in_time = context_.worker.loop.now_us() + delay * 1000 < context_.deadline_us;
  return in_time ? std::optional(delay) : std::nullopt;
}

// The last of those that failed is the one that was to do better.
net::Task<void> Relay::give_draft(Draft draft, const Error& error) {
  auto& attempts = context_.entry.attempts;
  const auto failed = std::find_if(attempts.rbegin(), attempts.rend(), [](const AttemptEntry& one) {
    return one.purpose.empty() && one.outcome != "ok" && one.outcome != escalated;
  });
  if (failed != attempts.rend()) {
    cascade_.note_failure(failed->model, error);
  } else {
    cascade_.note_failure("the next model", error);
  }
  auto& own = attempts[draft.place];
  own.outcome = "ok";
  context_.changed = std::move(draft.changed);
  context_.entry.score = draft.score;
  context_.as_one = draft.usage;
  context_.answered_by(draft.model);
  note_reason(draft.model);
  co_await heartbeat_.stop();
  AnswerHead head{.fields = context_.answer_fields()};
  Status written;
  if (draft.stream) {
    begin_stream();
    if (context_.entry.first_token_us == 0)
      context_.entry.first_token_us = std::max<int64_t>(context_.worker.loop.now_us() - context_.started_us, 1);
    written = co_await downstream_.write(draft.bytes);
    if (written) written = co_await downstream_.end();
  } else {
    if (!draft.content_type.empty()) head.content_type = draft.content_type;
    written = co_await downstream_.respond(head, draft.bytes);
  }
  if (!written) context_.error = ErrorCode::client_gone;
}

void Relay::begin_stream() {
  if (heartbeat_.began()) return;
  downstream_.begin({.content_type = face_.stream_type(context_.request), .fields = context_.answer_fields()});
}

void Relay::note_reason(uint32_t model) {
  auto& reason = context_.entry.reason;
  reason = context_.worker.answer(context_.plan, context_.snapshot(), model, context_.tries()).reason;
  if (cascade_.judges()) {
    reason = cascade_.reason_with_notes(std::move(reason));
    context_.own_reason = true;
  }
  if (progress_.broken && *progress_.broken != model) {
    reason += fmt::format("; {} began the answer and broke off, {} went on", context_.model(*progress_.broken).id,
                          context_.model(model).id);
  } else if (progress_.broken) {
    reason += fmt::format("; {} broke off and went on itself", context_.model(model).id);
  }
  if (outgoing_ != nullptr && !context_.entry.redacted.empty()) {
    reason += fmt::format("; redacted: {}", context_.entry.redacted);
  }
  note_hedge(reason);
}

void Relay::answered(uint32_t model) {
  context_.answered_by(model);
  context_.changed = changed_;
}

net::Task<void> Relay::count_tokens() {
  context_.entry.http_status = 200;
  context_.entry.reason = "counted by the gateway itself";
  AnswerHead head{.fields = context_.answer_fields()};
  const auto body = face_.write_count(context_.facts.input_tokens, context_.request);
  const auto written = co_await downstream_.respond(head, body);
  if (!written) context_.error = ErrorCode::client_gone;
}

net::Task<void> Relay::refuse(const Error& error) {
  context_.failed(error, progress_.begun || heartbeat_.began() ? 200 : error.status());
  co_await heartbeat_.stop();
  if (error.code == ErrorCode::client_gone) co_return;
  if (progress_.begun || heartbeat_.began()) {
    std::string out;
    if (!progress_.begun) progress_.writer = face_.stream(context_.request);
    progress_.writer->fail(error, out);
    const auto written = co_await downstream_.write(out);
    if (written) co_await downstream_.end();
    co_return;
  }
  if (context_.entry.reason.empty()) context_.entry.reason = fmt::format("refused: {}", to_string(error.code));
  AnswerHead head{.status = error.status(), .fields = context_.answer_fields()};
  if (error.retry_after_ms > 0) head.fields += fmt::format("Retry-After: {}\r\n", (error.retry_after_ms + 999) / 1000);
  co_await downstream_.respond(head, face_.write_error(error));
}

}  // namespace weir
