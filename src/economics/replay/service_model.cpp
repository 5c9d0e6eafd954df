#include "economics/replay/service_model.h"

#include <cmath>

namespace weir::plan {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;
using Column = std::array<double, 3>;
using Used = std::array<bool, 3>;

// Solves the normal equations of the variables in use by Gauss–Jordan elimination. A variable that does not vary
// independently of those before it (all prompts equally long, say) is left at 0: its share is in theirs.
Column solve(Matrix matrix, Column right, const Used& used) {
  constexpr double dependent = 1e-9;  // what is left of its square once the others are taken out
  const Matrix given = matrix;
  Used solved{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!used[i] || matrix[i][i] <= dependent * given[i][i]) continue;
    solved[i] = true;
    for (std::size_t k = 0; k < 3; ++k) {
      if (k == i) continue;
      const double factor = matrix[k][i] / matrix[i][i];
      for (std::size_t j = 0; j < 3; ++j) matrix[k][j] -= factor * matrix[i][j];
      right[k] -= factor * right[i];
    }
  }
  Column result{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (solved[i]) result[i] = right[i] / matrix[i][i];
  }
  return result;
}

}  // namespace

void RateFit::add(int64_t input, int64_t output, int64_t busy_us) {
  const Column row = {1, static_cast<double>(input), static_cast<double>(output)};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) products_[i][j] += row[i] * row[j];
    times_[i] += row[i] * static_cast<double>(busy_us);
  }
  ++attempts_;
}

std::optional<ServiceRates> RateFit::rates() const {
  if (attempts_ == 0) return std::nullopt;
  Used used = {true, true, true};
  for (;;) {
    const auto found = solve(products_, times_, used);
    // How far below zero a variable's whole share is: the worst goes.
    const auto share = [&](std::size_t i) { return found[i] * std::sqrt(products_[i][i]); };
    const std::size_t worst = share(0) <= share(1) ? (share(0) <= share(2) ? 0 : 2) : (share(1) <= share(2) ? 1 : 2);
    if (found[worst] >= 0) {
      return ServiceRates{
          .base_us = found[0], .per_input_us = found[1], .per_output_us = found[2], .attempts = attempts_};
    }
    used[worst] = false;
  }
}

std::vector<std::optional<ServiceRates>> measure_rates(const Traffic& traffic, const Snapshot& snapshot) {
  const ModelNames names(traffic, snapshot);
  std::vector<RateFit> fits(snapshot.models.size());
  for (const auto& attempt : traffic.attempts) {
    const auto model = names.model_of(attempt);
    if (!model || attempt.outcome != outcome_ok || !attempt.has_usage) continue;
    fits[*model].add(attempt.input - attempt.cached, attempt.output, attempt.duration_us);
  }
  std::vector<std::optional<ServiceRates>> rates;
  rates.reserve(fits.size());
  for (const auto& fit : fits) rates.push_back(fit.rates());
  return rates;
}

ModelNames::ModelNames(const Traffic& traffic, const Snapshot& snapshot) {
  models_.resize(traffic.names.size(), none);
  providers_.resize(snapshot.models.size(), no_name);
  for (Name name = 1; name < traffic.names.size(); ++name) {
    if (const auto known = snapshot.model_by_id.find(traffic.names[name]); known != snapshot.model_by_id.end()) {
      models_[name] = known->second;
    }
    for (std::size_t model = 0; model < snapshot.models.size(); ++model) {
      if (snapshot.providers[snapshot.models[model].provider].id == traffic.names[name]) providers_[model] = name;
    }
  }
}

std::optional<uint32_t> ModelNames::model_of(const RecordedAttempt& attempt) const {
  const auto model = models_[attempt.model];
  if (model == none || providers_[model] != attempt.provider) return std::nullopt;
  return model;
}

}  // namespace weir::plan
