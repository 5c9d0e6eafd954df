// Numbers of sizing as people read them. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>

namespace weir::plan {

// `16.1 GB`: three digits, decimal units.
[[nodiscard]] std::string bytes_text(double bytes);
// `8,192`
[[nodiscard]] std::string count_text(int64_t count);
// `1,234`, `56.7`, `8.91`: three digits, or all before the point.
[[nodiscard]] std::string rate_text(double rate);
// `45 ms`, `1.2 s`, `3 min`
[[nodiscard]] std::string seconds_text(double seconds);

}  // namespace weir::plan
