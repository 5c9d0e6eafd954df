#include "core/escalation.h"

#include <fmt/format.h>

namespace weir {

std::string describe(const Escalation& escalation) {
  const auto judges = fmt::format("{}", fmt::join(escalation.judges, ", "));
  if (escalation.share) return fmt::format("the poorest {:.4g} % by {}", *escalation.share * 100, judges);
  return fmt::format("below {:.4g} by {}", escalation.below, judges);
}

}  // namespace weir
