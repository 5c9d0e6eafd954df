// Numbers of requests and tokens on the command line, as in files: `700k`, `1M`. Pure; any thread.
#pragma once

#include <CLI/CLI.hpp>

namespace weir {

// For CLI::Option::transform.
[[nodiscard]] CLI::Validator counts();

}  // namespace weir
