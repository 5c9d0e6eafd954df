// Active health checks of local servers: asks each provider that has `health_check` for its models (or its health path)
// and marks its breakers down or up, so that a server that was started or stopped is noticed without a request paying
// for it. Runs on one event loop, for the whole process, until `stop` is requested.
#pragma once

#include "pipeline/worker.h"

namespace weir {

net::Task<void> watch_health(Worker& worker, net::Cancellation& stop);

}  // namespace weir
