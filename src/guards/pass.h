// Pass: one reading of one text by all guards together, a part at a time: blocks of 64 bytes are looked through at
// once, and guards are called where one of their triggers stands. LevelPass reads a text, then, while there are escapes
// in it, what it is unescaped, and once what it is in plain characters. One thread; parts, text and findings outlive
// it.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "guards/guard.h"
#include "guards/number.h"
#include "guards/parts.h"
#include "guards/scan.h"
#include "guards/tables.h"
#include "guards/unescape.h"

namespace weir::guards {

enum class Until : uint8_t { all_classes, all_certain, end };
enum class Tabled : uint8_t { yes, no };  // whether tables in a text are looked for

class Pass {
 public:
  Pass(const Parts& parts, std::string_view text, Findings& out, Until until, Tabled tabled = Tabled::yes);

  // Reads on for about `bytes`; true when all was read.
  bool advance(std::size_t bytes);

  [[nodiscard]] bool escapes() const { return escapes_; }
  [[nodiscard]] bool disguised() const { return disguised_; }
  [[nodiscard]] std::size_t calls() const { return calls_; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  static constexpr std::size_t width = 64;
  // What is read beyond a block: a word that begins in its last byte, and what stands behind a number.
  static constexpr std::size_t overhang = 4;

  static std::size_t low(uint64_t bits) { return static_cast<std::size_t>(std::countr_zero(bits)); }
  [[nodiscard]] bool wants(ClassSet classes) const {
    if (until_ == Until::end) return true;
    return (classes & ~(until_ == Until::all_classes ? out_.classes() : out_.certain())) != 0;
  }
  [[nodiscard]] bool done() const { return !wants(parts_.possible); }

  void visit_words(uint64_t bits, const char* block, std::size_t base);
  void visit_word(std::size_t at);
  [[nodiscard]] uint64_t long_runs(uint64_t alnum);
  void visit_long_runs(uint64_t bits, std::size_t base);
  void visit_stretches();
  void visit_row();
  void read_anew(std::string_view line);
  void visit_digits(const Masks& masks, std::size_t at, const char* block, std::size_t base);
  void visit_run(std::size_t begin, std::size_t end);
  void visit_number(std::size_t at);
  void visit_group(const Number& number, std::size_t group, std::string_view view, std::size_t begin);
  void visit_line_break(std::size_t at);
  void visit_decorated(std::size_t begin, std::size_t end);
  void visit_special(std::size_t at);
  void visit_beyond_ascii(std::size_t at);
  void visit_byte(char byte, std::size_t begin, std::size_t end);

  [[nodiscard]] Sighting view_of(std::size_t begin, std::size_t end) const;
  // `begin`: of the trigger in the whole text.
  void call(std::size_t guard, const Sighting& sighting, std::size_t begin);

  const Parts& parts_;
  std::string_view text_;
  Findings& out_;
  Until until_;
  Tabled tabled_;
  Tables tables_;
  bool escapes_ = false;
  bool disguised_ = false;
  std::size_t next_ = 0;        // blocks before it have been read; they ended
  std::size_t stretched_ = 0;   // stretches before it have been read
  uint64_t carry_word_ = 0;     // in a word: 1
  uint64_t carry_digit_ = 0;    // in digits: 1
  std::size_t number_end_ = 0;  // digits before it have been read
  std::size_t decorated_end_ = 0;
  std::size_t run_before_ = 0;  // letters and digits right before the next block
  std::size_t run_end_ = 0;     // runs of letters and digits before it have been read
  std::size_t calls_ = 0;
};

class LevelPass {
 public:
  LevelPass(const Parts& parts, std::string_view text, Findings& found, Until until);
  LevelPass(const LevelPass&) = delete;
  LevelPass& operator=(const LevelPass&) = delete;

  // As Pass::advance.
  bool advance(std::size_t bytes);
  // Of the levels that were read to their end.
  [[nodiscard]] ScanWork work() const { return work_; }

 private:
  const Parts& parts_;
  Findings& found_;
  Until until_;
  std::optional<Pass> pass_;
  std::vector<Unescaped> levels_;
  int unescapes_ = 0;
  bool undisguised_ = false;
  std::string_view level_;  // what is read: the text, or that of the last of `levels_`
  ScanWork work_;
};

}  // namespace weir::guards
