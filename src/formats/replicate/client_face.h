// Replicate's own clients in front of Replicate: predictions are created, asked after, listed and cancelled there, and
// bodies and answers pass as they came. Nothing is translated: what a model takes is its own affair. The guards read
// every input. Which model, the path says (`/v1/models/OWNER/NAME/predictions`) or the body's `version`; later
// questions go to the first model that serves `predictions`, or to the one that the query names (`?model=ID`). Pure
// functions; safe from any thread. Wire format: Replicate's OpenAPI document.
//
// Addresses in an answer are Replicate's own: its client asks for a prediction by id, and so stays here; a stream or a
// file is fetched there, with no credential of ours.
#pragma once

#include <string>

#include "formats/format.h"

namespace weir::replicate {

[[nodiscard]] const ClientFace& client_side();

// The model side of such a request.
[[nodiscard]] Result<HttpRequest> pass_request(const Request& request, const Target& target);
[[nodiscard]] Result<Response> pass_answer(std::string body);
// `2025-10-02T15:04:05.123Z` in seconds since the epoch; 0 for what is no such time.
[[nodiscard]] int64_t seconds_of(std::string_view time);

}  // namespace weir::replicate
