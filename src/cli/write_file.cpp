#include "cli/write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace weir {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> cannot_write(const std::string& path, int cause) {
  return failure(ErrorCode::internal, fmt::format("cannot write {}: {}", path, std::generic_category().message(cause)));
}

// 0, or the errno of what failed.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int write_and_close(int file, std::string_view text) {
  int cause = write_all(file, text);
  if (::close(file) != 0 && cause == 0) cause = errno;
  return cause;
}

Status write_into(const std::string& path, int flags, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0600);
  if (file < 0) return cannot_write(path, errno);
  if (const int cause = write_and_close(file, text); cause != 0) return cannot_write(path, cause);
  return {};
}

// The mode that a file made by open() would have.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

Status replace(const std::string& path, mode_t mode, std::string_view text) {
  std::string beside = path + ".XXXXXX";
  const int file = ::mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return cannot_write(path, errno);
  int cause = ::fchmod(file, mode) != 0 ? errno : 0;
  if (const int writing = write_and_close(file, text); cause == 0) cause = writing;
  if (cause == 0 && std::rename(beside.c_str(), path.c_str()) != 0) cause = errno;
  if (cause == 0) return {};
  ::unlink(beside.c_str());
  return cannot_write(path, cause);
}

}  // namespace

Status write_file(const std::string& path, std::string_view text) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return replace(path, usual_mode(), text);
  if (S_ISDIR(found.st_mode)) return cannot_write(path, EISDIR);
  if (!S_ISREG(found.st_mode)) return write_into(path, 0, text);
  std::error_code failed;
  const fs::path target = fs::canonical(path, failed);
  return replace(failed ? path : target.string(), found.st_mode & 07777, text);
}

Status write_new_file(const std::string& path, std::string_view text) {
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() != fs::file_type::not_found) {
    return failure(ErrorCode::invalid_request, fmt::format("{} is there already, and is left as it is", path));
  }
  return write_into(path, O_CREAT | O_EXCL, text);
}

}  // namespace weir
