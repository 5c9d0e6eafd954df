#include "routing/word_model.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "routing/dice.h"

namespace weir::routing {
namespace {

struct Frequent {
  uint32_t hash = 0;
  uint32_t rows = 0;
};

std::vector<Frequent> frequent_terms(std::span<const TextFeatures* const> rows, const WordSettings& settings) {
  std::vector<uint32_t> all;
  for (const auto* row : rows) {
    for (const auto& term : row->terms) all.push_back(term.hash);
  }
  std::sort(all.begin(), all.end());
  std::vector<Frequent> out;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i;
    while (end < all.size() && all[end] == all[i]) ++end;
    if (end - i >= settings.least_rows) out.push_back({.hash = all[i], .rows = static_cast<uint32_t>(end - i)});
    i = end;
  }
  if (out.size() > settings.most_terms) {
    std::stable_sort(out.begin(), out.end(), [](const Frequent& a, const Frequent& b) { return a.rows > b.rows; });
    out.resize(settings.most_terms);
    std::sort(out.begin(), out.end(), [](const Frequent& a, const Frequent& b) { return a.hash < b.hash; });
  }
  return out;
}

}  // namespace

WordModel::WordModel(std::size_t outputs, std::vector<uint32_t> hashes, std::vector<float> idf,
                     std::vector<float> weights)
    : outputs_(outputs), hashes_(std::move(hashes)), idf_(std::move(idf)), weights_(std::move(weights)) {
  index();
}

void WordModel::index() {
  slots_.assign(std::bit_ceil(hashes_.size() * 2 + 1), 0);
  const auto mask = slots_.size() - 1;
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    std::size_t at = hashes_[i] & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<uint32_t>(i + 1);
  }
}

std::vector<WordModel::Known> WordModel::known(const std::vector<Term>& terms) const {
  std::vector<Known> out;
  if (slots_.empty()) return out;
  const auto mask = slots_.size() - 1;
  out.reserve(terms.size());
  for (const auto& term : terms) {
    for (std::size_t at = term.hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
      const auto i = slots_[at] - 1;
      if (hashes_[i] != term.hash) continue;
      out.push_back({.term = i, .weight = term.weight * idf_[i]});
      break;
    }
  }
  double square = 0;
  for (const auto& one : out) square += static_cast<double>(one.weight) * one.weight;
  const auto by = square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0.0F;
  for (auto& one : out) one.weight *= by;
  return out;
}

float WordModel::ask(const std::vector<Term>& terms, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
  const auto found = known(terms);
  for (const auto& one : found) {
    const float* weights = &weights_[one.term * outputs_];
    for (std::size_t i = 0; i < outputs_; ++i) out[i] += weights[i] * one.weight;
  }
  return terms.empty() ? 0.0F : static_cast<float>(found.size()) / static_cast<float>(terms.size());
}

// Ridge regression by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang 2013): each row's dual value is moved
// to where the loss is least while the others stay.
WordModel WordModel::train(std::span<const TextFeatures* const> rows, std::span<const float> targets,
                           std::size_t outputs, const WordSettings& settings, const std::function<void()>& progress) {
  const auto terms = frequent_terms(rows, settings);
  std::vector<uint32_t> hashes;
  std::vector<float> idf;
  for (const auto& term : terms) {
    hashes.push_back(term.hash);
    idf.push_back(static_cast<float>(std::log((static_cast<double>(rows.size()) + 1) / (term.rows + 1.0)) + 1));
  }
  const auto count = terms.size();
  WordModel model(outputs, std::move(hashes), std::move(idf), std::vector<float>(count * outputs));
  std::vector<std::vector<Known>> known;
  known.reserve(rows.size());
  for (const auto* row : rows) known.push_back(model.known(row->terms));

  std::vector<float> dual(rows.size() * outputs);
  std::vector<float> moved(outputs);
  std::vector<uint32_t> order(rows.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  Dice dice(settings.seed);
  const auto ridge = static_cast<float>(settings.ridge);
  for (int round = 0; round < settings.rounds; ++round) {
    dice.shuffle(order);
    for (const auto row : order) {
      if (known[row].empty()) continue;
      std::fill(moved.begin(), moved.end(), 0.0F);
      for (const auto& one : known[row]) {
        const float* weights = &model.weights_[one.term * outputs];
        for (std::size_t i = 0; i < outputs; ++i) moved[i] += weights[i] * one.weight;
      }
      for (std::size_t i = 0; i < outputs; ++i) {
        float& of_row = dual[row * outputs + i];
        moved[i] = (targets[row * outputs + i] - moved[i] - ridge * of_row) / (1 + ridge);
        of_row += moved[i];
      }
      for (const auto& one : known[row]) {
        float* weights = &model.weights_[one.term * outputs];
        for (std::size_t i = 0; i < outputs; ++i) weights[i] += moved[i] * one.weight;
      }
    }
    if (progress) progress();
  }
  return model;
}

bool WordModel::well_formed() const {
  if (idf_.size() != hashes_.size() || weights_.size() != hashes_.size() * outputs_) return false;
  for (std::size_t i = 1; i < hashes_.size(); ++i) {
    if (hashes_[i - 1] >= hashes_[i]) return false;
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  return std::all_of(idf_.begin(), idf_.end(), finite) && std::all_of(weights_.begin(), weights_.end(), finite);
}

}  // namespace weir::routing
