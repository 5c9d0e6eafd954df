#include "cli/scan_windows.h"

#include <algorithm>

namespace weir {
namespace {

constexpr bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// Where the buffer may be cut at `most` at the latest: behind a line, else between two characters.
std::size_t cut_before(std::string_view text, std::size_t from, std::size_t most) {
  const std::size_t line = text.rfind('\n', most);
  if (line != std::string_view::npos && line + 1 > from + (most - from) / 2) return line + 1;
  std::size_t cut = most;
  while (cut > from + 1 && most - cut < 4 && !begins_character(text[cut])) --cut;
  return cut;
}

}  // namespace

std::vector<Placed> placed(const std::vector<Finding>& findings) {
  std::vector<Placed> places;
  for (const Finding& finding : findings) {
    const Placed one{.what = finding.what,
                     .guard = finding.guard,
                     .classes = finding.classes,
                     .confidence = finding.confidence,
                     .begin = finding.begin,
                     .end = finding.end};
    if (places.empty() || one.begin >= places.back().end) {
      places.push_back(one);
      continue;
    }
    Placed& last = places.back();
    const bool surer = one.confidence > last.confidence;
    if (surer) {
      last.what = one.what;
      last.guard = one.guard;
      last.confidence = one.confidence;
    }
    last.classes |= one.classes;
    last.end = std::max(last.end, one.end);
  }
  return places;
}

bool ScanWindows::fill(std::istream& in) {
  const std::size_t had = buffer_.size();
  const std::size_t wanted = std::max(size_, done_ + 1) + overlap_;
  if (had >= wanted) return static_cast<bool>(in);
  buffer_.resize(wanted);
  in.read(buffer_.data() + had, static_cast<std::streamsize>(wanted - had));
  buffer_.resize(had + static_cast<std::size_t>(in.gcount()));
  return static_cast<bool>(in);
}

void ScanWindows::give(std::size_t cut, const Take& take) {
  std::vector<Placed> places;
  std::size_t end = cut;
  for (Placed one : placed(guards_.inspect(buffer_))) {
    if (one.end <= done_ || one.begin >= cut) continue;
    one.begin = std::max(one.begin, done_);
    end = std::max(end, one.end);
    places.push_back(one);
  }
  for (Placed& one : places) {
    one.begin -= done_;
    one.end -= done_;
  }
  take(std::string_view(buffer_).substr(done_, end - done_), places);
  const std::size_t kept = end - std::min(end, context);
  buffer_.erase(0, kept);
  done_ = end - kept;
}

void ScanWindows::read(std::istream& in, const Take& take) {
  buffer_.clear();
  done_ = 0;
  while (fill(in)) give(cut_before(buffer_, done_, buffer_.size() - overlap_), take);
  if (buffer_.size() > done_) give(buffer_.size(), take);
}

void Position::pass(std::string_view text) {
  for (const char c : text) {
    if (!begins_character(c)) continue;
    ++code_points_;
    ++column_;
    if (c != '\n') continue;
    ++line_;
    column_ = 1;
  }
}

}  // namespace weir
