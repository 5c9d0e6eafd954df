// multipart/form-data (RFC 7578): the fields of a form with files in it. Views into the body. Pure functions; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir {

struct FormField {
  std::string_view name;
  std::string_view file_name;  // "" for a plain field
  std::string_view type;       // Content-Type of the part; "" = not said
  std::string_view value;      // the part's bytes
};

// The boundary of a Content-Type `multipart/form-data; boundary=…`; "" when it is none.
[[nodiscard]] std::string_view form_boundary(std::string_view content_type);
// Is it the head of a part that is a file? It has a name of one, or says what it is.
[[nodiscard]] bool is_file_head(std::string_view head);
// invalid_request where it is no such form, is cut off, or has more fields than anybody's form has.
[[nodiscard]] Result<std::vector<FormField>> read_form(std::string_view body, std::string_view boundary);

}  // namespace weir
