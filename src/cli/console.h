// Console: where a command writes to. Answers go to `out`, everything about the work itself to `err`, so that output
// can be piped. Colour only on a terminal, and not with NO_COLOR (no-color.org) or TERM=dumb. Owned by main; one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace weir {

enum class Style : uint8_t { plain, bold, dim, red, green, yellow, cyan };

class Console {
 public:
  // The process's own streams, with colours as the environment allows.
  static Console standard();
  // Into any streams, without colour: for tests.
  Console(std::FILE* out, std::FILE* err) : out_(out), err_(err) {}

  void print(std::string_view text);       // to out, as it is
  void print_line(std::string_view text);  // to out
  // `error: <text>` in red to err; `hint` on a line of its own when not empty.
  void error(std::string_view text, std::string_view hint = {});
  void note(std::string_view text);  // to err

  [[nodiscard]] std::string styled(Style style, std::string_view text) const;        // for out
  [[nodiscard]] std::string styled_error(Style style, std::string_view text) const;  // for err
  [[nodiscard]] bool is_terminal() const { return out_is_terminal_; }
  // Columns for text on out: what COLUMNS says, else the terminal, else 80.
  [[nodiscard]] std::size_t columns() const;

 private:
  std::FILE* out_;
  std::FILE* err_;
  bool out_is_terminal_ = false;
  bool color_out_ = false;
  bool color_err_ = false;
};

}  // namespace weir
