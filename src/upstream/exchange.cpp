#include "upstream/exchange.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "net/turn_end.h"
#include "upstream/tunnel.h"

namespace weir {
namespace {

// RFC 9110, 5.6.7.
std::string http_date(std::time_t at) {
  std::tm parts{};
  gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

constexpr std::size_t read_size = 8 * 1024;
constexpr std::size_t large_read_size = 256 * 1024;
constexpr std::size_t max_head = 64 * 1024;
constexpr std::size_t small_body = 8 * 1024;
constexpr std::size_t part_size = 256 * 1024;  // of a file, read at once
constexpr int64_t look_every_ms = 500;         // for hope
constexpr int64_t upload_ms_per_kib = 4;
constexpr std::size_t unpacked_per_turn = 256 * 1024;
constexpr std::size_t json_padding = 64;  // what simdjson wants behind a text, so that it need not copy

}  // namespace

Exchange::~Exchange() {
  if (connection_ && !complete_) connection_->socket.abort();
}

void Exchange::abandon() { connection_.reset(); }

ReadUntil Exchange::until_after(int64_t ms, std::string_view key) const {
  return {.us = pool_.loop().deadline_in_ms(ms), .key = key};
}

net::Wait Exchange::wait_until(const ReadUntil& until) const {
  auto at = std::min(until.us, waits_.deadline_us);
  if (waits_.hopeless != nullptr && !body_begun_) at = std::min(at, pool_.loop().deadline_in_ms(look_every_ms));
  return {.deadline_us = at, .cancellation = cancellation_};
}

bool Exchange::goes_on(const ReadUntil& until) const {
  if (pool_.loop().now_us() >= std::min(until.us, waits_.deadline_us)) return false;
  return waits_.hopeless == nullptr || !waits_.hopeless(waits_.of);
}

Error Exchange::io_error(net::IoStatus status, std::string_view doing, std::string_view key) const {
  const auto& at = provider_.id;
  switch (status) {
    case net::IoStatus::cancelled:
      return {.code = ErrorCode::client_gone, .message = "The client left."};
    case net::IoStatus::timed_out:
      if (pool_.loop().now_us() >= waits_.deadline_us) key = "total";
      return {.code = ErrorCode::upstream_timeout,
              .message = fmt::format("{} was silent for too long {}; `timeouts.{}` of this provider says how long Weir "
                                     "waits",
                                     at, doing, key)};
    default:
      if (answered_) {
        return {.code = ErrorCode::upstream_truncated, .message = fmt::format("{} broke off {}", at, doing)};
      }
      if (const auto refusal = tls_refusal(); !refusal.empty()) {
        return {.code = ErrorCode::upstream_unreachable,
                .message = fmt::format("{} closed the connection {}: {}", at, doing, refusal)};
      }
      return {.code = ErrorCode::upstream_reset, .message = fmt::format("{} closed the connection {}", at, doing)};
  }
}

// With TLS 1.3 a server says only after the handshake that it does not like our certificate, or wants one.
std::string Exchange::tls_refusal() const {
  if (!connection_ || reused_ || connection_->socket.tls() == nullptr) return {};
  if (net::TlsClient::asked_in_vain(connection_->socket.tls())) {
    return "it asks for a certificate of ours; `client_certificate` of this provider gives one";
  }
  const auto trouble = connection_->socket.tls_trouble();
  return trouble.empty() ? trouble : "TLS: " + trouble;
}

void Exchange::serialize_head(const HttpRequest& request, std::string& head) const {
  const auto& url = provider_.url;
  head.clear();
  head += request.method;
  head += ' ';
  head += is_relayed(provider_) ? to_string(url) : url.path;
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
  if (is_relayed(provider_)) head += proxy_authorization(*provider_.proxy);
  // An answer in a coding would have to be unpacked before it can be read.
  if (!request.headers.has("accept-encoding")) head += "Accept-Encoding: identity\r\n";
  if (!request.body.empty() || request.method == "POST") {
    head += "Content-Length: " + std::to_string(size_of(request.body)) + "\r\n";
  }
  head += "\r\n";
}

net::Task<Status> Exchange::send(const HttpRequest& request, const ExchangeWaits& waits,
                                 net::Cancellation* cancellation) {
  waits_ = waits;
  cancellation_ = cancellation;
  connection_ = pool_.take_idle(provider_);
  reused_ = connection_ != nullptr;
  if (!connection_) {
    const auto until = std::min(pool_.loop().deadline_in_ms(provider_.timeouts.connect), waits_.deadline_us);
    const net::Wait wait{.deadline_us = until, .cancellation = cancellation_};
    auto dialled = co_await pool_.dial(provider_, wait);
    if (!dialled) co_return failure(dialled.error());
    connection_ = std::move(*dialled);
  }
  connected_ = true;
  auto sent = co_await write_and_read_head(request);
  // What closed one idle connection has most likely closed the others.
  if (!sent && reused_ && sent.error().code == ErrorCode::upstream_reset) pool_.drop_idle(provider_);
  co_return sent;
}

uint64_t Exchange::size_of(const std::string& body) const {
  return files_ == nullptr ? body.size() : files_->full_size(body);
}

net::Task<net::IoResult> Exchange::write_request(const HttpRequest& request) {
  auto& out = connection_->outgoing;
  serialize_head(request, out);
  // Copying a small body costs less than a gathering system call.
  const bool small = request.body.size() <= small_body && files_ == nullptr;
  if (small) out += request.body;
  co_await net::TurnEnd{connection_->socket.loop()};
  const auto upload_ms = static_cast<int64_t>(request.body.size() / 1024) * upload_ms_per_kib;
  const auto sent_until = until_after(waits_.head_ms + upload_ms, waits_.head_key);
  const net::Wait sending{.deadline_us = std::min(sent_until.us, waits_.deadline_us), .cancellation = cancellation_};
  if (files_ == nullptr) {
    const auto body = small ? std::string_view() : std::string_view(request.body);
    const auto written = co_await connection_->socket.write_all(out, body, sending);
    co_return written;
  }
  auto written = co_await connection_->socket.write_all(out, {}, sending);
  const auto pieces = files_->pieces(request.body);
  for (const auto& piece : pieces) {
    if (written.status != net::IoStatus::ok) break;
    if (piece.text.empty()) {
      written = co_await write_part(piece.begin, piece.size, sending);
    } else {
      written = co_await connection_->socket.write_all(piece.text, {}, sending);
    }
  }
  co_return written;
}

net::Task<net::IoResult> Exchange::write_part(uint64_t begin, uint64_t size, net::Wait sending) {
  std::vector<char> memory(static_cast<std::size_t>(std::min<uint64_t>(size, part_size)));
  net::IoResult written;
  for (uint64_t sent = 0; sent < size && written.status == net::IoStatus::ok;) {
    const auto most = static_cast<std::size_t>(std::min<uint64_t>(size - sent, memory.size()));
    const auto got = files_->read(begin + sent, std::span(memory).first(most));
    // It waits for what does not come: there is no answer to look for.
    if (got == 0) co_return net::IoResult{.status = net::IoStatus::end};
    // Each piece has the patience that the first had: what counts is that the server takes something.
    net::Wait patience = sending;
    patience.deadline_us = std::min(until_after(waits_.head_ms, waits_.head_key).us, waits_.deadline_us);
    written = co_await connection_->socket.write_all(std::string_view(memory.data(), got), {}, patience);
    sent += got;
    co_await net::TurnEnd{connection_->socket.loop()};
  }
  co_return written;
}

net::Task<Status> Exchange::write_and_read_head(const HttpRequest& request) {
  const auto written = co_await write_request(request);
  if (written.status != net::IoStatus::ok && written.status != net::IoStatus::failed) {
    co_return failure(io_error(written.status, "while the request was sent", waits_.head_key));
  }
  // A failed write may have an early answer behind it (413, 401): look for one.
  auto& buffer = connection_->buffer;
  const auto until = until_after(waits_.head_ms, waits_.head_key);
  std::size_t scanned = 0;
  for (;;) {
    const auto got = co_await connection_->socket.read_some(buffer.room(read_size), wait_until(until));
    if (got.status == net::IoStatus::timed_out && goes_on(until)) continue;
    if (got.status == net::IoStatus::end && answered_) {
      co_return failure(ErrorCode::upstream_malformed, fmt::format("{} did not answer in HTTP", provider_.id));
    }
    if (got.status != net::IoStatus::ok) co_return failure(io_error(got.status, "before it answered", until.key));
    buffer.commit(got.bytes);
    answered_ = true;
    for (;;) {
      const auto length = net::HttpParser::find_head(buffer.unused(), scanned);
      if (!length) co_return failure(ErrorCode::upstream_malformed, provider_.id + ": " + length.error().message);
      scanned = buffer.size();
      if (*length == 0) break;
      if (auto taken = take_head(*length); !taken) co_return taken;
      if (head_.status >= 200) co_return check_head();
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
  content_type_.clear();
  if (const auto type = head_.get("content-type");
      !type.starts_with("application/json") && !type.starts_with("text/event-stream"))
    content_type_ = type;
  // Of a good answer nobody reads them.
  if (head_.status < 200 || head_.status > 299) {
    for (const auto& header : head_.headers) headers_.add(std::string(header.name), std::string(header.value));
    if (!headers_.has("date")) headers_.add("Date", http_date(std::time(nullptr)));  // what a Retry-After counts from
  }
  take_coding();
  head_.headers.clear();  // their bytes are about to be reused
  connection_->headers = std::move(head_.headers);
  connection_->buffer.consume(length);
  remaining_ = head_.content_length;
  if (head_.framing == net::BodyFraming::none && head_.status >= 200) finish();
  return {};
}

void Exchange::take_coding() {
  constexpr std::array<std::string_view, 3> zlibs = {"gzip", "x-gzip", "deflate"};
  coding_ = Coding::none;
  packed_.reset();
  for (const auto& header : head_.headers) {
    const bool says = equals_ignoring_case(header.name, "content-encoding") && !header.value.empty() &&
                      !equals_ignoring_case(header.value, "identity");
    if (!says) continue;
    const bool known = std::any_of(zlibs.begin(), zlibs.end(),
                                   [&](std::string_view one) { return equals_ignoring_case(header.value, one); });
    // Codings in codings nobody sends.
    coding_ = known && coding_ == Coding::none ? Coding::known : Coding::unknown;
  }
  if (coding_ == Coding::known) packed_ = std::make_unique<net::Inflate>();
}

// What of a head ends the exchange.
Status Exchange::check_head() const {
  if (head_.status == 407 && is_relayed(provider_)) {
    return failure(proxy_refusal(provider_, headers_.get("proxy-authenticate")));
  }
  if (coding_ == Coding::unknown && head_.status >= 200 && head_.status <= 299) {
    return failure(
        ErrorCode::upstream_malformed,
        fmt::format("{} packed its answer in a way that it was asked not to use, and that Weir cannot unpack",
                    provider_.id));
  }
  return {};
}

void Exchange::finish() {
  complete_ = true;
  if (head_.keep_alive && connection_->buffer.empty() && head_.framing != net::BodyFraming::until_close) {
    pool_.release(provider_, std::move(connection_));
  }
  // Otherwise it is kept, with its buffer, until this exchange ends.
}

net::Task<Result<std::string_view>> Exchange::read_packed(ReadUntil until) {
  using net::BodyFraming;
  if (complete_ || !connection_) co_return std::string_view{};
  if (until.us == 0) {
    until = body_begun_ ? until_after(waits_.idle_ms, "idle") : until_after(waits_.first_piece_ms, waits_.head_key);
  }
  auto& connection = *connection_;
  for (;;) {
    if (connection.buffer.empty()) {
      const bool large = head_.framing == BodyFraming::length && remaining_ > large_read_size;
      const auto got = co_await connection.socket.read_some(connection.buffer.room(large ? large_read_size : read_size),
                                                            wait_until(until));
      if (got.status == net::IoStatus::timed_out && goes_on(until)) continue;
      if (got.status == net::IoStatus::end && head_.framing == BodyFraming::until_close) {
        finish();
        co_return std::string_view{};
      }
      if (got.status != net::IoStatus::ok) {
        const std::string_view doing = body_begun_ ? "in the middle of its answer" : "before its answer began";
        co_return failure(io_error(got.status, doing, until.key));
      }
      connection.buffer.commit(got.bytes);
    }
    body_begun_ = true;  // its first bytes may have come with the head
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

net::Task<Result<std::string_view>> Exchange::read_unpacked(ReadUntil until) {
  for (;;) {
    if (coding_ == Coding::unknown || packed_->hungry()) {
      if (complete_ || !connection_) {
        if (coding_ == Coding::unknown || packed_->whole()) co_return std::string_view{};
        co_return failure(ErrorCode::upstream_truncated,
                          fmt::format("{} broke off in the middle of its packed answer", provider_.id));
      }
      const auto piece = co_await read_packed(until);
      if (!piece) co_return piece;
      if (coding_ == Coding::unknown) continue;  // of a failure; its status says enough
      packed_->feed(*piece);
    } else {
      co_await net::NextTurn{pool_.loop()};  // little that unpacks to much: let others have their turns
    }
    unpacked_.clear();
    const auto unpacked = packed_->advance(unpacked_per_turn, unpacked_, 2 * unpacked_per_turn);
    if (!unpacked) {
      co_return failure(ErrorCode::upstream_malformed,
                        fmt::format("{} packed its answer badly: it cannot be unpacked", provider_.id));
    }
    if (!unpacked_.empty()) co_return std::string_view(unpacked_);
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
  while (!complete()) {
    const ReadUntil as_told;  // named: see CONTRIBUTING.md on braces beside co_await
    const auto piece = co_await read(as_told);
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
