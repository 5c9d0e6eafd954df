// What the process asks of its operating system at start: descriptors for its connections, and that its memory, which
// holds prompts and credentials, stays its own. Main thread, before others are started.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

// Raises the soft limit of open files to the hard one. The result: how many client connections there is room for beside
// the files, and an upstream connection for each.
[[nodiscard]] int64_t make_room_for_connections();
// From here on, of this process and those that it starts.
void forbid_core_dumps();
// As the kernel knows it; "" = not known.
[[nodiscard]] std::string machine_name();

}  // namespace weir
