// LessonRules: what a route keeps of its escalations: the prompt, both answers, their scores. Made by `config/`. A
// value.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir {

struct LessonRules {
  int64_t keep_ms = 90LL * 24 * 3'600'000;
  std::size_t most_bytes = 256 * 1024 * 1024;  // of the route's lessons
  bool good = false;                           // also judged answers that were good enough
};

}  // namespace weir
