// Downstream: the client side of one request, as the pipeline sees it. The server implements it over HTTP/1.1; tests
// can implement it over strings. Loop thread only. All calls report a client that left as client_gone.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "net/event_loop.h"

namespace weir {

struct AnswerHead {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string fields;  // further header lines, each with its CRLF
};

class Downstream {
 public:
  virtual ~Downstream() = default;
  // Requested when the client leaves.
  [[nodiscard]] virtual net::Cancellation& cancellation() = 0;
  // The cancellation is ours, not the client's: it can still be told.
  [[nodiscard]] virtual bool shutting_down() const = 0;
  // A whole answer.
  virtual net::Task<Status> respond(const AnswerHead& head, std::string_view body) = 0;
  // A stream: `begin` keeps the head until the first bytes, so that both go out in one write.
  virtual void begin(const AnswerHead& head) = 0;
  // Returns when the kernel has taken all of it: a slow client slows the upstream down, and nothing piles up here.
  virtual net::Task<Status> write(std::string_view bytes) = 0;
  virtual net::Task<Status> end() = 0;
};

}  // namespace weir
