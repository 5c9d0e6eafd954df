// Plan: the decision. The ordered candidates for this request, each kept or dropped with its reason. Reasons are small
// values, rendered to text only when somebody looks. Model indices refer to the Snapshot that the plan was made from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/request.h"
#include "core/sensitivity.h"
#include "core/snapshot.h"
#include "core/unreadable.h"

namespace weir {

enum class Verdict : uint8_t {
  kept,         // by rule `rule`
  named,        // kept: the client named this model directly
  zone,         // dropped: rule `rule` narrowed the zones because of `classes` (or always, if classes is 0)
  operation,    // dropped: does not serve this operation (embeddings, chat)
  tools,        // dropped: no tools
  images,       // dropped: no images
  context,      // dropped: the prompt is estimated longer than the context
  unavailable,  // kept, but behind the others: breaker open or health check failing
  repeated,     // dropped: named twice
  tight,        // kept, but behind the others: its context holds the prompt and hardly an answer
  redaction,    // dropped: rule `redact_rule` wants values out of the request that cannot be taken out
  blocked,      // dropped: a rule refuses the request
  objective,    // dropped: does not meet the rule's objective
  reserved,     // dropped for now: in the route's `larger_context`, for when a prompt turns out too long for the others
};
[[nodiscard]] bool is_kept(Verdict verdict);

struct Candidate {
  uint32_t model = 0;
  Verdict verdict = Verdict::kept;
  int16_t rule = -1;  // index into the route's rules; -1: none
  ClassSet classes = 0;
  bool elsewhere = false;    // as in ModelHealth: its zone is `cloud`, whatever the config says
  bool learned = false;      // with `tools` and `images`: not configured, the server itself said so
  ClassSet redact = 0;       // goes there only without the values of these classes
  int16_t redact_rule = -1;  // that says so: index into the rules of `redact_route`; -1 = none
  uint32_t redact_route = 0;
};

// A rule that narrowed the zones. In a plan for a route it is one of that route's rules; when a model was named
// directly, it may be of any route.
struct Narrowing {
  uint32_t route = 0;
  int16_t rule = 0;
  ClassSet classes = 0;  // of the request, that made the rule hold; 0: the rule does not ask for classes
};

struct Plan {
  std::optional<uint32_t> route;       // unset: a model was named directly
  std::vector<Zone> zones;             // what all of `narrowed_by` allow; empty = anywhere, or nowhere when narrowed
  std::vector<Narrowing> narrowed_by;  // in order; empty = not narrowed
  std::vector<Candidate> candidates;   // kept ones first, in the order they are tried; then the dropped ones
  std::vector<int16_t> matched_rules;  // in order
  int16_t use_rule = -1;               // that gave the candidates
  int64_t spill_queue_ms = -1;
  OnStreamFailure on_stream_failure = OnStreamFailure::end;
  int64_t total_ms = 600'000;
  int64_t patience_ms = -1;
  Prefer prefer = Prefer::fast;
  std::optional<uint32_t> baseline;
  ClassSet classes = 0;                        // of the request, as its route sees it
  UnreadableSet unreadable = 0;                // of the request: the kinds that made it class_unreadable
  Operation operation = Operation::chat;       // of the request
  int64_t input_tokens = 0;                    // of the request, estimated
  std::optional<Narrowing> blocked_by;         // a rule with `block`
  std::shared_ptr<const Escalation> escalate;  // of the rule that gave the candidates
  std::shared_ptr<const Objective> objective;  // the same
  Error refusal;                               // when nothing is kept: what the caller is told

  [[nodiscard]] std::size_t kept() const;
};

// The zone that a candidate is in, or the one of the candidates that is this model.
[[nodiscard]] Zone zone_of(const Candidate& candidate, const Snapshot& snapshot);
[[nodiscard]] Zone zone_of_model(const Plan& plan, uint32_t model, const Snapshot& snapshot);
// `rule 2 (line 14): personal stays in local`: one line why a candidate is where it is.
[[nodiscard]] std::string describe(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot);
// One line for x-weir-reason; only printable ASCII: `rule 1 (line 14) kept local: personal; small answered, attempt 1
// of 2`. `chosen`: the model that answered, anything past the last one when none did; `attempts`: how many were made,
// that one included. `of`: how many candidates were kept (or more, where one was tried again).
[[nodiscard]] std::string reason_line(const Plan& plan, const Snapshot& snapshot, uint32_t chosen, int attempts);
// The plan as JSON: {route, zones, narrowed_by: [{route, rule, line, zones, classes}], classes, unreadable: `images,
// files`, matched_rules, baseline, candidates: [{model, provider, zone, kept, verdict, reason}], refusal: {code,
// message}}. Rules count from 1; `zones` is null when nothing narrowed; `refusal` is there only when nothing is kept.
[[nodiscard]] std::string to_json(const Plan& plan, const Snapshot& snapshot);

}  // namespace weir
