// Result<T>: a value or an Error, for everything that can fail on a request path. Exceptions are for start-up only.
// An alias, so that the move to std::expected is one line.
#pragma once

#include <tl/expected.hpp>

#include "core/error.h"

namespace weir {

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> failure(Error error) { return tl::unexpected<Error>(std::move(error)); }

[[nodiscard]] inline tl::unexpected<Error> failure(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{.code = code, .message = std::move(message)});
}

}  // namespace weir
