// A body in OpenAI's format → the same as one vendor takes it, where its fields differ from OpenAI's by more than a
// name (Quirks: mistral_fields, together_fields, groq_fields, tgi_fields, short_call_ids). It is the last step for
// bodies that were translated and for those that came in this format, so each deviation stands here once. What no rule
// names stays as it is: a field that the vendor does not know either is refused by the vendor itself. Pure functions;
// any thread.
#pragma once

#include <string>

#include "core/operation.h"
#include "core/result.h"
#include "core/snapshot.h"

namespace weir::openai_provider {

// False: vendor_body() gives every body back as it is.
[[nodiscard]] bool has_vendor_body(const Quirks& quirks);

// `body`: valid JSON whose root is an object. Hints that the vendor refuses are taken out. unsupported, with the place,
// for what would change the answer and cannot be said there.
[[nodiscard]] Result<std::string> vendor_body(std::string body, const Quirks& quirks, Operation operation);

}  // namespace weir::openai_provider
