#include "policies/objective.h"

#include <algorithm>

#include "core/objective.h"

namespace weir {
namespace {

constexpr int64_t usual_answer = 400;  // tokens, where the caller sets no bound, or a higher one

std::optional<MicroDollars> cost_of(const ModelSettings& model, const RequestFacts& facts, const Snapshot& snapshot,
                                    const ModelHealth& health) {
  const auto& provider = snapshot.providers[model.provider];
  if (provider.cost_per_hour > 0) {
    if (health.service_ms <= 0) return std::nullopt;
    return machine_cost(provider.cost_per_hour, provider.slots, health.service_ms * 1000);
  }
  if (!model.prices.known)
    return zone_of(model, snapshot).kind == ZoneKind::local ? std::optional<MicroDollars>(0) : std::nullopt;
  const int64_t answer = facts.output_tokens > 0 ? std::min(facts.output_tokens, usual_answer) : usual_answer;
  return token_cost(model.prices, {.input = facts.input_tokens, .output = answer});
}

std::optional<int64_t> latency_of(const ModelHealth& health, bool stream) {
  const int64_t ms = stream && health.first_token_ms > 0 ? health.first_token_ms : health.service_ms;
  return ms > 0 ? std::optional(ms + health.expected_wait_ms) : std::nullopt;
}

// Less is better. What is not known yet comes first where it is a matter of time, so that it becomes known, and last
// where it is one of money.
double rank_of(const Objective& objective, const Prospect& one, const Prospect& highest) {
  constexpr double behind_all = 1e18;
  switch (objective.take) {
    case Take::as_written:
      return 0;
    case Take::cheapest:
      return one.cost ? static_cast<double>(*one.cost) : behind_all;
    case Take::best:
      return one.quality ? -*one.quality : behind_all;
    case Take::fastest:
      return one.latency_ms ? static_cast<double>(*one.latency_ms) : 0;
    case Take::weighted: {
      const auto part = [](double value, double most) { return most > 0 ? value / most : 0; };
      const double cost =
          one.cost ? part(static_cast<double>(*one.cost), static_cast<double>(highest.cost.value_or(0))) : 1;
      const double latency =
          part(static_cast<double>(one.latency_ms.value_or(0)), static_cast<double>(highest.latency_ms.value_or(0)));
      const double quality = part(one.quality.value_or(0), highest.quality.value_or(0));
      return objective.cost_weight * cost + objective.latency_weight * latency - objective.quality_weight * quality;
    }
  }
  return 0;
}

std::string_view name_of(Take take) {
  switch (take) {
    case Take::as_written:
      return "as written";
    case Take::cheapest:
      return "the cheapest";
    case Take::best:
      return "the best";
    case Take::fastest:
      return "the fastest";
    case Take::weighted:
      return "weighed";
  }
  return "";
}

std::string in_dollars(MicroDollars cost) { return fmt::format("${:.6f}", static_cast<double>(cost) / 1e6); }

std::string objective_line(const Objective& objective) {
  std::string out(name_of(objective.take));
  if (objective.take == Take::weighted) {
    out += fmt::format(": cost {:g}, latency {:g}, quality {:g}", objective.cost_weight, objective.latency_weight,
                       objective.quality_weight);
  }
  if (objective.least_quality) out += fmt::format(", quality at least {:g}", *objective.least_quality);
  if (objective.most_cost) out += fmt::format(", cost at most {}", in_dollars(*objective.most_cost));
  return out;
}

std::string prospect_line(const Prospect& one, const Snapshot& snapshot) {
  return fmt::format("{}: quality {}, cost {}, time {}{}", snapshot.models[one.model].id,
                     one.quality ? fmt::format("{:g}", *one.quality) : "unknown",
                     one.cost ? in_dollars(*one.cost) : "unknown",
                     one.latency_ms ? fmt::format("{} ms", *one.latency_ms) : "unknown",
                     one.meets ? "" : "; does not meet the bounds");
}

void put_share_first(Plan& plan, const ShareRule& share, const RequestFacts& facts, const HealthView& health) {
  const auto to = std::find_if(plan.candidates.begin(), plan.candidates.end(),
                               [&](const Candidate& one) { return one.model == share.to; });
  if (to == plan.candidates.end() || facts.difficulty < 0) return;
  if (facts.difficulty >= share_threshold(share, health)) {
    std::rotate(plan.candidates.begin(), to, to + 1);
  } else if (to == plan.candidates.begin()) {
    std::rotate(plan.candidates.begin(), plan.candidates.begin() + 1, plan.candidates.end());
  }
}

}  // namespace

std::vector<Prospect> prospects_of(const Rule& rule, const RequestFacts& facts, const Snapshot& snapshot,
                                   const HealthView& health) {
  const Objective& objective = *rule.objective;
  std::vector<Prospect> out;
  for (std::size_t i = 0; i < rule.use.size(); ++i) {
    const uint32_t model = rule.use[i];
    const ModelHealth now = health.of(model);
    Prospect one{.model = model,
                 .cost = cost_of(snapshot.models[model], facts, snapshot, now),
                 .latency_ms = latency_of(now, facts.stream),
                 .quality = i < objective.qualities.size() ? objective.qualities[i].of(facts.task) : std::nullopt};
    if (objective.least_quality) one.meets = one.quality && *one.quality >= *objective.least_quality;
    if (objective.most_cost) one.meets = one.meets && one.cost && *one.cost <= *objective.most_cost;
    out.push_back(one);
  }
  return out;
}

void apply_objective(Plan& plan, const Rule& rule, const RequestFacts& facts, const Snapshot& snapshot,
                     const HealthView& health) {
  const Objective& objective = *rule.objective;
  const auto prospects = prospects_of(rule, facts, snapshot, health);
  Prospect highest;
  for (const auto& one : prospects) {
    highest.cost = std::max(highest.cost.value_or(0), one.cost.value_or(0));
    highest.latency_ms = std::max(highest.latency_ms.value_or(0), one.latency_ms.value_or(0));
    highest.quality = std::max(highest.quality.value_or(0), one.quality.value_or(0));
  }
  std::vector<std::size_t> order(prospects.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (prospects[a].meets != prospects[b].meets) return prospects[a].meets;
    return rank_of(objective, prospects[a], highest) < rank_of(objective, prospects[b], highest);
  });
  std::vector<Candidate> candidates;
  for (const auto at : order) {
    candidates.push_back(plan.candidates[at]);
    if (!prospects[at].meets && !objective.unmet_last) candidates.back().verdict = Verdict::objective;
  }
  plan.candidates = std::move(candidates);
  if (objective.share) put_share_first(plan, *objective.share, facts, health);
}

double share_threshold(const ShareRule& share, const HealthView& health) {
  return share.place < health.share_from.size() ? health.share_from[share.place] : 1 - share.of;
}

std::vector<std::string> explain_objective(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot,
                                           const HealthView& health) {
  if (!plan.objective || !plan.route || plan.use_rule < 0) return {};
  const Rule& rule = snapshot.routes[*plan.route].rules[static_cast<std::size_t>(plan.use_rule)];
  std::vector<std::string> out;
  if (plan.objective->take != Take::as_written || plan.objective->least_quality || plan.objective->most_cost) {
    out.push_back(objective_line(*plan.objective));
    for (const auto& one : prospects_of(rule, facts, snapshot, health)) out.push_back(prospect_line(one, snapshot));
  }
  if (const auto& share = plan.objective->share) {
    const bool followed = share->place < health.share_from.size();
    out.push_back(fmt::format("{:g} % to {}: from a difficulty of {:.3f} on{}", share->of * 100,
                              snapshot.models[share->to].id, share_threshold(*share, health),
                              followed ? "" : ", until a server has seen traffic"));
  }
  return out;
}

bool wants_estimate(const Snapshot& snapshot) {
  const auto wants = [](const Rule& rule) {
    const When& when = rule.when;
    if (!when.tasks.empty() || when.difficulty_above || when.difficulty_below) return true;
    if (!rule.objective) return false;
    const auto& qualities = rule.objective->qualities;
    return rule.objective->share.has_value() ||
           std::any_of(qualities.begin(), qualities.end(),
                       [](const ModelQuality& one) { return !one.of_task.empty(); });
  };
  return std::any_of(snapshot.routes.begin(), snapshot.routes.end(), [&](const RouteSettings& route) {
    return std::any_of(route.rules.begin(), route.rules.end(), wants);
  });
}

}  // namespace weir
