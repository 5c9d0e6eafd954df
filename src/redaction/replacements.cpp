#include "redaction/replacements.h"

#include <fmt/format.h>

namespace weir::redaction {

const std::string& Replacements::take(std::string_view kind, const std::string& value) {
  auto& name = name_of[value];
  if (!name.empty()) return name;
  if (numbering) placeholders.number_from(kind, numbering->number_of(kind, value));
  name = placeholders.of(kind, value);
  ++counts[std::string(kind)];
  return name;
}

std::string Replacements::summary() const {
  std::string out;
  for (const auto& [kind, count] : counts) out += fmt::format("{}{}:{}", out.empty() ? "" : ",", kind, count);
  return out;
}

}  // namespace weir::redaction
