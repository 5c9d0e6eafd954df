// ShadowCopies: requests that another model is asked again, after their callers have had their answers, so that both
// can be compared. A copy is a request like any other: it goes through the zone rules of its route again, with
// everything that was known of the original, and through the Relay; its answer goes to nobody. It has a row of its own
// in the ledger (`experiment`, attempts of purpose `shadow`), without a caller: it is nobody's budget, and no request
// of the route's metrics. It waits for no slot longer than `longest_wait_ms` and stops when the process does.
//
// One per event loop; everything on that loop's thread.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "core/experiment_settings.h"
#include "pipeline/heard_answer.h"
#include "pipeline/request_context.h"
#include "trials/trial.h"

namespace weir {

class ClientFace;

// A copy to be made; owns all that its views point into.
struct ShadowOrder {
  std::shared_ptr<const ExperimentSettings> experiment;
  std::shared_ptr<const Deployment> deployment;
  std::shared_ptr<const Snapshot> named;
  std::shared_ptr<const KeyState> key;  // whose name the rules may ask for
  const ClientFace* face = nullptr;
  Request request;
  OutgoingGate outgoing;  // that the request passes before it goes anywhere
  RequestFacts facts;
  std::string tags;
  uint32_t route = 0;
  uint32_t model = 0;       // that is asked
  bool asks_tested = true;  // it is the model in question; the caller had the other one's answer
  HeardAnswer answer;       // the caller's
  Comparison comparison;    // with the caller's side filled in
  bool may_keep = false;    // the words
};

class ShadowCopies {
 public:
  static constexpr int64_t longest_ms = 120'000;

  explicit ShadowCopies(Worker& worker) : worker_(worker) {}

  // The keeper has made room for it (TrialKeeper::begin_copy); that is given back at its end.
  void start(ShadowOrder order);
  // No more begin; those under way are cancelled.
  void stop();
  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  net::Task<void> run(std::unique_ptr<ShadowOrder> order, std::list<net::Cancellation>::iterator place);
  net::Task<bool> ask(ShadowOrder& order, net::Cancellation& cancellation, HeardAnswer& heard);
  void compare(ShadowOrder& order, const HeardAnswer& heard);

  Worker& worker_;
  std::list<net::Cancellation> running_;
  bool stopped_ = false;
};

}  // namespace weir
