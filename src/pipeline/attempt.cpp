// One attempt at one candidate: a slot, the exchange, and what is learned from its end. Methods of Relay.
#include "core/cut_prompt.h"
#include "core/utf8.h"
#include "formats/format.h"
#include "formats/shared/answer_form.h"
#include "formats/shared/parameters.h"
#include "formats/shared/sent_settings.h"
#include "ledger/pricing.h"
#include "ledger/usage_bounds.h"
#include "pipeline/relay.h"
#include "pipeline/scrub.h"
#include "pipeline/stream_relay.h"
#include "policies/policy.h"
#include "redaction/restore_answer.h"
#include "upstream/tunnel.h"

namespace weir {
namespace {

constexpr std::size_t max_error_body = 64 * 1024;
constexpr std::size_t max_message = 500;
constexpr int64_t longest_overload_ms = 30'000;  // that a 503 may ask for on behalf of everybody
constexpr int64_t first_probe_ms = 3'000;        // what one request may lose to find out whether a silent one is back
constexpr int64_t most_doublings = 8;

// All that a model wrote.
std::size_t answer_bytes(const Response& response) {
  std::size_t bytes = 0;
  for (const auto& choice : response.choices) {
    for (const auto& part : choice.parts)
      bytes += part.text.size() + part.call.name.size() + part.call.arguments.size();
  }
  return bytes;
}

std::vector<std::string> call_ids_of(const Response& response) {
  std::vector<std::string> ids;
  for (const auto& choice : response.choices) {
    for (const auto& part : choice.parts) {
      if (part.kind == Part::Kind::tool_call) ids.push_back(part.call.id);
    }
  }
  return ids;
}

// For an exchange that waits for a first sign: others found out meanwhile that the target does not answer.
struct Hope {
  const CircuitBreaker& breaker;
  const net::EventLoop& loop;

  static bool is_gone(const void* of) {
    const auto& hope = *static_cast<const Hope*>(of);
    return hope.breaker.was_silent() && hope.breaker.state(hope.loop.now_us() / 1000) != BreakerState::closed;
  }
};

// What a key is limited for: the model, as the provider knows it.
uint64_t mark_of(const ModelSettings& model) { return std::hash<std::string_view>{}(model.name); }

bool passes_anything(Operation operation) {
  return operation == Operation::speech || operation == Operation::transcription || operation == Operation::file;
}

// A file, a batch, a prediction that is not there is nothing that its provider could be blamed for.
bool is_asked_by_id(const Request& request) { return !names_a_model(request.operation) && request.method != "POST"; }

// Told to nobody: what comes after it is the answer.
Error not_good_enough() { return {.code = ErrorCode::unsupported, .message = "Its answer was not good enough."}; }

Error said_nothing(std::string_view model) {
  return {.code = ErrorCode::upstream_malformed, .message = fmt::format("{} gave an answer without a word", model)};
}

Error not_kept(Error error) {
  error.code = ErrorCode::upstream_rejected;
  error.http_status = 404;
  return error;
}

// What only the caller's own format can say reaches nobody else: refused with its place, never lost.
Status can_carry(const Request& request, const Format& format) {
  if (request.foreign.empty() || format.wire == request.format) return {};
  const auto& first = request.foreign.front();
  return failure(Error{.code = ErrorCode::unsupported,
                       .message = fmt::format("{} is {}, which only providers of the format '{}' take; this one speaks "
                                              "'{}'.",
                                              first.place, first.what, request.format, format.name),
                       .param = first.place});
}

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

Target Relay::target(uint32_t model) {
  const auto place = context_.model(model).provider;
  const auto& provider =
      key_ ? context_.deployment->credentials[place]->with(*key_) : context_.snapshot().providers[place];
  const auto& facts = context_.facts;
  const auto context = context_.deployment->learned[model]->context_for(
      context_to_ask(facts.input_tokens, facts.output_tokens, context_.model(model).context_length), now_ms());
  auto& random = context_.worker.random;
  const auto unique =
      static_cast<uint64_t>(random()) << 32 ^ random() ^ std::hash<std::string_view>{}(context_.entry.id);
  return {provider, context_.model(model), context, wall_clock_us() / 1'000'000, unique};
}

Result<HttpRequest> Relay::write(uint32_t model, const Target& target) {
  const auto& format = *context_.deployment->formats[context_.model(model).provider];
  const std::string_view said = outgoing_ != nullptr ? outgoing_->said : progress_.said;
  // A judge may want to know how sure the model is of its words.
  const bool add_logprobs = cascade_.wants_logprobs(model);
  auto& request = outgoing_ != nullptr ? outgoing_->request : context_.request;
  if (add_logprobs) request.logprobs = true;
  auto http = format.model->write(request, target, sends_prefill(model) ? said : std::string_view());
  if (add_logprobs) request.logprobs = false;
  changed_.clear();
  if (!http || !http->headers.get("Content-Type").starts_with("application/json")) return http;
  if (format.wire != request.format) note_changed_settings(request, http->body, changed_);
  if (add_logprobs && format.wire == context_.request.format) {
    std::vector<std::string> ours;  // nothing of the caller's
    apply_parameters(http->body, {{.act = ParameterRule::Act::set, .path = {"logprobs"}, .value = "true"}}, ours);
  }
  bool differs = apply_parameters(http->body, target.provider.parameters, changed_);
  differs = apply_parameters(http->body, context_.model(model).parameters, changed_) || differs;
  if (!differs) return http;
  if (auto signed_anew = format.model->sign(*http, target); !signed_anew) return failure(signed_anew.error());
  return http;
}

net::Task<AttemptResult> Relay::exchange_with(const Ask& ask, std::size_t place, BreakerCall& call, int64_t began_us) {
  auto& loop = context_.worker.loop;
  const auto model = ask.model;
  const auto& provider = context_.provider_of(model);
  const auto& format = *context_.deployment->formats[context_.model(model).provider];
  AttemptResult result;
  if (auto carried = can_carry(context_.request, format); !carried) {
    result.error = carried.error();
    co_return result;
  }
  co_await renew_token(model, Renewal::ends_soon);
  tokens_exchanged_ = tokens_exchanged(model);
  const auto where = target(model);
  auto http = write(model, where);
  if (!http) {
    result.error = http.error();
    co_return result;
  }
  if (auto job = format.model->job(asked(), where)) {
    const auto run = std::make_shared<JobRun>(context_.worker, context_.deployment, context_.model(model).provider,
                                              std::move(job), context_.named);
    result = co_await job_answer(ask, *run, *http, place, call);
    if (result.error && run->may_run()) result.left_running = run;
    co_return result;
  }
  const Hope hope{*context_.deployment->breakers[model], loop};
  const auto form = context_.request.stream ? AskedForm::stream : AskedForm::whole;
  const auto limits = waits(ask, form);
  auto patience = exchange_waits(ask, limits, form);
  if (ask.turn == Turn::others_follow && ask.permit == Permit::yes) {
    patience.hopeless = &Hope::is_gone;
    patience.of = &hope;
  }
  Exchange exchange(context_.worker.pool, provider);
  // What was made of the request in its place has no files.
  if (outgoing_ == nullptr) exchange.take_files(context_.files.get());
  const auto sent = co_await exchange.send(*http, patience, &downstream_.cancellation());
  context_.entry.attempts[place].http_status = exchange.status();
  if (exchange.connected()) {
    context_.worker.metrics.add(exchange.was_reused() ? Count::upstream_reuses : Count::upstream_connects);
  }
  if (!sent) {
    result.error = sent.error();
    result.stale = exchange.was_reused() && sent.error().code == ErrorCode::upstream_reset;
    result.unreached = !exchange.connected();
  } else if (exchange.status() < 200 || exchange.status() > 299) {
    auto body = co_await exchange.read_all(max_error_body);
    result.error =
        format.model->classify({exchange.status(), exchange.headers(), body ? std::move(*body) : std::string()});
    if (is_asked_by_id(context_.request) && exchange.status() == 404)
      *result.error = not_kept(std::move(*result.error));
    name_proxy(provider, exchange.status(), *result.error);
  } else if (context_.request.stream) {
    StreamRelay stream(*this, model, &exchange, call, limits, ask.turn);
    result = co_await stream.run(place, began_us);
  } else {
    context_.worker.documents.keep(std::move(http->body));  // it was sent
    result = co_await whole_answer(ask, exchange, place);
  }
  co_return result;
}

net::Task<AttemptResult> Relay::whole_answer(const Ask& ask, Exchange& exchange, std::size_t place) {
  const auto& format = *context_.deployment->formats[context_.model(ask.model).provider];
  auto& documents = context_.worker.documents;
  auto body = co_await exchange.read_all(context_.snapshot().limits.response_bytes, documents.spare_text());
  if (!body) co_return AttemptResult{.error = body.error()};
  auto response = decode_answer(*format.model, asked(), std::move(*body), documents);
  if (!response) co_return AttemptResult{.error = response.error()};
  auto result = co_await give(ask, *response, exchange.content_type(), place);
  co_return result;
}

net::Task<AttemptResult> Relay::give(const Ask& ask, Response& response, std::string_view said_type,
                                     std::size_t place) {
  const auto model = ask.model;
  auto& entry = context_.entry.attempts[place];
  const auto& format = *context_.deployment->formats[context_.model(model).provider];
  auto& documents = context_.worker.documents;
  if (response.passed_on) context_.answered_from_elsewhere(model);
  if (outgoing_ != nullptr) redaction::restore(outgoing_->values, response);

  const bool counts_tokens = names_a_model(context_.request.operation);
  const auto bounds = usage_bounds(context_.model(model), context_.request, context_.facts.input_tokens);
  const auto billed = counts_tokens ? std::string() : bill_once(model, response, place);
  if (counts_tokens) response.usage = plausible_usage(response.usage, bounds);
  if (!response.pictures.empty()) response.usage.units = static_cast<int64_t>(response.pictures.size()) * 1'000;
  if (auto cut = cut_prompt(model, response.usage)) co_return AttemptResult{.error = std::move(cut)};
  entry.usage = counts_tokens
                    ? with_units(believed_usage(response.usage, context_.facts.input_tokens, answer_bytes(response)),
                                 context_.request)
                    : response.usage;
  response.usage = entry.usage;
  const bool same = format.wire == context_.request.format;
  // Sound and transcripts have one form, whoever made them.
  const bool as_is = (same || passes_anything(response.operation)) && !response.raw.empty();
  if (response.id.empty() || !same) response.id = own_id();
  if (response.created == 0) response.created = context_.entry.time_us / 1'000'000;
  if (response.model.empty()) response.model = context_.model(model).name;
  auto content_type = std::exchange(response.content_type, {});
  // Sound, subtitles: what it is, its server says.
  if (content_type.empty() && passes_anything(context_.request.operation)) content_type = said_type;
  const bool added_logprobs = cascade_.wants_logprobs(model);
  std::vector<std::string> sure;  // what the judges read of it and the caller did not ask for
  if (added_logprobs) {
    if (as_is) response.raw = without_logprobs(response.raw);
    for (auto& choice : response.choices) sure.push_back(std::exchange(choice.logprobs, {}));
  }
  auto answer = as_is ? std::move(response.raw) : face_.write(response, context_.request);
  if (!as_is) content_type.clear();
  for (std::size_t i = 0; i < sure.size(); ++i) response.choices[i].logprobs = std::move(sure[i]);
  if (cascade_.judges()) {
    Draft draft{.model = model, .place = place, .content_type = content_type, .bytes = std::move(answer)};
    auto judging = falls_short(response, draft, ask.turn);
    const bool poor = co_await std::move(judging);
    // The last one is given whatever it says, unless that is nothing, and there is something else to give.
    if (poor && ask.turn == Turn::last) co_return AttemptResult{.error = said_nothing(context_.model(model).id)};
    if (poor) co_return AttemptResult{.error = not_good_enough(), .poor = true};
    answer = std::move(draft.bytes);
  }
  if (!claim()) co_return AttemptResult{.error = interrupted()};
  note_calls(model, call_ids_of(response));
  answered(model);
  if (priced_as_) context_.entry.model = context_.model(*priced_as_).id;
  context_.as_one = context_.entry.attempts[place].usage;
  note_reason(model);
  if (context_.heard) context_.heard->hear(response);
  if (context_.keeping && outgoing_ == nullptr) {
    if (added_logprobs) {
      for (auto& choice : response.choices) choice.logprobs.clear();
    }
    context_.keeping->take(model, response);
  }
  // Named before it is awaited: g++ 12 destroys a braced temporary in a co_await expression twice.
  AnswerHead head{.fields = context_.answer_fields(documents.spare_text())};
  if (!content_type.empty()) head.content_type = content_type;
  const auto written = co_await downstream_.respond(head, answer);
  if (!billed.empty()) context_.entry.id = billed;
  documents.keep(std::move(head.fields));
  documents.keep(std::move(answer));
  co_return AttemptResult{.error = written ? std::nullopt : std::optional(interrupted())};
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

void Relay::note_calls(uint32_t model, const std::vector<std::string>& call_ids) {
  if (call_ids.empty() || context_.request.operation != Operation::chat) return;
  const auto marks = marks_of_calls(context_.request, context_.entry.key_id, call_ids);
  context_.deployment->turns->remember(marks, context_.model(model).id, context_.entry.key_id);
}

net::Task<bool> Relay::falls_short(const Response& response, Draft& draft, Turn turn) {
  if (!cascade_.holds(turn == Turn::others_follow)) {
    const auto score = cascade_.judge_alone(response);
    if (score.value == 0 && cascade_.draft()) co_return true;
    context_.entry.attempts[draft.place].score = score.value;
    cascade_.note_given(draft.model, response, score);
    co_return false;
  }
  auto judging = cascade_.judge(draft.model, response, downstream_.cancellation());
  const auto score = co_await std::move(judging);
  const bool poor = !downstream_.cancellation().requested() && cascade_.is_poor(score);
  cascade_.note(draft.model, draft.place, score, poor);
  if (!poor) {
    cascade_.note_given(draft.model, response, score);
    co_return false;
  }
  draft.score = score.value;
  draft.usage = context_.entry.attempts[draft.place].usage;
  draft.changed = changed_;
  cascade_.keep_draft(std::move(draft), response);
  co_return true;
}

std::string Relay::own_id() const {
  return face_.make_id(std::string_view(context_.entry.id).substr(4), context_.request.operation);
}

std::optional<Error> Relay::cut_prompt(uint32_t model, const Usage& usage) const {
  const bool local = zone_of_model(context_.plan, model, context_.snapshot()).kind == ZoneKind::local;
  if (!local || !was_cut(context_.request, usage)) return std::nullopt;
  return Error{
      .code = ErrorCode::context_overflow,
      .message = fmt::format("{} read only {} tokens of a longer prompt: it runs with a shorter context. Let it run "
                             "with a longer one, or give the model its `context_length`",
                             context_.model(model).id, usage.input)};
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
