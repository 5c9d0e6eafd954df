// ShareMeter: keeps a threshold of difficulty such that a share of the requests is at or above it, for traffic whose
// difficulties nobody knows beforehand. It looks at the last requests, and at how many went too many or too few so far:
// that debt moves the threshold, and decides among requests of the same difficulty. One thread at a time.
#pragma once

#include <cstddef>
#include <vector>

namespace weir::routing {

class ShareMeter {
 public:
  explicit ShareMeter(double of);  // 0 to 1

  // From this difficulty on, the next request is of the share.
  [[nodiscard]] double threshold() const;
  // A request came, and was or was not of the share.
  void record(double difficulty, bool taken);

 private:
  static constexpr std::size_t most_recent = 512;

  double of_;
  double debt_ = 0;             // requests that should have been taken, less those that were
  std::vector<double> recent_;  // a ring
  std::size_t oldest_ = 0;
  std::vector<double> sorted_;  // the same
};

}  // namespace weir::routing
