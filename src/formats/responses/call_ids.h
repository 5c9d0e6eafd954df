// Which result belongs to which call, in a format where an id of at most 64 bytes says it, for conversations from
// formats where the id may be longer, or missing. Refers to a Request; one thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "core/request.h"

namespace weir::responses {

class CallIds {
 public:
  explicit CallIds(const Request& request) : request_(request) {}

  // Calls and results in the order in which they stand.
  [[nodiscard]] std::string next_call(const Part& call);
  [[nodiscard]] std::string of_result(const Message& result);

 private:
  struct Waiting {
    std::string_view name;
    std::string id;
  };
  // Not one that the conversation uses itself.
  [[nodiscard]] std::string make_id();

  const Request& request_;
  std::deque<Waiting> waiting_;  // calls without an id whose results have not come
  int64_t made_ = 0;
};

}  // namespace weir::responses
