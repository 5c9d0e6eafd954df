#include "server/form_spool.h"

#include <fmt/format.h>

#include <algorithm>

#include "formats/shared/multipart.h"

namespace weir {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view file_field = "file";  // of all that upload one
constexpr std::size_t longest_head = 16 * 1024;

tl::unexpected<Error> too_large(uint64_t limit, std::string_view of) {
  return failure(ErrorCode::body_too_large, fmt::format("{} is larger than the limit of {} bytes.", of, limit));
}

// From where a text that has been searched is searched on when more of it has come.
std::size_t resumed(std::size_t size, std::size_t sought) { return size < sought ? 0 : size - sought + 1; }

}  // namespace

FormSpool::FormSpool(std::string_view boundary, std::string folder, const Limits& limits)
    : boundary_(boundary), delimiter_(fmt::format("\r\n--{}", boundary)), folder_(std::move(folder)), limits_(limits) {}

Status FormSpool::take(std::string_view bytes) {
  taken_ += bytes.size();
  if (taken_ > limits_.all) return too_large(limits_.all, "The form");
  if (at_ == At::spilled) return take_spilled(bytes);
  text_ += bytes;
  auto scanned = scan();
  if (scanned && text_.size() > limits_.text) return too_large(limits_.text, "What the form holds besides its file");
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

void FormSpool::begin_value(At kind, std::size_t at) {
  at_ = kind;
  begin_ = scanned_ = at;
}

// The first delimiter stands at the beginning, with or without the end of a line before it. False: more is needed.
bool FormSpool::find_start() {
  const std::string_view first = delimiter_;
  for (const auto line : {first, first.substr(2)}) {
    if (text_.starts_with(line)) {
      begin_part(line.size());
      return true;
    }
  }
  if (first.starts_with(text_) || first.substr(2).starts_with(text_)) return false;
  begin_value(At::text, 0);
  return true;
}

// True: the value begins.
bool FormSpool::read_head() {
  const auto rest = std::string_view(text_).substr(begin_);
  // A part without a head, which is never a file; the end of the form looks like one.
  const auto next = rest.find(delimiter_);
  const auto end = rest.find(head_end, scanned_ - begin_);
  const bool whole = end != std::string_view::npos && (next == std::string_view::npos || end < next);
  if (!whole && next == std::string_view::npos && rest.size() <= longest_head) {
    scanned_ = begin_ + resumed(rest.size(), head_end.size());
    return false;
  }
  const bool file = whole && !files_ && begins_file(rest.substr(0, end), file_field);
  begin_value(file ? At::file : At::text, whole ? begin_ + end + head_end.size() : begin_);
  return true;
}

Status FormSpool::scan() {
  if (at_ == At::start && !find_start()) return {};
  for (;;) {
    if (at_ == At::head && !read_head()) return {};
    const auto next = find_delimiter(text_, begin_, scanned_, boundary_);
    if (!next.clear) return failure(unclear_form());
    const bool ends = next.at != std::string::npos;
    if (at_ == At::file && is_too_large(ends ? next.at : text_.size())) return put_aside();
    if (!ends) break;
    begin_part(next.at + delimiter_.size());
  }
  scanned_ = std::max(scanned_, resumed(text_.size(), delimiter_.size()));
  return {};
}

// Longer than a delimiter in any case: see take_spilled().
bool FormSpool::is_too_large(std::size_t end) const {
  const auto size = end - begin_;
  return size > delimiter_.size() && (size > limits_.file_in_memory || end > limits_.text);
}

Status FormSpool::put_aside() {
  auto made = net::SpilledForm::make(folder_);
  if (!made) return failure(std::move(made.error()));
  files_ = std::move(*made);
  at_ = At::spilled;
  rest_.clear();
  const auto value = text_.substr(begin_);
  text_.resize(begin_);
  text_.shrink_to_fit();
  return take_spilled(value);
}

// What begins before the third byte of `rest_` was seen whole earlier; the two tell what stands before the others.
Status FormSpool::take_spilled(std::string_view bytes) {
  rest_ += bytes;
  const auto end = find_delimiter(rest_, 0, 2, boundary_);
  if (!end.clear) return failure(unclear_form());
  const bool found = end.at != std::string::npos;
  const auto whole = found ? end.at : rest_.size() - std::min(rest_.size(), delimiter_.size() - 1);
  if (auto kept = files_->append(std::string_view(rest_).substr(0, whole)); !kept) return kept;
  rest_.erase(0, whole);
  if (!found) return {};
  text_ += files_->end_part();
  const auto next = text_.size() + delimiter_.size();
  text_ += std::exchange(rest_, {});
  begin_part(next);
  return scan();
}

}  // namespace weir
