// Stop: why a command ends before its work is done: a line for people, what mends it, and the exit code. For commands
// whose steps can each fail; a value, one thread.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "cli/command.h"

namespace weir {

struct Stop {
  ExitCode code = ExitCode::usage;
  std::string message;
  std::string hint;
};
template <typename T>
using OrStop = tl::expected<T, Stop>;

[[nodiscard]] inline tl::unexpected<Stop> stop(ExitCode code, std::string message, std::string hint = {}) {
  return tl::unexpected(Stop{code, std::move(message), std::move(hint)});
}

}  // namespace weir
