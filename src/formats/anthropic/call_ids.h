// CallIds: the ids under which a conversation's tool calls and their results are written. The format wants ids of its
// alphabet, each only once in a conversation, and each result with one; other formats give calls ids of any kind, the
// same ones in each turn, or none. Used by one thread; views into the messages that were read.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/request.h"
#include "core/result.h"

namespace weir::anthropic {

class CallIds {
 public:
  // unsupported, with its place: a result that belongs to no call.
  Status read(const std::vector<Message>& messages);

  // Of the part `messages[message].parts[part]`, which is a call.
  [[nodiscard]] const std::string& of_call(std::size_t message, std::size_t part) const;
  // Of `messages[message]`, which is a result.
  [[nodiscard]] const std::string& of_result(std::size_t message) const { return ids_[message].front(); }

 private:
  // The calls of one turn, and which of them have their result.
  struct Turn {
    std::vector<std::string> ids;
    std::vector<bool> answered;
    std::unordered_map<std::string_view, std::deque<std::size_t>> by_id;
    std::unordered_map<std::string_view, std::deque<std::size_t>> by_name;
    std::size_t first = 0;  // that may have none
  };
  void read_call(std::size_t message, std::size_t part, const Part& call);
  bool read_result(std::size_t message, const Message& result);
  bool take(std::deque<std::size_t>* candidates, std::string& id);

  Turn turn_;
  std::unordered_set<std::string> used_;
  std::vector<std::vector<std::string>> ids_;  // of each message: of each part, or of the result
};

}  // namespace weir::anthropic
