// All of examples/ in one file, which the build puts together (src/CMakeLists.txt) and the assembler copies in. Before
// each of them stands a line that no YAML has: `\x01 name`.
#include "cli/examples_data.h"

#include <cstddef>

__asm__(
    ".pushsection .rodata\n"
    ".global weir_examples_begin\n"
    ".global weir_examples_end\n"
    "weir_examples_begin:\n"
    ".incbin \"" WEIR_EXAMPLES_FILE
    "\"\n"
    "weir_examples_end:\n"
    ".popsection\n");

extern "C" {
extern const char weir_examples_begin[];
extern const char weir_examples_end[];
}

namespace weir {

std::string Example::about() const {
  std::string said;
  for (std::string_view rest = text; rest.starts_with("# ");) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    said += (said.empty() ? "" : " ") + std::string(rest.substr(2, end - 2));
    if (const auto stop = said.find(". "); stop != std::string::npos) return said.substr(0, stop + 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return said;
}

std::vector<Example> embedded_examples() {
  std::string_view rest(weir_examples_begin, static_cast<std::size_t>(weir_examples_end - weir_examples_begin));
  std::vector<Example> examples;
  while (rest.starts_with("\x01 ")) {
    const std::size_t line = rest.find('\n');
    const std::string_view name = rest.substr(2, line - 2);
    rest.remove_prefix(line + 1);
    const std::size_t next = std::min(rest.find("\x01 "), rest.size());
    examples.push_back({.name = name, .text = rest.substr(0, next)});
    rest.remove_prefix(next);
  }
  return examples;
}

}  // namespace weir
