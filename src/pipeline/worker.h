// Worker: what one event loop has of its own, and its view of what all share. One per loop, made at start; lives until
// the loop has ended. Everything here is for the loop's thread, but `deploy`, which posts.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <unordered_map>

#include "admission/keys.h"
#include "core/id.h"
#include "core/json.h"
#include "core/plan.h"
#include "ledger/writer.h"
#include "net/event_loop.h"
#include "pipeline/deployment.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "upstream/pool.h"

namespace weir {

class AnswerCache;
class CascadeMemory;
class ConversationKeeper;
class LessonKeeper;
class ParseGate;
class ShadowCopies;
class TrialKeeper;

struct Worker {
  Worker(net::EventLoop& event_loop, Dialer& dialer, const KeyRing& ring, Writer& ledger_writer, MetricsShard& shard,
         Logger logger, uint16_t number);

  net::EventLoop& loop;
  UpstreamPool pool;
  json::DocumentPool documents;
  json::Document scratch;  // for what is read and done with at once
  KeyRing::View keys;
  Writer& ledger;
  BlankEntries blank_entries;
  MetricsShard& metrics;
  Logger log;
  RequestIds ids;
  std::minstd_rand random;                      // for jitter
  ParseGate* gate = nullptr;                    // of the process; null: all bodies are parsed where they come in
  ConversationKeeper* conversations = nullptr;  // of the process; null: nothing is kept
  AnswerCache* answers = nullptr;               // the same of answers for the same question
  LessonKeeper* lessons = nullptr;              // of the process; null: nothing is kept
  std::shared_ptr<CascadeMemory> cascades;      // of this loop
  TrialKeeper* trials = nullptr;                // of the process; null: there are no experiments
  ShadowCopies* copies = nullptr;               // of the loop; null: no request is asked twice
  std::shared_ptr<const Deployment> deployment;
  HealthView health;  // scratch

  // Plans repeat: their JSON is made once per distinct plan and shared by the ledger entries.
  [[nodiscard]] std::shared_ptr<const std::string> plan_json(const Plan& plan, const Snapshot& snapshot);
  // So do answers: why `chosen` gave this one (see reason_line), and the header lines that say so.
  struct Answer {
    std::string reason;
    std::string fields;  // all x-weir-* but the request's id
  };
  [[nodiscard]] const Answer& answer(const Plan& plan, const Snapshot& snapshot, uint32_t chosen, std::size_t attempts);
  // The snapshot for a request that asks for a model by a wildcard; null for all others. The last names are remembered.
  [[nodiscard]] std::shared_ptr<const Snapshot> named_model(const Deployment& of, std::string_view name);
  // Swaps the deployment on the loop's thread.
  void deploy(std::shared_ptr<const Deployment> next);

 private:
  std::unordered_map<uint64_t, std::shared_ptr<const std::string>> plans_;
  std::unordered_map<uint64_t, Answer> answers_;
  std::vector<std::pair<std::string, std::shared_ptr<const Snapshot>>> named_;  // the last one first
  uint64_t named_count_ = 0;
};

// The x-weir-* header lines of an answer, but its request's id.
struct AnswerFacts {
  std::string_view model;  // as the next two: "" where there is none
  std::string_view zone;
  std::string_view reason;
  std::size_t attempts = 0;
  bool sandbox = false;
};
void append_answer_fields(std::string& out, const AnswerFacts& facts);

// Microseconds since the Unix epoch.
[[nodiscard]] int64_t wall_clock_us();

}  // namespace weir
