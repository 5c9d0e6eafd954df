#include "routing/gain_curve.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weir::routing {
namespace {

// The least share, in whole prompts, at which the curve is at `wanted` or above; nullopt: never.
std::optional<double> first_share(const std::vector<double>& accuracy, double wanted) {
  constexpr double rounding = 1e-12;
  const auto found =
      std::find_if(accuracy.begin(), accuracy.end(), [&](double one) { return one + rounding >= wanted; });
  if (found == accuracy.end()) return std::nullopt;
  return static_cast<double>(found - accuracy.begin()) / static_cast<double>(accuracy.size() - 1);
}

}  // namespace

double GainCurve::accuracy_at(double share) const {
  if (accuracy.empty()) return 0;
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(accuracy.size() - 1);
  const auto before = static_cast<std::size_t>(at);
  if (before + 1 >= accuracy.size()) return accuracy.back();
  const double part = at - static_cast<double>(before);
  return accuracy[before] * (1 - part) + accuracy[before + 1] * part;
}

GainCurve gain_curve(std::span<const Outcome> outcomes) {
  GainCurve out{.rows = outcomes.size()};
  if (outcomes.empty()) return out;
  std::vector<std::size_t> order(outcomes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return outcomes[a].score > outcomes[b].score; });
  double weak = 0;
  double strong = 0;
  for (const auto& one : outcomes) {
    weak += one.weak;
    strong += one.strong;
  }
  const auto count = static_cast<double>(outcomes.size());
  out.weak = weak / count;
  out.strong = strong / count;
  out.accuracy.push_back(out.weak);
  double sum = weak;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    double gain = 0;
    while (end < order.size() && outcomes[order[end]].score == outcomes[order[i]].score) {
      gain += outcomes[order[end]].strong - outcomes[order[end]].weak;
      ++end;
    }
    const double each = gain / static_cast<double>(end - i);
    for (; i < end; ++i) {
      sum += each;
      out.accuracy.push_back(sum / count);
    }
  }
  const double gap = out.strong - out.weak;
  if (gap <= 0) return out;
  double area = 0;
  for (std::size_t k = 1; k < out.accuracy.size(); ++k) area += (out.accuracy[k - 1] + out.accuracy[k]) / 2 - out.weak;
  out.apgr = area / count / gap;
  out.cpt50 = first_share(out.accuracy, out.weak + 0.5 * gap);
  out.cpt80 = first_share(out.accuracy, out.weak + 0.8 * gap);
  return out;
}

}  // namespace weir::routing
