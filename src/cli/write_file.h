// Writing a file that a command was asked for: whole or not at all, so that no reader sees half of one. Blocking; any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace weir {

// Replaces `path`, through links, by way of a new file beside it; writes straight into what is no regular file
// (/dev/stdout, a pipe). The error's message names path and cause.
[[nodiscard]] Status write_file(const std::string& path, std::string_view text);
// A file of its owner's own: a configuration, which may come to hold credentials. Refuses with invalid_request when
// there is something at `path` already.
[[nodiscard]] Status write_new_file(const std::string& path, std::string_view text);

}  // namespace weir
