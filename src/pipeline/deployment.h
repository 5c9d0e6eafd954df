// Deployment: one Snapshot with what belongs to it while it serves: guards, a circuit breaker per model and what its
// server said that it cannot do, slots per provider, metric labels. Made on the control thread at each load and swapped
// whole; what belongs to ids that stay is carried over, so that a reload forgets no failure and no queue. Immutable but
// for those atomics; any thread.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "admission/circuit_breaker.h"
#include "admission/credentials.h"
#include "admission/hedge_meter.h"
#include "admission/learned_abilities.h"
#include "admission/pace.h"
#include "admission/slots.h"
#include "core/facts.h"
#include "core/snapshot.h"
#include "formats/format.h"
#include "guards/guard.h"
#include "pipeline/placeholder_sessions.h"
#include "pipeline/share_meters.h"
#include "pipeline/turn_memory.h"
#include "routing/estimator.h"
#include "telemetry/metrics.h"

namespace weir {

struct Deployment {
  std::shared_ptr<const Snapshot> snapshot;
  GuardSet guards;
  std::vector<std::shared_ptr<CircuitBreaker>> breakers;      // by model index
  std::vector<std::shared_ptr<LearnedAbilities>> learned;     // by model index
  std::vector<std::shared_ptr<std::atomic<bool>>> elsewhere;  // by model index: another's machine answers for it
  std::vector<std::shared_ptr<Pace>> paces;                   // by model index
  std::vector<std::shared_ptr<Slots>> slots;                  // by provider index
  std::vector<std::shared_ptr<Credentials>> credentials;      // by provider index
  std::vector<const Format*> formats;                         // by provider index
  std::shared_ptr<PlaceholderSessions> placeholder_sessions;  // carried over whole
  std::vector<std::shared_ptr<HedgeMeter>> hedges;            // by route index; null: it asks no second candidate
  bool redacts = false;                                       // some rule wants values taken out
  ShareMeters shares;
  std::shared_ptr<const routing::Estimator> estimator;  // null: no rule asks for an estimate
  MetricLabels labels;
  std::shared_ptr<TurnMemory> turns;  // of the process

  // The provider's settings, with a key of its that works.
  [[nodiscard]] const ProviderSettings& working(std::size_t provider, int64_t now_ms) const {
    const auto& keys = *credentials[provider];
    return keys.size() == 0 ? snapshot->providers[provider] : keys.with(keys.any(now_ms));
  }
  // What the plan of a request may know of the world at `now_ms`. Reuses `view`'s memory.
  struct Observer {
    int64_t input_tokens = 0;  // estimated
    Urgency urgency = Urgency::interactive;
  };
  void observe(int64_t now_ms, HealthView& view, const Observer& of) const;
  void observe(int64_t now_ms, HealthView& view) const { observe(now_ms, view, Observer{}); }
};

// The estimator is read from `data_folder` ("": the one that ships), where a rule asks for estimates; what is wrong
// with its file goes into `estimator_fault`.
[[nodiscard]] std::shared_ptr<const Deployment> make_deployment(std::shared_ptr<const Snapshot> snapshot,
                                                                const Deployment* previous, Metrics& metrics,
                                                                const std::string& data_folder = {},
                                                                std::string* estimator_fault = nullptr);

}  // namespace weir
