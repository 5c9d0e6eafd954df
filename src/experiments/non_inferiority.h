// Is a model as good as another, but for a margin? From pairs of scores of the same requests, looked at as often as one
// likes. Three answers: yes and no are shown with an error of at most `alpha` each, ever; else how many more pairs it
// will take, as far as those seen tell. Values; pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "experiments/betting.h"

namespace weir::experiments {

enum class Answer : uint8_t { yes, no, not_yet };

class NonInferiority {
 public:
  // `margin`: how much worse, in points of the score (0 to 1), is as good.
  NonInferiority(double margin, double alpha);

  // Of one request: the score of the model in question less the other's, -1 to 1.
  void add(double difference);
  [[nodiscard]] Answer answer() const;
  [[nodiscard]] int64_t count() const { return static_cast<int64_t>(seen_.size()); }
  [[nodiscard]] double mean() const;
  // About how many more pairs until the answer is yes, if those to come are like those seen; before there are some, for
  // two models of which either wins one time in ten. nullopt: more than `most_needed`, or they are not going to say
  // yes.
  [[nodiscard]] std::optional<int64_t> needed() const;

  static constexpr int64_t most_needed = 20'000;

 private:
  double margin_;
  double alpha_;
  MeanTest good_;
  MeanTest bad_;
  std::vector<float> seen_;
  double sum_ = 0;
};

}  // namespace weir::experiments
