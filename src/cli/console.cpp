#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "config/load.h"

namespace weir {
namespace {

bool may_color(std::FILE* stream) {
  const char* none = std::getenv("NO_COLOR");
  if (none != nullptr && *none != '\0') return false;
  const char* term = std::getenv("TERM");
  return isatty(fileno(stream)) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

std::string_view code_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::red:
      return "\x1b[31m";
    case Style::green:
      return "\x1b[32m";
    case Style::yellow:
      return "\x1b[33m";
    case Style::cyan:
      return "\x1b[36m";
  }
  return "";
}

std::string wrapped(Style style, std::string_view text) {
  return std::string(code_of(style)) + std::string(text) + "\x1b[0m";
}

void write(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

}  // namespace

Console Console::standard() {
  Console console(stdout, stderr);
  console.out_is_terminal_ = isatty(STDOUT_FILENO) == 1;
  console.color_out_ = may_color(stdout);
  console.color_err_ = may_color(stderr);
  return console;
}

std::size_t Console::columns() const {
  constexpr std::size_t usual = 80;
  const std::optional<int64_t> said = parse_integer(process_environment()("COLUMNS").value_or(""));
  if (said && *said > 0 && *said <= 10'000) return static_cast<std::size_t>(*said);
  winsize size{};
  const bool known = is_terminal() && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : usual;
}

void Console::print(std::string_view text) { write(out_, text); }

void Console::print_line(std::string_view text) {
  write(out_, text);
  write(out_, "\n");
}

void Console::error(std::string_view text, std::string_view hint) {
  std::fflush(out_);  // so that the two streams keep their order on a terminal
  write(err_, styled_error(Style::red, "error:"));
  write(err_, " ");
  note(text);
  if (!hint.empty()) note("  " + std::string(hint));
}

void Console::note(std::string_view text) {
  write(err_, text);
  if (!text.ends_with('\n')) write(err_, "\n");
}

std::string Console::styled(Style style, std::string_view text) const {
  return color_out_ && style != Style::plain ? wrapped(style, text) : std::string(text);
}

std::string Console::styled_error(Style style, std::string_view text) const {
  return color_err_ && style != Style::plain ? wrapped(style, text) : std::string(text);
}

}  // namespace weir
