// Characters that a server cut in two between the events of a stream (core/text_halves.h), made whole again. Pure but
// for the list, which belongs to one stream and one thread.
#pragma once

#include <vector>

#include "core/stream_event.h"

namespace weir {

// Joins the halves in `out`, from `from` on, with those that are open and keeps what is open then. Leaves at least one
// event there.
void join_halves(std::vector<OpenHalf>& open, std::vector<StreamEvent>& out, std::size_t from);
// The halves of `choice` (-1: of all) that found no other half, as U+FFFD.
void end_halves(std::vector<OpenHalf>& open, int64_t choice, std::vector<StreamEvent>& out);

}  // namespace weir
