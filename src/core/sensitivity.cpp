#include "core/sensitivity.h"

#include <algorithm>

namespace weir {

ClassNames::ClassNames() : names_{"personal", "financial", "health", "secret", "unreadable", "special", "identity"} {}

std::optional<ClassSet> ClassNames::find(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at == names_.end()) return std::nullopt;
  return ClassSet{1} << (at - names_.begin());
}

std::optional<ClassSet> ClassNames::add(std::string_view name) {
  if (const auto known = find(name)) return known;
  constexpr std::string_view prefix = "custom:";
  const bool well_formed =
      name.starts_with(prefix) && name.size() > prefix.size() &&
      name.substr(prefix.size()).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
  if (!well_formed || names_.size() >= max_classes) return std::nullopt;
  names_.emplace_back(name);
  return ClassSet{1} << (names_.size() - 1);
}

std::vector<std::string_view> ClassNames::list(ClassSet set) const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if ((set >> i) & 1U) names.emplace_back(names_[i]);
  }
  return names;
}

std::string ClassNames::join(ClassSet set) const {
  std::string text;
  for (const auto name : list(set)) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

}  // namespace weir
