// Ids of tool calls on their way into a format that allows fewer: an id is kept where it may stand, and otherwise made
// of the old one, the same each time, so that call and result still belong together, also over several turns. Pure
// functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"

namespace weir {

// What an id must look like: letters and digits, and the characters of `besides`.
struct CallIdRule {
  std::size_t at_least = 1;
  std::size_t at_most = 64;
  std::string_view besides;
};

[[nodiscard]] bool fits(std::string_view id, const CallIdRule& rule);
// `id` where it fits, else one of letters and digits made of it, with as many of them as the rule allows (22 at most).
[[nodiscard]] std::string call_id(std::string_view id, const CallIdRule& rule);

// Goes through a conversation from its beginning and gives each call and each result its id. A format without ids names
// the tool only: a result then belongs to the first call of that tool that has none yet.
class CallIds {
 public:
  explicit CallIds(const CallIdRule& rule) : rule_(rule) {}

  [[nodiscard]] std::string of_call(const Part& call);
  [[nodiscard]] std::string of_result(const Message& result);

 private:
  struct Open {
    std::string_view name;
    std::string id;
  };
  CallIdRule rule_;
  std::size_t calls_ = 0;
  std::vector<Open> open_;  // calls without an id of their own, whose results have not come
};

}  // namespace weir
