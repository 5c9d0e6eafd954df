#include "server/http_session.h"

#include <ctime>

#include "core/http.h"
#include "net/turn_end.h"

namespace weir {
namespace {

constexpr std::size_t head_read_size = 4 * 1024;
constexpr std::size_t body_read_size = 64 * 1024;
constexpr std::size_t json_padding = 64;
constexpr std::size_t small_body = 8 * 1024;
constexpr std::size_t max_linger_bytes = 64 * 1024 * 1024;
constexpr int64_t linger_ms = 2'000;

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

// Errors are named before they are awaited: g++ 12 destroys a braced temporary in a co_await expression twice.
Error error_of(ErrorCode code, std::string message) { return {.code = code, .message = std::move(message)}; }

// Header values that come from the client go into the ledger and into rules: printable ASCII, of a sane length.
std::string clean(std::string_view value) {
  std::string text(value.substr(0, 1024));
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  return text;
}

}  // namespace

// ---- SessionHost

void SessionHost::drain() {
  draining = true;
  const auto now = sessions;
  for (auto* session : now) session->drain();
}

void SessionHost::cut() {
  const auto now = sessions;
  for (auto* session : now) session->cut();
}

std::string_view SessionHost::http_date() {
  if (date.empty() || worker.loop.now_us() - date_made_us > 500'000) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    date.assign(text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    date_made_us = worker.loop.now_us();
  }
  return date;
}

// ---- HttpSession

net::Task<void> serve_connection(SessionHost& host, int fd, std::shared_ptr<net::TlsServer> tls) {
  HttpSession session(host, net::Socket(host.worker.loop, fd, net::Socket::State::established));
  co_await session.run(std::move(tls));
}

HttpSession::HttpSession(SessionHost& host, net::Socket socket) : host_(host), socket_(std::move(socket)) {
  host_.sessions.push_back(this);
  host_.worker.metrics.add(Count::connections_accepted);
}

HttpSession::~HttpSession() {
  std::erase(host_.sessions, this);
  host_.api.process().connections.fetch_sub(1, std::memory_order_relaxed);
  host_.worker.metrics.add(Count::connections_closed);
}

void HttpSession::drain() {
  closing_ = true;
  if (waiting_) idle_.request();
}

void HttpSession::cut() {
  closing_ = cut_ = true;
  idle_.request();
  cancellation_.request();
}

net::Task<void> HttpSession::run(std::shared_ptr<net::TlsServer> tls) {
  if (tls) {
    const net::Wait wait{.deadline_us = host_.worker.loop.deadline_in_ms(limits().header_ms), .cancellation = &idle_};
    const auto shaken = co_await socket_.handshake(tls->new_session(), wait);
    if (shaken.status != net::IoStatus::ok) co_return;
  }
  // The await stands alone: in a condition, g++ 12 awaits even where `closing_` has already decided.
  while (!closing_) {
    const bool another = co_await read_head();
    if (!another) break;
    begin_request();
    co_await answer_request();
    socket_.on_peer_closed(nullptr);
    if (!request_.keep_alive || cancellation_.requested() || !responded_) closing_ = true;
    if (!body_read_) co_await linger();
    if (!body_read_) co_return;
    buffer_.consume(head_size_ + body_in_buffer_);
  }
  socket_.shutdown_write();
}

net::Task<bool> HttpSession::read_head() {
  auto& loop = host_.worker.loop;
  std::size_t scanned = 0;
  body_in_buffer_ = head_size_ = 0;
  request_ = Request{};
  request_id_.clear();
  int64_t deadline = 0;
  bool begun = false;
  for (;;) {
    // An empty line before a request is allowed and ignored (RFC 9112, 2.2).
    while (scanned == 0 && buffer_.unused().starts_with("\r\n")) buffer_.consume(2);
    const auto found = net::HttpParser::find_head(buffer_.unused(), scanned);
    scanned = buffer_.size();
    if (!found) {
      co_await refuse(found.error());
      co_return false;
    }
    if (*found > limits().header_bytes || (*found == 0 && scanned > limits().header_bytes)) {
      const auto error =
          error_of(ErrorCode::headers_too_large,
                   fmt::format("The request's headers are larger than the limit of {} bytes.", limits().header_bytes));
      co_await refuse(error);
      body_read_ = false;
      co_await linger();
      co_return false;
    }
    if (*found > 0) {
      head_size_ = *found;
      break;
    }
    // One deadline for the whole head, from its first byte on: trickling does not extend it.
    waiting_ = buffer_.empty();
    if (waiting_) {
      deadline = loop.deadline_in_ms(std::exchange(fresh_, false) ? limits().header_ms : limits().idle_ms);
    } else if (!std::exchange(begun, true)) {
      deadline = loop.deadline_in_ms(limits().header_ms);
    }
    const auto got =
        co_await socket_.read_some(buffer_.room(head_read_size), {.deadline_us = deadline, .cancellation = &idle_});
    waiting_ = false;
    if (got.status == net::IoStatus::timed_out && !buffer_.empty()) {
      const auto error =
          error_of(ErrorCode::client_timeout,
                   fmt::format("The request's headers did not arrive within {} ms.", limits().header_ms));
      co_await refuse(error);
    }
    if (got.status != net::IoStatus::ok) co_return false;
    buffer_.commit(got.bytes);
  }
  if (auto parsed = parser_.parse_head(buffer_.unused().substr(0, head_size_), head_); !parsed) {
    co_await refuse(parsed.error());
    co_return false;
  }
  co_return true;
}

void HttpSession::begin_request() {
  request_.method = head_.method;
  request_.path = head_.target.substr(0, head_.target.find('?'));
  request_.keep_alive = head_.keep_alive;
  request_.chunked_ok = head_.http11;
  request_.head_only = head_.method == "HEAD";
  body_read_ = head_.framing == net::BodyFraming::none;
  responded_ = false;
  write_request_id(host_.worker.ids.next_key(wall_clock_us()), request_id_);
  cancellation_.reset();
  const auto origin = head_.get("origin");
  if (!origin.empty()) {
    const auto& allowed = host_.worker.deployment->snapshot->server.cors_origins;
    const bool any = std::find(allowed.begin(), allowed.end(), "*") != allowed.end();
    if (any || std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) request_.origin = clean(origin);
  }
  // A client that closed its sending side counts as gone: nobody can tell it from one that left. What needs no upstream
  // is answered all the same.
  if (socket_.peer_closed()) cancellation_.request();
  socket_.on_peer_closed([this] { cancellation_.request(); });
}

Result<std::shared_ptr<const KeyState>> HttpSession::authenticate() {
  if (!host_.worker.keys.required()) return std::shared_ptr<const KeyState>();
  auto authorization = head_.get("authorization");
  if (authorization.empty()) authorization = head_.get("x-api-key");
  auto state = host_.worker.keys.authenticate(authorization);
  if (!state) return failure(state.error());
  return std::shared_ptr<const KeyState>(std::move(*state));
}

// Why `request` cannot be answered at all; unset when it can.
std::optional<Error> HttpSession::misdirected(const DialectMatch& match) const {
  const bool ours = GatewayApi::knows(request_.path);
  if (!ours && !match.path_known) {
    return error_of(
        ErrorCode::not_found,
        fmt::format("There is nothing at {}. Served: POST /v1/chat/completions, /v1/completions, /v1/embeddings; "
                    "GET /v1/models, /v1/requests/ID, /metrics, /healthz, /readyz.",
                    request_.path));
  }
  if (request_.method == "OPTIONS" || match.dialect != nullptr) return std::nullopt;
  const bool get = request_.method == "GET" || request_.method == "HEAD";
  if (ours && get) return std::nullopt;
  return error_of(ErrorCode::method_not_allowed,
                  fmt::format("{} takes {}, not {}.", request_.path, ours ? "GET" : "POST", request_.method));
}

net::Task<void> HttpSession::answer_request() {
  const auto match = match_dialect(request_.method, request_.path);
  if (const auto error = misdirected(match)) co_return co_await refuse(*error);
  if (request_.method == "OPTIONS") co_return co_await answer_options(match);
  if (match.dialect != nullptr) co_return co_await serve_model_request(match);
  std::shared_ptr<const KeyState> key;
  if (!GatewayApi::is_open(request_.path)) {
    auto authenticated = authenticate();
    if (!authenticated) co_return co_await refuse(authenticated.error());
    key = std::move(*authenticated);
  }
  auto answer = co_await host_.api.get(request_.path, key.get(), cancellation_);
  if (!answer) co_return co_await refuse(answer.error());
  answer->head.fields += own_fields("answered by the gateway itself");
  co_await respond(answer->head, answer->body);
}

net::Task<void> HttpSession::answer_options(const DialectMatch& match) {
  AnswerHead head{.status = 204};
  const std::string_view methods = match.path_known ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
  head.fields = fmt::format("Allow: {}\r\n", methods);
  if (!request_.origin.empty()) {
    const auto wanted = clean(head_.get("access-control-request-headers"));
    head.fields += fmt::format(
        "Access-Control-Allow-Methods: {}\r\nAccess-Control-Allow-Headers: {}\r\nAccess-Control-Max-Age: 600\r\n",
        methods, wanted.empty() ? "authorization, content-type" : wanted);
  }
  co_await respond(head, {});
}

net::Task<void> HttpSession::serve_model_request(const DialectMatch& match) {
  if (host_.draining) {
    auto error = error_of(ErrorCode::shutting_down, "This gateway is shutting down.");
    error.retry_after_ms = 1'000;
    co_return co_await refuse(error);
  }
  auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  Incoming incoming{.dialect = match.dialect,
                    .operation = match.operation,
                    .request_id = request_id_,
                    .key = std::move(*key),
                    .body = host_.worker.documents.spare_text(),
                    .declared_classes = clean(head_.get("x-weir-sensitive")),
                    .tags = clean(head_.get("x-weir-tags"))};
  if (auto read = co_await read_body(incoming.body); !read) {
    if (read.error().code == ErrorCode::client_gone) co_return;
    co_return co_await refuse(read.error());
  }
  co_await host_.pipeline.serve(std::move(incoming), *this);
}

// ---- bodies

net::Task<Status> HttpSession::read_body(std::string& body) {
  const auto limit = limits().body_bytes;
  const auto too_large = [&] {
    return failure(ErrorCode::body_too_large,
                   fmt::format("The request body is larger than the limit of {} bytes.", limit));
  };
  if (head_.framing == net::BodyFraming::length && head_.content_length > limit) co_return too_large();
  if (head_.framing == net::BodyFraming::none) co_return Status{};
  if (head_.expect_continue && buffer_.size() == head_size_) {
    const net::Wait wait{.deadline_us = host_.worker.loop.deadline_in_ms(limits().write_ms)};
    co_await socket_.write_all("HTTP/1.1 100 Continue\r\n\r\n", {}, wait);
  }
  if (head_.framing == net::BodyFraming::chunked) {
    auto read = co_await read_chunked_body(body, limit);
    if (!read && read.error().code == ErrorCode::body_too_large) co_return too_large();
    co_return read;
  }
  const auto length = static_cast<std::size_t>(head_.content_length);
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
  body_read_ = true;
  if (body.capacity() < length + json_padding) body.reserve(length + json_padding);
  co_return Status{};
}

net::Task<Status> HttpSession::read_body_part(std::size_t most) {
  const net::Wait wait{.deadline_us = host_.worker.loop.deadline_in_ms(limits().body_ms), .cancellation = &idle_};
  const auto got = co_await socket_.read_some(buffer_.room(most), wait);
  if (got.status == net::IoStatus::timed_out)
    co_return failure(ErrorCode::client_timeout, "The request body stopped arriving.");
  if (got.status != net::IoStatus::ok)
    co_return failure(ErrorCode::client_gone, "The client left in the middle of its request.");
  buffer_.commit(got.bytes);
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
  body_read_ = true;
  co_return Status{};
}

// A client that is still sending would be reset before it reads why it was refused: say goodbye, then listen for a
// while.
net::Task<void> HttpSession::linger() {
  socket_.shutdown_write();
  const auto deadline = host_.worker.loop.deadline_in_ms(linger_ms);
  std::size_t discarded = 0;
  buffer_.clear();
  while (discarded < max_linger_bytes) {
    const auto got =
        co_await socket_.read_some(buffer_.room(body_read_size), {.deadline_us = deadline, .cancellation = &idle_});
    if (got.status != net::IoStatus::ok) break;
    discarded += got.bytes;
  }
}

// ---- answers

net::Wait HttpSession::write_patience() {
  return {.deadline_us = host_.worker.loop.deadline_in_ms(limits().write_ms), .cancellation = &cancellation_};
}

void HttpSession::append_cors(std::string& text) const {
  if (request_.origin.empty()) return;
  text += "Access-Control-Allow-Origin: " + request_.origin + "\r\nVary: Origin\r\n";
  text +=
      "Access-Control-Expose-Headers: x-weir-request-id, x-weir-model, x-weir-zone, x-weir-reason, x-weir-attempts, "
      "x-weir-sandbox, Retry-After\r\n";
}

void HttpSession::append_head(std::string& text, const AnswerHead& head, std::optional<std::size_t> length) {
  if (host_.draining || closing_ || !body_read_) request_.keep_alive = false;
  if (!length && !request_.chunked_ok) request_.keep_alive = false;
  text += "HTTP/1.1 ";
  text += std::string_view(fmt::format_int(head.status).c_str());
  text += ' ';
  text += reason_phrase(head.status);
  text += "\r\nDate: ";
  text += host_.http_date();
  text += "\r\n";
  if (head.status != 204) {
    text += "Content-Type: ";
    text += head.content_type;
    text += "\r\n";
  }
  if (length && head.status != 204) {
    text += "Content-Length: ";
    text += std::string_view(fmt::format_int(*length).c_str());
    text += "\r\n";
  } else if (!length && request_.chunked_ok) {
    text += "Transfer-Encoding: chunked\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
  }
  if (!request_.keep_alive)
    text += "Connection: close\r\n";
  else if (!request_.chunked_ok)
    text += "Connection: keep-alive\r\n";
  append_cors(text);
  text += head.fields;
  text += "\r\n";
}

net::Task<Status> HttpSession::respond(const AnswerHead& head, std::string_view body) {
  frame_.clear();
  append_head(frame_, head, body.size());
  if (request_.head_only) body = {};
  // Copying a small body costs less than a gathering system call.
  if (body.size() <= small_body) {
    frame_ += body;
    body = {};
  }
  co_await net::TurnEnd{host_.worker.loop};
  const auto written = co_await socket_.write_all(frame_, body, write_patience());
  if (written.status != net::IoStatus::ok) co_return failure(ErrorCode::client_gone, "The client left.");
  responded_ = true;
  co_return Status{};
}

void HttpSession::begin(const AnswerHead& head) {
  frame_.clear();
  append_head(frame_, head, std::nullopt);
  chunked_ = request_.chunked_ok;
}

net::Task<Status> HttpSession::write(std::string_view bytes) {
  if (chunked_) fmt::format_to(std::back_inserter(frame_), "{:x}\r\n", bytes.size());
  frame_ += bytes;
  if (chunked_) frame_ += "\r\n";
  co_await net::TurnEnd{host_.worker.loop};
  const auto written = co_await socket_.write_all(frame_, {}, write_patience());
  frame_.clear();
  if (written.status != net::IoStatus::ok) co_return failure(ErrorCode::client_gone, "The client left.");
  co_return Status{};
}

net::Task<Status> HttpSession::end() {
  responded_ = true;
  if (!chunked_) co_return Status{};
  const auto written = co_await socket_.write_all("0\r\n\r\n", {}, write_patience());
  if (written.status != net::IoStatus::ok) co_return failure(ErrorCode::client_gone, "The client left.");
  co_return Status{};
}

// The x-weir-* lines of an answer that no model gave.
std::string HttpSession::own_fields(std::string_view reason) const {
  return fmt::format(
      "x-weir-request-id: {}\r\nx-weir-model: none\r\nx-weir-zone: none\r\nx-weir-reason: {}\r\nx-weir-attempts: 0\r\n",
      request_id_, reason);
}

net::Task<void> HttpSession::refuse(const Error& error) {
  const auto match = match_dialect("POST", request_.path);
  const auto& dialect = match.dialect != nullptr ? *match.dialect : *dialects().front();
  if (request_id_.empty()) write_request_id(host_.worker.ids.next_key(wall_clock_us()), request_id_);
  AnswerHead head{.status = error.status()};
  head.fields = own_fields(fmt::format("refused: {}", to_string(error.code)));
  if (error.code == ErrorCode::method_not_allowed) {
    head.fields += GatewayApi::knows(request_.path) ? "Allow: GET, HEAD, OPTIONS\r\n" : "Allow: POST, OPTIONS\r\n";
  }
  if (error.code == ErrorCode::unauthorized) head.fields += "WWW-Authenticate: Bearer\r\n";
  if (error.retry_after_ms > 0) head.fields += fmt::format("Retry-After: {}\r\n", (error.retry_after_ms + 999) / 1000);
  if (error.code == ErrorCode::malformed_http || error.code == ErrorCode::headers_too_large ||
      error.code == ErrorCode::client_timeout) {
    closing_ = true;
  }
  co_await respond(head, dialect.encode_error(error));
}

}  // namespace weir
