#include "routing/task_model.h"

#include <algorithm>
#include <array>

namespace weir::routing {
namespace {

constexpr float clear_enough = -0.05F;  // of an estimate, whose mean is 0
constexpr std::string_view unclear = "chat";

// Signs tell code and maths where words do not: buckets of the shape as terms of their own.
std::vector<Term> with_shape(const TextFeatures& text) {
  constexpr uint32_t stir = 0x9E3779B9U;
  std::vector<Term> out = text.terms;
  for (uint32_t i = 0; i < shape_count; ++i) {
    const float value = text.shape[i];
    if (value < 0.4F) continue;
    const auto bucket = static_cast<uint32_t>(std::min(value, 7.0F) * 1.5F);
    out.push_back({.hash = (i + 1) * stir ^ bucket * 0x85EBCA6BU, .weight = 1});
  }
  std::sort(out.begin(), out.end(), [](const Term& a, const Term& b) { return a.hash < b.hash; });
  return out;
}

}  // namespace

TaskModel TaskModel::train(std::span<const LabelledRow> rows, const WordSettings& settings) {
  std::vector<TextFeatures> features;
  std::vector<float> targets;
  std::array<float, task_names.size()> counts{};
  for (const auto& row : rows) {
    const auto task = find_task(row.task);
    if (!task) continue;
    TextFeatures text = text_features(row.prompt);
    text.terms = with_shape(text);
    features.push_back(std::move(text));
    targets.resize(targets.size() + task_names.size());
    targets[targets.size() - task_names.size() + *task] = 1;
    ++counts[*task];
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    targets[i] -= counts[i % task_names.size()] / static_cast<float>(features.size());
  }
  std::vector<const TextFeatures*> all;
  for (const auto& one : features) all.push_back(&one);
  return TaskModel(WordModel::train(all, targets, task_names.size(), settings));
}

std::string_view TaskModel::task_of(const TextFeatures& text) const {
  std::array<float, task_names.size()> scores{};
  if (words_.outputs() != scores.size()) return unclear;
  words_.ask(with_shape(text), scores);
  const auto best = std::max_element(scores.begin(), scores.end());
  return *best < clear_enough ? unclear : task_names[static_cast<std::size_t>(best - scores.begin())];
}

bool TaskModel::well_formed() const { return words_.well_formed() && words_.outputs() == task_names.size(); }

}  // namespace weir::routing
