// What clients ask for in wire formats, or parts of formats, that Weir does not serve: one table, a line for each path.
// A client of such a format shows its user an error only if it comes in the format's own shape, so each line says in
// which, and what to ask for instead. Whoever adds such a format takes its lines away. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "formats/shared/error_shape.h"

namespace weir {

struct UnservedPath {
  std::string_view method;  // its clients' method; "" = any
  std::string_view path;    // each `*` stands for one byte or more
  ErrorShape shape;
  std::string_view what;     // `Anthropic's Messages`
  std::string_view instead;  // `POST /v1/chat/completions`; "" = nothing here does the same
};

// The line for `method path`, else one for the path with another method; nullptr when there is none.
[[nodiscard]] const UnservedPath* find_unserved(std::string_view method, std::string_view path);
// not_found, with what to use instead.
[[nodiscard]] Error unserved_error(const UnservedPath& unserved);
// The body of an error answer in the shape of that line.
[[nodiscard]] std::string write_unserved_error(const UnservedPath& unserved, const Error& error);

}  // namespace weir
