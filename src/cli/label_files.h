// Files of labelled prompts for `weir eval` and `weir learn`, and how far a training has come. Blocking; main thread.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "routing/labelled_row.h"

namespace weir {

// The rows of all files, plain or in gzip; `-` is standard input. Errors name file and line.
[[nodiscard]] Result<std::vector<routing::LabelledRow>> read_label_files(const std::vector<std::string>& files);

// A bar on stderr, where that is a terminal, which goes away at the end.
class TrainingBar {
 public:
  explicit TrainingBar(std::string_view what);
  ~TrainingBar();
  TrainingBar(const TrainingBar&) = delete;
  TrainingBar& operator=(const TrainingBar&) = delete;
  void show(double share);

 private:
  std::string what_;
  bool terminal_;
  int shown_ = -1;
};

}  // namespace weir
