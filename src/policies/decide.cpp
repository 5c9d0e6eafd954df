#include <algorithm>

#include "core/slot_rules.h"
#include "policies/policy.h"

namespace weir {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) { return one == name; });
}

bool asks_for_classes(const When& when) { return when.sensitive_any || when.sensitive != 0; }

// The classes of the request that make the rule hold.
ClassSet classes_behind(const When& when, const RequestFacts& facts, UnreadableSet accepted) {
  const ClassSet classes = facts.classes(accepted, when.confidence);
  if (!when.sensitive_any) return when.sensitive & classes;
  // `any` has names and addresses in it only where the config says so, or the caller does.
  return classes & ~(class_identity & ~when.sensitive & ~facts.declared);
}

// Whether the condition asks anything of the request itself. Rules that do not belong to their route alone.
bool asks_of_the_request(const When& when) {
  return asks_for_classes(when) || when.has_tools || when.has_images || when.has_files || when.has_audio ||
         when.stream || when.tokens_above || when.tokens_below || !when.callers.empty() || !when.tags.empty() ||
         !when.operations.empty() || !when.tasks.empty() || when.difficulty_above || when.difficulty_below;
}

std::optional<Zone> meet(const Zone& a, const Zone& b) {
  if (allows(a, b)) return b;
  if (allows(b, a)) return a;
  return std::nullopt;
}

// plan.zones becomes what both it and `rule` allow.
void narrow(Plan& plan, uint32_t route, std::size_t rule_index, const RequestFacts& facts, const Snapshot& snapshot) {
  const Rule& rule = snapshot.routes[route].rules[rule_index];
  const bool first = plan.narrowed_by.empty();
  plan.narrowed_by.push_back({.route = route,
                              .rule = static_cast<int16_t>(rule_index),
                              .classes = classes_behind(rule.when, facts, snapshot.routes[route].accepts)});
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

// Calls `call(route, rule)` for every rule that holds beyond the choice of models: those of the route, in order, or,
// for a model that was named directly, those of all routes that ask something of the request.
template <typename Counts, typename Call>
void for_rules_that_hold(std::optional<uint32_t> of, const RequestFacts& facts, const Snapshot& snapshot, Counts counts,
                         Call call) {
  for (uint32_t route = of.value_or(0); route < snapshot.routes.size(); ++route) {
    const auto& settings = snapshot.routes[route];
    for (std::size_t i = 0; i < settings.rules.size(); ++i) {
      const When& when = settings.rules[i].when;
      if (!counts(settings.rules[i])) continue;
      const bool does = of ? holds(when, facts, settings.accepts)
                           : asks_of_the_request(when) && holds_whatever_was_named(when, facts, settings.accepts);
      if (does) call(route, i);
    }
    if (of) break;
  }
}

// A rule that says what may go into its zones only without what made it hold.
struct Redacting {
  uint32_t route = 0;
  std::size_t rule = 0;
  ClassSet classes = 0;       // that made it hold
  ClassSet out_of_reach = 0;  // of these: nothing was found that could be taken out
};

std::vector<Redacting> redacting_rules(std::optional<uint32_t> route, const RequestFacts& facts,
                                       const Snapshot& snapshot) {
  std::vector<Redacting> out;
  const auto redacts = [](const Rule& rule) { return !rule.redact.empty(); };
  for_rules_that_hold(route, facts, snapshot, redacts, [&](uint32_t of, std::size_t i) {
    const Rule& rule = snapshot.routes[of].rules[i];
    const ClassSet classes = classes_behind(rule.when, facts, snapshot.routes[of].accepts);
    const FoundClasses guarded{.all = facts.found, .below_medium = facts.below_medium, .below_high = facts.below_high};
    out.push_back({.route = of,
                   .rule = i,
                   .classes = classes,
                   .out_of_reach = classes & ~guarded.at_least(rule.when.confidence)});
  });
  return out;
}

void block(Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  const auto blocks = [](const Rule& rule) { return rule.block; };
  for_rules_that_hold(plan.route, facts, snapshot, blocks, [&](uint32_t route, std::size_t i) {
    if (plan.blocked_by) return;
    const Rule& rule = snapshot.routes[route].rules[i];
    plan.blocked_by = Narrowing{.route = route,
                                .rule = static_cast<int16_t>(i),
                                .classes = classes_behind(rule.when, facts, snapshot.routes[route].accepts)};
  });
}

void narrow_by_route(Plan& plan, uint32_t route, const RequestFacts& facts, const Snapshot& snapshot) {
  const auto& rules = snapshot.routes[route].rules;
  const auto accepts = snapshot.routes[route].accepts;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!holds(rules[i].when, facts, accepts)) continue;
    plan.matched_rules.push_back(static_cast<int16_t>(i));
    if (!rules[i].zones.empty()) narrow(plan, route, i, facts, snapshot);
  }
}

// For a model that was named directly: the rules of all routes that ask something of the request.
void narrow_by_all_routes(Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  for (uint32_t route = 0; route < snapshot.routes.size(); ++route) {
    const auto& rules = snapshot.routes[route].rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const Rule& rule = rules[i];
      if (rule.zones.empty() || !asks_of_the_request(rule.when)) continue;
      if (holds_whatever_was_named(rule.when, facts, snapshot.routes[route].accepts)) {
        narrow(plan, route, i, facts, snapshot);
      }
    }
  }
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

// What its server said that it cannot do.
std::optional<Verdict> learned_inability(const ModelHealth& health, const RequestFacts& facts) {
  if (facts.has_tools && health.lacks_tools) return Verdict::tools;
  if (facts.has_images && health.lacks_images) return Verdict::images;
  return std::nullopt;
}

// Its context holds the prompt, but hardly an answer. Of what else it may be asked for, none is as long as a prompt.
bool is_tight(const ModelSettings& model, const RequestFacts& facts) {
  if (facts.operation != Operation::chat && facts.operation != Operation::completion) return false;
  return model.context_length > 0 && context_needed(facts) > model.context_length;
}

// Not to be asked before the others. Who asked for a moment's peace keeps its place where the route prefers to wait.
bool set_back(const Plan& plan, const ModelHealth& health) {
  if (health.available) return false;
  const bool worth_waiting = plan.prefer == Prefer::first_choice && health.limited_ms > 0 &&
                             health.limited_ms <= patience_ms(plan.patience_ms, Turn::others_follow);
  return !worth_waiting;
}

// What has to be taken out before the request goes there. False: that cannot be done.
bool may_enter(Candidate& candidate, const std::vector<Redacting>& rules, const Snapshot& snapshot) {
  if (rules.empty()) return true;
  const Zone zone = zone_of(candidate, snapshot);
  for (const Redacting& one : rules) {
    if (!any_allows(snapshot.routes[one.route].rules[one.rule].redact, zone)) continue;
    const bool first = candidate.redact_rule < 0;
    candidate.redact |= one.classes;
    if (first || one.out_of_reach != 0) {
      candidate.redact_rule = static_cast<int16_t>(one.rule);
      candidate.redact_route = one.route;
    }
    if (one.out_of_reach == 0) continue;
    candidate.classes = one.out_of_reach;
    return false;
  }
  return true;
}

void judge(Plan& plan, std::size_t at, const std::vector<Redacting>& redacting, const RequestFacts& facts,
           const Snapshot& snapshot, const HealthView& health) {
  Candidate& candidate = plan.candidates[at];
  candidate.elsewhere = health.of(candidate.model).elsewhere;
  if (plan.blocked_by) {
    candidate.verdict = Verdict::blocked;
    candidate.classes = plan.blocked_by->classes;
    return;
  }
  if (const auto* narrowing = forbidding(plan, zone_of(candidate, snapshot), snapshot)) {
    candidate.verdict = Verdict::zone;
    candidate.rule = narrowing->rule;
    candidate.classes = narrowing->classes;
    return;
  }
  if (!may_enter(candidate, redacting, snapshot)) {
    candidate.verdict = Verdict::redaction;
    return;
  }
  if (!is_kept(candidate.verdict)) return;
  if (named_before(plan.candidates, at)) {
    candidate.verdict = Verdict::repeated;
  } else if (!holds(snapshot.providers[snapshot.models[candidate.model].provider].format_serves, facts.operation)) {
    candidate.verdict = Verdict::operation;
  } else if (const auto lacking = inability(snapshot.models[candidate.model], facts)) {
    candidate.verdict = *lacking;
  } else if (const auto said = learned_inability(health.of(candidate.model), facts)) {
    candidate.verdict = *said;
    candidate.learned = true;
  } else if (set_back(plan, health.of(candidate.model))) {
    candidate.verdict = Verdict::unavailable;
  } else if (is_tight(snapshot.models[candidate.model], facts)) {
    candidate.verdict = Verdict::tight;
  }
}

int rank(const Candidate& candidate) {
  switch (candidate.verdict) {
    case Verdict::kept:
    case Verdict::named:
      return 0;
    case Verdict::tight:
      return 1;
    case Verdict::unavailable:
      return 2;
    case Verdict::reserved:
      return 4;
    default:
      return 3;
  }
}

// Those behind the first `own` are for prompts that are too long for these; else they stay in reserve.
void hold_back(Plan& plan, std::size_t own) {
  bool too_long = false;
  bool has_room = false;
  for (std::size_t i = 0; i < own; ++i) {
    const auto verdict = plan.candidates[i].verdict;
    too_long = too_long || verdict == Verdict::tight || verdict == Verdict::context;
    has_room = has_room || (is_kept(verdict) && verdict != Verdict::tight);
  }
  if (too_long && !has_room) return;
  for (std::size_t i = own; i < plan.candidates.size(); ++i) {
    if (is_kept(plan.candidates[i].verdict)) plan.candidates[i].verdict = Verdict::reserved;
  }
}

void judge_all(Plan& plan, const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health) {
  std::erase_if(plan.candidates, [&](const Candidate& one) { return one.model >= snapshot.models.size(); });
  const auto own = plan.candidates.size();
  if (plan.route) {
    for (const auto model : snapshot.routes[*plan.route].larger_context) plan.candidates.push_back({.model = model});
  }
  block(plan, facts, snapshot);
  const auto redacting = redacting_rules(plan.route, facts, snapshot);
  for (std::size_t i = 0; i < plan.candidates.size(); ++i) judge(plan, i, redacting, facts, snapshot, health);
  if (plan.candidates.size() > own) hold_back(plan, own);
  const auto earlier = [](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); };
  // Sorting allocates; nearly always there is nothing to sort.
  if (!std::is_sorted(plan.candidates.begin(), plan.candidates.end(), earlier)) {
    std::stable_sort(plan.candidates.begin(), plan.candidates.end(), earlier);
  }
  if (plan.kept() == 0) plan.refusal = refuse(plan, facts, snapshot);
}

void take_facts(Plan& plan, const RequestFacts& facts, UnreadableSet accepted) {
  plan.classes = facts.classes(accepted);
  plan.unreadable = static_cast<UnreadableSet>(facts.unreadable & ~accepted);
  plan.operation = facts.operation;
  plan.input_tokens = facts.input_tokens - facts.media_tokens;
}

// What every route accepts: when a model is named directly, no rule of any route would object.
UnreadableSet accepted_by_all(const Snapshot& snapshot) {
  UnreadableSet accepted = snapshot.routes.empty() ? UnreadableSet{0} : snapshot.routes.front().accepts;
  for (const auto& route : snapshot.routes) accepted &= route.accepts;
  return accepted;
}

Result<Plan> decide_direct(uint32_t model, const RequestFacts& facts, const Snapshot& snapshot,
                           const HealthView& health) {
  Result<Plan> plan;
  plan->candidates.push_back({.model = model, .verdict = Verdict::named});
  take_facts(*plan, facts, accepted_by_all(snapshot));
  narrow_by_all_routes(*plan, facts, snapshot);
  judge_all(*plan, facts, snapshot, health);
  return plan;
}

void put_first(Plan& plan, const FirstChoice& first) {
  auto& candidates = plan.candidates;
  const auto named = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const Candidate& one) { return one.model == first.model; });
  if (named != candidates.end()) {
    std::rotate(candidates.begin(), named, named + 1);
  } else if (!first.only_if_named && !candidates.empty()) {
    candidates.insert(candidates.begin(), {.model = first.model, .rule = plan.use_rule});
  }
}

}  // namespace

bool holds_whatever_was_named(const When& when, const RequestFacts& facts, UnreadableSet accepted) {
  if (asks_for_classes(when) && classes_behind(when, facts, accepted) == 0) return false;
  if (when.has_tools && *when.has_tools != facts.has_tools) return false;
  if (when.has_images && *when.has_images != facts.has_images) return false;
  if (when.has_files && *when.has_files != facts.has_files) return false;
  if (when.has_audio && *when.has_audio != facts.has_audio) return false;
  if (when.stream && *when.stream != facts.stream) return false;
  if (when.tokens_above && facts.input_tokens <= *when.tokens_above) return false;
  if (when.tokens_below && facts.input_tokens >= *when.tokens_below) return false;
  if (!when.tasks.empty() && !contains(when.tasks, facts.task)) return false;
  if (when.difficulty_above && (facts.difficulty < 0 || facts.difficulty <= *when.difficulty_above)) return false;
  if (when.difficulty_below && (facts.difficulty < 0 || facts.difficulty >= *when.difficulty_below)) return false;
  if (!when.callers.empty() && !contains(when.callers, facts.caller)) return false;
  if (!when.operations.empty() && !contains(when.operations, to_string(facts.operation))) return false;
  return std::all_of(when.tags.begin(), when.tags.end(), [&](const std::string& tag) {
    return std::find(facts.tags.begin(), facts.tags.end(), tag) != facts.tags.end();
  });
}

bool holds(const When& when, const RequestFacts& facts, UnreadableSet accepted) {
  if (!when.models.empty() && !contains(when.models, facts.requested_model)) return false;
  return holds_whatever_was_named(when, facts, accepted);
}

RedactionWish redaction_for(const Plan& plan, const Zone& zone, const RequestFacts& facts, const Snapshot& snapshot) {
  RedactionWish wish;
  for (const Redacting& one : redacting_rules(plan.route, facts, snapshot)) {
    const Rule& rule = snapshot.routes[one.route].rules[one.rule];
    if (any_allows(rule.redact, zone)) wish.add(one.classes, rule.when.confidence);
  }
  return wish;
}

int64_t context_needed(const RequestFacts& facts) {
  constexpr int64_t least_answer = 256;
  const auto answer = facts.output_tokens > 0 ? std::min(facts.output_tokens, least_answer) : least_answer;
  return facts.input_tokens - facts.media_tokens + answer;
}

std::optional<Verdict> inability(const ModelSettings& model, const RequestFacts& facts) {
  if (!holds(model.serves(), facts.operation)) return Verdict::operation;
  if (facts.has_tools && !model.tools) return Verdict::tools;
  if (facts.has_images && !model.images) return Verdict::images;
  if (model.context_length > 0 && facts.input_tokens - facts.media_tokens > model.context_length)
    return Verdict::context;
  return std::nullopt;
}

Plan plan_route(const Policy& policy, uint32_t route, const RequestFacts& facts, const Snapshot& snapshot,
                const HealthView& health, const std::optional<FirstChoice>& first) {
  const RouteSettings& settings = snapshot.routes[route];
  Plan plan = policy.plan(facts, settings, snapshot, health);
  if (first) put_first(plan, *first);
  // Whatever the policy said of zones is replaced: they are not its to decide.
  plan.zones.clear();
  plan.narrowed_by.clear();
  plan.matched_rules.clear();
  plan.blocked_by.reset();
  plan.route = route;
  plan.on_stream_failure = settings.on_stream_failure;
  plan.total_ms = settings.total_ms;
  plan.patience_ms = settings.patience_ms;
  plan.prefer = settings.prefer;
  plan.baseline = settings.baseline;
  if (plan.use_rule >= 0) plan.escalate = settings.rules[static_cast<std::size_t>(plan.use_rule)].escalate;
  take_facts(plan, facts, settings.accepts);
  narrow_by_route(plan, route, facts, snapshot);
  judge_all(plan, facts, snapshot, health);
  return plan;
}

Result<Plan> decide(const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health,
                    const std::optional<FirstChoice>& first) {
  if (const auto route = snapshot.route_by_name.find(facts.requested_model); route != snapshot.route_by_name.end()) {
    const RouteSettings& settings = snapshot.routes[route->second];
    if (const Policy* policy = find_policy(settings.policy)) {
      return plan_route(*policy, route->second, facts, snapshot, health, first);
    }
    return failure(ErrorCode::internal, "route `" + settings.name + "` wants a policy that does not exist");
  }
  if (const auto model = find_model(snapshot, facts.requested_model)) {
    return decide_direct(*model, facts, snapshot, health);
  }
  if (facts.requested_model.empty() && !names_a_model(facts.operation)) return failure(nothing_serves(facts.operation));
  return tl::unexpected<Error>(unknown_model(facts.requested_model, snapshot));
}

}  // namespace weir
