#include "policies/hedging.h"

#include <fmt/format.h>

namespace weir {
namespace {

constexpr double parts_per_percent = 10'000;

// What costs by the piece, or leaves something behind at its provider, is asked for once.
bool may_be_asked_twice(Operation operation) {
  return holds(set_of(Operation::chat, Operation::completion, Operation::embedding, Operation::rerank), operation);
}

std::optional<std::size_t> first_kept(const Plan& plan) {
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) {
    if (is_kept(plan.candidates[i].verdict)) return i;
  }
  return std::nullopt;
}

}  // namespace

const HedgeRules* hedge_rules_of(const Plan& plan, const Snapshot& snapshot) {
  return plan.route ? snapshot.routes[*plan.route].hedge.get() : nullptr;
}

std::string_view why_never_hedged(const Request& request, const RequestFacts& facts, const Plan& plan) {
  if (!may_be_asked_twice(request.operation)) return "what it asks for is made once";
  if (plan.escalate) return "its answer is judged (`escalate`)";
  if (facts.batch) return "it can wait (x-weir-priority: batch)";
  if (!request.messages.empty() && request.messages.back().role == Role::tool)
    return "it brings the result of a tool, and within a turn the model does not change";
  // Tools that the provider itself runs may do something in the world.
  if (!request.foreign.empty()) return "it asks for what a provider itself does";
  return {};
}

std::optional<std::size_t> second_choice(const Plan& plan, std::size_t first) {
  const auto& candidates = plan.candidates;
  if (candidates[first].redact != 0) return std::nullopt;
  for (auto i = first + 1; i < candidates.size(); ++i) {
    if (candidates[i].verdict == Verdict::kept && candidates[i].redact == 0) return i;
  }
  return std::nullopt;
}

std::string explain_hedge(const Request& request, const RequestFacts& facts, const Plan& plan,
                          const Snapshot& snapshot) {
  const auto* const rules = hedge_rules_of(plan, snapshot);
  const auto first = first_kept(plan);
  if (rules == nullptr || !first) return {};
  if (const auto why = why_never_hedged(request, facts, plan); !why.empty())
    return fmt::format("one is asked at a time: {}", why);
  const auto second = second_choice(plan, *first);
  if (!second && plan.candidates[*first].redact != 0)
    return "one is asked at a time: values are taken out of what it is sent, and put back into its answer";
  if (!second) return "one is asked at a time: there is no other that may have the request as it is";
  const auto& id = snapshot.models[plan.candidates[*first].model].id;
  const auto after = rules->after_ms > 0 ? fmt::format("has said nothing for {} ms", rules->after_ms)
                                         : "takes longer to begin than 19 of 20 of its answers (p95)";
  return fmt::format("{} is asked as well when {} {}; of {:g} % of the requests at most",
                     snapshot.models[plan.candidates[*second].model].id, id, after,
                     static_cast<double>(rules->share) / parts_per_percent);
}

}  // namespace weir
