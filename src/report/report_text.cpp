#include <algorithm>

#include "report/report.h"
#include "report/shown_text.h"
#include "report/text_table.h"

namespace weir::plan {
namespace {

using report::display_width;
using report::shown;
using report::wrapped;

void add_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

void add_wrapped(std::string& out, std::string_view text, std::size_t width, std::string_view first,
                 std::string_view then) {
  const std::size_t indent = display_width(first);
  std::string_view before = first;
  for (const std::string& line : wrapped(text, width > indent ? width - indent : 2)) {
    add_line(out, std::string(before) + line);
    before = then;
  }
}

struct BlockText {
  std::size_t width;

  std::string operator()(const Table& table) const {
    std::string out;
    if (!table.title.empty()) add_wrapped(out, shown(table.title), width, "", "");
    return out + report::text_table(table.columns, table.rows, width);
  }

  std::string operator()(const Chart& /*chart*/) const { return {}; }

  std::string operator()(const Notes& notes) const {
    if (notes.items.empty()) return {};
    std::string out;
    if (!notes.title.empty()) add_wrapped(out, shown(notes.title), width, "", "");
    for (const std::string& item : notes.items) add_wrapped(out, shown(item), width, "- ", "  ");
    return out;
  }
};

std::string section_text(const Section& section, std::size_t width) {
  std::string body;
  for (const Block& block : section.blocks) {
    const std::string text = std::visit(BlockText{width}, block);
    if (text.empty()) continue;
    if (!body.empty()) body += '\n';
    body += text;
  }
  if (body.empty() || section.title.empty()) return body;
  std::string out;
  const std::string title = shown(section.title);
  add_wrapped(out, title, width, "", "");
  add_line(out, std::string(std::min(display_width(title), width), '-'));
  return out + body;
}

}  // namespace

std::string to_text(const Report& report, std::size_t width) {
  width = std::max(width, report::least_width);
  std::string out;
  if (!report.title.empty()) add_wrapped(out, shown(report.title), width, "", "");
  if (!report.subtitle.empty()) add_wrapped(out, shown(report.subtitle), width, "", "");
  for (const Section& section : report.sections) {
    const std::string text = section_text(section, width);
    if (text.empty()) continue;
    if (!out.empty()) out += '\n';
    out += text;
  }
  return out;
}

}  // namespace weir::plan
