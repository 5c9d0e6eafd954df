// ParameterRule: what is changed in the body that goes out to a provider, before it is signed and sent: a field that is
// left out, goes by another name, is kept within bounds, is given where it is missing, or is given in any case. Values,
// made by `config/`; formats/shared/parameters.h applies them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct ParameterRule {
  enum class Act : uint8_t { drop, rename, fallback, clamp, set };
  Act act = Act::drop;
  std::vector<std::string> path;  // names, from the top of the body; never empty
  std::string value;              // rename: the new last name; fallback, set: JSON
  std::string least, most;        // clamp: JSON numbers; "" = no bound

  bool operator==(const ParameterRule&) const = default;
};

// They hold one after the other.
using ParameterRules = std::vector<ParameterRule>;

// `options.num_ctx`
[[nodiscard]] inline std::string path_text(const std::vector<std::string>& path) {
  std::string text;
  for (const auto& name : path) text += (text.empty() ? "" : ".") + name;
  return text;
}

}  // namespace weir
