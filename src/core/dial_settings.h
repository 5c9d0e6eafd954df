// What the config says of a route's dial: Weir itself finds the share of the local model, task by task. Values.
#pragma once

#include <cstdint>

namespace weir {

struct DialSettings {
  int64_t keep_quality = 950'000;  // of the large model's, parts per million
  uint32_t of = 0;                 // the large model
  uint32_t model = 0;              // the local one
  int64_t most = 1'000'000;        // share that it never goes beyond, parts per million
};

}  // namespace weir
