#include "server/form_spool.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/shared/multipart.h"

namespace weir {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t longest_head = 16 * 1024;

tl::unexpected<Error> too_large(uint64_t limit, std::string_view of) {
  return failure(ErrorCode::body_too_large, fmt::format("{} is larger than the limit of {} bytes.", of, limit));
}

}  // namespace

FormSpool::FormSpool(std::string_view boundary, std::string folder, const Limits& limits)
    : delimiter_(fmt::format("\r\n--{}", boundary)), folder_(std::move(folder)), limits_(limits) {}

Status FormSpool::take(std::string_view bytes) {
  taken_ += bytes.size();
  if (taken_ > limits_.all) return too_large(limits_.all, "The form");
  if (at_ == At::spilled) return take_spilled(bytes);
  text_ += bytes;
  auto scanned = scan();
  if (scanned && text_.size() > limits_.text) return too_large(limits_.text, "What the form holds besides its files");
  return scanned;
}

Status FormSpool::finish() {
  if (at_ != At::spilled) return {};
  auto kept = files_->append(rest_);
  if (kept) text_ += files_->end_part();
  return kept;
}

void FormSpool::begin_part(std::size_t head) {
  at_ = At::head;
  begin_ = scanned_ = head;
}

// True: the value begins.
bool FormSpool::read_head() {
  const auto rest = std::string_view(text_).substr(begin_);
  // A part without a head, which is never a file; the end of the form looks like one.
  const auto next = rest.find(delimiter_);
  const auto end = rest.find(head_end, scanned_ - begin_);
  if (next != std::string_view::npos && (end == std::string_view::npos || next < end)) {
    at_ = At::text;
    return true;
  }
  if (end == std::string_view::npos) {
    // What has no end is no head.
    if (rest.size() > longest_head) at_ = At::text;
    if (at_ == At::text) return true;
    scanned_ = begin_ + (rest.size() < head_end.size() ? 0 : rest.size() - head_end.size() + 1);
    return false;
  }
  at_ = is_file_head(rest.substr(0, end)) ? At::file : At::text;
  begin_ += end + head_end.size();
  scanned_ = begin_;
  return true;
}

Status FormSpool::scan() {
  for (;;) {
    if (at_ == At::start) {
      // The first delimiter has no line before it.
      const auto first = std::string_view(delimiter_).substr(2);
      const auto at = text_.find(first, scanned_);
      if (at == std::string::npos) {
        scanned_ = text_.size() < first.size() ? 0 : text_.size() - first.size() + 1;
        return {};
      }
      begin_part(at + first.size());
    }
    if (at_ == At::head && !read_head()) return {};
    const auto at = text_.find(delimiter_, scanned_);
    if (at != std::string::npos) {
      begin_part(at + delimiter_.size());
      continue;
    }
    if (at_ == At::file && text_.size() - begin_ > limits_.file_in_memory) return put_aside();
    scanned_ = std::max(scanned_, text_.size() < delimiter_.size() ? 0 : text_.size() - delimiter_.size() + 1);
    return {};
  }
}

Status FormSpool::put_aside() {
  if (!files_) {
    auto made = net::SpilledForm::make(folder_);
    if (!made) return failure(std::move(made.error()));
    files_ = std::move(*made);
  }
  at_ = At::spilled;
  rest_.clear();
  const auto value = text_.substr(begin_);
  text_.resize(begin_);
  text_.shrink_to_fit();
  return take_spilled(value);
}

Status FormSpool::take_spilled(std::string_view bytes) {
  rest_ += bytes;
  const auto end = rest_.find(delimiter_);
  const auto whole = end != std::string::npos ? end : rest_.size() - std::min(rest_.size(), delimiter_.size() - 1);
  if (auto kept = files_->append(std::string_view(rest_).substr(0, whole)); !kept) return kept;
  rest_.erase(0, whole);
  if (end == std::string::npos) return {};
  text_ += files_->end_part();
  const auto next = text_.size() + delimiter_.size();
  text_ += std::exchange(rest_, {});
  begin_part(next);
  return scan();
}

}  // namespace weir
