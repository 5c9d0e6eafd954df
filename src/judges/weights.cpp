#include "judges/weights.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace weir {
namespace {

constexpr int rounds = 4000;
constexpr double step = 0.5;
constexpr double penalty = 1.0;  // as much as one row's worth, for all weights together

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

double JudgeWeights::score(const Features& features) const {
  double sum = bias;
  for (std::size_t i = 0; i < features.size(); ++i) sum += weights[i] * features[i];
  return logistic(sum);
}

JudgeWeights fit(std::span<const JudgedRow> rows) {
  JudgeWeights fitted{.rows = static_cast<int64_t>(rows.size())};
  if (rows.empty()) return fitted;
  const auto count = static_cast<double>(rows.size());
  for (int round = 0; round < rounds; ++round) {
    Features slope{};
    double bias_slope = 0;
    for (const auto& row : rows) {
      const auto off = fitted.score(row.features) - std::clamp(row.good, 0.0, 1.0);
      bias_slope += off;
      for (std::size_t i = 0; i < slope.size(); ++i) slope[i] += off * row.features[i];
    }
    double largest = std::abs(bias_slope / count);
    fitted.bias -= step * bias_slope / count;
    for (std::size_t i = 0; i < slope.size(); ++i) {
      const auto down = (slope[i] + penalty * fitted.weights[i]) / count;
      fitted.weights[i] -= step * down;
      largest = std::max(largest, std::abs(down));
    }
    if (largest < 1e-6) break;
  }
  return fitted;
}

double area_under_curve(const JudgeWeights& weights, std::span<const JudgedRow> rows) {
  std::vector<std::pair<double, bool>> scored;
  scored.reserve(rows.size());
  for (const auto& row : rows) scored.emplace_back(weights.score(row.features), row.good >= 0.5);
  std::sort(scored.begin(), scored.end());
  // The sum of the ranks of the good ones; equal scores share their ranks.
  double ranks = 0;
  double good = 0;
  for (std::size_t i = 0; i < scored.size();) {
    auto end = i;
    while (end < scored.size() && scored[end].first == scored[i].first) ++end;
    const auto rank = static_cast<double>(i + end + 1) / 2;
    for (; i < end; ++i) {
      if (!scored[i].second) continue;
      ranks += rank;
      ++good;
    }
  }
  const auto bad = static_cast<double>(scored.size()) - good;
  if (good == 0 || bad == 0) return std::numeric_limits<double>::quiet_NaN();
  return (ranks - good * (good + 1) / 2) / (good * bad);
}

std::string to_json(const JudgeWeights& weights) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.key("kind").value("weir learned judge");
  out.key("rows").value(weights.rows);
  out.key("bias").value(weights.bias);
  out.key("weights").begin_object();
  for (std::size_t i = 0; i < feature_names.size(); ++i) out.key(feature_names[i]).value(weights.weights[i]);
  out.end_object();
  out.end_object();
  text += '\n';
  return text;
}

Result<JudgeWeights> read_weights(std::string text) {
  json::Document document;
  if (auto parsed = document.parse(std::move(text)); !parsed) return failure(std::move(parsed.error()));
  json::Object object;
  json::Object named;
  if (document.root().get(object) != simdjson::SUCCESS || object["weights"].get(named) != simdjson::SUCCESS)
    return failure(ErrorCode::invalid_request, "This is no file of a learned judge: it has no `weights`.");
  JudgeWeights weights;
  json::read_if(object["bias"], weights.bias);
  weights.rows = json::int_or(object, "rows");
  for (std::size_t i = 0; i < feature_names.size(); ++i) json::read_if(named[feature_names[i]], weights.weights[i]);
  const auto is_finite = [](double one) { return std::isfinite(one); };
  if (!is_finite(weights.bias) || !std::all_of(weights.weights.begin(), weights.weights.end(), is_finite))
    return failure(ErrorCode::invalid_request, "A weight of the learned judge is no number.");
  return weights;
}

}  // namespace weir
