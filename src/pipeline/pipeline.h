// Pipeline: the way of a request, from what the listener read to what the client gets. The one file that knows the
// order of the stages; read `serve` first. One per event loop; everything runs on that loop's thread.
#pragma once

#include <memory>
#include <string>

#include "formats/format.h"
#include "guards/contents.h"
#include "pipeline/downstream.h"
#include "pipeline/request_context.h"
#include "pipeline/worker.h"

namespace weir {

// A request as the listener hands it over: authenticated, within the limits, its body read.
struct Incoming {
  const ClientFace* face = nullptr;
  Operation operation = Operation::chat;
  std::string_view method;  // of the pattern that it matched, as `path`; static
  std::string_view path;
  std::string content_type;  // of the body
  std::string named;         // as Asked::named
  bool streams = false;      // as Asked::streams
  std::string query;
  std::vector<std::pair<std::string, std::string>> carried;  // as Asked::carried
  std::string_view request_id;                               // lives as long as the request
  std::shared_ptr<const KeyState> key;                       // null: serving without keys
  std::string body;
  std::shared_ptr<const net::SpilledForm> files;  // of a form, those for which marks stand in the body; null: none
  std::string model;             // named outside the body, which it then stands for; "" = the body names one
  std::string declared_classes;  // x-weir-sensitive
  std::string tags;              // x-weir-tags
  std::string cache_control;     // Cache-Control
  bool batch = false;            // x-weir-priority: its caller can wait
};

class Pipeline {
 public:
  explicit Pipeline(Worker& worker) : worker_(worker) {}

  // Serves one request to its end. Whatever happens, the client has an answer (unless it left) and the ledger an entry.
  net::Task<void> serve(Incoming incoming, Downstream& downstream);

 private:
  Worker& worker_;
};

// What a rule may ask about `request`, gathered once: also for `weir explain`, so that it decides on the same facts.
// Errors: invalid_request for a class in `declared_classes` that the config does not know: to pass over it would be to
// let data out.
[[nodiscard]] Result<RequestFacts> gather_facts(const Request& request, const Snapshot& snapshot,
                                                const Contents& contents, std::string_view caller,
                                                std::string_view declared_classes, std::string_view tags);

}  // namespace weir
