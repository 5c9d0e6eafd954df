#include "upstream/exchange.h"

#include "net/turn_end.h"

namespace weir {
namespace {

constexpr std::size_t read_size = 8 * 1024;
constexpr std::size_t large_read_size = 256 * 1024;
constexpr std::size_t max_head = 64 * 1024;
constexpr std::size_t small_body = 8 * 1024;
constexpr std::size_t json_padding = 64;  // what simdjson wants behind a text, so that it need not copy

}  // namespace

Exchange::~Exchange() {
  if (connection_ && !complete_) connection_->socket.abort();
}

void Exchange::abandon() { connection_.reset(); }

net::Wait Exchange::wait_for(int64_t ms) const { return wait_until(pool_.loop().deadline_in_ms(ms)); }

net::Wait Exchange::wait_until(int64_t until_us) const {
  return {.deadline_us = std::min(until_us, deadline_us_), .cancellation = cancellation_};
}

Error Exchange::io_error(net::IoStatus status, std::string_view doing) const {
  const auto at = fmt::format("{} at {}", provider_.id, to_string(provider_.url));
  switch (status) {
    case net::IoStatus::cancelled:
      return {.code = ErrorCode::client_gone, .message = "The client left."};
    case net::IoStatus::timed_out:
      return {.code = ErrorCode::upstream_timeout, .message = fmt::format("{} was silent for too long {}", at, doing)};
    default:
      if (answered_) {
        return {.code = ErrorCode::upstream_truncated, .message = fmt::format("{} broke off {}", at, doing)};
      }
      return {.code = ErrorCode::upstream_reset, .message = fmt::format("{} closed the connection {}", at, doing)};
  }
}

void Exchange::serialize_head(const HttpRequest& request, std::string& head) const {
  const auto& url = provider_.url;
  head.clear();
  head += request.method;
  head += ' ';
  head += url.path;
  head += request.path;
  head += " HTTP/1.1\r\nHost: ";
  if (url.scheme == Url::Scheme::unix_socket) {
    head += "localhost";
  } else if (url.host.find(':') != std::string::npos) {
    head += '[' + url.host + ']';
  } else {
    head += url.host;
  }
  const bool usual_port = url.port == (url.scheme == Url::Scheme::https ? 443 : 80);
  if (url.scheme != Url::Scheme::unix_socket && !usual_port) head += ':' + std::to_string(url.port);
  head += "\r\n";
  for (const auto& [name, value] : request.headers.all()) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  if (!request.body.empty() || request.method == "POST") {
    head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  head += "\r\n";
}

net::Task<Status> Exchange::send(const HttpRequest& request, int64_t deadline_us, net::Cancellation* cancellation) {
  deadline_us_ = deadline_us;
  cancellation_ = cancellation;
  connection_ = pool_.take_idle(provider_);
  reused_ = connection_ != nullptr;
  if (!connection_) {
    auto dialled = co_await pool_.dial(provider_, wait_for(provider_.timeouts.connect));
    if (!dialled) co_return failure(dialled.error());
    connection_ = std::move(*dialled);
  }
  auto sent = co_await write_and_read_head(request);
  // What closed one idle connection has most likely closed the others.
  if (!sent && reused_ && sent.error().code == ErrorCode::upstream_reset) pool_.drop_idle(provider_);
  co_return sent;
}

net::Task<Status> Exchange::write_and_read_head(const HttpRequest& request) {
  auto& out = connection_->outgoing;
  serialize_head(request, out);
  // Copying a small body costs less than a gathering system call.
  const bool small = request.body.size() <= small_body;
  if (small) out += request.body;
  co_await net::TurnEnd{connection_->socket.loop()};
  const auto written = co_await connection_->socket.write_all(
      out, small ? std::string_view() : std::string_view(request.body), wait_for(provider_.timeouts.first_byte));
  if (written.status != net::IoStatus::ok && written.status != net::IoStatus::failed) {
    co_return failure(io_error(written.status, "while the request was sent"));
  }
  // A failed write may have an early answer behind it (413, 401): look for one.
  auto& buffer = connection_->buffer;
  const auto wait = wait_for(provider_.timeouts.first_byte);
  std::size_t scanned = 0;
  for (;;) {
    const auto got = co_await connection_->socket.read_some(buffer.room(read_size), wait);
    if (got.status == net::IoStatus::end && answered_) {
      co_return failure(ErrorCode::upstream_malformed,
                        fmt::format("{} at {} did not answer in HTTP", provider_.id, to_string(provider_.url)));
    }
    if (got.status != net::IoStatus::ok) co_return failure(io_error(got.status, "before it answered"));
    buffer.commit(got.bytes);
    answered_ = true;
    for (;;) {
      const auto length = net::HttpParser::find_head(buffer.unused(), scanned);
      if (!length) co_return failure(ErrorCode::upstream_malformed, provider_.id + ": " + length.error().message);
      scanned = buffer.size();
      if (*length == 0) break;
      if (auto taken = take_head(*length); !taken) co_return taken;
      if (head_.status >= 200) co_return Status{};
      scanned = 0;  // 100 Continue, 103 Early Hints: the real one follows
    }
    if (buffer.size() > max_head) {
      co_return failure(ErrorCode::upstream_malformed, fmt::format("{} sent a head of more than 64 KiB", provider_.id));
    }
  }
}

Status Exchange::take_head(std::size_t length) {
  const auto head = connection_->buffer.unused().substr(0, length);
  head_.headers = std::move(connection_->headers);
  if (auto parsed = connection_->parser.parse_head(head, head_); !parsed) {
    return failure(ErrorCode::upstream_malformed, provider_.id + ": " + parsed.error().message);
  }
  headers_.clear();
  // Of a good answer nobody reads them.
  if (head_.status < 200 || head_.status > 299) {
    for (const auto& header : head_.headers) headers_.add(std::string(header.name), std::string(header.value));
  }
  head_.headers.clear();  // their bytes are about to be reused
  connection_->headers = std::move(head_.headers);
  connection_->buffer.consume(length);
  remaining_ = head_.content_length;
  if (head_.framing == net::BodyFraming::none && head_.status >= 200) finish();
  return {};
}

void Exchange::finish() {
  complete_ = true;
  if (head_.keep_alive && connection_->buffer.empty() && head_.framing != net::BodyFraming::until_close) {
    pool_.release(provider_, std::move(connection_));
  }
  // Otherwise it is kept, with its buffer, until this exchange ends.
}

net::Task<Result<std::string_view>> Exchange::read(int64_t until_us) {
  using net::BodyFraming;
  if (complete_ || !connection_) co_return std::string_view{};
  auto& connection = *connection_;
  for (;;) {
    if (connection.buffer.empty()) {
      const bool large = head_.framing == BodyFraming::length && remaining_ > large_read_size;
      const auto got = co_await connection.socket.read_some(
          connection.buffer.room(large ? large_read_size : read_size),
          until_us != 0 ? wait_until(until_us) : wait_for(provider_.timeouts.idle));
      if (got.status == net::IoStatus::end && head_.framing == BodyFraming::until_close) {
        finish();
        co_return std::string_view{};
      }
      if (got.status != net::IoStatus::ok) co_return failure(io_error(got.status, "in the middle of its answer"));
      connection.buffer.commit(got.bytes);
    }
    const auto unused = connection.buffer.unused();
    if (head_.framing == BodyFraming::chunked) {
      decoded_.clear();
      const auto part = connection.parser.parse_chunked(unused, decoded_, std::string::npos);
      if (!part) co_return failure(ErrorCode::upstream_malformed, provider_.id + ": " + part.error().message);
      connection.buffer.consume(part->consumed);
      if (part->complete) finish();
      if (!decoded_.empty() || part->complete) co_return std::string_view(decoded_);
      continue;
    }
    if (head_.framing == BodyFraming::until_close) {
      connection.buffer.consume(unused.size());
      co_return unused;
    }
    auto piece = unused.substr(0, static_cast<std::size_t>(std::min<uint64_t>(remaining_, unused.size())));
    connection.buffer.consume(piece.size());
    remaining_ -= piece.size();
    if (remaining_ == 0) {
      decoded_ = piece;  // the connection may serve another request before the piece is used
      piece = decoded_;
      finish();
    }
    co_return piece;
  }
}

net::Task<Result<std::string>> Exchange::read_all(std::size_t limit, std::string body) {
  if (head_.framing == net::BodyFraming::length) {
    if (head_.content_length > limit) {
      co_return failure(ErrorCode::upstream_malformed,
                        fmt::format("{} announced an answer of {} bytes; the limit is {}", provider_.id,
                                    head_.content_length, limit));
    }
    body.reserve(static_cast<std::size_t>(head_.content_length) + json_padding);
  }
  // Most answers come in one piece, and that is read into the memory of `body`.
  decoded_ = std::exchange(body, {});
  while (!complete_) {
    const auto piece = co_await read(0);
    if (!piece) co_return failure(piece.error());
    if (body.size() + piece->size() > limit) {
      co_return failure(ErrorCode::upstream_malformed,
                        fmt::format("{} answered with more than {} bytes", provider_.id, limit));
    }
    if (body.empty() && piece->data() == decoded_.data()) {
      body.swap(decoded_);
    } else {
      body += *piece;
    }
  }
  if (body.capacity() < body.size() + json_padding) body.reserve(body.size() + json_padding);
  co_return body;
}

}  // namespace weir
