#include "pipeline/spilled_files.h"

#include <algorithm>

#include "formats/shared/multipart.h"

namespace weir {

Status check_spilled(const net::SpilledForm& files, const Request& request) {
  const auto fields = read_form(request.form, form_boundary(request.form_type));
  if (!fields) return failure(fields.error());
  const auto is_file_aside = [&files](const FormField& field) { return field.is_file && files.is_mark(field.value); };
  const auto found = std::count_if(fields->begin(), fields->end(), is_file_aside);
  if (static_cast<std::size_t>(found) != files.parts()) return failure(unclear_form());
  for (std::size_t part = 0; part < files.parts(); ++part) {
    if (request.operation == Operation::transcription && files.is_text(part))
      return failure(Error{.code = ErrorCode::invalid_request,
                           .message = "The file is no sound: there is nothing but text in it.",
                           .param = "file"});
  }
  return {};
}

}  // namespace weir
