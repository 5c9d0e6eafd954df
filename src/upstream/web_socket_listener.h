// listen_to: opens a WebSocket to a provider and hands on what it says until somebody cancels, the provider closes, or
// it says what none may: then it is over, without an error, because nobody depends on it. Loop thread only; provider,
// pool and what `hear` refers to outlive it.
#pragma once

#include <functional>

#include "core/http.h"
#include "net/web_socket.h"
#include "upstream/pool.h"

namespace weir {

// `ask`: path and headers of the handshake; `mask`: random.
net::Task<void> listen_to(UpstreamPool& pool, const ProviderSettings& provider, HttpRequest ask, net::Wait wait,
                          uint32_t mask, std::function<void(const net::WebSocketMessage&)> hear);

}  // namespace weir
