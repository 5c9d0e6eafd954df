// What the team says is not private after all (config `guards.exceptions`): findings of a kind, all of them or those
// with a value, of a network, of a mail domain, or too unsure ones. Made at config load; immutable; safe from any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/snapshot.h"

namespace weir::guards {

class Exceptions {
 public:
  Exceptions(const std::vector<GuardException>& list, Confidence least);

  // Whether a finding of `guard`, called `what`, with this text is excepted.
  [[nodiscard]] bool has(std::string_view guard, std::string_view what, std::string_view value,
                         Confidence confidence) const;

  // Whether a value is written as a network: `10.0.0.0/8`.
  [[nodiscard]] static bool is_network(std::string_view value);

 private:
  struct Entry {
    std::string kind;
    std::string plain;   // the value without case and separators; "" = any
    std::string domain;  // in small letters; "" = any
    uint32_t address = 0;
    uint32_t mask = 0;  // 0: no network
    std::optional<Confidence> below;
  };
  std::vector<Entry> entries_;
  Confidence least_ = Confidence::low;
};

}  // namespace weir::guards
