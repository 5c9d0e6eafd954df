// A form as JSON, for guards and rules: every byte of it that goes out is a text there, or in a file that is said to be
// what it is. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/shared/multipart.h"

namespace weir {

// What its files are sent for.
enum class FormOf : uint8_t { sound, picture, file };

// Under this key stand the headers of a part that says more than a name.
inline constexpr std::string_view part_header_key = "part_header";

// `fields`: of read_form(). A file is a medium (`input_audio`, `input_image`, `input_file`), and what of it is text
// stands there as a text besides; a file that is sent to be kept is a medium only where it is no text.
[[nodiscard]] std::string form_as_json(const std::vector<FormField>& fields, FormOf what);

}  // namespace weir
