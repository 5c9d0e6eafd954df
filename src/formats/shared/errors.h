// What a provider's refusal means, shared by the adapters: the many shapes of error bodies (error_body.h) → their words
// → what follows from them (error_table.h) → one Error. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "core/http.h"
#include "core/json.h"

namespace weir {

// A non-2xx answer. Knows `{"error": {…}}`, `{"error": "text"}`, `{"message": …}`, `{"detail": …}`, a list of any of
// these, HTML and plain text. The credential that a provider quotes back is not passed on.
[[nodiscard]] Error classify_response(const HttpResponse& response);

// An error inside a 2xx answer or a stream: `body` is the whole object that holds it. `status` 0: not said; the
// object's own numeric code is then used where it has one.
[[nodiscard]] Error classify_body(const json::Element& body, int status);

// Words where an answer should be: plain text or a page in place of a stream, the data of an `event: error`.
[[nodiscard]] Error classify_text(std::string_view text);

// Is this object an error rather than an answer? (`error` that is neither null nor false, or `"object": "error"`, or
// `"type": "error"`)
[[nodiscard]] bool is_error_body(const json::Object& body);
// The same of these two members of it.
[[nodiscard]] bool is_error(const json::Wanted& error, const json::Wanted& object);

// `retry-after-ms`; or `retry-after` in seconds, as a span (`2m59.56s`) or as an HTTP date; or, without either,
// `x-ratelimit-reset-*` of what is used up. 0 when absent or unreadable. There is no clock here: a date is counted from
// the answer's own `date`, which `upstream/` adds where a server leaves it out. At most an hour.
[[nodiscard]] int64_t retry_after_ms(const Headers& headers);
// The same of a span in a body: Google's `retryDelay`.
[[nodiscard]] int64_t retry_delay_ms(std::string_view text);

}  // namespace weir
