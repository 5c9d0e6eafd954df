// Number: groups of digits with what may stand between them, as people write cards, phones and ids: `4111 1111-…`,
// `+49 (0)30 / 12345`. Digits of any width or script are ASCII here, and zero-width characters within a group are gone, so
// that guards compare plain digits. A plain value on the stack of the scan; views into it end with the call.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::guards {

struct Number {
  static constexpr std::size_t max_groups = 32;
  static constexpr std::size_t max_digits = 128;
  static constexpr std::size_t max_group = 40;   // digits; a longer run is none of anything's numbers
  static constexpr std::size_t max_bytes = 768;  // so that all of it fits into a Sighting

  struct Group {
    std::size_t begin = 0;  // bytes of the text
    std::size_t end = 0;
    uint16_t first = 0;     // its digits: [first, first + count)
    uint16_t count = 0;
    // What parts it from the group before: ' ' for space only, else the punctuation `-` `.` `/` `(` `)`; 0 for the first.
    char gap = 0;
  };

  std::array<char, max_digits> digits{};
  std::array<Group, max_groups> groups{};
  std::size_t count = 0;  // of groups
  std::size_t end = 0;    // where reading stopped; text from here on was not looked at
  enum class Stop : uint8_t { over, full } stop = Stop::over;

  // The digits of the groups [from, to].
  [[nodiscard]] std::string_view digits_of(std::size_t from, std::size_t to) const {
    const std::size_t first = groups[from].first;
    return {&digits[first], static_cast<std::size_t>(groups[to].first + groups[to].count) - first};
  }
  // From group `from` to the end.
  [[nodiscard]] std::size_t digits_from(std::size_t from) const {
    return count == 0 ? 0 : static_cast<std::size_t>(groups[count - 1].first + groups[count - 1].count - groups[from].first);
  }
};

// Reads the number that begins at `at`, a digit. A run of more than `max_group` digits is passed over and ends it.
void read_number(std::string_view text, std::size_t at, Number& out);

// `from` to `to` written as a layout: `3-2-4`, `4 4 4 4`. Empty when it would be longer than 31 characters.
struct Layout {
  std::array<char, 32> text{};
  std::size_t size = 0;
  [[nodiscard]] std::string_view view() const { return {text.data(), size}; }
};
[[nodiscard]] Layout layout_of(const Number& number, std::size_t from, std::size_t to);
// Whether `layout` is one of `choices`, which are parted by `|`.
[[nodiscard]] bool is_one_of(std::string_view layout, std::string_view choices);

// Whether the groups [from, to] stand alone: no letter, decimal point, thousands comma, currency sign or further group
// tied by `-`, `.` or `/` on either side. `text` is what the number was read from.
[[nodiscard]] bool stands_alone(std::string_view text, const Number& number, std::size_t from, std::size_t to);

}  // namespace weir::guards
