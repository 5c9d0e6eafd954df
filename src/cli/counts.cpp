#include "cli/counts.h"

#include "config/values.h"

namespace weir {

CLI::Validator counts() {
  return CLI::Validator(
      [](std::string& text) {
        const auto count = parse_integer(text);
        if (!count) return "`" + text + "` is no count: write digits, or 700k, 1M";
        text = std::to_string(*count);
        return std::string();
      },
      "", "counts");
}

}  // namespace weir
