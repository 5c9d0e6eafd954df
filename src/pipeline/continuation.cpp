#include "pipeline/continuation.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

// So many bytes that are the same by chance are too many: it started afresh, and went another way.
constexpr std::size_t no_coincidence = 8;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

std::size_t blanks_before(std::string_view text) {
  const auto at = std::find_if_not(text.begin(), text.end(), is_blank);
  return static_cast<std::size_t>(at - text.begin());
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto at =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return static_cast<std::size_t>(at.first - a.begin());
}

// One sign that is said again may well be the next one: `1` of 11, `#` of ##.
bool may_be_repeated(std::string_view said) { return said.size() == 1 && !is_letter(said.front()); }

// `text` shares its beginning with `said` and then differs: is it another answer from the start?
bool starts_otherwise(std::string_view said, std::string_view text, std::size_t common) {
  if (common >= no_coincidence) return true;
  // A sentence that begins as the first one did, in the middle of another.
  return common >= 2 && is_upper(text.front()) && !is_blank(said.back());
}

}  // namespace

Continuation::Continuation(std::string said, Begins begins)
    : said_(std::move(said)), state_(begins == Begins::behind ? State::undecided : State::matching) {
  // Blanks before the first word are nobody's words, and not all send them.
  const auto blanks = blanks_before(said_);
  if (blanks == said_.size()) {
    state_ = state_ == State::undecided ? State::joined : state_;
    from_start_ = state_ == State::matching;
  }
  said_.erase(0, blanks);
}

std::optional<std::string> Continuation::take(std::string text) {
  switch (state_) {
    case State::joined:
      return text;
    case State::matching:
      return match(std::move(text));
    case State::undecided:
      held_ += text;
      return decide();
  }
  return text;
}

std::optional<std::string> Continuation::match(std::string text) {
  if (matched_ == 0) text.erase(0, blanks_before(text));
  const auto rest = std::string_view(said_).substr(matched_);
  const auto length = std::min(rest.size(), text.size());
  if (rest.substr(0, length) != std::string_view(text).substr(0, length)) return std::nullopt;
  matched_ += length;
  if (matched_ == said_.size() && (!said_.empty() || !text.empty())) {
    state_ = State::joined;
    from_start_ = true;
  }
  text.erase(0, length);
  return text;
}

std::optional<std::string> Continuation::decide() {
  const auto blanks = blanks_before(held_);
  const auto text = std::string_view(held_).substr(blanks);
  const auto common = common_prefix(said_, text);
  if (common == said_.size() && !may_be_repeated(said_)) {  // all of it again: it started afresh
    state_ = State::joined;
    from_start_ = true;
    return std::string(text.substr(common));
  }
  if (common == text.size()) return std::string();  // either may still be
  if (starts_otherwise(said_, text, common)) return std::nullopt;
  state_ = State::joined;
  auto rest = std::exchange(held_, {});
  // Some do not take a beginning with a blank at its end, and give the blank themselves.
  if (said_.ends_with(' ') && rest.starts_with(' ')) rest.erase(0, 1);
  return rest;
}

std::optional<std::string> Continuation::finish() {
  switch (state_) {
    case State::joined:
      return std::string();
    case State::matching: {
      const auto rest = std::string_view(said_).substr(matched_);
      if (blanks_before(rest) != rest.size()) return std::nullopt;
      state_ = State::joined;
      from_start_ = true;
      return std::string();
    }
    case State::undecided:
      if (held_.size() - blanks_before(held_) >= no_coincidence) return std::nullopt;
      state_ = State::joined;
      return std::exchange(held_, {});
  }
  return std::string();
}

}  // namespace weir
