#include "pipeline/share_keeper.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::size_t remembered = 400;
constexpr double lean = 0.05;     // of the share, for each escalation that is owed
constexpr double most_owed = 40;  // a flood of one kind is not paid back for ever
constexpr double hair = 1e-6;     // less than two different scores differ by

}  // namespace

bool ShareKeeper::escalates(double score, double salt, double share) {
  const double exact = score + hair * salt;
  const auto below =
      static_cast<double>(std::count_if(recent_.begin(), recent_.end(), [&](double other) { return other < exact; }));
  const double rank = (below + 0.5) / static_cast<double>(recent_.size() + 1);
  owed_ = std::clamp(owed_ + share, -most_owed, most_owed);
  const double level = std::clamp(share + lean * (owed_ - 0.5), 0.0, 1.0);
  const bool poor = share > 0 && (rank < level || share >= 1);
  if (poor) owed_ -= 1;
  if (recent_.size() < remembered) {
    recent_.push_back(exact);
  } else {
    recent_[next_] = exact;
    next_ = (next_ + 1) % remembered;
  }
  auto sorted = recent_;
  const auto at = std::min(sorted.size() - 1, static_cast<std::size_t>(level * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(at), sorted.end());
  threshold_ = sorted[at];
  return poor;
}

}  // namespace weir
