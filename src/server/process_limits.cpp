#include "server/process_limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace weir {

int64_t make_room_for_connections() {
  // Listeners, event loops, the ledger, the log, discovery, surplus connections.
  constexpr int64_t kept_free = 192;
  constexpr int64_t least = 8;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return INT64_MAX;
  if (files.rlim_cur < files.rlim_max) {
    const rlimit raised{.rlim_cur = files.rlim_max, .rlim_max = files.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  if (files.rlim_cur == RLIM_INFINITY || files.rlim_cur > INT32_MAX) return INT64_MAX;
  return std::max((static_cast<int64_t>(files.rlim_cur) - kept_free) / 2, least);
}

void forbid_core_dumps() {
  constexpr rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace weir
