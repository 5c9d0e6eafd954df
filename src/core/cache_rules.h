// CacheRules: what a route says of answers that are kept for the same question (`cache`). A value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/sensitivity.h"

namespace weir {

struct CacheRules {
  int64_t ttl_ms = 3'600'000;                   // an older answer is no answer
  std::size_t memory_bytes = 64 * 1024 * 1024;  // of all answers of the route; beyond it the least used go
  std::size_t disk_bytes = 0;                   // the same on disk, where the oldest go; 0 = none is written there
  ClassSet classes = 0;                         // requests of other classes than these are not looked up and not kept
  bool sampled = true;                          // also what may be answered otherwise each time: temperature above 0

  bool operator==(const CacheRules&) const = default;
};

}  // namespace weir
