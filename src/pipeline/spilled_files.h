// What was put aside of a form (net/spilled_form.h): whether it is what its reader took for files, and what stands in
// those that are texts.
#pragma once

#include "core/request.h"
#include "core/result.h"
#include "guards/contents.h"
#include "net/spilled_form.h"
#include "net/task.h"
#include "pipeline/worker.h"

namespace weir {

// invalid_request where a mark stands for anything but the whole value of a file, and where a sound is a text: that
// nobody has read, and it would go out. `request`: made of the form's text. Pure; any thread.
[[nodiscard]] Status check_spilled(const net::SpilledForm& files, const Request& request);

// Of those that are texts, read as a text in the form itself is, a window at a time, in turns between which the loop
// serves others; windows overlap by more than what guards look for is long. What cannot be read is unreadable, as
// encoded. `form`: the text in which their marks stand. Loop thread only.
net::Task<Contents> read_spilled_texts(Worker& worker, const GuardSet& guards, const net::SpilledForm& files,
                                       std::string_view form);

// Of both: what neither finding is sure of stays unsure.
[[nodiscard]] Contents joined(const Contents& one, const Contents& other);

}  // namespace weir
