// Placeholders: typed names for values, `<EMAIL_1>`, the same one for the same value, and the way back, also where a
// model or a person altered a placeholder: letter case, brackets, what parts its words. Values; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"

namespace weir {

class Placeholders {
 public:
  // Texts that already hold such names must be told before: their numbers are not given.
  void avoid(std::string_view text);
  // For a value of that kind.
  [[nodiscard]] const std::string& of(std::string_view what, std::string_view value);

  // `{"<EMAIL_1>": "anna@example.com", …}`, and back. `invalid_request`: it is no such object.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] static Result<Placeholders> from_json(std::string_view text);

  // Puts the values back. `rest`: how many bytes at the end of `text` were not read yet because a placeholder may go on
  // behind it; 0 with `Ends::here`. Of a text that comes in pieces, `before` is the last byte read before.
  enum class Ends : uint8_t { here, later };
  struct Restored {
    std::string text;
    std::size_t rest = 0;
    char last = '\0';  // byte that was read
  };
  [[nodiscard]] Restored restore(std::string_view text, Ends ends, char before = '\0') const;

 private:
  std::map<std::string, std::string, std::less<>> value_of_;         // by name without brackets
  std::unordered_map<std::string, std::string> name_of_;             // by kind and value, with brackets
  std::map<std::string, uint64_t, std::less<>> next_;                // by kind
  std::map<std::string, std::vector<uint64_t>, std::less<>> taken_;  // by kind: numbers in the text itself
};

}  // namespace weir
