// What servers send for JSON and strict JSON refuses: `NaN` and `-Infinity`, half a surrogate pair, bytes that are no
// UTF-8, control characters and unknown escapes in strings, Python's `None` and single quotes, a comma too many, a
// missing end, several values in a row. Runs only when the strict parser has said no. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::json {

struct Mended {
  std::string text;          // strict JSON; only when `usable`
  bool usable = false;       // nothing that was there is missing in it
  bool cut = false;          // the text ends too early: inside a string (then it is not usable), or its brackets are
                             // closed here
  bool halves = false;       // `text` has marks of half characters (core/text_halves.h)
  std::size_t consumed = 0;  // bytes of the first value; more may follow
};

// `-Infinity` becomes -9999.0, which is what OpenAI's format says for a token that cannot be; NaN and Infinity null.
[[nodiscard]] Mended mend(std::string_view text);

// By JSON's own grammar, which is stricter than what reads numbers: no `+1`, `01`, `.5` or `1.`.
[[nodiscard]] bool is_number(std::string_view text);

}  // namespace weir::json
