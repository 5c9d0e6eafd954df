#include "config/problem.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::size_t width_shown = 160;

std::string_view line_of(std::string_view text, std::size_t line) {
  for (std::size_t at = 1; at < line; ++at) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, std::min(text.find('\n'), width_shown));
}

bool may_hold_credential(std::string_view line) {
  for (const std::string_view word : {"key", "token", "secret", "password", "uthorization", "header", "proxy", "://"}) {
    if (line.find(word) != std::string_view::npos) return true;
  }
  return false;
}

void append_excerpt(std::string& out, const Problem& problem, std::string_view text) {
  std::string line(line_of(text, problem.line));
  if (line.empty() || may_hold_credential(line)) return;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  out += fmt::format("{:>6} | {}\n", problem.line, line);
  if (problem.column > 0 && problem.column <= line.size()) {
    out += fmt::format("{:>6} | {:>{}}\n", "", "^", problem.column);
  }
}

}  // namespace

bool has_errors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& one) { return one.weight == Weight::error; });
}

std::string render_problems(const std::vector<Problem>& problems, std::string_view text) {
  std::string out;
  for (const auto& problem : problems) {
    out += problem.file;
    if (problem.line > 0) out += fmt::format(":{}:{}", problem.line, problem.column);
    out += problem.weight == Weight::error ? ": error: " : ": warning: ";
    out += problem.message + "\n";
    if (problem.line > 0 && !text.empty()) append_excerpt(out, problem, text);
    if (!problem.mend.empty()) out += "    mend: " + problem.mend + "\n";
  }
  return out;
}

}  // namespace weir
