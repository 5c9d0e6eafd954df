// JobProgress: what a Job (format.h) can say of itself while it runs, where its server tells. A job that has it derives
// from both. Only asked for where the client wants a stream; what `news` gave is then not said again: of the answer,
// the client gets the end alone. Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/stream_event.h"

namespace weir {

class JobProgress {
 public:
  virtual ~JobProgress() = default;
  // A question that is asked now and then beside the job's own, while that is not answered; nullopt: there is none. No
  // answer to it means nothing.
  [[nodiscard]] virtual std::optional<HttpRequest> look() const { return std::nullopt; }
  // NOLINTNEXTLINE(performance-unnecessary-value-param): whoever reads it keeps its body
  virtual void seen(HttpResponse) {}
  // A WebSocket that the server tells it over, opened beside the job: path and headers; nullopt: there is none.
  [[nodiscard]] virtual std::optional<HttpRequest> listen() const { return std::nullopt; }
  enum class Form : uint8_t { text, binary };
  virtual void heard(Form, std::string_view) {}
  // What has come since it was last asked: pieces of the answer in their order, all of them when the job is done.
  [[nodiscard]] virtual std::vector<StreamEvent> news() = 0;
};

}  // namespace weir
