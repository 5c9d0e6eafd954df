// SandboxServer: serves the sandbox models over real loopback sockets, so that a first request without any model shows
// the whole path: the same adapters, timeouts and streams as with a real server. One thread and event loop of its own;
// what is answered is decided by providers/sandbox_model.h. Made and destroyed on the main thread.
#pragma once

#include <cstdint>
#include <memory>

#include "core/result.h"

namespace weir {

// What the sandbox's preset has for a port, until the real one is known.
inline constexpr uint16_t sandbox_placeholder_port = 1;

class SandboxServer {
 public:
  SandboxServer();
  ~SandboxServer();
  SandboxServer(const SandboxServer&) = delete;
  SandboxServer& operator=(const SandboxServer&) = delete;

  // Its port. Starts at the first call.
  Result<uint16_t> start();

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace weir
