#include "routing/linear_model.h"

#include <algorithm>
#include <cmath>

namespace weir::routing {
namespace {

constexpr float most_deviations = 4;
constexpr double least_deviation = 1e-4;

float standardised(float value, float mean, float scale) {
  return std::clamp((value - mean) * scale, -most_deviations, most_deviations);
}

// Solves (products + ridge I) x = with_target for a symmetric, positive matrix. `a` is used up.
std::vector<double> solve(std::vector<double> a, std::vector<double> x, std::size_t n, double ridge) {
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] += ridge;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(std::max(sum, 1e-9)) : sum / a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= a[i * n + k] * x[k];
    x[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= a[k * n + i] * x[k];
    x[i] /= a[i * n + i];
  }
  return x;
}

}  // namespace

float LinearModel::operator()(std::span<const float> row) const {
  float sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) sum += weight[i] * standardised(row[i], mean[i], scale[i]);
  return sum;
}

bool LinearModel::well_formed(std::size_t columns) const {
  const auto good = [&](const std::vector<float>& values) {
    return values.size() == columns &&
           std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  };
  return good(mean) && good(scale) && good(weight);
}

LinearTrainer::LinearTrainer(const Matrix& rows, std::span<const float> targets)
    : columns_(rows.columns), products_(columns_ * columns_), with_target_(columns_) {
  const auto count = static_cast<double>(std::max<std::size_t>(rows.rows(), 1));
  for (std::size_t column = 0; column < columns_; ++column) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) sum += rows.row(i)[column];
    const double mean = sum / count;
    for (std::size_t i = 0; i < rows.rows(); ++i) squares += std::pow(rows.row(i)[column] - mean, 2);
    const double deviation = std::sqrt(squares / count);
    standard_.mean.push_back(static_cast<float>(mean));
    standard_.scale.push_back(deviation > least_deviation ? static_cast<float>(1 / deviation) : 0.0F);
  }
  std::vector<double> row(columns_);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      row[j] = standardised(rows.row(i)[j], standard_.mean[j], standard_.scale[j]);
    }
    for (std::size_t j = 0; j < columns_; ++j) {
      with_target_[j] += row[j] * static_cast<double>(targets[i]);
      for (std::size_t k = 0; k <= j; ++k) products_[j * columns_ + k] += row[j] * row[k];
    }
  }
}

LinearModel LinearTrainer::train(double ridge) const {
  LinearModel out = standard_;
  for (const double weight : solve(products_, with_target_, columns_, ridge)) {
    out.weight.push_back(static_cast<float>(weight));
  }
  return out;
}

}  // namespace weir::routing
