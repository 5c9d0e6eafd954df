// HttpSession: how a request's body is taken off the connection.
#include "formats/shared/multipart.h"
#include "net/inflate.h"
#include "net/turn_end.h"
#include "server/body_type.h"
#include "server/form_spool.h"
#include "server/http_session.h"

namespace weir {
namespace {

constexpr std::size_t body_read_size = 64 * 1024;
constexpr std::size_t json_padding = 64;
constexpr std::size_t bytes_per_turn = 1024 * 1024;  // read, before others on the loop get their turn
constexpr std::size_t unpacked_per_turn = 256 * 1024;
// After an answer: how long the client may say nothing while it has not sent all that it announced, and where nobody
// knows what it announced; how long afterwards; and how long all of it may take.
constexpr int64_t linger_silence_ms = 2'000;
constexpr int64_t unknown_silence_ms = 200;
constexpr int64_t linger_end_ms = 2'000;
constexpr int64_t linger_ms = 30'000;
constexpr int64_t surplus_linger_ms = 2'000;
constexpr std::size_t most_sound = 1024 * 1024;  // that is kept in memory

// Of forms whose files do not stand in memory.
uint64_t form_limit(const Limits& limits) {
  constexpr uint64_t times = 16;
  return limits.body_bytes * times;
}

}  // namespace

std::optional<FormSpool> HttpSession::spool_for(const PathPattern& pattern, ContentCoding coding) const {
  const bool files = pattern.operation == Operation::transcription || pattern.operation == Operation::file;
  const auto boundary = form_boundary(head_.get("content-type"));
  if (!files || pattern.method != "POST" || boundary.empty() || coding != ContentCoding::identity ||
      host_.data_folder.empty() || head_.framing == net::BodyFraming::none) {
    return std::nullopt;
  }
  // Files of text are read by the guards where they fit into memory; a sound nobody reads.
  const bool fits = head_.framing != net::BodyFraming::length || head_.content_length <= limits().body_bytes;
  const auto in_memory = pattern.operation == Operation::file && fits ? limits().body_bytes
                                                                      : std::min(most_sound, limits().body_bytes / 2);
  return FormSpool(boundary, host_.data_folder,
                   {.file_in_memory = in_memory, .text = limits().body_bytes, .all = form_limit(limits())});
}

net::Task<Status> HttpSession::read_body(std::string& body, ContentCoding coding) {
  const auto limit = limits().body_bytes;
  body_deadline_us_ = host_.worker.loop.deadline_in_ms(limits().body_total_ms);
  const auto too_large = [&] {
    return failure(ErrorCode::body_too_large,
                   fmt::format("The request body is larger than the limit of {} bytes.", limit));
  };
  if (head_.framing == net::BodyFraming::length && head_.content_length > limit) co_return too_large();
  if (head_.framing == net::BodyFraming::none) co_return Status{};
  if (head_.expect_continue) co_await say_continue();
  const bool chunked = head_.framing == net::BodyFraming::chunked;
  Status read;
  if (chunked) {
    read = co_await read_chunked_body(body, limit);
  } else {
    read = co_await read_sized_body(body, static_cast<std::size_t>(head_.content_length));
  }
  if (!read && read.error().code == ErrorCode::body_too_large) co_return too_large();
  if (!read) co_return read;
  body_read_ = true;
  if (coding == ContentCoding::zlib) {
    read = co_await unpack(body, limit);
    if (!read && read.error().code == ErrorCode::body_too_large) co_return too_large();
    if (!read) co_return read;
  }
  // Some systems write a byte order mark before any text; it means nothing in UTF-8, and JSON has none.
  if (body.starts_with("\xEF\xBB\xBF")) body.erase(0, 3);
  if (form_boundary(head_.get("content-type")).empty()) {
    if (auto good = check_encoding(body); !good) co_return good;
  }
  if (body.capacity() < body.size() + json_padding) body.reserve(body.size() + json_padding);
  co_return Status{};
}

net::Task<void> HttpSession::say_continue() {
  if (buffer_.size() != head_size_) co_return;
  const net::Wait wait{.deadline_us = host_.worker.loop.deadline_in_ms(limits().write_ms)};
  co_await socket_.write_all("HTTP/1.1 100 Continue\r\n\r\n", {}, wait);
}

net::Task<Status> HttpSession::read_form_body(FormSpool& form) {
  body_deadline_us_ = host_.worker.loop.deadline_in_ms(limits().body_total_ms);
  const bool chunked = head_.framing == net::BodyFraming::chunked;
  const auto all = chunked ? form_limit(limits()) : head_.content_length;
  if (all > form_limit(limits())) {
    co_return failure(ErrorCode::body_too_large,
                      fmt::format("The form is larger than the limit of {} bytes.", form_limit(limits())));
  }
  if (head_.expect_continue) co_await say_continue();
  std::string piece;
  for (;;) {
    bool complete = false;
    if (chunked) {
      piece.clear();
      const auto part = parser_.parse_chunked(buffer_.unused().substr(head_size_), piece, form_limit(limits()));
      if (!part) co_return failure(part.error());
      if (auto taken = form.take(piece); !taken) co_return taken;
      buffer_.consume(head_size_ + part->consumed);
      complete = part->complete;
    } else {
      const auto part = buffer_.unused().substr(head_size_, static_cast<std::size_t>(all - form.taken()));
      const auto size = part.size();
      if (auto taken = form.take(part); !taken) co_return taken;
      complete = form.taken() == all;
      // The head is not needed any more. Where the body ends here, it goes as that of any request does.
      if (complete) body_in_buffer_ = size;
      if (!complete) buffer_.consume(head_size_ + size);
    }
    if (!complete || chunked) head_size_ = 0;
    if (complete) break;
    if (auto got = co_await read_body_part(body_read_size); !got) co_return got;
  }
  body_read_ = true;
  co_return form.finish();
}

net::Task<Status> HttpSession::read_sized_body(std::string& body, std::size_t length) {
  // Memory follows what has arrived, not what was announced.
  body.reserve(std::min(length, 2 * body_read_size) + json_padding);
  for (;;) {
    const auto part = buffer_.unused().substr(head_size_ + body_in_buffer_, length - body.size());
    body += part;
    body_in_buffer_ += part.size();
    if (body.size() == length) break;
    // The head is not needed any more, and the body's bytes have been taken.
    buffer_.consume(head_size_ + body_in_buffer_);
    head_size_ = body_in_buffer_ = 0;
    if (auto got = co_await read_body_part(std::min(length - body.size() + 1, body_read_size)); !got) co_return got;
  }
  co_return Status{};
}

net::Task<Status> HttpSession::read_body_part(std::size_t most) {
  auto& loop = host_.worker.loop;
  if (read_this_turn_ >= bytes_per_turn) {
    read_this_turn_ = 0;
    co_await net::NextTurn{loop};
  }
  const auto silence_us = loop.deadline_in_ms(limits().body_ms);
  const net::Wait wait{.deadline_us = std::min(silence_us, body_deadline_us_), .cancellation = &idle_};
  const auto got = co_await socket_.read_some(buffer_.room(most), wait);
  if (got.status == net::IoStatus::timed_out) {
    co_return failure(ErrorCode::client_timeout,
                      silence_us < body_deadline_us_
                          ? fmt::format("The request body stopped arriving: nothing came for {} ms.", limits().body_ms)
                          : fmt::format("The request body did not arrive within {} ms.", limits().body_total_ms));
  }
  if (got.status != net::IoStatus::ok)
    co_return failure(ErrorCode::client_gone, "The client left in the middle of its request.");
  buffer_.commit(got.bytes);
  body_arrived_ += got.bytes;
  read_this_turn_ += got.bytes;
  co_return Status{};
}

net::Task<Status> HttpSession::read_chunked_body(std::string& body, std::size_t limit) {
  for (;;) {
    const auto unused = buffer_.unused().substr(head_size_);
    const auto part = parser_.parse_chunked(unused, body, limit);
    if (!part) co_return failure(part.error());
    buffer_.consume(head_size_ + part->consumed);
    head_size_ = 0;
    if (part->complete) break;
    if (auto got = co_await read_body_part(body_read_size); !got) co_return got;
  }
  co_return Status{};
}

net::Task<Status> HttpSession::unpack(std::string& body, std::size_t limit) {
  if (body.empty()) co_return Status{};
  const auto packed = std::exchange(body, {});
  net::Inflate inflate(packed);
  for (;;) {
    const auto done = inflate.advance(unpacked_per_turn, body, limit);
    if (!done) co_return failure(done.error());
    if (*done) break;
    co_await net::NextTurn{host_.worker.loop};
  }
  co_return Status{};
}

bool HttpSession::all_sent(std::string_view last) const {
  switch (head_.framing) {
    case net::BodyFraming::length:
      return body_arrived_ >= head_.content_length;
    case net::BodyFraming::chunked:
      return last.ends_with("\r\n0\r\n\r\n") || last == "0\r\n\r\n";
    default:
      return false;
  }
}

// A client that is still sending would be reset before it reads why it was refused. Nor do we end our side before it
// has said all: to many clients that is the end of both, and what they still wrote fails. Nobody has to be kept for it:
// who lingers is as idle as who asks nothing.
net::Task<void> HttpSession::linger() {
  auto& loop = host_.worker.loop;
  const bool surplus = standing_ == Standing::surplus;
  const auto deadline = loop.deadline_in_ms(surplus ? surplus_linger_ms : linger_ms);
  const auto silence_ms = head_.framing == net::BodyFraming::none ? unknown_silence_ms : linger_silence_ms;
  // Who asks first whether it may send has its answer.
  bool done = said_all_ || (head_.expect_continue && body_arrived_ == 0) || all_sent(buffer_.unused());
  std::string last;
  idle_list().add(*this, loop.now_us());
  waiting_ = true;
  if (done) socket_.shutdown_write();
  buffer_.clear();
  for (std::size_t discarded = 0;;) {
    const net::Wait wait{.deadline_us = std::min(deadline, loop.deadline_in_ms(done ? linger_end_ms : silence_ms)),
                         .cancellation = &idle_};
    const auto got = co_await socket_.read_some(buffer_.room(body_read_size), wait);
    if (got.status == net::IoStatus::timed_out && !done && loop.now_us() < deadline) {
      done = true;
      socket_.shutdown_write();
      continue;
    }
    if (got.status != net::IoStatus::ok) break;
    buffer_.commit(got.bytes);
    body_arrived_ += got.bytes;
    last.append(buffer_.unused());
    last.erase(0, last.size() - std::min<std::size_t>(last.size(), 7));
    buffer_.clear();
    if (!done && all_sent(last)) {
      done = true;
      socket_.shutdown_write();
    }
    discarded += got.bytes;
    if (discarded % bytes_per_turn < got.bytes) co_await net::NextTurn{loop};
  }
  waiting_ = false;
  idle_list().remove(*this);
}

}  // namespace weir
