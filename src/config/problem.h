// Problem: one thing that is wrong with a config, where, and how to mend it. Errors refuse the config; warnings do not.
// Values; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class Weight : uint8_t { error, warning };

struct Problem {
  Weight weight = Weight::error;
  std::string file;
  std::size_t line = 0;    // from 1; 0: of the file as a whole
  std::size_t column = 0;  // from 1
  std::string message;     // what is wrong; never holds the value of a secret
  std::string mend;        // what to do; may be empty
};

[[nodiscard]] bool has_errors(const std::vector<Problem>& problems);

// As compilers print them, with the line itself and a mark under the place where `text` (the config's) is given:
//   weir.yaml:14:7: error: unknown key `slot`
//      14 |     slot: 3
//         |     ^
//     mend: did you mean `slots`?
// Lines that may hold a credential are not shown.
[[nodiscard]] std::string render_problems(const std::vector<Problem>& problems, std::string_view text = {});

}  // namespace weir
