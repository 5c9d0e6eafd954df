// JudgeWeights: what the learned judge has learned of feedback: a weight for each feature, fitted by logistic
// regression. Kept as JSON in the data folder, so that it can be read and deleted. Values; pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "judges/features.h"

namespace weir {

struct JudgeWeights {
  Features weights{};
  double bias = 0;
  int64_t rows = 0;  // that it was fitted to

  // How likely the answer is good enough, 0 to 1.
  [[nodiscard]] double score(const Features& features) const;
};

// One answer that somebody thought well or badly of.
struct JudgedRow {
  Features features{};
  double good = 0;  // 0 to 1
};

// The best weights for `rows` (logistic loss with a penalty on large weights, Newton-free: plain descent from zero, so
// that the same rows give the same weights). With fewer rows than features it stays careful: the penalty is per row.
[[nodiscard]] JudgeWeights fit(std::span<const JudgedRow> rows);
// How well the score orders good before bad: the area under the ROC curve, 0.5 by chance; NaN without both kinds.
[[nodiscard]] double area_under_curve(const JudgeWeights& weights, std::span<const JudgedRow> rows);

[[nodiscard]] std::string to_json(const JudgeWeights& weights);
// invalid_request where it is no such file; features that it does not name weigh nothing.
[[nodiscard]] Result<JudgeWeights> read_weights(std::string text);

}  // namespace weir
