// CascadeMemory: what one event loop remembers of escalations from request to request: the scores of late, by rule, and
// whose servers refused to tell log-probabilities. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/snapshot.h"
#include "pipeline/share_keeper.h"

namespace weir {

class CascadeMemory {
 public:
  // Of one rule; kept over reloads, as long as route and line stay.
  [[nodiscard]] ShareKeeper& shares(const std::string& rule) { return shares_[rule]; }

  [[nodiscard]] bool refuses_logprobs(std::string_view model, int64_t now_ms) const {
    const auto known = refused_until_ms_.find(model);
    return known != refused_until_ms_.end() && known->second > now_ms;
  }
  void note_refusal(std::string_view model, int64_t now_ms) {
    constexpr int64_t an_hour = 3'600'000;
    refused_until_ms_.insert_or_assign(std::string(model), now_ms + an_hour);
  }

 private:
  std::unordered_map<std::string, ShareKeeper> shares_;
  std::unordered_map<std::string, int64_t, NameHash, std::equal_to<>> refused_until_ms_;
};

}  // namespace weir
