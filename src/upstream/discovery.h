// Discovery: asks servers which models they have. Used at start-up and on reload, off the request path: it runs an
// event loop of its own on the calling thread until all have answered or the time is up.
#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "core/snapshot.h"
#include "formats/format.h"

namespace weir {

// Per provider, in the same order: its models, or why there are none (nobody listens, no model list). A local one that
// does not tell its version where its kind does is not `usual`.
[[nodiscard]] std::vector<Result<ModelList>> discover_models(std::span<const ProviderSettings> providers,
                                                             int64_t timeout_ms);

}  // namespace weir
