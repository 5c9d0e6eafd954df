// A canary: a model that gets a small share of a route's requests, and more of them while its answers are as good, its
// errors as few and its times as short as those of the others, as far as the evidence goes. It takes a share as soon as
// what cannot be excluded of it, times that share, is within the margin: a fifth of the requests where it could still
// be five margins worse, all of them once it is shown to be no more than a margin worse. It rolls back by itself when
// it is shown to be worse by more than the margin.
//
// Quality and errors: values of [0, 1], in both groups with intervals that hold at every look (mixture.h), also where
// they drift. Times: the ratio, by the mean of logarithms (unbounded.h). Values; pure; one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiments/unbounded.h"

namespace weir::experiments {

struct CanaryGoal {
  double margin = 0.05;  // of quality, and of the share of errors
  double slower = 1.5;   // times the others' time that it may take
  double alpha = 0.05;
  std::vector<double> steps = {0.01, 0.05, 0.1, 0.25, 0.5, 1};  // rising; where it begins is the first
  int64_t least_at_step = 50;                                   // answers of its own at a step
};

// One answer.
struct Outcome {
  bool ok = true;
  double score = -1;  // 0 to 1; -1: not scored
  int64_t duration_us = 0;
};

enum class CanaryState : uint8_t { growing, done, rolled_back };

struct CanaryMove {
  double from = 0;
  double to = 0;
  CanaryState state = CanaryState::growing;
  std::string reason;
};

class Canary {
 public:
  explicit Canary(CanaryGoal goal);

  [[nodiscard]] std::optional<CanaryMove> of_canary(const Outcome& outcome);
  void of_others(const Outcome& outcome) { others_.add(outcome); }
  // By hand, or where it stood before a restart.
  void set(double share, CanaryState state);
  // Goes to where it begins, with the evidence it has.
  void begin() { set(goal_.steps.empty() ? 0 : goal_.steps.front(), CanaryState::growing); }

  [[nodiscard]] double share() const { return share_; }
  [[nodiscard]] CanaryState state() const { return state_; }

  struct Side {
    DriftingMean quality{0, 1};
    DriftingMean errors{0, 1};
    UnboundedMean log_time;

    void add(const Outcome& outcome);
  };
  [[nodiscard]] const Side& canary() const { return canary_; }
  [[nodiscard]] const Side& others() const { return others_; }

 private:
  [[nodiscard]] std::string shown_worse() const;
  // The largest loss that is not excluded yet: of quality, or more errors.
  [[nodiscard]] double worst() const;
  [[nodiscard]] bool slow() const;

  CanaryGoal goal_;
  double share_;
  CanaryState state_ = CanaryState::growing;
  int64_t at_step_ = 0;
  Side canary_;
  Side others_;
};

[[nodiscard]] std::string_view to_string(CanaryState state);

}  // namespace weir::experiments
