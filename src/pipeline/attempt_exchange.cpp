// What one attempt sends, and what comes back: a stream, a whole answer, the end of a job, an error. Methods of Relay.
#include "core/cut_prompt.h"
#include "formats/format.h"
#include "formats/shared/answer_form.h"
#include "formats/shared/parameters.h"
#include "formats/shared/sent_settings.h"
#include "pipeline/relay.h"
#include "pipeline/stream_relay.h"
#include "policies/policy.h"
#include "upstream/tunnel.h"

namespace weir {
namespace {

constexpr std::size_t max_error_body = 64 * 1024;

// For an exchange that waits for a first sign: others found out meanwhile that the target does not answer.
struct Hope {
  const CircuitBreaker& breaker;
  const net::EventLoop& loop;

  static bool is_gone(const void* of) {
    const auto& hope = *static_cast<const Hope*>(of);
    return hope.breaker.was_silent() && hope.breaker.state(hope.loop.now_us() / 1000) != BreakerState::closed;
  }
};

// A file, a batch, a prediction that is not there is nothing that its provider could be blamed for.
bool is_asked_by_id(const Request& request) { return !names_a_model(request.operation) && request.method != "POST"; }

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

}  // namespace weir
