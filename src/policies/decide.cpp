#include <algorithm>

#include "policies/policy.h"

namespace weir {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) { return one == name; });
}

bool asks_for_classes(const When& when) { return when.sensitive_any || when.sensitive != 0; }

// The classes of the request that make the rule hold.
ClassSet classes_behind(const When& when, const RequestFacts& facts) {
  if (when.sensitive_any) return facts.classes();
  return when.sensitive & facts.classes();
}

std::optional<Zone> meet(const Zone& a, const Zone& b) {
  if (allows(a, b)) return b;
  if (allows(b, a)) return a;
  return std::nullopt;
}

// plan.zones becomes what both it and `rule` allow.
void narrow(Plan& plan, uint32_t route, std::size_t rule_index, const Rule& rule, const RequestFacts& facts) {
  const bool first = plan.narrowed_by.empty();
  plan.narrowed_by.push_back(
      {.route = route, .rule = static_cast<int16_t>(rule_index), .classes = classes_behind(rule.when, facts)});
  if (first) {
    plan.zones = rule.zones;
    return;
  }
  std::vector<Zone> both;
  for (const Zone& a : plan.zones) {
    for (const Zone& b : rule.zones) {
      auto zone = meet(a, b);
      if (zone && std::find(both.begin(), both.end(), *zone) == both.end()) both.push_back(std::move(*zone));
    }
  }
  plan.zones = std::move(both);
}

void narrow_by_route(Plan& plan, uint32_t route, const RequestFacts& facts, const Snapshot& snapshot) {
  const auto& rules = snapshot.routes[route].rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!holds(rules[i].when, facts)) continue;
    plan.matched_rules.push_back(static_cast<int16_t>(i));
    if (!rules[i].zones.empty()) narrow(plan, route, i, rules[i], facts);
  }
}

// For a model that was named directly: the sensitivity rules of all routes.
void narrow_by_all_routes(Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  if (facts.classes() == 0) return;
  for (uint32_t route = 0; route < snapshot.routes.size(); ++route) {
    const auto& rules = snapshot.routes[route].rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const Rule& rule = rules[i];
      if (rule.zones.empty() || !asks_for_classes(rule.when)) continue;
      if (holds_whatever_was_named(rule.when, facts)) narrow(plan, route, i, rule, facts);
    }
  }
}

const Zone& zone_of(uint32_t model, const Snapshot& snapshot) {
  return snapshot.providers[snapshot.models[model].provider].zone;
}

// The first rule that does not allow `zone`: asked of the rules themselves, not of plan.zones.
const Narrowing* forbidding(const Plan& plan, const Zone& zone, const Snapshot& snapshot) {
  for (const auto& narrowing : plan.narrowed_by) {
    const auto& rule = snapshot.routes[narrowing.route].rules[static_cast<std::size_t>(narrowing.rule)];
    if (!any_allows(rule.zones, zone)) return &narrowing;
  }
  return nullptr;
}

bool named_before(const std::vector<Candidate>& candidates, std::size_t at) {
  for (std::size_t i = 0; i < at; ++i) {
    if (candidates[i].model == candidates[at].model) return true;
  }
  return false;
}

void judge(Plan& plan, std::size_t at, const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health) {
  Candidate& candidate = plan.candidates[at];
  if (const auto* narrowing = forbidding(plan, zone_of(candidate.model, snapshot), snapshot)) {
    candidate.verdict = Verdict::zone;
    candidate.rule = narrowing->rule;
    candidate.classes = narrowing->classes;
    return;
  }
  if (!is_kept(candidate.verdict)) return;
  if (named_before(plan.candidates, at)) {
    candidate.verdict = Verdict::repeated;
  } else if (const auto lacking = inability(snapshot.models[candidate.model], facts)) {
    candidate.verdict = *lacking;
  } else if (!health.of(candidate.model).available) {
    candidate.verdict = Verdict::unavailable;
  }
}

int rank(const Candidate& candidate) {
  if (!is_kept(candidate.verdict)) return 2;
  return candidate.verdict == Verdict::unavailable ? 1 : 0;
}

void judge_all(Plan& plan, const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health) {
  std::erase_if(plan.candidates, [&](const Candidate& one) { return one.model >= snapshot.models.size(); });
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) judge(plan, i, facts, snapshot, health);
  const auto earlier = [](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); };
  // Sorting allocates; nearly always there is nothing to sort.
  if (!std::is_sorted(plan.candidates.begin(), plan.candidates.end(), earlier)) {
    std::stable_sort(plan.candidates.begin(), plan.candidates.end(), earlier);
  }
  if (plan.kept() == 0) plan.refusal = refuse(plan, facts, snapshot);
}

void take_facts(Plan& plan, const RequestFacts& facts) {
  plan.classes = facts.classes();
  plan.operation = facts.operation;
  plan.input_tokens = facts.input_tokens;
}

Result<Plan> decide_direct(uint32_t model, const RequestFacts& facts, const Snapshot& snapshot,
                           const HealthView& health) {
  Result<Plan> plan;
  plan->candidates.push_back({.model = model, .verdict = Verdict::named});
  take_facts(*plan, facts);
  narrow_by_all_routes(*plan, facts, snapshot);
  judge_all(*plan, facts, snapshot, health);
  return plan;
}

}  // namespace

bool holds_whatever_was_named(const When& when, const RequestFacts& facts) {
  if (asks_for_classes(when) && classes_behind(when, facts) == 0) return false;
  if (when.has_tools && *when.has_tools != facts.has_tools) return false;
  if (when.has_images && *when.has_images != facts.has_images) return false;
  if (when.stream && *when.stream != facts.stream) return false;
  if (when.tokens_above && facts.input_tokens <= *when.tokens_above) return false;
  if (when.tokens_below && facts.input_tokens >= *when.tokens_below) return false;
  if (!when.callers.empty() && !contains(when.callers, facts.caller)) return false;
  if (!when.operations.empty() && !contains(when.operations, to_string(facts.operation))) return false;
  return std::all_of(when.tags.begin(), when.tags.end(), [&](const std::string& tag) {
    return std::find(facts.tags.begin(), facts.tags.end(), tag) != facts.tags.end();
  });
}

bool holds(const When& when, const RequestFacts& facts) {
  if (!when.models.empty() && !contains(when.models, facts.requested_model)) return false;
  return holds_whatever_was_named(when, facts);
}

std::optional<Verdict> inability(const ModelSettings& model, const RequestFacts& facts) {
  const bool serves = facts.operation == Operation::embedding ? model.embeddings : model.chat;
  if (!serves) return Verdict::operation;
  if (facts.has_tools && !model.tools) return Verdict::tools;
  if (facts.has_images && !model.images) return Verdict::images;
  if (model.context_length > 0 && facts.input_tokens > model.context_length) return Verdict::context;
  return std::nullopt;
}

Plan plan_route(const Policy& policy, uint32_t route, const RequestFacts& facts, const Snapshot& snapshot,
                const HealthView& health) {
  const RouteSettings& settings = snapshot.routes[route];
  Plan plan = policy.plan(facts, settings, snapshot, health);
  // Whatever the policy said of zones is replaced: they are not its to decide.
  plan.zones.clear();
  plan.narrowed_by.clear();
  plan.matched_rules.clear();
  plan.route = route;
  plan.on_stream_failure = settings.on_stream_failure;
  plan.total_ms = settings.total_ms;
  plan.baseline = settings.baseline;
  take_facts(plan, facts);
  narrow_by_route(plan, route, facts, snapshot);
  judge_all(plan, facts, snapshot, health);
  return plan;
}

Result<Plan> decide(const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health) {
  if (const auto route = snapshot.route_by_name.find(facts.requested_model); route != snapshot.route_by_name.end()) {
    const RouteSettings& settings = snapshot.routes[route->second];
    if (const Policy* policy = find_policy(settings.policy)) {
      return plan_route(*policy, route->second, facts, snapshot, health);
    }
    return failure(ErrorCode::internal, "route `" + settings.name + "` wants a policy that does not exist");
  }
  if (const auto model = find_model(snapshot, facts.requested_model)) {
    return decide_direct(*model, facts, snapshot, health);
  }
  return tl::unexpected<Error>(unknown_model(facts.requested_model, snapshot));
}

}  // namespace weir
