// TrainingData: lessons → lines for fine-tuning, each once, without what may not leave, split so that nothing in the
// one part is nearly the same as something in the other. The same lessons give the same lines. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/snapshot.h"
#include "guards/guard.h"
#include "lessons/lesson_shelf.h"

namespace weir {

enum class TrainingFormat : uint8_t {
  openai,    // {"messages": [...], "tools"?}
  sharegpt,  // {"conversations": [{"from", "value"}]}
  dpo,       // {"prompt": [...], "chosen": [...], "rejected": [...]}
};

struct TrainingOptions {
  TrainingFormat format = TrainingFormat::openai;
  bool redact = false;
  double valid_share = 0.1;
};

// Why lessons are not among the lines.
struct LeftOut {
  int64_t bad = 0;        // the answer was thought badly of, and nobody gave a better one
  int64_t no_pair = 0;    // dpo: there is only one answer
  int64_t forbidden = 0;  // classes that the route keeps in
  int64_t exact = 0;      // duplicates
  int64_t near = 0;
};

struct TrainingData {
  std::vector<std::string> train;  // JSON, a line each
  std::vector<std::string> valid;
  LeftOut left_out;
  int64_t lessons = 0;
  int64_t redacted = 0;  // lines from which values were taken out
  int64_t first_us = 0;  // time of the oldest and newest line; 0: there is none
  int64_t last_us = 0;
  std::map<std::string, int64_t> classes;  // of the lines, before redaction
  std::map<std::string, int64_t> routes;
};

// What of these classes `route` keeps from leaving: some rule that asks for them narrows, redacts or blocks. All of
// them, where the route is not known any more.
[[nodiscard]] ClassSet kept_in(const Snapshot& snapshot, std::string_view route, ClassSet classes);

[[nodiscard]] TrainingData training_data(std::vector<KeptLesson> lessons, const Snapshot& snapshot,
                                         const GuardSet& guards, const TrainingOptions& options);

}  // namespace weir
