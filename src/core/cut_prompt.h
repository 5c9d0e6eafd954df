// Some local servers cut a prompt that is too long for the context they run with, and answer all the same: which
// context to ask them for, and how to recognise that they read less than they were sent. Pure; any thread.
#pragma once

#include <cstdint>

#include "core/request.h"
#include "core/usage.h"

namespace weir {

// The context to run with, in tokens, where the one that servers start with does not do; 0 where it does. In powers of
// two, so that a model is not loaded anew for each request; not more than the model can (`context_length`, 0 =
// unknown). `input_tokens` is an estimate: there is room for a quarter more. `max_tokens` 0 = the caller sets none.
[[nodiscard]] int64_t context_to_ask(int64_t input_tokens, int64_t max_tokens, int64_t context_length);

// The server read exactly what a context holds (a multiple of 1,024 tokens, or a few less), and that is less than the
// fewest tokens that the request's texts can be. A count that is low for another reason (a prompt that was in its
// cache) is at no such edge.
[[nodiscard]] bool was_cut(const Request& request, const Usage& usage);

}  // namespace weir
