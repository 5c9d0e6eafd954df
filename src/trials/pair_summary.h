// What comparisons say, summed up for one experiment or route and one task: who wins, how quality, cost and time
// differ, each with an interval that holds at every look (95 %), whether the model in question is good enough, and what
// is still needed. For `weir experiment status` and `weir verdict`. Values; pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/json.h"
#include "experiments/betting.h"
#include "experiments/median.h"
#include "experiments/non_inferiority.h"
#include "experiments/unbounded.h"
#include "trials/trial.h"

namespace weir {

struct VoteCount {
  int64_t tested = 0;
  int64_t reference = 0;
  int64_t ties = 0;
  [[nodiscard]] int64_t all() const { return tested + reference + ties; }
};

class PairSummary {
 public:
  static constexpr double alpha = 0.05;

  explicit PairSummary(double margin);

  // A vote by hand counts in place of the judge's scores for who wins.
  void add(const Comparison& one);

  [[nodiscard]] int64_t count() const { return difference.count(); }
  [[nodiscard]] double wins() const { return win_rate.mean(); }

  double margin;
  VoteCount judged;  // by scores
  VoteCount by_hand;
  int64_t failures = 0;                       // of the model in question
  experiments::BettingInterval win_rate;      // a tie is half a win
  experiments::BettingInterval quality;       // of the model in question
  experiments::BettingInterval of_reference;  // the other's
  experiments::BettingInterval difference;    // the first less the second
  experiments::NonInferiority good_enough;
  experiments::UnboundedMean cost;  // dollars: of the model in question less the other's, a request
  experiments::Median time_ms;      // the same of times, where both answered
  double tested_cost = 0;           // dollars, all
  double reference_cost = 0;
  std::string tested;  // model ids, of the last comparison
  std::string reference;
};

// By task; "" where none is known.
using PairSummaries = std::map<std::string, PairSummary>;

void append_json(json::Writer& out, const PairSummary& summary);
// A few lines for people, each with `indent` before it.
[[nodiscard]] std::string to_text(const PairSummary& summary, std::string_view indent);
// `yes`, `no`, `not_yet`.
[[nodiscard]] std::string_view to_string(experiments::Answer answer);
// "not enough evidence yet: about 340 more comparisons".
[[nodiscard]] std::string sentence(const PairSummary& summary);

}  // namespace weir
