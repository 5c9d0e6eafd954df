// The dial of one route and task: which share of its requests the local model may answer, so that the quality that
// callers get stays at `keep` of what the large model alone would have given them. It learns from comparisons:
// requests, drawn by a constant chance, that both models answered and a judge scored.
//
// What it promises: at every moment, the answers given since it began have, in expectation, at least `keep` of the
// large model's quality; that this is ever broken has a probability of at most `alpha`, however the models' qualities
// drift. Why: let W = (1 - keep) L - p (L - S) for a request with scores L and S that is answered locally with the
// chance p. The promise is Σ W >= 0 over all requests. Requests that were not compared count as 0 and the others as
// they are, which is the sum over all, times the chance of being compared, plus a martingale: mixture.h says when it is
// above zero. The share is kept so low that even if all comparisons under way turned out as bad as can be, that would
// still be so. Up to 1 - keep, no evidence is needed.
//
// That alone would let a model that was good for a month be bad for a week. So the share must also stand on the last
// comparisons alone (`recent_most`), and a drop is looked for (a sum of losing bets that begins anew wherever it is
// below 1, as in Shin, Ramdas and Rinaldo, E-detectors, 2022); after one, only what was seen since counts.
//
// Values; pure; one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace weir::experiments {

struct DialGoal {
  double keep = 0.95;  // of the large model's quality
  double most = 1;     // share that it never goes beyond
  double alpha = 0.05;
};

// Scores of one request that both answered, 0 to 1.
struct Pair {
  double small = 0;
  double large = 0;
  double share = 0;  // that the dial stood at when the request came
};

struct DialMove {
  double from = 0;
  double to = 0;
  std::string reason;
};

class Dial {
 public:
  static constexpr std::size_t recent_most = 2'000;
  // Those that the share may be.
  static constexpr double steps[] = {0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1};

  explicit Dial(DialGoal goal);

  // `under_way`: comparisons that have begun and are not told yet, while the share was what it is. A move, where the
  // share changes by it.
  [[nodiscard]] std::optional<DialMove> add(const Pair& pair, int64_t under_way = 0);
  // As `add`, for what was seen before a restart: the share stays. `set` it then.
  void remember(const Pair& pair);
  // Where it stood before a restart.
  void set(double share) {
    share_ = share;
    since_move_ = 0;
  }
  // By hand: to this share, and not beyond it until it is released. What the evidence does not allow it leaves again.
  void hold(double share) {
    set(share);
    held_ = share;
  }
  void release() { held_.reset(); }
  [[nodiscard]] std::optional<double> held() const { return held_; }

  [[nodiscard]] double share() const { return share_; }
  [[nodiscard]] int64_t count() const { return count_; }
  // What the evidence allows now; the share goes there in steps.
  [[nodiscard]] double allowed(int64_t under_way) const;
  [[nodiscard]] double recent_small() const;
  [[nodiscard]] double recent_large() const;
  [[nodiscard]] std::size_t recent() const { return recent_.size(); }

 private:
  // Sums over pairs, of which follows what W would be at any share.
  struct Sums {
    double large = 0;
    double gap = 0;  // large less small
    double large_squared = 0;
    double gap_squared = 0;
    double product = 0;

    void add(const Pair& pair, double sign);
  };
  [[nodiscard]] bool recent_allows(double share) const;
  [[nodiscard]] bool purse_allows(double share, int64_t under_way) const;
  void take(const Pair& pair);
  // Whether the quality has dropped: forgets what was before.
  [[nodiscard]] bool dropped(const Pair& pair);

  DialGoal goal_;
  std::optional<double> held_;
  double share_;
  int64_t count_ = 0;
  int64_t since_move_ = 0;
  // The promise: over everything.
  double purse_ = 0;
  double purse_squares_ = 0;
  double highest_ = 0;  // share that any request was answered at
  // The last ones.
  std::deque<Pair> recent_;
  Sums sums_;
  double log_alarm_ = 0;
  std::size_t since_quiet_ = 0;  // pairs since the alarm last began anew
};

}  // namespace weir::experiments
