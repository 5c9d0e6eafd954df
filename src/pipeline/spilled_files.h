// Whether what was put aside of a form (net/spilled_form.h) is what its reader took for files. Pure function; any
// thread.
#pragma once

#include "core/request.h"
#include "core/result.h"
#include "net/spilled_form.h"

namespace weir {

// invalid_request where a mark stands for anything but the whole value of a file, and where a sound is a text: that
// nobody has read, and it would go out. `request`: made of the form's text.
[[nodiscard]] Status check_spilled(const net::SpilledForm& files, const Request& request);

}  // namespace weir
