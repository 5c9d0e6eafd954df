// LinearModel: ridge regression over a handful of dense columns, each brought to mean 0 and deviation 1 and cut at 4
// deviations, so that no odd text can carry a score away. Solved exactly (Cholesky). Values; any thread.
#pragma once

#include <span>
#include <vector>

#include "routing/boosted_trees.h"

namespace weir::routing {

struct LinearModel {
  std::vector<float> mean;
  std::vector<float> scale;  // 1 / deviation; 0 for a column that does not vary
  std::vector<float> weight;

  [[nodiscard]] float operator()(std::span<const float> row) const;
  [[nodiscard]] bool well_formed(std::size_t columns) const;
};

// Sums over rows that are needed for every strength of ridge, made once. `targets` about their mean.
class LinearTrainer {
 public:
  LinearTrainer(const Matrix& rows, std::span<const float> targets);
  [[nodiscard]] LinearModel train(double ridge) const;

 private:
  LinearModel standard_;
  std::size_t columns_ = 0;
  std::vector<double> products_;  // columns × columns
  std::vector<double> with_target_;
};

}  // namespace weir::routing
