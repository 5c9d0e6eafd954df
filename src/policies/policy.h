// Policy: facts → plan. A pure function: no I/O, no clock, no globals; the same inputs give the same plan, so that a
// decision can be explained, tested by the million and replayed. Safe from any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/facts.h"
#include "core/plan.h"
#include "core/redaction_wish.h"
#include "core/result.h"
#include "core/snapshot.h"

namespace weir {

struct PolicyInfo {
  std::string_view name;
  std::string_view description;
};

class Policy {
 public:
  virtual ~Policy() = default;
  [[nodiscard]] virtual PolicyInfo info() const = 0;
  // Orders the candidates of a route: fills `candidates`, `use_rule` and `spill_queue_ms`. It may drop one with its
  // verdict, but need not think of zones, abilities, repetition or availability: `decide` does, for every policy alike.
  // Candidates must be model indices of `snapshot`; others are thrown away.
  [[nodiscard]] virtual Plan plan(const RequestFacts& facts, const RouteSettings& route, const Snapshot& snapshot,
                                  const HealthView& health) const = 0;
};

// All entries of policies.def, in that order; nullptr when the name is none.
[[nodiscard]] std::vector<PolicyInfo> policy_infos();
[[nodiscard]] const Policy* find_policy(std::string_view name);

// Does the condition hold for a request, in a route that lets kinds of content pass unread? The second leaves
// `when.models` out of it.
[[nodiscard]] bool holds(const When& when, const RequestFacts& facts, UnreadableSet accepted = 0);
[[nodiscard]] bool holds_whatever_was_named(const When& when, const RequestFacts& facts, UnreadableSet accepted = 0);

// What the model cannot do of what the request needs; nullopt when it can do all. Never says `zone`.
[[nodiscard]] std::optional<Verdict> inability(const ModelSettings& model, const RequestFacts& facts);

// Tokens of context that the prompt and a short answer take, as estimated.
[[nodiscard]] int64_t context_needed(const RequestFacts& facts);

// Who is asked before the others, where an experiment or a dial says so. The zones, and all else that drops a
// candidate, hold for it as for any other.
struct FirstChoice {
  uint32_t model = 0;
  bool only_if_named = false;  // by the rule that gives the candidates; else it joins them
};

// The whole decision, the one entry for serving, explain, replay and tests. In this order:
//   1. The requested name: a route, or else a model directly, by its id or `PROVIDER_ID/NAME`. unknown_model otherwise,
//   with
//      the names that exist and the nearest one.
//   2. The zones. For a route: every rule whose `when` holds narrows, wherever it stands, so what is allowed is the
//      intersection, and a rule more can only narrow further. For a model named directly: every rule, of any route,
//      that asks something of the request and whose `when` holds (its `models` aside), so that naming `gpt-4o` is no
//      way around `{when: {sensitive: [personal]}, zones: [local]}` or `{when: {has_files: true}, zones: [local]}`;
//      rules that ask nothing, or only which model was named, belong to their route alone.
//   3. The candidates: the route's policy orders them; or the one model that was named.
//      A rule with `block` refuses the request, whoever would answer it; rules with `redact` say of their zones what
//      has to be taken out of it first. They hold where rules with `zones` would.
//   4. Each candidate's verdict. The zones are a hard filter over whatever the policy returned, checked against the
//   rules
//      themselves; who is in a zone that may be entered only redacted is dropped where what has to be taken out is
//      nothing that was found: declared by the caller, or unreadable. Then what the model can do, then availability and
//      room for an answer, which only move a candidate behind the others. The route's `larger_context` follows where
//      none that the policy named has room, and else stays in reserve.
// A plan in which nothing is kept carries its refusal in `Plan::refusal`: zone_refused when a candidate could have
// answered had its zone been allowed; otherwise what was missing.
// `first` counts for routes alone.
[[nodiscard]] Result<Plan> decide(const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health,
                                  const std::optional<FirstChoice>& first = std::nullopt);

// Steps 2 to 4 for one route and a policy of the caller's choice: to try a policy on recorded traffic before it is
// used.
[[nodiscard]] Plan plan_route(const Policy& policy, uint32_t route, const RequestFacts& facts, const Snapshot& snapshot,
                              const HealthView& health, const std::optional<FirstChoice>& first = std::nullopt);

// What has to be taken out of the request before it goes to `zone`, by the rules: those of the plan's route, or of all
// routes where a model was named.
[[nodiscard]] RedactionWish redaction_for(const Plan& plan, const Zone& zone, const RequestFacts& facts,
                                          const Snapshot& snapshot);

// The refusal of a plan in which nothing is kept, and of a name that does not exist. Used by `decide`.
[[nodiscard]] Error refuse(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot);
// How long the prompt is, the largest context of those that may answer, and how to get a larger one.
[[nodiscard]] std::string larger_context_hint(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot);
[[nodiscard]] Error unknown_model(std::string_view requested, const Snapshot& snapshot);
// Files and batches name none, and later questions about predictions neither: the first model that serves them is
// asked, and there may be none.
[[nodiscard]] constexpr bool names_a_model(Operation operation) {
  return operation != Operation::file && operation != Operation::batch && operation != Operation::prediction;
}
[[nodiscard]] Error nothing_serves(Operation operation);

// The models that `route` names, in order, without those that its zones keep from any request: for tables and lists.
[[nodiscard]] std::vector<uint32_t> reachable_models(const RouteSettings& route, const Snapshot& snapshot);

}  // namespace weir
