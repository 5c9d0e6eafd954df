// Reads HTTP/1.1 answers off a connection as cheaply as they can be checked: status, framing (Content-Length, chunked,
// or until close), and how many server-sent events the body held. Used by one thread; keeps nothing but an unfinished
// head.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::bench {

class ResponseReader {
 public:
  enum class State : uint8_t { head, length, chunk_size, chunk_data, chunk_end, trailer, until_close, done, broken };

  void reset() { *this = ResponseReader(); }

  // Takes bytes until the answer is complete; returns how many it took.
  std::size_t take(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::done && state_ != State::broken) {
      used += state_ == State::head ? take_head(bytes.substr(used)) : take_body(bytes.substr(used));
    }
    return used;
  }

  [[nodiscard]] bool done() const { return state_ == State::done; }
  [[nodiscard]] bool broken() const { return state_ == State::broken; }
  [[nodiscard]] bool ends_with_close() const { return state_ == State::until_close; }
  [[nodiscard]] bool begun() const { return state_ != State::head; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] int64_t events() const { return events_; }

 private:
  std::size_t take_head(std::string_view bytes) {
    const std::size_t before = line_.size();
    if (before == 0) {
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end != std::string_view::npos) {
        read_head(bytes.substr(0, end + 2));
        return end + 4;
      }
    }
    line_ += bytes;
    const std::size_t end = line_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (line_.size() > 64 * 1024) state_ = State::broken;
      return bytes.size();
    }
    const std::string head = std::move(line_);
    line_.clear();
    read_head(std::string_view(head).substr(0, end + 2));
    return end + 4 - before;
  }

  void read_head(std::string_view head) {
    if (head.size() < 12 || !head.starts_with("HTTP/1.")) {
      state_ = State::broken;
      return;
    }
    std::from_chars(head.data() + 9, head.data() + 12, status_);
    const std::string_view length = field(head, "content-length");
    if (equal(field(head, "connection"), "close")) keep_alive_ = false;
    if (equal(field(head, "transfer-encoding"), "chunked")) {
      state_ = State::chunk_size;
    } else if (length.data() != nullptr) {
      std::from_chars(length.data(), length.data() + length.size(), left_);
      state_ = left_ == 0 ? State::done : State::length;
    } else {
      keep_alive_ = false;
      state_ = State::until_close;
    }
  }

  static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
  static bool equal(std::string_view text, std::string_view lower_case) {
    if (text.size() != lower_case.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (lower(text[i]) != lower_case[i]) return false;
    }
    return true;
  }

  static std::string_view field(std::string_view head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
      at += 2;
      if (head.size() <= at + name.size() || head[at + name.size()] != ':' ||
          !equal(head.substr(at, name.size()), name))
        continue;
      std::string_view value = head.substr(at + name.size() + 1);
      value = value.substr(0, value.find("\r\n"));
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      return value;
    }
    return {};
  }

  std::size_t take_body(std::string_view bytes) {
    switch (state_) {
      case State::length:
      case State::chunk_data: {
        const std::size_t count = std::min(bytes.size(), left_);
        count_events(bytes.substr(0, count));
        left_ -= count;
        if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
        return count;
      }
      case State::until_close:
        count_events(bytes);
        return bytes.size();
      default:
        return take_line(bytes);
    }
  }

  // The lines between the chunks.
  std::size_t take_line(std::string_view bytes) {
    const std::size_t end = bytes.find('\n');
    const std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
    if (state_ == State::chunk_size || state_ == State::trailer) line_ += bytes.substr(0, count);
    if (line_.size() > 8 * 1024) state_ = State::broken;
    if (end == std::string_view::npos) return count;
    if (state_ == State::chunk_end) {
      state_ = State::chunk_size;
    } else if (state_ == State::trailer) {
      if (line_ == "\r\n" || line_ == "\n") state_ = State::done;
    } else {
      const auto parsed = std::from_chars(line_.data(), line_.data() + line_.size(), left_, 16);
      if (parsed.ec != std::errc()) {
        state_ = State::broken;
      } else {
        state_ = left_ == 0 ? State::trailer : State::chunk_data;
      }
    }
    line_.clear();
    return count;
  }

  // An event ends with an empty line; it may fall between two reads.
  void count_events(std::string_view data) {
    if (data.empty()) return;
    if (last_ == '\n' && data.front() == '\n') ++events_;
    for (std::size_t at = data.find("\n\n"); at != std::string_view::npos; at = data.find("\n\n", at + 2)) ++events_;
    last_ = data.back();
  }

  State state_ = State::head;
  int status_ = 0;
  std::size_t left_ = 0;
  int64_t events_ = 0;
  char last_ = 0;
  bool keep_alive_ = true;
  std::string line_;
};

}  // namespace weir::bench
