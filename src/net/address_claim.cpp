#include "net/address_claim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "core/stable_hash.h"

namespace weir::net {
namespace {

// The queue of those who asked is never emptied: each took a look and left.
constexpr int askers = 4'096;

struct Name {
  sockaddr_un address{};
  socklen_t length = 0;
};

// Names of sockets are short and paths may not be: a hash of it.
Name name_of(const std::string& address) {
  const auto text = fmt::format("weir-listens-{:016x}", fnv1a(address));
  Name name;
  name.address.sun_family = AF_UNIX;
  text.copy(name.address.sun_path + 1, text.size());  // abstract: it begins with a zero byte
  name.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

int new_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

struct Listening {
  std::string address;  // numeric HOST:PORT
  std::string inode;
  uid_t user = 0;
};

// `0100007F`, or four such words: as the kernel writes addresses in /proc, each word in the machine's byte order.
std::string address_text(std::string_view hex) {
  std::array<uint32_t, 4> words{};
  const auto count = hex.size() / 8;
  if (hex.size() % 8 != 0 || count == 0 || count > words.size()) return {};
  for (std::size_t i = 0; i < count; ++i) std::from_chars(hex.data() + i * 8, hex.data() + i * 8 + 8, words[i], 16);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = count == 1 ? AF_INET : AF_INET6;
  if (::inet_ntop(family, words.data(), text.data(), text.size()) == nullptr) return {};
  return count == 1 ? text.data() : fmt::format("[{}]", text.data());
}

std::vector<Listening> listening_on(uint16_t port) {
  std::vector<Listening> found;
  for (const auto* file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(file);
    std::string line;
    while (std::getline(lines, line)) {
      std::istringstream fields(line);
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      const auto colon = local.find(':');
      if (state != "0A" || colon == std::string::npos) continue;  // 0A: listening
      uint16_t local_port = 0;
      std::from_chars(local.data() + colon + 1, local.data() + local.size(), local_port, 16);
      if (local_port != port) continue;
      uid_t owner = 0;
      std::from_chars(user.data(), user.data() + user.size(), owner);
      found.push_back(
          {.address = fmt::format("{}:{}", address_text(local.substr(0, colon)), port), .inode = inode, .user = owner});
    }
  }
  return found;
}

// Only of processes whose descriptors we may see: our own, or all for root.
pid_t owner_of(const std::string& inode) {
  const auto wanted = "socket:[" + inode + "]";
  std::error_code ignored;
  for (std::filesystem::directory_iterator process("/proc", ignored), end; process != end; process.increment(ignored)) {
    const auto name = process->path().filename().string();
    pid_t pid = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || rest != name.data() + name.size()) continue;
    std::error_code unreadable;
    for (std::filesystem::directory_iterator fd(process->path() / "fd", unreadable), last; !unreadable && fd != last;
         fd.increment(unreadable)) {
      std::error_code gone;
      if (std::filesystem::read_symlink(fd->path(), gone) == wanted) return pid;
    }
  }
  return 0;
}

}  // namespace

AddressClaim::~AddressClaim() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<AddressClaim> AddressClaim::take(const std::string& address) {
  const auto name = name_of(address);
  const int fd = new_socket();
  if (fd < 0) return AddressClaim();
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&name.address), name.length) != 0) {
    const bool taken = errno == EADDRINUSE;
    ::close(fd);
    if (taken) return std::nullopt;
    return AddressClaim();
  }
  ::listen(fd, askers);
  return AddressClaim(fd);
}

pid_t AddressClaim::holder(const std::string& address) {
  const auto name = name_of(address);
  const int fd = new_socket();
  if (fd < 0) return 0;
  ucred peer{};
  socklen_t length = sizeof peer;
  const bool told = ::connect(fd, reinterpret_cast<const sockaddr*>(&name.address), name.length) == 0 &&
                    ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
  ::close(fd);
  return told ? peer.pid : 0;
}

std::string process_name(pid_t pid) {
  if (pid == 0) return "another process";
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  if (!std::getline(file, name)) return fmt::format("pid {}", pid);
  return fmt::format("pid {} ({})", pid, name);
}

std::string port_holder(uint16_t port) {
  const auto sockets = listening_on(port);
  for (const auto& socket : sockets) {
    if (const auto pid = AddressClaim::holder(socket.address); pid != 0) return process_name(pid);
  }
  for (const auto& socket : sockets) {
    if (const auto pid = owner_of(socket.inode); pid != 0) return process_name(pid);
  }
  if (sockets.empty()) return "another process";
  const passwd* user = ::getpwuid(sockets.front().user);
  return user != nullptr ? fmt::format("a process of user {}", user->pw_name) : "another process";
}

}  // namespace weir::net
