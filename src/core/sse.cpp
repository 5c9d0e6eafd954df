#include "core/sse.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <fmt/format.h>

#include "core/amazon_message.h"

namespace weir {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kept_capacity = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// First CR or LF at or after `at`.
std::size_t find_line_end(std::string_view text, std::size_t at) {
  const char* const base = text.data();
  const std::size_t size = text.size();
#if defined(__SSE2__)
  const __m128i lf = _mm_set1_epi8('\n');
  const __m128i cr = _mm_set1_epi8('\r');
  for (; at + 16 <= size; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(base + at));
    const auto hits = _mm_or_si128(_mm_cmpeq_epi8(block, lf), _mm_cmpeq_epi8(block, cr));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
  }
#endif
  for (; at < size; ++at) {
    if (base[at] == '\n' || base[at] == '\r') return at;
  }
  return npos;
}

void empty(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kept_capacity) buffer.shrink_to_fit();
}

}  // namespace

void EventFramer::feed(std::string_view chunk) {
  chunk_ = chunk;
  at_ = 0;
  searched_ = 0;
  empty(completed_);
}

Status EventFramer::check_size(std::size_t size) const {
  if (size <= limit_) return {};
  return failure(ErrorCode::upstream_malformed,
                 fmt::format("An event of the stream is larger than {} bytes (limits.event_bytes).", limit_));
}

std::size_t EventFramer::find_block_end() {
  std::size_t at = searched_;
  while (at < chunk_.size()) {
    if (after_return_ && chunk_[at] == '\n') {
      after_return_ = false;
      ++at;
      continue;
    }
    after_return_ = false;
    const auto line_end = find_line_end(chunk_, at);
    if (line_end != at) {
      line_is_empty_ = false;
      block_is_empty_ = false;
    }
    if (line_end == npos) break;
    after_return_ = chunk_[line_end] == '\r';
    at = line_end + 1;
    const bool ends_block = !block_is_empty_ && (framing_ == Framing::ndjson || line_is_empty_);
    line_is_empty_ = true;
    if (!ends_block) continue;
    // The LF of a CRLF is this block's when it is here; else it will be blank space before the next one.
    if (after_return_ && at < chunk_.size() && chunk_[at] == '\n') {
      after_return_ = false;
      ++at;
    }
    block_is_empty_ = true;
    return searched_ = at;
  }
  searched_ = chunk_.size();
  return npos;
}

Result<bool> EventFramer::keep_rest() {
  const auto rest = chunk_.substr(at_);
  if (auto fits = check_size(partial_.size() + rest.size()); !fits) return failure(std::move(fits.error()));
  partial_.append(rest);
  chunk_ = {};
  at_ = searched_ = 0;
  return false;
}

Result<bool> EventFramer::next(FramedEvent& event) {
  if (framing_ == Framing::amazon) return next_message(event);
  const auto end = find_block_end();
  if (end == npos) return keep_rest();
  auto raw = chunk_.substr(at_, end - at_);
  at_ = end;
  if (auto fits = check_size(partial_.size() + raw.size()); !fits) return failure(std::move(fits.error()));
  if (!partial_.empty()) {
    partial_.append(raw);
    completed_.swap(partial_);
    raw = completed_;
  }
  parse_block(raw, event);
  return true;
}

Result<bool> EventFramer::next_message(FramedEvent& event) {
  // The prelude says how long the message is, so it is what has to be whole first.
  if (!partial_.empty() && partial_.size() < amazon_prelude_bytes) {
    const auto piece = chunk_.substr(at_, amazon_prelude_bytes - partial_.size());
    partial_.append(piece);
    at_ += piece.size();
  }
  const auto begin = partial_.empty() ? chunk_.substr(at_) : std::string_view(partial_);
  if (begin.size() < amazon_prelude_bytes) return keep_rest();
  const auto size = amazon_message_bytes(begin);
  if (!size) return failure(size.error());
  if (auto fits = check_size(*size); !fits) return failure(std::move(fits.error()));
  const auto missing = *size - partial_.size();
  if (chunk_.size() - at_ < missing) return keep_rest();
  auto raw = chunk_.substr(at_, missing);
  at_ += missing;
  if (!partial_.empty()) {
    partial_.append(raw);
    completed_.swap(partial_);
    raw = completed_;
  }
  if (auto parsed = parse_message(raw, event); !parsed) return failure(std::move(parsed.error()));
  return true;
}

Status EventFramer::parse_message(std::string_view raw, FramedEvent& event) {
  auto message = read_amazon_message(raw);
  if (!message) return failure(std::move(message.error()));
  event = FramedEvent{.data = message->payload, .name = message->name, .raw = raw, .has_data = true};
  if (message->type == AmazonMessage::Type::event) return {};
  joined_ = message->type == AmazonMessage::Type::exception ? "exception:" : "error:";
  event.name = joined_.append(message->name);
  return {};
}

Result<bool> EventFramer::finish(FramedEvent& event) {
  if (block_is_empty_) return false;
  completed_.swap(partial_);
  partial_.clear();
  block_is_empty_ = line_is_empty_ = true;
  parse_block(completed_, event);
  // JSON that stands there bare is an error's: Google's servers break off with one.
  const auto first = completed_.find_first_not_of(" \t\r\n");
  const bool bare = first != std::string::npos && (completed_[first] == '{' || completed_[first] == '[');
  return event.has_data || bare;
}

void EventFramer::parse_block(std::string_view raw, FramedEvent& event) {
  event = FramedEvent{.data = {}, .name = {}, .raw = raw, .has_data = false};
  auto rest = raw;
  if (at_start_ && rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  at_start_ = false;
  joined_.clear();
  while (!rest.empty()) {
    const auto end = find_line_end(rest, 0);
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == npos ? rest.size() : end + 1);
    if (line.empty()) continue;  // between CR and LF, or before the block
    if (framing_ == Framing::sse) {
      parse_line(line, event);
    } else if (!event.has_data) {
      event.data = line;
      event.has_data = true;
    }
  }
}

void EventFramer::parse_line(std::string_view line, FramedEvent& event) {
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event.name = value;
  } else if (field == "data") {
    if (!event.has_data) {
      event.data = value;
      event.has_data = true;
      return;
    }
    if (joined_.empty()) joined_.append(event.data);
    joined_.append("\n").append(value);
    event.data = joined_;
  }
}

}  // namespace weir
