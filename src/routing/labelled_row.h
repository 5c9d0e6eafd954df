// LabelledRow: one prompt of which something is known: how well a weak and a strong model answered, what task it is, or
// both. Read from JSON lines such as {"prompt": "…", "weak": 0, "strong": 1, "subject": "…", "task": "…"}. Also taken:
//   turns: ["…", …]             in place of `prompt`
//   weak_score, strong_score    in place of `weak` and `strong`
//   label: "weak" | "strong"    in place of both: the weak model's answer will do, or will not
//   category                    in place of `subject`
// A score is a number, true or false, or a list of numbers, which are averaged; those of a file whose highest is above
// 1 are divided by 10, above 10 by 100. Other fields are left alone. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::routing {

struct LabelledRow {
  std::string prompt;
  bool scored = false;  // `weak` and `strong` are known
  double weak = 0;      // how good the weak model's answer was, 0 to 1
  double strong = 0;    // the same of the strong model's
  std::string subject;  // "" = not said
  std::string task;     // "" = not said
};

// Appends the rows of a file. `name`: of the file, for errors, which say the line.
[[nodiscard]] Status read_labelled_rows(std::string_view text, std::string_view name, std::vector<LabelledRow>& out);

}  // namespace weir::routing
