// Replacements: what was taken out of a request, and as what: all that is needed to put it back into an answer. Holds
// the values: lives no longer than its request. A value; one thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "guards/placeholders.h"

namespace weir::redaction {

// Gives values of a caller the numbers that they had before, and new ones to others. Asked once for each value.
class Numbering {
 public:
  virtual ~Numbering() = default;
  [[nodiscard]] virtual uint64_t number_of(std::string_view kind, std::string_view value) = 0;
};

struct Replacements {
  Placeholders placeholders;
  // Names without brackets: of values that stood only as numbers in JSON, and of those that were written with JSON's
  // escapes and are put back as they were written.
  std::set<std::string, std::less<>> numbers;
  std::set<std::string, std::less<>> not_numbers;
  std::set<std::string, std::less<>> escaped;
  std::unordered_map<std::string, std::string> name_of;  // by value, with brackets
  std::map<std::string, int64_t, std::less<>> counts;    // by kind: different values
  std::shared_ptr<Numbering> numbering;                  // null: in the order in which they come

  // The placeholder of a value.
  const std::string& take(std::string_view kind, const std::string& value);
  [[nodiscard]] bool is_number(std::string_view name) const {
    return numbers.contains(name) && !not_numbers.contains(name);
  }
  // `email:2,iban:1`; "" where nothing was taken out.
  [[nodiscard]] std::string summary() const;
};

}  // namespace weir::redaction
