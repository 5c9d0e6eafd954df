// GatewayApi: what the gateway answers by itself: models and routes, ledger entries, metrics, health. One per event
// loop; loop thread only. Never asks an upstream.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "admission/keys.h"
#include "formats/format.h"
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
  std::atomic<int64_t> surplus{0};       // connections beyond the limit, which are heard before they are turned away
  int64_t most_connections = INT64_MAX;  // as many as there are descriptors for
  std::string machine;                   // its name; "" = unknown
  int64_t started_s = 0;                 // since the epoch
};

struct ApiAnswer {
  AnswerHead head;
  std::string body;
};

// What is asked of the gateway itself.
struct OwnRequest {
  enum class Sees : uint8_t { nothing, everything };
  std::string_view path;
  const KeyState* key = nullptr;  // null: serving without keys, or a path that needs none
  std::string_view accept;        // as the header says
  std::string_view base_url;      // as it was called: `http://127.0.0.1:4077`
  Sees sees = Sees::nothing;      // of the requests of everybody, on the page at `/`
};

class GatewayApi {
 public:
  GatewayApi(Worker& worker, ProcessState& process) : worker_(worker), process_(process) {}

  // Is `path` one of ours (for any method)?
  [[nodiscard]] static bool knows(std::string_view path);
  // Paths that answer without a key: health probes, metrics, and the front page, which then says little.
  [[nodiscard]] static bool is_open(std::string_view path);
  // GET `request.path`. The views of `request` live until the answer is there.
  net::Task<Result<ApiAnswer>> get(OwnRequest request, net::Cancellation& cancellation);

  // What a caller with that key (null: without keys) may name, for lists in other formats. The views live as long as
  // the deployment that the loop has now.
  [[nodiscard]] std::vector<ModelCard> cards(const KeyState* key) const;

  [[nodiscard]] ProcessState& process() { return process_; }

 private:
  [[nodiscard]] Result<ApiAnswer> models(const KeyState* key) const;
  [[nodiscard]] bool is_loaded(std::size_t model, std::size_t of_its_provider) const;
  [[nodiscard]] Result<ApiAnswer> model(std::string_view id, const KeyState* key) const;
  net::Task<ApiAnswer> front(OwnRequest request, net::Cancellation& cancellation);
  // From the ledger, or as it was a moment ago; null when it does not answer.
  net::Task<std::shared_ptr<const Latest>> latest(net::Cancellation& cancellation);
  net::Task<Result<ApiAnswer>> request_entry(std::string id, const KeyState* key, net::Cancellation& cancellation);
  [[nodiscard]] ApiAnswer metrics() const;
  [[nodiscard]] ApiAnswer ready() const;
  // `ready`, or what keeps it from that.
  [[nodiscard]] std::string_view state() const;

  Worker& worker_;
  ProcessState& process_;
  std::shared_ptr<const Latest> latest_;
  int64_t latest_us_ = 0;       // of the loop's clock, when it was asked for
  bool asking_latest_ = false;  // one look at a time
};

}  // namespace weir
