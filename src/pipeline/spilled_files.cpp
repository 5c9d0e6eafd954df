#include "pipeline/spilled_files.h"

#include <algorithm>

#include "formats/shared/multipart.h"

namespace weir {

Status check_spilled(const net::SpilledForm& files, const Request& request) {
  const auto fields = read_form(request.form, form_boundary(request.form_type));
  if (!fields) return failure(fields.error());
  const auto is_file_aside = [&files](const FormField& field) {
    return (!field.file_name.empty() || !field.type.empty()) && files.is_mark(field.value);
  };
  const auto found = std::count_if(fields->begin(), fields->end(), is_file_aside);
  if (static_cast<std::size_t>(found) == files.parts()) return {};
  return failure(ErrorCode::invalid_request, "The form is not well-formed: where its files begin is not clear.");
}

}  // namespace weir
