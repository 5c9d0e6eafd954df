// ShareKeeper: which answers are the poorest, where a route says how many of them are to be escalated and not from
// which score on. Compares each score with those of late, and leans against what came of it so far, so that the share
// holds while scores drift, and where many are equal. One thread at a time; knows no clock.
#pragma once

#include <cstddef>
#include <vector>

namespace weir {

class ShareKeeper {
 public:
  // Whether the answer with this score is one of those. `salt`: 0 to 1, of the request: tells equal scores apart.
  [[nodiscard]] bool escalates(double score, double salt, double share);
  // The score below which answers are escalated now, about; negative: nothing was seen yet.
  [[nodiscard]] double threshold() const { return threshold_; }

 private:
  std::vector<double> recent_;  // a ring
  std::size_t next_ = 0;
  double owed_ = 0;  // escalations that should have been and were not, as the seen ones have it
  double threshold_ = -1;
};

}  // namespace weir
