#include "formats/shared/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/http.h"

namespace weir {
namespace {

constexpr std::size_t most_fields = 256;
constexpr std::size_t longest_head = 8 * 1024;  // of one part
constexpr std::size_t longest_boundary = 70;    // RFC 2046, 5.1.1
constexpr std::string_view blanks = " \t";
constexpr std::string_view line_end = "\r\n";

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_made_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; });
}

bool is_token(std::string_view text) { return !text.empty() && is_made_of(text, "!#$%&'*+-.^_`|~"); }

// RFC 2046, 5.1.1; no blank, which not all writers put in quotes.
bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= longest_boundary && is_made_of(text, "'()+_,-./:=?");
}

// Calls `take(name, value)` for each `b` and `c` of `form-data; a="b"; c=d` until it says no. A quoted value ends at
// the next quote that no backslash stands before. False: `take` said no, or it cannot be read.
template <typename Take>
bool each_parameter(std::string_view header, const Take& take) {
  auto at = std::min(header.find(';'), header.size());
  while (at < header.size()) {
    const auto begin = header.find_first_not_of(" \t;", at);
    if (begin == std::string_view::npos) return true;
    const auto equals = header.find('=', begin);
    if (equals == std::string_view::npos) return false;
    const auto name = without_blanks(header.substr(begin, equals - begin));
    const auto value = std::min(header.find_first_not_of(blanks, equals + 1), header.size());
    auto end = value;
    if (value < header.size() && header[value] == '"') {
      ++end;
      while (end < header.size() && header[end] != '"') end += header[end] == '\\' ? 2 : 1;
      if (end >= header.size() || !take(name, header.substr(value + 1, end - value - 1))) return false;
      at = header.find_first_not_of(blanks, end + 1);
      if (at == std::string_view::npos) return true;
      if (header[at] != ';') return false;
    } else {
      at = std::min(header.find(';', value), header.size());
      if (!take(name, without_blanks(header.substr(value, at - value)))) return false;
    }
  }
  return true;
}

tl::unexpected<Error> wrong(std::string_view what) {
  return failure(Error{.code = ErrorCode::invalid_request,
                       .message = fmt::format("The body is no multipart/form-data: {}.", what)});
}

// Its parameters are `name` and perhaps a file's name, each once. A name with a backslash or with percent signs for its
// bytes is not the same to all readers.
Status read_disposition(std::string_view value, FormField& field, bool& has_file_name) {
  if (!equals_ignoring_case(without_blanks(value.substr(0, value.find(';'))), "form-data"))
    return wrong("a part is no form-data");
  bool has_name = false;
  bool has_other_name = false;
  const bool read = each_parameter(value, [&](std::string_view key, std::string_view said) {
    if (equals_ignoring_case(key, "name")) {
      field.name = said;
      return !std::exchange(has_name, true);
    }
    if (equals_ignoring_case(key, "filename")) {
      field.file_name = said;
      return !std::exchange(has_file_name, true);
    }
    if (equals_ignoring_case(key, "filename*")) {
      if (field.file_name.empty()) field.file_name = said;
      return !std::exchange(has_other_name, true);
    }
    return !equals_ignoring_case(key.substr(0, key.find('*')), "name");
  });
  has_file_name = has_file_name || has_other_name;
  if (!read || field.name.find('\\') != std::string_view::npos) return wrong("the name of a part is not clear");
  return {};
}

bool is_text_type(std::string_view type) {
  const auto essence = without_blanks(type.substr(0, type.find(';')));
  return equals_ignoring_case(essence.substr(0, 5), "text/") || equals_ignoring_case(essence, "application/json") ||
         equals_ignoring_case(essence, "application/x-www-form-urlencoded");
}

Status read_head(std::string_view head, FormField& field) {
  field.head = head;
  bool has_disposition = false;
  bool has_type = false;
  bool has_file_name = false;
  while (!head.empty()) {
    const auto end = std::min(head.find(line_end), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + line_end.size(), head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return wrong("a part's header has no colon");
    const auto name = line.substr(0, colon);
    const auto value = without_blanks(line.substr(colon + 1));
    const bool controls =
        std::any_of(value.begin(), value.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
    if (!is_token(name) || controls) return wrong("a part's header is none");
    if (equals_ignoring_case(name, "content-disposition")) {
      if (std::exchange(has_disposition, true)) return wrong("a part's header is given twice");
      if (auto read = read_disposition(value, field, has_file_name); !read) return read;
    } else if (equals_ignoring_case(name, "content-type")) {
      if (std::exchange(has_type, true)) return wrong("a part's header is given twice");
      field.type = value;
    } else if (equals_ignoring_case(name, "content-transfer-encoding") && !equals_ignoring_case(value, "binary") &&
               !equals_ignoring_case(value, "8bit") && !equals_ignoring_case(value, "7bit")) {
      return wrong("its parts must not be encoded");
    }
  }
  if (field.name.empty()) return wrong("a part has no name");
  field.is_file = has_file_name || (!field.type.empty() && !is_text_type(field.type));
  return {};
}

}  // namespace

std::string_view form_boundary(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  if (!equals_ignoring_case(without_blanks(type), "multipart/form-data")) return {};
  std::string_view boundary;
  const bool read = each_parameter(content_type, [&](std::string_view key, std::string_view said) {
    if (!equals_ignoring_case(key.substr(0, key.find('*')), "boundary")) return true;
    const bool first = boundary.empty() && key.find('*') == std::string_view::npos;
    boundary = said;
    return first;
  });
  return read && is_boundary(boundary) ? boundary : std::string_view();
}

std::string form_type_with(std::string_view boundary) {
  const std::string_view quote = is_token(boundary) ? "" : "\"";
  return fmt::format("multipart/form-data; boundary={}{}{}", quote, boundary, quote);
}

bool begins_file(std::string_view behind_delimiter, std::string_view name) {
  behind_delimiter.remove_prefix(std::min(behind_delimiter.find_first_not_of(blanks), behind_delimiter.size()));
  if (!behind_delimiter.starts_with(line_end)) return false;
  FormField field;
  return read_head(behind_delimiter.substr(line_end.size()), field) && field.is_file && field.name == name;
}

Delimiter find_delimiter(std::string_view text, std::size_t begin, std::size_t from, std::string_view boundary) {
  const std::string line = fmt::format("--{}", boundary);
  for (auto at = text.find(line, from); at != std::string_view::npos; at = text.find(line, at + 1)) {
    const bool behind_cr = at > 0 && text[at - 1] == '\r';
    const bool behind_lf = at > 0 && text[at - 1] == '\n';
    if (!behind_cr && !behind_lf) continue;
    const bool whole = behind_lf && at >= begin + line_end.size() && text[at - 2] == '\r';
    return {.at = whole ? at - line_end.size() : at, .clear = whole};
  }
  return {};
}

Error unclear_form() {
  return {.code = ErrorCode::invalid_request,
          .message = "The body is no multipart/form-data: where its parts begin and end is not clear."};
}

Result<std::vector<FormField>> read_form(std::string_view body, std::string_view boundary) {
  const std::string line = fmt::format("--{}", boundary);
  std::size_t at = body.starts_with(line_end) ? line_end.size() : 0;
  if (boundary.empty() || !body.substr(at).starts_with(line)) return wrong("it does not begin with its boundary");
  at += line.size();
  std::vector<FormField> fields;
  while (!body.substr(at).starts_with("--")) {
    at = std::min(body.find_first_not_of(blanks, at), body.size());
    if (at == body.size()) return wrong("it is cut off");
    if (!body.substr(at).starts_with(line_end)) return failure(unclear_form());
    at += line_end.size();
    const auto head_end = body.substr(at, longest_head).find("\r\n\r\n");
    if (head_end == std::string_view::npos) return wrong("a part has no end of its headers");
    auto& field = fields.emplace_back();
    if (fields.size() > most_fields) return wrong(fmt::format("it has more than {} fields", most_fields));
    if (auto read = read_head(body.substr(at, head_end), field); !read) return failure(std::move(read.error()));
    at += head_end + 2 * line_end.size();
    const auto next = find_delimiter(body, at, at, boundary);
    if (!next.clear) return failure(unclear_form());
    if (next.at == std::string_view::npos) return wrong("it is cut off");
    field.value = body.substr(at, next.at - at);
    at = next.at + line_end.size() + line.size();
  }
  if (body.find_first_not_of(" \t\r\n", at + 2) != std::string_view::npos)
    return wrong("something stands behind its end");
  return fields;
}

}  // namespace weir
