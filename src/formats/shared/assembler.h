// AnswerAssembler: the events of a stream → one whole answer, for a provider that streams although a whole answer was
// asked. Used by one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"

namespace weir {

class AnswerAssembler {
 public:
  // The error that `event` reports, if it is one.
  Status add(StreamEvent event);
  // All of it. upstream_truncated when the stream ended before its answer did.
  [[nodiscard]] Result<Response> take(Operation operation, const StreamState& state);

 private:
  struct Building {
    Choice choice;
    std::vector<std::pair<int64_t, std::size_t>> calls;  // tool_index → index into choice.parts
    std::vector<std::string> logprobs;                   // a JSON object for each piece
  };
  Building& building(int64_t index);

  std::vector<Building> choices_;
  Usage usage_;
  bool done_ = false;
};

// A whole answer as the events of a stream, where a stream was asked.
[[nodiscard]] std::vector<StreamEvent> events_of(const Response& response);

}  // namespace weir
