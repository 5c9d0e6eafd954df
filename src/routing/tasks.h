// The tasks that a prompt may be. Constants; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::routing {

inline constexpr std::array<std::string_view, 11> task_names = {
    "greeting", "faq",   "classification", "extraction", "summarising", "translation",
    "code",     "maths", "reasoning",      "creative",   "chat"};

[[nodiscard]] constexpr std::optional<std::size_t> find_task(std::string_view name) {
  for (std::size_t i = 0; i < task_names.size(); ++i) {
    if (task_names[i] == name) return i;
  }
  return std::nullopt;
}

}  // namespace weir::routing
