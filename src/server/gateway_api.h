// GatewayApi: what the gateway answers by itself: models and routes, ledger entries, metrics, health. One per event
// loop; loop thread only. Never asks an upstream.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "admission/keys.h"
#include "pipeline/downstream.h"
#include "pipeline/worker.h"

namespace weir {

// What an answer needs of the process as a whole; shared by all loops, immutable but for its atomics.
struct ProcessState {
  Metrics& metrics;
  std::atomic<bool> ready{false};
  std::atomic<bool> draining{false};
  std::atomic<uint64_t> reloads_failed{0};
  std::atomic<int64_t> connections{0};
  int64_t started_s = 0;  // since the epoch
};

struct ApiAnswer {
  AnswerHead head;
  std::string body;
};

class GatewayApi {
 public:
  GatewayApi(Worker& worker, ProcessState& process) : worker_(worker), process_(process) {}

  // Is `path` one of ours (for any method)?
  [[nodiscard]] static bool knows(std::string_view path);
  // Paths that answer without a key: health probes and metrics.
  [[nodiscard]] static bool is_open(std::string_view path);
  // GET `path`. `key` is null when serving without keys.
  net::Task<Result<ApiAnswer>> get(std::string_view path, const KeyState* key, net::Cancellation& cancellation);

  [[nodiscard]] ProcessState& process() { return process_; }

 private:
  [[nodiscard]] Result<ApiAnswer> models(const KeyState* key) const;
  [[nodiscard]] Result<ApiAnswer> model(std::string_view id, const KeyState* key) const;
  net::Task<Result<ApiAnswer>> request_entry(std::string id, const KeyState* key, net::Cancellation& cancellation);
  [[nodiscard]] ApiAnswer metrics() const;
  [[nodiscard]] ApiAnswer ready() const;

  Worker& worker_;
  ProcessState& process_;
};

}  // namespace weir
