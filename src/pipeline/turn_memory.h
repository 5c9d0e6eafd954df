// TurnMemory: which model made the calls of a tool loop, so that their results go back to it: within a turn of an agent
// the model does not change. Known by the calls' ids, and by the conversation before the calls where a format has no
// ids. Bounded; what was not used for the longest time goes. In memory only, and never a text, only its hash. Shared by
// all event loops; a small mutex, taken only by requests with tools.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/request.h"

namespace weir {

class TurnMemory {
 public:
  static constexpr std::size_t most = 16'384;

  // `caller`: the key's id.
  void remember(const std::vector<uint64_t>& marks, std::string_view model, std::string_view caller);
  // The model that the first known of `marks` belongs to; "" = none.
  [[nodiscard]] std::string find(const std::vector<uint64_t>& marks);
  // All of those callers; how many marks.
  std::size_t forget(const std::function<bool(std::string_view caller)>& theirs);

 private:
  struct Entry {
    uint64_t mark = 0;
    std::string model;
    std::string caller;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<uint64_t, std::list<Entry>::iterator> places_;
};

// Of a request whose answer made these calls; of one whose last message is a result (empty: it is none). `caller`: the
// key's id.
[[nodiscard]] std::vector<uint64_t> marks_of_calls(const Request& request, std::string_view caller,
                                                   const std::vector<std::string>& call_ids);
[[nodiscard]] std::vector<uint64_t> marks_of_results(const Request& request, std::string_view caller);

// What a conversation begins with: its instructions and the first words of its user; nullopt: it is none.
[[nodiscard]] std::optional<uint64_t> conversation_mark(const Request& request, std::string_view caller);

}  // namespace weir
