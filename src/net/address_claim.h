// AddressClaim: "this process listens there", said where every process of the machine can ask: an abstract Unix socket
// named after the address. Taking it is atomic, the kernel drops it with its process, and it tells the holder's process
// id also to other users. It complements the real socket, which cannot be exclusive (SO_REUSEPORT), and tells nobody
// who has it. Start-up code; any thread.
#pragma once

#include <sys/types.h>
#include <optional>
#include <string>

#include "core/result.h"

namespace weir::net {

class AddressClaim {
 public:
  AddressClaim() = default;  // claims nothing
  AddressClaim(AddressClaim&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  AddressClaim& operator=(AddressClaim&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~AddressClaim();

  // `address`: a numeric `HOST:PORT`, or the path of a Unix socket. nullopt: another one has it. Where the system has
  // no such sockets, the claim is given and holds nothing.
  [[nodiscard]] static std::optional<AddressClaim> take(const std::string& address);
  // 0: nobody, or one that cannot be named (of another container, for one).
  [[nodiscard]] static pid_t holder(const std::string& address);

 private:
  explicit AddressClaim(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// Who listens on this TCP port of any address that would be in the way, in words: `pid 4242 (weir)`, `a process of user
// bob`, or `another process`.
[[nodiscard]] std::string port_holder(uint16_t port);
// `pid 4242 (weir)`; with the name left out where it cannot be read.
[[nodiscard]] std::string process_name(pid_t pid);

}  // namespace weir::net
