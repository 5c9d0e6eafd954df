// HeldStream: what a stream has said so far, for judges, and when they are to look at it next. Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/response.h"
#include "core/stream_event.h"
#include "judges/judge.h"

namespace weir {

struct HeldStream {
  bool holding = false;   // the client gets nothing yet
  Response so_far;        // without log-probabilities
  std::size_t bytes = 0;  // of texts and calls
  // Not good enough by its beginning already. All of it is waited for, in case the better model has no answer.
  std::optional<Score> poor;

  void add(const StreamEvent& event);
  // So much has come since the last look that another may say more: each waits for a quarter more than the one before.
  [[nodiscard]] bool worth_a_look();
  // With the log-probabilities of all pieces in it.
  [[nodiscard]] Response answer() const;

 private:
  struct Extra {
    int64_t index = 0;
    std::vector<std::pair<int64_t, std::size_t>> calls;  // tool_index → index into parts
    std::string logprobs;                                // the elements of `content`, with commas between them
  };
  Extra& extra(int64_t index);

  std::vector<Extra> extras_;  // beside so_far.choices
  std::size_t next_look_ = 96;
};

}  // namespace weir
