#include "server/body_type.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/http.h"
#include "core/text_list.h"

namespace weir {
namespace {

tl::unexpected<Error> unsupported_media(std::string param, std::string message) {
  return failure(Error{.code = ErrorCode::invalid_request,
                       .message = std::move(message),
                       .param = std::move(param),
                       .http_status = 415});
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](auto name) { return equals_ignoring_case(name, text); });
}

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// For messages: what a client wrote, kept short and printable.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 40));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

Result<ContentCoding> content_coding(const net::MessageHead& head) {
  auto coding = ContentCoding::identity;
  for (const auto& header : head.headers) {
    if (!equals_ignoring_case(header.name, "content-encoding")) continue;
    for (const auto name : split_list(header.value)) {
      if (is_one_of(name, {"identity"})) continue;
      if (!is_one_of(name, {"gzip", "x-gzip", "deflate"}) || coding != ContentCoding::identity) {
        return unsupported_media("content-encoding",
                                 fmt::format("Bodies coded as '{}' are not read here. Send gzip, or no "
                                             "Content-Encoding (identity).",
                                             shown(header.value)));
      }
      coding = ContentCoding::zlib;
    }
  }
  return coding;
}

Status check_charset(const net::MessageHead& head) {
  for (const auto& header : head.headers) {
    if (!equals_ignoring_case(header.name, "content-type")) continue;
    std::string_view left = header.value;
    while (!left.empty()) {
      const auto end = std::min(left.find(';'), left.size());
      const auto parameter = without_blanks(left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
      const auto equals = parameter.find('=');
      if (equals == std::string_view::npos) continue;
      if (!equals_ignoring_case(without_blanks(parameter.substr(0, equals)), "charset")) continue;
      auto charset = without_blanks(parameter.substr(equals + 1));
      if (charset.size() > 1 && charset.front() == '"' && charset.back() == '"')
        charset = charset.substr(1, charset.size() - 2);
      if (is_one_of(charset, {"utf-8", "utf8", "us-ascii", "ascii", ""})) continue;
      return unsupported_media("content-type",
                               fmt::format("The body's charset is '{}', and JSON is read as UTF-8 only. Send it in "
                                           "UTF-8 with `Content-Type: application/json`.",
                                           shown(charset)));
    }
  }
  return {};
}

Status check_encoding(std::string_view body) {
  if (body.size() < 2) return {};
  // A byte order mark, or one half of the first character of a JSON text.
  const bool wide = body.starts_with("\xFF\xFE") || body.starts_with("\xFE\xFF") || body[0] == '\0' || body[1] == '\0';
  if (!wide) return {};
  return unsupported_media("content-type",
                           "The body is in UTF-16 or UTF-32, and JSON is read as UTF-8 only. Send it in UTF-8.");
}

}  // namespace weir
