#include "guards/tables.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {
namespace {

constexpr std::string_view words[] = {"ssn",
                                      "social security",
                                      "social_security",
                                      "socialsecurity",
                                      "social insurance",
                                      "sin number",
                                      "itin",
                                      "tax id",
                                      "tax_id",
                                      "taxid",
                                      "national id",
                                      "national_id",
                                      "nationalid",
                                      "nin",
                                      "bsn",
                                      "nif",
                                      "dni",
                                      "cpf",
                                      "pesel",
                                      "cnp",
                                      "oib",
                                      "amka",
                                      "personnummer",
                                      "steuer",
                                      "codice fiscale",
                                      "aadhaar",
                                      "nhs",
                                      "medicare",
                                      "phone",
                                      "phones",
                                      "telephone",
                                      "tel",
                                      "mobile",
                                      "cell",
                                      "cellphone",
                                      "fax",
                                      "homephone",
                                      "workphone",
                                      "whatsapp",
                                      "telefon",
                                      "telefonnummer",
                                      "handy",
                                      "handynummer",
                                      "mobil",
                                      "mobilnummer",
                                      "téléphone",
                                      "teléfono",
                                      "telefono",
                                      "celular",
                                      "电话",
                                      "手机",
                                      "電話",
                                      "account",
                                      "acct",
                                      "kontonummer",
                                      "routing",
                                      "sort code",
                                      "sort_code",
                                      "sortcode",
                                      "clabe",
                                      "iban",
                                      "card",
                                      "cardnumber",
                                      "credit",
                                      "kreditkarte",
                                      "karte",
                                      "passport",
                                      "passportnumber",
                                      "reisepass",
                                      "license",
                                      "licence",
                                      "driver",
                                      "drivers",
                                      "licensenumber",
                                      "dob",
                                      "birth",
                                      "birthday",
                                      "birthdate",
                                      "date of birth",
                                      "date_of_birth",
                                      "dateofbirth",
                                      "born",
                                      "geburtsdatum",
                                      "password",
                                      "passwd",
                                      "pwd",
                                      "passwort",
                                      "kennwort",
                                      "passphrase",
                                      "pin",
                                      "secret",
                                      "token",
                                      "apikey",
                                      "api_key",
                                      "mrn",
                                      "medical record",
                                      "medical_record",
                                      "patient",
                                      "patientid",
                                      "patient_id",
                                      "employee",
                                      "client",
                                      "diagnosis",
                                      "diagnose",
                                      "condition",
                                      "medication",
                                      "medications",
                                      "illness",
                                      "disease",
                                      "allergies",
                                      "treatment",
                                      "icd"};

constexpr std::size_t most_cells = 64;

constexpr std::array<bool, 256> may_end_line = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const char byte = static_cast<char>(c);
    table[c] = byte == '\n' || byte == '\\' || is_mark(byte);
  }
  return table;
}();

// Lines also end at `\n` as it stands in JSON.
std::size_t find_line_end(std::string_view text, std::size_t from, std::size_t longest, std::size_t& next) {
  const std::size_t stop = std::min(text.size(), from + longest);
  for (std::size_t at = from; at < stop; ++at) {
    if (!may_end_line[static_cast<unsigned char>(text[at])]) continue;
    const char c = text[at];
    if (c == '\n' || is_mark(c)) {
      next = is_mark(c) ? text.size() : at + 1;  // nothing goes on in another text
      return at > from && text[at - 1] == '\r' ? at - 1 : at;
    }
    if (c == '\\' && at + 1 < stop && (text[at + 1] == 'n' || text[at + 1] == 'r')) {
      next = at + 2;
      return at;
    }
  }
  next = stop;
  return stop;
}

std::string_view trimmed(std::string_view cell) {
  constexpr std::string_view around = " \t\"'*`_\\";
  while (!cell.empty() && around.find(cell.front()) != std::string_view::npos) cell.remove_prefix(1);
  while (!cell.empty() && around.find(cell.back()) != std::string_view::npos) cell.remove_suffix(1);
  return cell;
}

// Calls `take(index, cell)` for each cell of a line, until it says false. Quotes hide delimiters.
template <typename Take>
void each_cell(std::string_view line, char delimiter, Take take) {
  std::size_t begin = 0;
  std::size_t index = 0;
  bool quoted = false;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size() && line[at] == '"' && delimiter != '|' && (at == begin || quoted)) quoted = !quoted;
    if (at < line.size() && (line[at] != delimiter || quoted)) continue;
    if (!take(index++, line.substr(begin, at - begin))) return;
    begin = at + 1;
  }
}

// Lines of a list or of a call in code, which end with the comma that would part cells, and assignments.
bool is_code(std::string_view line, char delimiter) {
  if (delimiter != ',' && delimiter != ';') return false;
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  const bool signs = std::any_of(line.begin(), line.end(), [](char c) { return c == '=' || c == '{' || c == '}'; });
  if (signs || line.ends_with(delimiter)) return true;
  const std::size_t call = line.find('(');  // `f(a`, `('a'`
  if (call != std::string_view::npos && (call == 0 || !is_space(line[call - 1]) || line.find_first_not_of(' ') == call))
    return true;
  std::size_t filled = 0;
  each_cell(line, delimiter, [&filled](std::size_t, std::string_view cell) {
    filled += trimmed(cell).empty() ? 0 : 1;
    return filled < 2;
  });
  return filled < 2;
}

// What stands between the delimiters around the word at [begin, end) of a line. Quotes may hide these, and then the
// cell is longer.
std::string_view around(std::string_view line, std::size_t begin, std::size_t end, char delimiter) {
  while (begin > 0 && line[begin - 1] != delimiter) --begin;
  while (end < line.size() && line[end] != delimiter) ++end;
  return trimmed(line.substr(begin, end - begin));
}

// `Phone (mobile)`, `SSN#`, `Name:`; but not `password: request.password`, `#define PASSWORD`, `key = `.
bool is_label(std::string_view cell) {
  const std::size_t colon = cell.find(':');
  return !cell.empty() && cell.front() != '#' && (colon == std::string_view::npos || colon + 1 == cell.size()) &&
         cell.find_first_of("={;") == std::string_view::npos;
}

std::size_t count_of(std::string_view line, char c) {
  return static_cast<std::size_t>(std::count(line.begin(), line.end(), c));
}

}  // namespace

std::span<const std::string_view> header_words() { return words; }

Tables::Line Tables::line_from(std::size_t begin, std::size_t longest) const {
  Line line{.begin = begin};
  line.end = find_line_end(text_, begin, longest, line.next);
  return line;
}

std::size_t Tables::line_begin(std::size_t at) const {
  std::size_t begin = at - std::min(at, longest_header);
  const auto last = [this, at, &begin](char c) {
    const void* found = ::memrchr(text_.data() + begin, c, at - begin);
    return found == nullptr ? at : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
  };
  for (const char c : {'\n', field_mark, seam_mark}) {
    if (const std::size_t place = last(c); place < at) begin = place + 1;
  }
  // `\n` as JSON writes it, its `\` perhaps right before what is looked at.
  const std::size_t from = begin > 0 && text_[begin - 1] == '\\' ? begin - 1 : begin;
  for (std::size_t end = at; end > from;) {
    const void* found = ::memrchr(text_.data() + from, '\\', end - from);
    if (found == nullptr) break;
    end = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    if (end + 2 <= at && text_[end + 1] == 'n') return end + 2;
  }
  return begin;
}

void Tables::see(std::size_t begin, std::size_t end) {
  if (begin < header_.end && begin >= header_.begin) {
    if (!is_header_) return;
  } else {
    if (begin < row_end_ && next_row_ < row_end_) return;  // in a row of a table that is being read
    is_header_ = false;
  }
  judge(begin, end);
}

// Whether the word stands in a short cell of a line that the next line is like, or that has cells behind it.
void Tables::judge(std::size_t begin, std::size_t end) {
  const bool known = is_header_;
  if (!known) {
    const std::size_t from = line_begin(begin);
    // A line that is longer before the word has no header.
    header_ = begin - from < longest_header ? line_from(from, longest_header)
                                            : Line{.begin = from, .end = begin, .next = begin};
    if (header_.end < end) return;
    column_count_ = 0;
  }
  const std::string_view line = text_.substr(header_.begin, header_.end - header_.begin);
  if (!known) {
    constexpr std::string_view delimiters = "|\t;,";
    delimiter_ = 0;
    for (const char one : delimiters) {
      if (line.find(one) == std::string_view::npos) continue;
      delimiter_ = one;
      break;
    }
    // Prose ends here: most of its commas have more between them.
    if (delimiter_ == 0 ||
        around(line, begin - header_.begin, end - header_.begin, delimiter_).size() > longest_label ||
        is_code(line, delimiter_))
      return;
  }
  std::size_t index = 0;
  std::string_view label;
  each_cell(line, delimiter_, [&](std::size_t at, std::string_view cell) {
    const auto from = static_cast<std::size_t>(cell.data() - text_.data());
    if (begin < from || begin > from + cell.size()) return at < most_cells;
    index = at;
    label = trimmed(cell);
    return false;
  });
  if (!is_label(label) || label.size() > longest_label || std::any_of(label.begin(), label.end(), is_digit)) return;
  if (known) return add_column(index, label);

  const Line below = line_from(header_.next, longest_row);
  const std::string_view second = text_.substr(below.begin, below.end - below.begin);
  const bool table = header_.next > header_.end && header_.next < text_.size() &&
                     count_of(second, delimiter_) >= count_of(line, delimiter_);
  const std::size_t first = !line.empty() && line.front() == '|' ? 1 : 0;
  const bool digits = std::any_of(line.begin(), line.end(), is_digit);
  if (table && !digits) {
    is_header_ = true;
    add_column(index, label);
    next_row_ = below.begin;
    row_end_ = below.end;
    after_row_ = below.next;
    return;
  }
  if (index != first) return;
  // The first cell of a row names the others.
  is_header_ = true;
  for (std::size_t i = first + 1; i < first + 4; ++i) add_column(i, label);
  next_row_ = header_.begin;
  row_end_ = header_.end;
  after_row_ = text_.size();
}

void Tables::add_column(std::size_t index, std::string_view label) {
  if (column_count_ == columns_.size()) return;
  for (std::size_t i = 0; i < column_count_; ++i) {
    if (columns_[i].index == index) return;
  }
  columns_[column_count_++] = {.index = index, .label = label};
}

Tables::Row Tables::next() {
  size_ = 0;
  const std::string_view row = text_.substr(next_row_, row_end_ - next_row_);
  each_cell(row, delimiter_, [this](std::size_t index, std::string_view cell) {
    for (std::size_t i = 0; i < column_count_; ++i) {
      if (columns_[i].index == index) write(columns_[i].label, trimmed(cell));
    }
    return index < most_cells;
  });
  const Row out{.line = {line_.data(), size_}, .begin = next_row_, .end = row_end_};
  find_row();
  return out;
}

void Tables::find_row() {
  next_row_ = row_end_ = 0;
  if (after_row_ >= text_.size()) return;
  const Line line = line_from(after_row_, longest_row);
  const std::string_view row = text_.substr(line.begin, line.end - line.begin);
  if (line.end == line.begin || row.find(delimiter_) == std::string_view::npos) return;
  next_row_ = line.begin;
  row_end_ = line.end;
  after_row_ = line.next;
}

void Tables::write(std::string_view label, std::string_view cell) {
  if (cell.empty() || cell.size() > longest_cell) return;
  if (size_ > 0) put(field_mark);
  write_label(label);
  put(':');
  put(' ');
  for (const char c : cell) put(c);
}

// `dateOfBirth` and `date_of_birth` as words.
void Tables::write_label(std::string_view label) {
  for (std::size_t at = 0; at < label.size(); ++at) {
    const bool hump = at > 0 && is_upper(label[at]) && is_alpha(label[at - 1]) && !is_upper(label[at - 1]);
    if (hump) put(' ');
    put(label[at] == '_' ? ' ' : label[at]);
  }
}

}  // namespace weir::guards
