#include <algorithm>
#include <array>

#include "report/report.h"
#include "report/shown_text.h"

namespace weir::plan {
namespace {

using report::shown;

// `-3.50`, `+12 %`, `-$1,000.00`, `-`: what begins with a sign and is meant as a number or as "none".
bool is_number_or_dash(std::string_view text) {
  return text.substr(1).find_first_not_of("0123456789.,$% ") == std::string_view::npos;
}

// Whether a spreadsheet may read the cell as a formula (OWASP, CSV Injection): one that begins with = + - @, also the
// full-width ones. Blanks before it do not count: some programs drop them.
bool may_be_formula(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
  if (cell.empty()) return false;
  if (cell.front() == '+' || cell.front() == '-') return !is_number_or_dash(cell);
  constexpr std::array<std::string_view, 6> marks = {"=", "@", "＝", "＠", "＋", "－"};
  return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) { return cell.starts_with(mark); });
}

// `$1,234.50`, `1,234`, `12.5 %` as the number alone; `-`, which stands for none, as nothing; all else as it is.
std::string plain(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty() && negative) return {};
  if (rest.starts_with('$')) rest.remove_prefix(1);
  if (rest.ends_with('%')) rest.remove_suffix(1);
  if (rest.ends_with(' ')) rest.remove_suffix(1);
  std::string number = negative ? "-" : "";
  for (const char c : rest) {
    if (c != ',') number += c;
  }
  const bool digits = !rest.empty() && rest.find_first_not_of("0123456789.,") == std::string_view::npos &&
                      rest.front() != ',' && std::count(rest.begin(), rest.end(), '.') <= 1;
  return digits ? number : std::string(text);
}

// What the numbers of a column are, where their cells said it.
std::string_view unit_of(const Table& table, std::size_t column) {
  for (const auto& row : table.rows) {
    if (column >= row.size() || plain(row[column]) == row[column]) continue;
    if (row[column].find('$') != std::string::npos) return " (USD)";
    if (row[column].ends_with('%')) return " (%)";
  }
  return {};
}

void add_cell(std::string& out, std::string_view text) {
  std::string cell = shown(plain(text));
  if (may_be_formula(cell)) cell.insert(0, 1, '\'');
  const bool quote = cell.find_first_of(",\"") != std::string::npos || cell.starts_with(' ') || cell.ends_with(' ') ||
                     cell.starts_with('\'');
  if (!quote) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  out += '"';
}

std::string csv_of(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ',';
    const auto unit = unit_of(table, i);
    const auto& title = table.columns[i].title;
    add_cell(out, title.find('$') == std::string::npos ? title + std::string(unit) : title);
  }
  out += "\r\n";
  for (const auto& row : table.rows) {
    const std::size_t before = out.size();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (i > 0) out += ',';
      add_cell(out, i < row.size() ? std::string_view(row[i]) : std::string_view());
    }
    if (out.size() == before) out += "\"\"";  // an empty line would be no record
    out += "\r\n";
  }
  return out;
}

}  // namespace

std::string to_csv(const Report& report) {
  for (const Section& section : report.sections) {
    for (const Block& block : section.blocks) {
      if (const auto* table = std::get_if<Table>(&block)) return csv_of(*table);
    }
  }
  return {};
}

}  // namespace weir::plan
