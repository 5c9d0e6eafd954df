// HeardAnswer: what a model said, whole, for those who compare answers: of streams and whole answers alike, whatever
// the format. Only the first choice, and no more than `most_bytes` of it. Loop thread only.
#pragma once

#include <cstddef>

#include "core/response.h"
#include "core/stream_event.h"

namespace weir {

class HeardAnswer {
 public:
  static constexpr std::size_t most_bytes = std::size_t{1024} * 1024;

  // Another attempt begins: what was heard before was not the answer.
  void begin_anew();
  void hear(const Response& response);
  void hear(const StreamEvent& event);
  [[nodiscard]] const Response& response() const { return response_; }
  // Longer than what is kept: nobody can judge it.
  [[nodiscard]] bool too_long() const { return bytes_ > most_bytes; }

 private:
  Response response_;
  std::size_t bytes_ = 0;
};

}  // namespace weir
