#include "formats/shared/multipart.h"

#include <fmt/format.h>

#include "core/http.h"

namespace weir {
namespace {

constexpr std::size_t most_fields = 256;
constexpr std::size_t longest_head = 8 * 1024;  // of one part
constexpr std::size_t longest_boundary = 70;    // RFC 2046, 5.1.1

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// `b` of `form-data; a="b"; c=d`. A quoted value ends at the next quote that no backslash stands before.
std::string_view parameter(std::string_view header, std::string_view name) {
  for (auto at = header.find(';'); at != std::string_view::npos; at = header.find(';', at)) {
    ++at;
    auto begin = header.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) return {};
    const auto equals = header.find('=', begin);
    if (equals == std::string_view::npos) return {};
    const bool wanted = equals_ignoring_case(without_blanks(header.substr(begin, equals - begin)), name);
    const bool quoted = equals + 1 < header.size() && header[equals + 1] == '"';
    auto end = equals + 1;
    if (quoted) {
      ++end;
      while (end < header.size() && header[end] != '"') end += header[end] == '\\' ? 2 : 1;
      end = std::min(end, header.size());
      if (wanted) return header.substr(equals + 2, end - equals - 2);
    } else {
      end = std::min(header.find(';', end), header.size());
      if (wanted) return without_blanks(header.substr(equals + 1, end - equals - 1));
    }
    at = end;
  }
  return {};
}

tl::unexpected<Error> wrong(std::string_view what) {
  return failure(Error{.code = ErrorCode::invalid_request,
                       .message = fmt::format("The body is no multipart/form-data: {}.", what)});
}

Status read_head(std::string_view head, FormField& field) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return wrong("a part's header has no colon");
    const auto name = line.substr(0, colon);
    const auto value = without_blanks(line.substr(colon + 1));
    if (equals_ignoring_case(name, "content-disposition")) {
      field.name = parameter(value, "name");
      field.file_name = parameter(value, "filename");
    } else if (equals_ignoring_case(name, "content-type")) {
      field.type = value;
    } else if (equals_ignoring_case(name, "content-transfer-encoding") && !equals_ignoring_case(value, "binary") &&
               !equals_ignoring_case(value, "8bit") && !equals_ignoring_case(value, "7bit")) {
      return wrong("its parts must not be encoded");
    }
  }
  if (field.name.empty()) return wrong("a part has no name");
  return {};
}

}  // namespace

std::string_view form_boundary(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  if (!equals_ignoring_case(without_blanks(type), "multipart/form-data")) return {};
  const auto boundary = parameter(content_type, "boundary");
  return boundary.size() <= longest_boundary ? boundary : std::string_view();
}

bool is_file_head(std::string_view head) {
  FormField field;
  return read_head(head.substr(std::min(head.find_first_not_of("\r\n"), head.size())), field) &&
         (!field.file_name.empty() || !field.type.empty());
}

Result<std::vector<FormField>> read_form(std::string_view body, std::string_view boundary) {
  const std::string line = fmt::format("--{}", boundary);
  const std::string next = "\r\n" + line;
  auto at = body.find(line);
  if (boundary.empty() || at == std::string_view::npos || (at != 0 && !body.substr(0, at).ends_with("\r\n")))
    return wrong("it does not begin with its boundary");
  at += line.size();
  std::vector<FormField> fields;
  while (!body.substr(at).starts_with("--")) {
    at = body.find("\r\n", at);
    if (at == std::string_view::npos) return wrong("it is cut off");
    at += 2;
    const auto head_end = body.substr(at, longest_head).find("\r\n\r\n");
    const bool bare = body.substr(at).starts_with("\r\n");
    if (head_end == std::string_view::npos && !bare) return wrong("a part has no end of its headers");
    auto& field = fields.emplace_back();
    if (fields.size() > most_fields) return wrong(fmt::format("it has more than {} fields", most_fields));
    if (auto read = read_head(bare ? std::string_view() : body.substr(at, head_end), field); !read)
      return failure(std::move(read.error()));
    at += bare ? 2 : head_end + 4;
    const auto end = body.find(next, at);
    if (end == std::string_view::npos) return wrong("it is cut off");
    field.value = body.substr(at, end - at);
    at = end + next.size();
  }
  return fields;
}

}  // namespace weir
