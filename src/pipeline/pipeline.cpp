#include "pipeline/pipeline.h"

#include <chrono>

#include "core/text_list.h"
#include "ledger/pricing.h"
#include "net/turn_end.h"
#include "pipeline/relay.h"
#include "policies/policy.h"

namespace weir {
namespace {

constexpr int64_t assumed_busy_us = 30'000'000;  // of a local slot, to reserve from a budget
constexpr int64_t assumed_output_tokens = 1'024;
constexpr int most_pauses = 100;
constexpr int64_t pause_ms = 5;
constexpr std::size_t read_at_once = 64 * 1024;  // of a request's texts, by the guards
constexpr std::size_t read_between_looks_at_the_clock = 8 * 1024;
constexpr std::chrono::milliseconds longest_turn{2};

Status check_permission(const KeyState* key, std::string_view model) {
  if (key == nullptr || key->may_use(model)) return {};
  std::string allowed;
  for (const auto& route : key->record.routes) allowed += (allowed.empty() ? "" : ", ") + route;
  return failure(
      Error{.code = ErrorCode::forbidden,
            .message = fmt::format("The key '{}' may not use '{}'. It may use: {}.", key->record.name, model, allowed),
            .param = "model"});
}

AskedFacts asked_facts(const RequestFacts& facts, const ChatRequest& request) {
  return {.input_tokens = facts.input_tokens,
          .output_tokens = facts.output_tokens,
          .choices = request.n,
          .has_tools = facts.has_tools,
          .has_images = facts.has_images,
          .known = true};
}

// Takes from the key's limits what this request may use at most.
Result<Reservation> reserve(const RequestContext& context) {
  if (!context.key || !context.key->meter->limited()) return Reservation{};
  std::vector<uint32_t> models;
  for (std::size_t i = 0; i < context.plan.kept(); ++i) models.push_back(context.plan.candidates[i].model);
  const auto output = context.facts.output_tokens * context.request.n;
  const auto cost = reservation_cost(context.snapshot(), models, context.facts.input_tokens, output, assumed_busy_us);
  const auto tokens = context.facts.input_tokens + (output > 0 ? output : assumed_output_tokens);
  return admit(*context.key, tokens, cost, context.entry.time_us);
}

std::size_t total_size(const std::vector<std::string_view>& texts) {
  std::size_t total = 0;
  for (const auto text : texts) total += text.size();
  return total;
}

// What the guards find, with pauses in which the loop serves others.
net::Task<ClassSet> classify_in_turns(net::EventLoop& loop, const GuardSet& guards,
                                      const std::vector<std::string_view>& texts) {
  GuardSet::Reading reading(guards, texts);
  auto began = std::chrono::steady_clock::now();
  while (!reading.advance(read_between_looks_at_the_clock)) {
    if (std::chrono::steady_clock::now() - began < longest_turn) continue;
    co_await net::NextTurn{loop};
    began = std::chrono::steady_clock::now();
  }
  co_return reading.classes();
}

}  // namespace

Result<RequestFacts> gather_facts(const ChatRequest& request, const Snapshot& snapshot, ClassSet found,
                                  std::string_view caller, std::string_view declared_classes, std::string_view tags) {
  RequestFacts facts{.operation = request.operation,
                     .requested_model = request.model,
                     .caller = caller,
                     .found = found,
                     .tags = split_list(tags),
                     .input_tokens = request.estimated_input_tokens(),
                     .output_tokens = request.max_tokens.value_or(0),
                     .has_tools = !request.tools.empty(),
                     .has_images = request.has_images,
                     .stream = request.stream};
  for (const auto name : split_list(declared_classes)) {
    const auto known = snapshot.classes.find(name);
    if (!known) {
      return failure(
          Error{.code = ErrorCode::invalid_request,
                .message = fmt::format("x-weir-sensitive names '{}', which is no class of this gateway. Known: {}.",
                                       name, fmt::join(snapshot.classes.all(), ", ")),
                .param = "x-weir-sensitive"});
    }
    facts.declared |= *known;
  }
  return facts;
}

net::Task<void> Pipeline::serve(Incoming incoming, Downstream& downstream) {
  RequestContext context(worker_, incoming.request_id, std::move(incoming.key), incoming.operation);
  context.entry.tags = incoming.tags;
  Relay relay(context, *incoming.dialect, downstream);

  // Many cores make entries faster than one disk takes them: then requests wait, so that no entry must be dropped.
  for (int i = 0; i < most_pauses && worker_.ledger.crowded(); ++i) co_await worker_.loop.sleep(pause_ms);

  // What is asked, in canonical form, whatever the dialect.
  auto decoded = incoming.dialect->decode(incoming.operation, std::move(incoming.body), worker_.documents);
  if (!decoded) co_return co_await relay.refuse(decoded.error());
  context.request = std::move(*decoded);
  context.entry.requested = context.request.model;
  context.entry.stream = context.request.stream;
  if (auto permitted = check_permission(context.key.get(), context.request.model); !permitted) {
    co_return co_await relay.refuse(permitted.error());
  }

  // All that a rule may ask: the guards read every text before anything is decided.
  const auto texts = context.request.texts();
  const auto& guards = context.deployment->guards;
  const auto found = total_size(texts) <= read_at_once ? guards.classify(texts)
                                                       : co_await classify_in_turns(worker_.loop, guards, texts);
  auto facts = gather_facts(context.request, context.snapshot(), found, context.entry.caller, incoming.declared_classes,
                            context.entry.tags);
  if (!facts) co_return co_await relay.refuse(facts.error());
  context.facts = std::move(*facts);
  context.entry.classes = context.snapshot().classes.join(context.facts.classes());
  context.entry.asked = asked_facts(context.facts, context.request);

  // The decision: pure, zones enforced in it, and never taken again for this request.
  context.deployment->observe(worker_.loop.now_us() / 1000, worker_.health);
  auto plan = decide(context.facts, context.snapshot(), worker_.health);
  if (!plan) co_return co_await relay.refuse(plan.error());
  context.plan = std::move(*plan);
  context.entry.plan = worker_.plan_json(context.plan, context.snapshot());
  if (context.plan.route) context.entry.route = context.snapshot().routes[*context.plan.route].name;
  context.deadline_us = context.started_us + context.plan.total_ms * 1000;
  if (context.plan.kept() == 0) co_return co_await relay.refuse(context.plan.refusal);

  // The key's limits, after the plan because the estimate depends on who may answer.
  auto reservation = reserve(context);
  if (!reservation) co_return co_await relay.refuse(reservation.error());
  context.reservation = std::move(*reservation);

  // Slots, providers, answers: attempts until the client has one. The context's end writes the ledger.
  co_await relay.run();
}

}  // namespace weir
