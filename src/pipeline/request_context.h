// RequestContext: what one request has gathered on its way, and its ledger entry in the making. Whatever way the
// request ends, its destructor records exactly one entry and one metrics sample, and settles what was reserved. Loop
// thread only; lives in the coroutine frame of `Pipeline::serve`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admission/keys.h"
#include "core/facts.h"
#include "core/plan.h"
#include "ledger/entry.h"
#include "net/spilled_form.h"
#include "pipeline/deployment.h"
#include "pipeline/downstream.h"
#include "pipeline/heard_answer.h"
#include "pipeline/outgoing.h"
#include "pipeline/worker.h"

namespace weir {

class AnswerKeeping;

// AttemptEntry::outcome of an answer that was not good enough, and that the client did not get.
inline constexpr std::string_view escalated = "escalated";
// The same of one that was stopped because another candidate answered first, and its AttemptEntry::purpose.
inline constexpr std::string_view cancelled = "cancelled";
inline constexpr std::string_view hedged = "hedge";

class RequestContext {
 public:
  RequestContext(Worker& worker, std::string_view id, std::shared_ptr<const KeyState> key, Operation operation);
  ~RequestContext();
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;

 private:
  std::unique_ptr<Writer::Node> recorded_;  // holds `entry`

 public:
  Worker& worker;
  std::shared_ptr<const Deployment> deployment;  // the request keeps the one it began with
  std::shared_ptr<const Snapshot> named;         // the deployment's, with the model that a wildcard stands for; or null
  std::shared_ptr<const KeyState> key;           // null: without a key
  Request request;
  std::shared_ptr<const net::SpilledForm> files;  // of the request's form, those that are not in memory; null: none
  RequestFacts facts;
  Plan plan;
  OutgoingGate outgoing;
  Reservation reservation;
  Reservation reserved_beside;  // for a second candidate; given back when all is settled
  Entry& entry;
  Usage as_one;             // of the answer, had one model given all of it: what the baseline would have been paid for
  int64_t started_us = 0;   // of the loop's clock
  int64_t deadline_us = 0;  // of the route
  std::vector<std::string> changed;  // of the body, on the way to whoever answered: by its format, by `parameters`
  std::optional<ErrorCode> error;
  std::unique_ptr<AnswerKeeping> keeping;  // null: no answer is kept
  bool own_reason = false;                 // entry.reason says more than the plan does
  std::unique_ptr<HeardAnswer> heard;      // what was answered; null: nobody wants to know
  std::string_view purpose;    // of all attempts; "" = to answer a caller, whose request then counts in the metrics
  std::string_view id_header;  // in which the client looks for the request's id besides x-request-id; "" = none

  [[nodiscard]] const Snapshot& snapshot() const { return named ? *named : *deployment->snapshot; }
  [[nodiscard]] const ModelSettings& model(uint32_t index) const { return snapshot().models[index]; }
  [[nodiscard]] const ProviderSettings& provider_of(uint32_t index) const {
    return snapshot().providers[model(index).provider];
  }

  // The request ended well with `model`'s answer, or badly.
  void answered_by(uint32_t model);
  // An answer of `model` says that another's machine gave it: it is of the zone `cloud`, now and from now on.
  void answered_from_elsewhere(uint32_t model);
  void failed(const Error& why, int http_status);
  // All that the attempts so far have used for the answer that the client gets.
  // Nothing was asked of anybody: no row and no sample.
  void discard() { discarded_ = true; }
  // All that the attempts so far have used.
  [[nodiscard]] Usage used() const;
  // Attempts to answer: without the questions that Weir asked for itself.
  [[nodiscard]] std::size_t tries() const;
  // The x-weir-* header lines as they stand now, in this memory.
  [[nodiscard]] std::string answer_fields(std::string memory = {}) const;

 private:
  void count() const;  // in the metrics

  std::optional<uint32_t> answered_;
  bool discarded_ = false;
};

}  // namespace weir
