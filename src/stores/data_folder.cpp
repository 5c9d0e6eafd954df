#include "stores/data_folder.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace weir {
namespace {

constexpr std::string_view lock_name = "weir.lock";
constexpr std::chrono::milliseconds patience{1'000};
constexpr std::chrono::milliseconds between_tries{25};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string user_name(uid_t user) {
  const passwd* known = ::getpwuid(user);
  return known != nullptr ? known->pw_name : fmt::format("with the number {}", user);
}

// The file says `PID HOST`; containers may share a folder without sharing process ids.
std::string holder_of(int fd) {
  std::array<char, 512> text{};
  const auto size = ::pread(fd, text.data(), text.size() - 1, 0);
  const std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto blank = line.find(' ');
  const auto end = line.find('\n');
  if (blank == std::string_view::npos || end == std::string_view::npos || end < blank) return "another process";
  const auto host = line.substr(blank + 1, end - blank - 1);
  const auto who = fmt::format("pid {}", line.substr(0, blank));
  return host == host_name() ? who : fmt::format("{} on host {}", who, host);
}

tl::unexpected<Error> cannot_lock(const std::string& path, int error) {
  struct stat info {};
  auto message = fmt::format("cannot lock the data folder with {}: {}", path, std::strerror(error));
  if (error == EACCES && ::stat(path.c_str(), &info) == 0) {
    message += fmt::format("; it belongs to user {}", user_name(info.st_uid));
  }
  return failure(ErrorCode::internal, message + ". Name another folder with --data DIR");
}

Error taken(const std::string& folder, const std::string& holder) {
  return {
      .code = ErrorCode::internal,
      .message = fmt::format("another weir ({}) serves from the data folder {}: two would double every budget. Stop "
                             "it first, or name another folder with --data DIR",
                             holder, folder)};
}

}  // namespace

Status make_data_folder(const std::string& folder) {
  std::error_code error;
  auto path = std::filesystem::path(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // `data/`
  if (std::filesystem::is_directory(path, error)) return {};
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  // Private from its first moment.
  if (::mkdir(path.c_str(), 0700) == 0 || std::filesystem::is_directory(path, error)) return {};
  return failure(ErrorCode::internal, fmt::format("cannot make the data folder {}: {}", folder,
                                                  error ? error.message() : std::strerror(errno)));
}

Result<DataFolderLock> DataFolderLock::take(const std::string& folder) {
  if (auto made = make_data_folder(folder); !made) return failure(made.error());
  const auto path = (std::filesystem::path(folder) / lock_name).string();
  // Readable by all: whoever may look into the folder may know who serves from it.
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) {
    const int error = errno;
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return cannot_lock(path, error);
    DataFolderLock look(fd);  // of another user: it can at least be said who serves
    if (::flock(fd, LOCK_SH | LOCK_NB) != 0) return failure(taken(folder, holder_of(fd)));
    return cannot_lock(path, error);
  }
  DataFolderLock lock(fd);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return cannot_lock(path, errno);
    if (std::chrono::steady_clock::now() > until) return failure(taken(folder, holder_of(fd)));
    std::this_thread::sleep_for(between_tries);
  }
  const auto line = fmt::format("{} {}\n", ::getpid(), host_name());
  // The lock holds without its text: a full disk keeps nobody from serving.
  [[maybe_unused]] const bool told =
      ::ftruncate(fd, 0) == 0 && ::pwrite(fd, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size());
  return lock;
}

DataFolderLock::DataFolderLock(DataFolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DataFolderLock& DataFolderLock::operator=(DataFolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

DataFolderLock::~DataFolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace weir
