#include "pipeline/placement.h"

#include <algorithm>

#include "pipeline/request_context.h"
#include "pipeline/turn_memory.h"
#include "policies/replicas.h"

namespace weir {
namespace {

constexpr int64_t assumed_load_ms = 10'000;  // of a model into memory

bool is_first_rank(const Candidate& candidate) { return candidate.verdict == Verdict::kept; }

bool are_replicas(const RequestContext& context, const Candidate& a, const Candidate& b) {
  return context.model(a.model).name == context.model(b.model).name &&
         zone_of(a, context.snapshot()) == zone_of(b, context.snapshot());
}

Replica replica_of(const RequestContext& context, const Candidate& candidate) {
  const auto& model = context.model(candidate.model);
  const auto health = context.worker.health.of(candidate.model);
  const auto& slots = *context.deployment->slots[model.provider];
  return {.id = model.id,
          .wait_ms = health.expected_wait_ms,
          .whole_ms = health.service_ms,
          .first_ms = health.first_token_ms,
          .load_ms = health.loaded ? 0 : assumed_load_ms,
          .busy = slots.load(),
          .slots = context.provider_of(candidate.model).slots};
}

// Those at `places` change places among themselves.
void order_group(RequestContext& context, const std::vector<std::size_t>& places) {
  auto& candidates = context.plan.candidates;
  std::vector<Replica> replicas;
  std::vector<Candidate> group;
  for (const auto place : places) {
    replicas.push_back(replica_of(context, candidates[place]));
    group.push_back(candidates[place]);
  }
  const auto order = order_replicas(replicas, conversation_mark(context.request, context.entry.key_id));
  for (std::size_t i = 0; i < places.size(); ++i) candidates[places[i]] = group[order[i]];
}

void balance(RequestContext& context) {
  const auto& candidates = context.plan.candidates;
  std::vector<bool> done(candidates.size(), false);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (done[i] || !is_first_rank(candidates[i])) continue;
    std::vector<std::size_t> places;
    for (std::size_t k = i; k < candidates.size(); ++k) {
      if (done[k] || !is_first_rank(candidates[k]) || !are_replicas(context, candidates[i], candidates[k])) continue;
      places.push_back(k);
      done[k] = true;
    }
    if (places.size() > 1) order_group(context, places);
  }
}

void keep_turn(RequestContext& context) {
  const auto marks = marks_of_results(context.request, context.entry.key_id);
  if (marks.empty()) return;
  const auto model = context.deployment->turns->find(marks);
  auto& candidates = context.plan.candidates;
  const auto same = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& one) {
    return is_first_rank(one) && context.model(one.model).id == model;
  });
  if (model.empty() || same == candidates.end() || same == candidates.begin()) return;
  if (!context.plan.escalate) {
    std::rotate(candidates.begin(), same, same + 1);
    return;
  }
  // The better model has taken over this turn: those before it are asked only when it fails, and nobody judges it.
  const auto first_rank = std::find_if_not(candidates.begin(), candidates.end(), is_first_rank);
  std::rotate(candidates.begin(), same, first_rank);
  context.plan.escalate.reset();
}

}  // namespace

void place_candidates(RequestContext& context, bool first_is_chosen) {
  if (!context.plan.route || context.plan.kept() < 2) return;
  const auto& route = context.snapshot().routes[*context.plan.route];
  if (route.policy == "balanced" && !first_is_chosen) balance(context);
  keep_turn(context);
}

}  // namespace weir
