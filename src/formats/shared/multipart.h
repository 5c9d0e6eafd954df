// multipart/form-data (RFC 7578): the fields of a form with files in it. What a form is to one reader and something
// else to another (an end of a line that is half of one, a name that is given twice) is none here, so that nobody
// behind us finds fields in it that we did not see. Views into the body. Pure functions; any thread.
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
  std::string_view head;       // all of its headers, as they came
  bool is_file = false;        // it has a file's name, or says that it is no text
};

// The boundary of a Content-Type `multipart/form-data; boundary=…`; "" when it is none.
[[nodiscard]] std::string_view form_boundary(std::string_view content_type);
// The Content-Type that says this boundary and nothing else.
[[nodiscard]] std::string form_type_with(std::string_view boundary);
// Does a file begin behind a delimiter with this text (up to the empty line, without it), in a field of that name?
[[nodiscard]] bool begins_file(std::string_view behind_delimiter, std::string_view name);

// The next place where a line may begin with `--boundary`.
struct Delimiter {
  std::size_t at = std::string_view::npos;  // of the end of the line before it; npos: there is none
  bool clear = true;                        // false: some readers take it for one
};
// In `text`, where a value begins at `begin`, from `from` on; two bytes before `from` tell what stands before it.
[[nodiscard]] Delimiter find_delimiter(std::string_view text, std::size_t begin, std::size_t from,
                                       std::string_view boundary);
// What is said of a form with one that is not clear.
[[nodiscard]] Error unclear_form();

// invalid_request where it is no such form, is cut off, has more fields than anybody's form has, or holds anything
// besides its fields.
[[nodiscard]] Result<std::vector<FormField>> read_form(std::string_view body, std::string_view boundary);

}  // namespace weir
