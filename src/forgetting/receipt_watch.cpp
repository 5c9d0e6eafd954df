#include "forgetting/receipt_watch.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace weir {

ReceiptWatch::ReceiptWatch(const std::string& folder) : folder_(folder), file_(receipts_file(folder)) {
  // What cannot be read now is news later.
  static_cast<void>(news());
}

Result<ReceiptWatch::Place> ReceiptWatch::place() const {
  struct stat found {};
  if (::stat(file_.c_str(), &found) == 0) return Place{.file = found.st_ino, .size = found.st_size};
  if (errno == ENOENT || errno == ENOTDIR) return Place{};
  return failure(Error{.code = ErrorCode::internal, .message = fmt::format("{}: {}", file_, std::strerror(errno))});
}

Result<std::vector<Receipt>> ReceiptWatch::news() {
  const auto now = place();
  if (!now) return failure(now.error());
  if (*now == seen_) return std::vector<Receipt>{};
  const auto text = read_receipts(folder_);
  if (!text) return failure(text.error());
  const bool same = now->file == seen_.file && now->size >= seen_.size && text->size() >= read_;
  const auto from = same ? read_ : 0;
  // A line that is being written is read with the next look.
  const auto last = text->rfind('\n');
  const auto end = last == std::string::npos || last + 1 < from ? from : last + 1;
  seen_ = *now;
  read_ = end;
  return check_receipts(std::string_view(*text).substr(from, end - from), nullptr).receipts;
}

}  // namespace weir
