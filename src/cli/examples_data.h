// The files of examples/, embedded: an installed binary has no folder beside it. Constant; safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct Example {
  std::string_view name;  // below examples/: `plans/one-million.yaml`
  std::string_view text;

  // What it is: its first sentence, from the comment that it begins with; "" for a file without one.
  [[nodiscard]] std::string about() const;
};

// In the order of their names.
[[nodiscard]] std::vector<Example> embedded_examples();

}  // namespace weir
