// The models that are suggested where none is told: current ones of 2026, by how hard the tasks are. Change them here;
// tests/unit/economics/advice_models_test.cpp holds that each has a price or a shape. Constant; safe from any thread.
#pragma once

#include <span>
#include <string_view>

#include "economics/advice/answers.h"

namespace weir::plan {

struct LocalSuggestion {
  std::string_view shape;         // of the catalog
  std::string_view quantisation;  // that it is published in
  std::string_view name;          // as servers load it
};
[[nodiscard]] const LocalSuggestion& suggested_local(Quality quality);
[[nodiscard]] std::span<const LocalSuggestion> suggested_locals();  // by quality

// In order of preference: the first one that the price catalog has.
[[nodiscard]] std::span<const std::string_view> suggested_clouds(Quality quality, Residency residency);

}  // namespace weir::plan
