// TaskModel: which task a prompt is, from its words and shape: one linear estimate a task, the highest wins. Where no
// estimate is clear, it is `chat`. Values; asking is safe from any thread.
#pragma once

#include <span>
#include <string_view>

#include "routing/labelled_row.h"
#include "routing/linear_model.h"
#include "routing/tasks.h"
#include "routing/text_features.h"
#include "routing/word_model.h"

namespace weir::routing {

class TaskModel {
 public:
  TaskModel() = default;
  // As read from a file; check it with well_formed.
  explicit TaskModel(WordModel words) : words_(std::move(words)) {}
  // Of the rows that name a task of `task_names`.
  static TaskModel train(std::span<const LabelledRow> rows, const WordSettings& settings);

  // One of task_names.
  [[nodiscard]] std::string_view task_of(const TextFeatures& text) const;
  [[nodiscard]] bool well_formed() const;
  [[nodiscard]] const WordModel& words() const { return words_; }

 private:
  WordModel words_;
};

}  // namespace weir::routing
