// TokenMaker: makes the bearer token that a provider is asked with, where the configuration gives something to make it
// of (a service account) in place of the credential itself. Safe from any thread.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

class TokenMaker {
 public:
  virtual ~TokenMaker() = default;
  // One that holds for at least some minutes after `wall_s` (seconds since the epoch); "" when none can be made.
  [[nodiscard]] virtual std::string token(int64_t wall_s) const = 0;
  // The one that was made last, "" = none yet: for those who look for it in what comes back.
  [[nodiscard]] virtual std::string last() const = 0;
};

}  // namespace weir
