#include "economics/advice/advice_models.h"

#include <array>

namespace weir::plan {
namespace {

constexpr std::array locals = std::to_array<LocalSuggestion>({
    {"qwen3.5-9b", "bf16", "Qwen/Qwen3.5-9B"},
    {"qwen3.6-27b", "fp8", "Qwen/Qwen3.6-27B-FP8"},
    {"qwen3.5-122b-a10b", "fp8", "Qwen/Qwen3.5-122B-A10B-FP8"},
});

using Names = std::array<std::string_view, 2>;
constexpr std::array<Names, 3> anywhere = {{{"openai/gpt-6-luna", "openai/gpt-5.4-nano"},
                                            {"openai/gpt-5.4-mini", "openai/gpt-5-mini"},
                                            {"openai/gpt-6-sol", "openai/gpt-5.4"}}};
// Served by a company of the union.
constexpr std::array<Names, 3> union_only = {{{"mistral/mistral-small-2603", "mistral/mistral-small-latest"},
                                              {"mistral/mistral-large-2512", "mistral/mistral-large-latest"},
                                              {"mistral/mistral-medium-3-5", "mistral/mistral-medium-latest"}}};

}  // namespace

const LocalSuggestion& suggested_local(Quality quality) { return locals[static_cast<std::size_t>(quality)]; }
std::span<const LocalSuggestion> suggested_locals() { return locals; }

std::span<const std::string_view> suggested_clouds(Quality quality, Residency residency) {
  const auto& names = residency == Residency::eu ? union_only : anywhere;
  return names[static_cast<std::size_t>(quality)];
}

}  // namespace weir::plan
