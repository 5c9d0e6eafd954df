// GainModel: from a prompt, how much better the strong model's answer is expected to be than the weak one's, for
// sorting prompts by it. Two stages: words (word_model.h) give the gain, either model's success and the subject, where
// the rows name one; then those and the shape of the text go into a linear model and into boosted trees. How much of
// each counts is chosen by cross-validation. The scores of the first stage that the second is trained on are those of
// rows that it had not seen. Values; asking is safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "routing/boosted_trees.h"
#include "routing/labelled_row.h"
#include "routing/linear_model.h"
#include "routing/text_features.h"
#include "routing/word_model.h"

namespace weir::routing {

inline constexpr std::size_t most_subjects = 64;

struct GainSettings {
  WordSettings words;
  TreeSettings trees;
  int folds = 4;
};

// Told what share of the training is done, 0 to 1; may be empty.
using Progress = std::function<void(double share)>;

// What was chosen by cross-validation, and how good that was there.
struct GainChoice {
  double ridge = 0;        // of the linear model
  double trees_share = 0;  // 0: the linear model alone; 1: the trees alone
  double apgr = 0;         // of rows that were not trained on
  bool operator==(const GainChoice&) const = default;
};

struct GainParts {
  WordModel words;                  // outputs: gain, weak, strong, then one a subject
  std::vector<float> subject_gain;  // mean of each subject
  LinearModel linear;
  BoostedTrees trees;
  float trees_share = 0;
  std::vector<float> knots;     // rising scores …
  std::vector<float> failures;  // … and what share of the weak model's answers was not good enough there; as many
};

class GainModel {
 public:
  GainModel() = default;
  // As read from a file; check it with well_formed.
  explicit GainModel(GainParts parts) : parts_(std::move(parts)) {}
  static GainModel train(std::span<const LabelledRow> rows, const GainSettings& settings,
                         const Progress& progress = {});

  // Higher: rather to the strong model. Its unit is the gain in accuracy, about the mean of the training rows.
  [[nodiscard]] double score(const TextFeatures& text) const;
  // The chance that the weak model's answer is not good enough, 0 to 1: what was seen at such scores.
  [[nodiscard]] double difficulty(double score) const;
  [[nodiscard]] bool well_formed() const;
  [[nodiscard]] const GainParts& parts() const { return parts_; }
  [[nodiscard]] const GainChoice& choice() const { return choice_; }

 private:
  GainParts parts_;
  GainChoice choice_;
};

}  // namespace weir::routing
