// One text with spans of it replaced by placeholders. Pure but for the Replacements it adds to; one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redaction/body_places.h"
#include "redaction/replacements.h"

namespace weir::redaction {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string what;  // kind
};

// Sorted, without overlaps (those become one), none of them beginning inside a character or an escape.
void settle(std::vector<Span>& spans, std::string_view text);

// How the values in `spans` are called: call it for all texts in the order in which they are to be numbered.
// `numeric`: the whole text is a number.
struct Named {
  Span span;
  std::string name;  // with brackets
};
[[nodiscard]] std::vector<Named> name_values(std::string_view text, const std::vector<Span>& spans, Role role,
                                             bool numeric, Replacements& known);

// The text with the names in place of the values. nullopt where they cannot stand there.
[[nodiscard]] std::optional<std::string> with_names(std::string_view text, const std::vector<Named>& named, Role role);

}  // namespace weir::redaction
