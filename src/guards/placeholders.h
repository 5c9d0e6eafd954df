// Placeholders: typed names for values, `<EMAIL_1>`, the same one for the same value, and the way back, also where a
// model or a person altered a placeholder: letter case, width, brackets (others, escaped ones, none), what parts its
// words, a plural. Values; one thread.
#pragma once

#include <bitset>
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
  // The next placeholder of that kind is this number's, where it is free.
  void number_from(std::string_view what, uint64_t number) { next_[capitals(what)] = number - 1; }
  [[nodiscard]] bool empty() const { return values_.empty(); }

  // `{"<EMAIL_1>": "anna@example.com", …}`, and back. `invalid_request`: it is no such object.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] static Result<Placeholders> from_json(std::string_view text);

  // What stands at `at` of a text. `before`: the byte before it ('\0': none); `ends`: whether the text goes on.
  enum class Ends : uint8_t { here, later };
  struct Match {
    enum class State : uint8_t { none, undecided, found };
    State state = State::none;  // undecided: it may become one with what follows
    std::size_t end = 0;        // found: behind it
    std::string_view name;      // found: as it was given, without brackets: `EMAIL_1`
    std::string_view value;
  };
  // In names of tools and fields a placeholder may stand behind `_` and has no brackets.
  enum class Within : uint8_t { text, name };
  [[nodiscard]] Match match(std::string_view text, std::size_t at, char before, Ends ends,
                            Within within = Within::text) const;
  // A placeholder may begin with such a byte; all others can be passed on.
  [[nodiscard]] bool may_begin(char c) const { return first_[static_cast<unsigned char>(c)]; }

  // Puts the values back. `rest`: how many bytes at the end of `text` were not read yet because a placeholder may go on
  // behind it; 0 with `Ends::here`. Of a text that comes in pieces, `before` is the last byte read before.
  struct Restored {
    std::string text;
    std::size_t rest = 0;
    char last = '\0';  // byte that was read
  };
  [[nodiscard]] Restored restore(std::string_view text, Ends ends, char before = '\0') const;
  // The names, as they were given, that `restore` would find.
  [[nodiscard]] std::vector<std::string> names_in(std::string_view text, Within within = Within::text) const;

 private:
  struct Entry {
    std::string name;   // without brackets
    std::string value;  // that it stands for
  };
  static std::string capitals(std::string_view text);
  void add(std::string name, std::string_view value);
  [[nodiscard]] bool is_prefix(std::string_view squeezed) const;
  [[nodiscard]] const Entry* find(std::string_view squeezed) const;

  std::map<std::string, Entry, std::less<>> values_;                 // by name without what parts its words: `EMAIL1`
  std::unordered_map<std::string, std::string> name_of_;             // by kind and value, with brackets
  std::map<std::string, uint64_t, std::less<>> next_;                // by kind
  std::map<std::string, std::vector<uint64_t>, std::less<>> taken_;  // by kind: numbers in the text itself
  std::bitset<256> first_;
};

}  // namespace weir
