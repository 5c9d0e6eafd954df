// Number: groups of digits with what may stand between them, as people write cards, phones and ids: `4111 1111-…`,
// `+49 (0)30 / 12345`. Digits of any width or script are ASCII here, and zero-width characters within a group are gone,
// so that guards compare plain digits. A plain value on the stack of the scan; views into it end with the call.
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

  // Without initial values: one is made for each number in a text, and `count` says how much of it is filled.
  struct Group {
    std::size_t begin;  // bytes of the text
    std::size_t end;
    uint16_t first;  // its digits: [first, first + count)
    uint16_t count;
    // What parts it from the group before: ' ' for space only, else the punctuation `-` `.` `/` `(` `)`; 0 for the
    // first.
    char gap;
    uint8_t code;  // its byte of a Layout
    // Its gap is none that people leave within a number: a tab, two spaces in a row, the sign of ` -5`.
    bool loose;
  };

  std::array<char, max_digits> digits;
  std::array<Group, max_groups> groups;
  std::size_t count = 0;  // of groups
  std::size_t end = 0;    // where reading stopped; text from here on was not looked at
  Group next;             // of a full one: the group that had no room; only where it begins and its gap are known
  enum class Stop : uint8_t { over, full } stop = Stop::over;

  // The digits of the groups [from, to].
  [[nodiscard]] std::string_view digits_of(std::size_t from, std::size_t to) const {
    const std::size_t first = groups[from].first;
    return {&digits[first], static_cast<std::size_t>(groups[to].first + groups[to].count) - first};
  }
  // From group `from` to the end.
  [[nodiscard]] std::size_t digits_from(std::size_t from) const {
    return count == 0
               ? 0
               : static_cast<std::size_t>(groups[count - 1].first + groups[count - 1].count - groups[from].first);
  }
};

// The digits [begin, end), all ASCII and no more than `max_group`, as a number of one group.
void read_run(std::string_view text, std::size_t begin, std::size_t end, Number& out);

// Reads the number that begins at `at`, a digit. A run of more than `max_group` digits is passed over and ends it.
void read_number(std::string_view text, std::size_t at, Number& out);

// The same of a full one, from its group `from` on: the groups before it are dropped and what follows is read. `text`
// is the old one without its first `shift` bytes, and may go on further.
void read_on(std::string_view text, std::size_t from, std::size_t shift, Number& out);

// Whether one of the gaps between the groups [from, to] is loose.
[[nodiscard]] bool has_loose_gap(const Number& number, std::size_t from, std::size_t to);

// How a number is grouped, as one value that compares in one instruction: a byte per group, its count and the gap
// before it. Written `3-2-4`, `4 4 4 4`, `3)3-4`. 0 for more than eight groups: no number that guards know has so many.
using Layout = uint64_t;
[[nodiscard]] Layout layout_of(const Number& number, std::size_t from, std::size_t to);

// A short list of layouts, parted by `|`: `"3-2-4|3 2 4"`. Made at compile time.
class Layouts {
 public:
  consteval Layouts(const char* text) {  // NOLINT(google-explicit-constructor): a literal stands for the list
    char gap = 0;
    unsigned count = 0;
    Layout layout = 0;
    for (;; ++text) {
      if (*text >= '0' && *text <= '9') {
        count = count * 10 + static_cast<unsigned>(*text - '0');
        continue;
      }
      if (count > 0) layout = append(layout, gap, count);
      gap = *text;
      count = 0;
      if (*text != '|' && *text != '\0') continue;
      if (layout != 0) list_[size_++] = layout;
      layout = 0;
      gap = 0;
      if (*text == '\0') break;
    }
  }

  [[nodiscard]] bool has(Layout layout) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (list_[i] == layout) return true;
    }
    return false;
  }

  [[nodiscard]] static constexpr Layout append(Layout layout, char gap, std::size_t count) {
    return (layout << 8U) | (kind_of(gap) << 5U) | (count < 31 ? count : 31);  // 3 bits and 5
  }

 private:
  friend class LayoutBeginnings;

  static constexpr std::size_t kind_of(char gap) {
    switch (gap) {
      case ' ':
        return 1;
      case '-':
        return 2;
      case '.':
        return 3;
      case '/':
        return 4;
      case '(':
        return 5;
      case ')':
        return 6;
      default:
        return 0;
    }
  }

  std::array<Layout, 14> list_{};
  std::size_t size_ = 0;
};

// How layouts begin, their first two groups: turns most numbers away at once. Made at compile time.
class LayoutBeginnings {
 public:
  constexpr LayoutBeginnings() = default;
  constexpr explicit LayoutBeginnings(const Layouts& layouts) { add(layouts); }

  constexpr void add(const Layouts& layouts) {
    for (std::size_t i = 0; i < layouts.size_; ++i) {
      Layout layout = layouts.list_[i];
      while (layout > 0xFFFFU) layout >>= 8U;
      if (layout > 0xFFU) set(layout);  // one of a single group has no second one
    }
  }

  constexpr void add(std::size_t first, char gap, std::size_t second) {
    set((first < 31 ? first : 31) << 8U | Layouts::append(0, gap, second));
  }

  // A first group of so many digits or more, whatever follows.
  constexpr void add_from(std::size_t count) {
    for (std::size_t slot = count << 8U; slot < bits_.size() * 64; ++slot) set(slot);
  }
  constexpr void add(const LayoutBeginnings& other) {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
  }

  [[nodiscard]] bool has(const Number& number, std::size_t from) const {
    if (from + 1 >= number.count) return false;
    const std::size_t slot = (std::size_t{number.groups[from].code} & 31U) << 8U | number.groups[from + 1].code;
    return ((bits_[slot >> 6U] >> (slot & 63U)) & 1U) != 0;
  }

 private:
  constexpr void set(std::size_t slot) { bits_[slot >> 6U] |= uint64_t{1} << (slot & 63U); }

  std::array<uint64_t, (32 << 8U) / 64> bits_{};
};

// Whether a `-`, `.` or `/` ties a group to the one before it.
[[nodiscard]] constexpr bool ties(char gap) { return gap == '-' || gap == '.' || gap == '/'; }

// Whether the groups [from, to] stand alone: no letter, decimal point, thousands comma, currency sign or further group
// tied by `-`, `.` or `/` on either side. `text` is what the number was read from.
[[nodiscard]] bool stands_alone(std::string_view text, const Number& number, std::size_t from, std::size_t to);

// Whether `at` lies in a DOI: `10.1016/s0140-6736(20)30183-5`.
[[nodiscard]] bool in_doi(std::string_view text, std::size_t at);

}  // namespace weir::guards
