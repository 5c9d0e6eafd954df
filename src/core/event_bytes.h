// An event as bytes for a client of the same format: as they came where that is all that they are, else framed anew.
// What may stand around an event (line ends of other kinds, ids, comments, lists of data lines, a missing end) is read
// by few clients rightly. Pure functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/sse.h"

namespace weir {

// Is `raw` nothing but the event's name (unless that is "") and its data, each in a line of its own, as clients of that
// framing expect them?
[[nodiscard]] bool is_plain(const FramedEvent& event, Framing framing);

// `data` as an event of that name. Line breaks within become blanks: in JSON they are nothing else.
void append_event(std::string& out, Framing framing, std::string_view name, std::string_view data);

}  // namespace weir
