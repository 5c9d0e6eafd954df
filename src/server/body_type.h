// What a request says of its body's form: whether it is one that can be read here. Pure; any thread.
#pragma once

#include "core/result.h"
#include "net/http_parser.h"

namespace weir {

enum class ContentCoding : uint8_t { identity, zlib };  // zlib: gzip or deflate

// invalid_request with status 415 (param `content-encoding`) for a coding that is not undone here, or more than one.
[[nodiscard]] Result<ContentCoding> content_coding(const net::MessageHead& head);
// The same (param `content-type`) for a charset other than UTF-8: JSON has no other, and what is read wrongly can hide
// from the guards.
[[nodiscard]] Status check_charset(const net::MessageHead& head);
// The same for a text that begins as only UTF-16 and UTF-32 do: some systems write their files so.
[[nodiscard]] Status check_encoding(std::string_view body);

}  // namespace weir
