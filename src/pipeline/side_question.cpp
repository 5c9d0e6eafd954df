#include "pipeline/side_question.h"

#include "formats/shared/answer_form.h"
#include "formats/shared/parameters.h"
#include "ledger/pricing.h"
#include "ledger/usage_bounds.h"
#include "pipeline/breaker_call.h"
#include "pipeline/request_context.h"
#include "pipeline/scrub.h"
#include "policies/policy.h"
#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr int64_t look_for_slot_ms = 25;
constexpr std::size_t most_of_error = 16 * 1024;
constexpr std::size_t texts_before = 16;

int64_t patience_ms(const SideQuestion& question) {
  return std::max<int64_t>((question.deadline_us - question.context.worker.loop.now_us()) / 1000, 1);
}

Result<HttpRequest> written(const SideQuestion& question, const Format& format, const Target& target) {
  auto http = format.model->write(question.request, target, {});
  if (!http || !http->headers.get("Content-Type").starts_with("application/json")) return http;
  std::vector<std::string> changed;
  bool differs = apply_parameters(http->body, target.provider.parameters, changed);
  differs = apply_parameters(http->body, target.model.parameters, changed) || differs;
  differs = apply_parameters(http->body, question.changes, changed) || differs;
  if (!differs) return http;
  if (auto signed_anew = format.model->sign(*http, target); !signed_anew) return failure(signed_anew.error());
  return http;
}

net::Task<Result<SlotLease>> slot_for(const SideQuestion& question) {
  auto& context = question.context;
  auto& slots = *context.deployment->slots[context.model(question.model).provider];
  if (question.has_slot) co_return SlotLease();
  for (;;) {
    if (auto lease = slots.try_acquire()) co_return lease;
    if (context.worker.loop.now_us() >= question.deadline_us) {
      co_return failure(ErrorCode::queue_timeout, "No slot came free in time.");
    }
    const auto slept = co_await context.worker.loop.sleep(look_for_slot_ms, &question.cancellation);
    if (slept == net::Outcome::cancelled) co_return failure(ErrorCode::client_gone, "The client left.");
  }
}

net::Task<Result<Response>> exchanged(const SideQuestion& question, std::size_t place) {
  auto& context = question.context;
  const auto& model = context.model(question.model);
  const auto& format = *context.deployment->formats[model.provider];
  const auto now_ms = context.worker.loop.now_us() / 1000;
  const Target target{.provider = context.deployment->working(model.provider, now_ms),
                      .model = model,
                      .wall_s = wall_clock_us() / 1'000'000,
                      .unique = context.worker.random()};
  auto http = written(question, format, target);
  if (!http) co_return failure(std::move(http.error()));
  if (format.model->job(question.request, target) != nullptr) {
    co_return failure(ErrorCode::unsupported, "It answers in jobs.");
  }
  const auto left_ms = patience_ms(question);
  const ExchangeWaits waits{
      .deadline_us = question.deadline_us, .head_ms = left_ms, .first_piece_ms = left_ms, .idle_ms = left_ms};
  Exchange exchange(context.worker.pool, context.provider_of(question.model));
  const auto sent = co_await exchange.send(*http, waits, &question.cancellation);
  context.entry.attempts[place].http_status = exchange.status();
  if (!sent) co_return failure(sent.error());
  if (exchange.status() < 200 || exchange.status() > 299) {
    auto body = co_await exchange.read_all(most_of_error);
    co_return failure(
        format.model->classify({exchange.status(), exchange.headers(), body ? std::move(*body) : std::string()}));
  }
  auto body = co_await exchange.read_all(context.snapshot().limits.response_bytes);
  if (!body) co_return failure(std::move(body.error()));
  co_return decode_answer(*format.model, question.request, std::move(*body), context.worker.documents);
}

std::size_t bytes_of(const Response& response) {
  std::size_t bytes = 0;
  for (const auto& choice : response.choices) {
    for (const auto& part : choice.parts)
      bytes += part.text.size() + part.call.name.size() + part.call.arguments.size();
  }
  return bytes;
}

}  // namespace

net::Task<Result<Response>> ask_aside(SideQuestion question) {
  auto& context = question.context;
  auto& loop = context.worker.loop;
  const auto& model = context.model(question.model);
  const auto began_us = loop.now_us();
  context.entry.attempts.push_back({.model = model.id,
                                    .provider = context.provider_of(question.model).id,
                                    .zone = to_string(zone_of_model(context.plan, question.model, context.snapshot())),
                                    .started_us = began_us - context.started_us,
                                    .purpose = question.purpose});
  const auto place = context.entry.attempts.size() - 1;
  auto& breaker = *context.deployment->breakers[question.model];
  Result<Response> answer = failure(ErrorCode::upstream_unreachable, "It has failed lately and was not asked.");
  const auto permit = breaker.allow(began_us / 1000);
  if (permit != Permit::no) {
    BreakerCall call(breaker, permit, loop.now_us());
    auto lease = co_await slot_for(question);
    if (lease) {
      const auto asked_us = loop.now_us();
      answer = co_await exchanged(question, place);
      if (!question.has_slot) lease->release_after(loop.now_us() - asked_us);
      // A short patience of ours is no fault of the server's: only what it said itself counts.
      if (answer) call.ended();
    } else {
      answer = failure(std::move(lease.error()));
    }
  }
  auto& attempt = context.entry.attempts[place];
  attempt.duration_us = loop.now_us() - began_us;
  attempt.outcome = answer ? "ok" : to_string(answer.error().code);
  if (!answer) {
    hide_credentials(answer.error(), context.provider_of(question.model));
    attempt.message = without_echo(answer.error().message, context.request);
    constexpr std::size_t most_message = 200;
    if (attempt.message.size() > most_message) attempt.message.clear();
    co_return answer;
  }
  const auto tokens = question.request.estimated_input_tokens();
  attempt.usage = believed_usage(plausible_usage(answer->usage, usage_bounds(model, question.request, tokens)), tokens,
                                 bytes_of(*answer));
  const auto cost = attempt_cost(context.snapshot(), question.model, attempt.usage, attempt.duration_us,
                                 context.entry.time_us + attempt.started_us);
  attempt.cost = cost.amount;
  attempt.price_known = cost.known;
  attempt.price = cost.marks;
  co_return answer;
}

bool may_be_asked(const RequestContext& context, uint32_t model, std::string_view said) {
  const auto& asked = context.request.texts();
  std::vector<std::string_view> texts(asked.end() - static_cast<std::ptrdiff_t>(std::min(texts_before, asked.size())),
                                      asked.end());
  texts.push_back(said);
  auto facts = context.facts;
  facts.requested_model = context.model(model).id;
  facts.found |= context.deployment->guards.classify(texts);
  facts.has_tools = facts.has_images = facts.has_files = facts.has_audio = facts.stream = false;
  // What a rule narrowed because of what the request carries stays narrowed: those rules are asked below.
  const auto plan = decide(facts, context.snapshot(), context.worker.health);
  if (!plan || plan->kept() == 0) return false;
  const auto& candidate = plan->candidates.front();
  if (candidate.model != model || candidate.redact != 0) return false;
  const auto zone = zone_of(candidate, context.snapshot());
  for (const auto& narrowing : context.plan.narrowed_by) {
    const auto& rule = context.snapshot().routes[narrowing.route].rules[static_cast<std::size_t>(narrowing.rule)];
    if (!any_allows(rule.zones, zone)) return false;
  }
  // With what the answer holds, rules of the route may hold that ask for nothing but the route's name.
  if (!context.plan.route) return true;
  facts.requested_model = context.snapshot().routes[*context.plan.route].name;
  const auto as_route = decide(facts, context.snapshot(), context.worker.health);
  return as_route && (as_route->narrowed_by.empty() || any_allows(as_route->zones, zone));
}

}  // namespace weir
