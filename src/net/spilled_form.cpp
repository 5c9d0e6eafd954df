#include "net/spilled_form.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/hex.h"
#include "core/utf8.h"

namespace weir::net {
namespace {

constexpr std::size_t digits = 3;  // of a part's number in its mark

// Not all file systems know files without a name.
int nameless_file(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT)) return fd;
  auto path = folder + "/form-XXXXXX";
  const int named = ::mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(path.c_str());
  return named;
}

// The ledger stands on the same disk.
bool has_room(int fd, std::size_t bytes) {
  constexpr uint64_t left_for_others = 256 * 1024 * 1024;
  struct statvfs disk {};
  if (::fstatvfs(fd, &disk) != 0) return true;
  return static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize >= left_for_others + bytes;
}

tl::unexpected<Error> refused(std::string_view what) {
  return failure(ErrorCode::internal,
                 fmt::format("The form is too large for memory and cannot be kept on disk: {}: {}.", what,
                             std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

Result<std::shared_ptr<SpilledForm>> SpilledForm::make(const std::string& folder) {
  std::array<unsigned char, 16> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return refused("random");
  const int fd = nameless_file(folder);
  if (fd < 0) return refused("no file in the data folder");
  return std::shared_ptr<SpilledForm>(new SpilledForm(fd, "\xff\xfe" + to_hex(random)));
}

SpilledForm::~SpilledForm() { ::close(fd_); }

Status SpilledForm::append(std::string_view bytes) {
  if (!has_room(fd_, bytes.size()))
    return failure(ErrorCode::internal, "The form is too large for memory, and the disk of the data folder is full.");
  is_text_ = is_text_ && !has_controls(bytes);
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return refused("the disk takes no more");
    size_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string SpilledForm::end_part() {
  parts_.push_back({.begin = part_begin_, .size = size_ - part_begin_, .is_text = std::exchange(is_text_, true)});
  part_begin_ = size_;
  return mark_ + fmt::format("{:0{}}", parts_.size() - 1, digits);
}

std::vector<SpilledForm::Piece> SpilledForm::pieces(std::string_view text) const {
  std::vector<Piece> pieces;
  for (;;) {
    const auto at = text.find(mark_);
    std::size_t number = parts_.size();
    if (at != std::string_view::npos && text.size() - at >= mark_.size() + digits) {
      const auto* const begin = text.data() + at + mark_.size();
      std::from_chars(begin, begin + digits, number);
    }
    if (number >= parts_.size()) break;
    if (at > 0) pieces.push_back({.text = text.substr(0, at)});
    pieces.push_back({.text = {}, .begin = parts_[number].begin, .size = parts_[number].size});
    text.remove_prefix(at + mark_.size() + digits);
  }
  if (!text.empty()) pieces.push_back({.text = text});
  return pieces;
}

bool SpilledForm::is_mark(std::string_view text) const {
  const auto all = pieces(text);
  return all.size() == 1 && all.front().text.empty();
}

uint64_t SpilledForm::full_size(std::string_view text) const {
  uint64_t size = 0;
  for (const auto& piece : pieces(text)) size += piece.text.size() + piece.size;
  return size;
}

std::size_t SpilledForm::read(uint64_t at, std::span<char> into) const {
  for (;;) {
    const auto got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }
}

SpilledForm::View::~View() {
  if (memory_ != nullptr) ::munmap(memory_, mapped_);
}

// The first one begins where the file does, as a mapping must.
SpilledForm::View SpilledForm::first_part() const {
  if (parts_.empty() || parts_.front().size == 0) return {};
  const auto size = static_cast<std::size_t>(parts_.front().size);
  void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_, 0);
  if (memory == MAP_FAILED) return {};
  ::madvise(memory, size, MADV_RANDOM);  // heads and tails, nothing between
  return View(memory, size, {static_cast<const char*>(memory), size});
}

}  // namespace weir::net
