#include "pipeline/shadow_copies.h"

#include <algorithm>

#include "core/role_name.h"
#include "core/text_list.h"
#include "core/utf8.h"
#include "judges/comparison.h"
#include "lessons/lesson_keeper.h"
#include "pipeline/relay.h"
#include "policies/policy.h"
#include "trials/trial_keeper.h"

namespace weir {
namespace {

constexpr std::size_t most_kept_bytes = 64 * 1024;  // of each text

// Names one model, whatever the rules say; the zones are not a policy's to decide.
class OneModel final : public Policy {
 public:
  explicit OneModel(uint32_t model) : model_(model) {}
  [[nodiscard]] PolicyInfo info() const override { return {.name = "one_model", .description = "for copies"}; }
  [[nodiscard]] Plan plan(const RequestFacts& /*facts*/, const RouteSettings& /*route*/, const Snapshot& /*snapshot*/,
                          const HealthView& /*health*/) const override {
    Plan plan;
    plan.candidates.push_back({.model = model_});
    return plan;
  }

 private:
  uint32_t model_;
};

// Takes an answer to its end and gives it to nobody.
class NobodyListens final : public Downstream {
 public:
  explicit NobodyListens(net::Cancellation& cancellation) : cancellation_(cancellation) {}
  [[nodiscard]] net::Cancellation& cancellation() override { return cancellation_; }
  [[nodiscard]] bool shutting_down() const override { return true; }
  net::Task<Status> respond(const AnswerHead& /*head*/, std::string_view /*body*/) override { co_return Status{}; }
  void begin(const AnswerHead& /*head*/) override {}
  net::Task<Status> write(std::string_view /*bytes*/) override { co_return Status{}; }
  net::Task<Status> end() override { co_return Status{}; }

 private:
  net::Cancellation& cancellation_;
};

std::string question_of(const Request& request) {
  std::string out;
  const auto add = [&](std::string_view who, std::string_view text) {
    if (text.empty() || out.size() > most_kept_bytes) return;
    out.append(out.empty() ? "" : "\n\n").append(who).append(": ").append(text);
  };
  std::string buffer;
  for (const auto& message : request.messages) {
    const auto who = message.role == Role::developer ? "developer" : common_role_name(message.role);
    add(who, message.plain_text(buffer));
  }
  for (const auto text : request.inputs) add("prompt", text);
  return out;
}

std::string words_of(const Response& response) {
  if (response.choices.empty()) return {};
  auto out = response.choices.front().text();
  for (const auto& part : response.choices.front().parts) {
    if (part.kind == Part::Kind::tool_call) out += "\n[calls " + part.call.name + "(" + part.call.arguments + ")]";
  }
  return out;
}

void cut(std::string& text) { text.resize(cut_at_character(text, most_kept_bytes).size()); }

}  // namespace

void ShadowCopies::start(ShadowOrder order) {
  if (stopped_) return worker_.trials->end_copy(order.experiment->name);
  running_.emplace_back();
  net::spawn(run(std::make_unique<ShadowOrder>(std::move(order)), std::prev(running_.end())));
}

void ShadowCopies::stop() {
  stopped_ = true;
  for (auto it = running_.begin(); it != running_.end();) {
    auto& one = *it++;  // what ends takes itself out of the list
    one.request();
  }
}

net::Task<void> ShadowCopies::run(std::unique_ptr<ShadowOrder> order, std::list<net::Cancellation>::iterator place) {
  // The session that the request came by goes on first.
  co_await worker_.loop.sleep(1, &*place);
  HeardAnswer heard;
  const bool answered = co_await ask(*order, *place, heard);
  if (answered) compare(*order, heard);
  worker_.trials->end_copy(order->experiment->name);
  running_.erase(place);
}

net::Task<bool> ShadowCopies::ask(ShadowOrder& order, net::Cancellation& cancellation, HeardAnswer& heard) {
  if (cancellation.requested()) co_return false;
  const auto id = worker_.ids.next(wall_clock_us());
  RequestContext context(worker_, id, nullptr, order.facts.operation);
  context.purpose = "shadow";
  context.deployment = order.deployment;
  context.named = order.named;
  context.request = std::move(order.request);
  context.outgoing = std::move(order.outgoing);
  context.facts = order.facts;
  context.facts.requested_model = context.request.model;
  context.facts.caller = order.key ? std::string_view(order.key->record.name) : std::string_view();
  context.facts.tags = split_list(order.tags);
  context.facts.batch = true;
  context.entry.requested = context.model(order.model).id;
  context.entry.experiment = order.experiment->name + ":shadow";
  context.entry.task = std::string(order.facts.task);
  context.entry.stream = context.request.stream;

  // The same rules once more, for this model alone: what they keep from its zone it never sees.
  HealthView health;
  order.deployment->observe(worker_.loop.now_us() / 1000, health);
  context.plan = plan_route(OneModel(order.model), order.route, context.facts, context.snapshot(), health);
  // What the route has for prompts that are too long is not what is compared.
  std::erase_if(context.plan.candidates, [&](const Candidate& one) { return one.model != order.model; });
  context.plan.baseline.reset();
  context.plan.escalate.reset();
  context.entry.classes = context.snapshot().classes.join(context.plan.classes);
  context.entry.route = context.snapshot().routes[order.route].name;
  const bool may =
      context.plan.kept() == 1 && context.plan.candidates.front().verdict == Verdict::kept && !context.plan.blocked_by;
  if (!may) {
    context.discard();
    order.request = std::move(context.request);
    co_return false;
  }
  context.entry.plan = worker_.plan_json(context.plan, context.snapshot());
  context.deadline_us = context.started_us + std::min(context.plan.total_ms, longest_ms) * 1000;
  context.heard = std::make_unique<HeardAnswer>();
  NobodyListens nobody(cancellation);
  Relay relay(context, *order.face, nobody);
  co_await relay.run();
  heard = std::move(*context.heard);
  order.request = std::move(context.request);

  auto& side = order.asks_tested ? order.comparison.tested : order.comparison.reference;
  side.model = context.model(order.model).id;
  if (!context.entry.attempts.empty()) {
    const auto& attempt = context.entry.attempts.back();
    side.duration_us = attempt.duration_us;
    side.first_token_us = attempt.first_token_us;
    side.cost = attempt.cost;
  }
  side.ok = !context.error;
  // A reference that failed says nothing of the model in question, and what we stopped ourselves says nothing at all.
  const bool interrupted = cancellation.requested() || context.error == ErrorCode::shutting_down ||
                           context.error == ErrorCode::queue_timeout;
  co_return !interrupted && (side.ok || order.asks_tested) && !heard.too_long();
}

void ShadowCopies::compare(ShadowOrder& order, const HeardAnswer& heard) {
  const auto* weights = worker_.lessons == nullptr ? nullptr : worker_.lessons->weights();
  const auto& judge = order.experiment->judge;
  const auto& tested = order.asks_tested ? heard : order.answer;
  const auto& reference = order.asks_tested ? order.answer : heard;
  auto& comparison = order.comparison;
  const auto& said = reference.response();
  const auto of_reference = compare_by(judge, order.request, said, &said, weights);
  const auto of_tested = comparison.tested.ok ? compare_by(judge, order.request, tested.response(), &said, weights)
                                              : std::optional<double>(0);
  if (!of_reference || !of_tested) return;
  comparison.tested.score = to_parts(*of_tested);
  comparison.reference.score = to_parts(*of_reference);
  std::optional<KeptTexts> texts;
  if (order.may_keep && comparison.tested.ok) {
    texts = KeptTexts{.question = question_of(order.request),
                      .tested = words_of(tested.response()),
                      .reference = words_of(reference.response()),
                      .until_us = wall_clock_us() + order.experiment->keep_ms * 1000};
    for (auto* const text : {&texts->question, &texts->tested, &texts->reference}) cut(*text);
  }
  worker_.trials->keep(std::move(comparison), std::move(texts));
}

}  // namespace weir
