// What clients are promised of an answer whatever its server left unsaid, put right once for all formats: each call has
// an id of its own and arguments that are JSON, an answer that ends with calls says so, and the only answer is number
// 0. One stream or answer each; one thread.
#pragma once

#include <string>
#include <vector>

#include "core/request.h"
#include "core/response.h"
#include "core/stream_event.h"

namespace weir {

// How many answers a request is to get: `n` for each prompt.
[[nodiscard]] int64_t expected_choices(const Request& request);

// The events of a stream, as they come.
class PromiseKeeper {
 public:
  explicit PromiseKeeper(int64_t choices) : single_(choices == 1) {}

  // Puts right what was read into `out` since `from`. `answer_id` is what made ids are made of. True: the event's own
  // bytes are no longer what it says. A call without a name is an error in the place of its end.
  [[nodiscard]] bool keep(std::string_view answer_id, std::vector<StreamEvent>& out, std::size_t from);

 private:
  struct Call {
    int64_t choice = 0;
    int64_t number = 0;
    std::string id;
    bool named = false;
    bool has_arguments = false;
  };

  void renumber(StreamEvent& event);
  bool take_call(std::string_view answer_id, StreamEvent& event);
  // Before the end of the stream: what its calls lack. True: something was added.
  bool end_calls(std::vector<StreamEvent>& out, std::size_t& at);

  const bool single_;
  int64_t first_ = -1;  // the number of the only answer, as the provider counts
  std::vector<Call> calls_;
};

// A whole answer. True: `response.raw` is no longer what it says. upstream_malformed: a call has no name.
[[nodiscard]] Result<bool> keep_promises(Response& response, int64_t choices);

}  // namespace weir
