#include "server/http_session.h"

#include "core/http.h"
#include "net/turn_end.h"
#include "server/feedback_api.h"
#include "server/target.h"

namespace weir {
namespace {

// Lists that several formats' clients ask for at the same path, told apart by a header of theirs.
struct SharedList {
  std::string_view header;
  std::string_view begins;  // its value
  std::string_view format;
  std::string_view asked;  // the path
  PathPattern pattern;     // by which the format knows it
};
constexpr std::array shared_lists = {
    SharedList{
        "anthropic-version", "", "anthropic", "/v1/models", {.method = "GET", .path = "/v1/models", .info = true}},
    SharedList{
        "anthropic-version", "", "anthropic", "/v1/models/*", {.method = "GET", .path = "/v1/models/*", .info = true}},
    SharedList{
        "x-goog-api-client", "", "gemini", "/v1/models", {.method = "GET", .path = "/v1beta/models", .info = true}},
    SharedList{
        "x-goog-api-client", "", "gemini", "/v1/models/*", {.method = "GET", .path = "/v1beta/models/*", .info = true}},
    SharedList{
        "x-fern-sdk-name", "cohere", "cohere", "/v1/models", {.method = "GET", .path = "/v1/models", .info = true}},
    SharedList{
        "x-fern-sdk-name", "cohere", "cohere", "/v1/models/*", {.method = "GET", .path = "/v1/models/*", .info = true}},
};

constexpr std::size_t head_read_size = 4 * 1024;
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\n";  // RFC 9113, 3.4: as far as it looks like a head
constexpr int64_t surplus_wait_ms = 2'000;

// Errors are named before they are awaited: g++ 12 destroys a braced temporary in a co_await expression twice.
Error error_of(ErrorCode code, std::string message) { return {.code = code, .message = std::move(message)}; }

}  // namespace

net::Task<void> serve_connection(SessionHost& host, Accepted connection) {
  HttpSession session(host, net::Socket(host.worker.loop, connection.fd, net::Socket::State::established),
                      connection.door, connection.standing);
  co_await session.run(std::move(connection.tls));
}

HttpSession::HttpSession(SessionHost& host, net::Socket socket, const Door& door, Standing standing)
    : host_(host), socket_(std::move(socket)), door_(door), standing_(standing), place_(host.sessions.size()) {
  host_.sessions.push_back(this);
  host_.worker.metrics.add(Count::connections_accepted);
}

HttpSession::~HttpSession() {
  idle_list().remove(*this);
  auto* const last = host_.sessions.back();
  host_.sessions[place_] = last;
  last->place_ = place_;
  host_.sessions.pop_back();
  auto& process = host_.api.process();
  (standing_ == Standing::regular ? process.connections : process.surplus).fetch_sub(1, std::memory_order_relaxed);
  host_.worker.metrics.add(Count::connections_closed);
}

IdleList& HttpSession::idle_list() { return standing_ == Standing::regular ? host_.idle : host_.surplus_idle; }

void HttpSession::close_idle() {
  closing_ = true;
  idle_.request();
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

net::Task<bool> HttpSession::shake_hands(net::TlsServer& tls) {
  const net::Wait wait{.deadline_us = host_.worker.loop.deadline_in_ms(limits().header_ms), .cancellation = &idle_};
  idle_list().add(*this, host_.worker.loop.now_us());
  const auto shaken = co_await socket_.handshake(tls.new_session(), wait);
  idle_list().remove(*this);
  if (shaken.status == net::IoStatus::ok) co_return true;
  if (!socket_.met_plain_http()) co_return false;
  // A base URL with `http://`: a reset would tell its client nothing.
  socket_.drop_tls();
  const auto error =
      error_of(ErrorCode::malformed_http, "This address speaks HTTPS only: let the base URL begin with `https://`.");
  co_await refuse_head(error);
  co_await linger();
  co_return false;
}

net::Task<void> HttpSession::run(std::shared_ptr<net::TlsServer> tls) {
  if (tls) {
    const bool shaken = co_await shake_hands(*tls);
    if (!shaken) co_return;
  }
  // The await stands alone: in a condition, g++ 12 awaits even where `closing_` has already decided.
  while (!closing_) {
    const bool another = co_await next_request();
    if (!another) break;
    begin_request();
    co_await answer_request();
    socket_.on_peer_closed(nullptr);
    if (!request_.keep_alive || cancellation_.requested() || !responded_) closing_ = true;
    if (standing_ == Standing::surplus) closing_ = true;
    if (!body_read_) break;
    buffer_.consume(head_size_ + body_in_buffer_);
  }
  if (body_read_)
    socket_.shutdown_write();
  else
    co_await linger();
}

net::Task<bool> HttpSession::next_request() {
  auto& loop = host_.worker.loop;
  idle_list().add(*this, loop.now_us());
  const bool read = co_await read_head();
  idle_list().remove(*this);
  // Who sends request upon request without waiting for answers does not keep the others from theirs.
  if (read && answered_us_ == loop.now_us()) co_await net::NextTurn{loop};
  answered_us_ = loop.now_us();
  co_return read;
}

net::Task<bool> HttpSession::read_head() {
  auto& loop = host_.worker.loop;
  std::size_t scanned = 0;
  body_in_buffer_ = head_size_ = 0;
  body_read_ = true;
  said_all_ = false;
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
      co_await refuse_head(found.error());
      co_return false;
    }
    if (*found > limits().header_bytes || (*found == 0 && scanned > limits().header_bytes)) {
      const auto error =
          error_of(ErrorCode::headers_too_large,
                   fmt::format("The request's headers are larger than the limit of {} bytes.", limits().header_bytes));
      co_await refuse_head(error);
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
      if (standing_ == Standing::surplus) deadline = loop.deadline_in_ms(surplus_wait_ms);
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
  if (buffer_.unused().substr(0, head_size_) == http2_preface) {
    co_await decline_http2();
    co_return false;
  }
  if (auto parsed = parser_.parse_head(buffer_.unused().substr(0, head_size_), head_); !parsed) {
    co_await refuse_head(parsed.error());
    co_return false;
  }
  co_return true;
}

net::Task<void> HttpSession::refuse_head(const Error& error) {
  head_.framing = net::BodyFraming::none;
  body_read_ = false;
  co_await refuse(error);
}

// Who begins with HTTP/2 reads no HTTP/1.1. Some clients ask again in HTTP/1.1 when their first stream is reset with
// that word, and the others show it; a connection that ends (GOAWAY) is an error to all of them.
net::Task<void> HttpSession::decline_http2() {
  using namespace std::string_view_literals;
  constexpr auto settings = "\0\0\0\4\0\0\0\0\0"sv;        // RFC 9113, 6.5: none
  constexpr auto reset = "\0\0\4\3\0\0\0\0\1\0\0\0\xd"sv;  // 6.4: stream 1, HTTP_1_1_REQUIRED
  head_.framing = net::BodyFraming::none;
  body_read_ = false;
  closing_ = true;
  co_await socket_.write_all(settings, reset, write_patience());
}

void HttpSession::begin_request() {
  request_.method = head_.method;
  auto target = read_target(head_.target);
  request_.path = std::move(target.path);
  request_.deployment = std::move(target.deployment);
  request_.query = target.query;
  request_.authority = target.authority;
  request_.keep_alive = head_.keep_alive;
  request_.chunked_ok = head_.http11;
  request_.head_only = head_.method == "HEAD";
  body_read_ = head_.framing == net::BodyFraming::none;
  body_arrived_ = buffer_.size() - head_size_;
  responded_ = false;
  write_request_id(host_.worker.ids.next_key(wall_clock_us()), request_id_);
  cancellation_.reset();
  const auto origin = head_.get("origin");
  if (!origin.empty() && request_.path != "/") {
    if (origin_listed(origin, settings().cors_origins)) request_.origin = clean(origin);
  }
  // A client that closed its sending side counts as gone: nobody can tell it from one that left. What needs no upstream
  // is answered all the same.
  if (socket_.peer_closed()) cancellation_.request();
  socket_.on_peer_closed([this] { cancellation_.request(); });
}

net::Task<void> HttpSession::answer_request() {
  const bool probe = request_.path == "/healthz" || request_.path == "/readyz";
  if (standing_ == Standing::surplus && !probe) co_return co_await answer_surplus();
  const auto match = match_path(request_.method, request_.path);
  request_.format = match.known;
  if (match.format == nullptr) {
    const auto* unserved = find_unserved(request_.method, request_.path);
    // One that is named in full says more than that the path takes other methods.
    if (match.known == nullptr || (unserved != nullptr && unserved->path == request_.path))
      request_.unserved = unserved;
  }
  if (const auto error = misdirected(match)) co_return co_await refuse(*error);
  if (auto good = check_sender(); !good) co_return co_await refuse(good.error());
  if (request_.method == "OPTIONS") co_return co_await answer_options();
  // Some clients of other formats ask for models where OpenAI's do.
  const SharedList* list = nullptr;
  for (const auto& one : shared_lists) {
    const auto said = head_.get(one.header);
    if (match.known != nullptr || said.empty() || !said.starts_with(one.begins)) continue;
    request_.format = find_format(one.format);
    if (match_pattern(one.asked, request_.path)) list = &one;
  }
  if (match.format != nullptr && match.pattern->kept)
    co_return co_await answer_kept(*match.format, *match.pattern, std::string(match.named));
  if (match.format != nullptr && !match.pattern->info) co_return co_await serve_model_request(match);
  if (match.format != nullptr)
    co_return co_await answer_inquiry(*match.format, *match.pattern, std::string(match.named));
  if (list != nullptr) {
    std::string named(*match_pattern(list->asked, request_.path));
    co_return co_await answer_inquiry(*request_.format, list->pattern, std::move(named));
  }
  if (request_.path == feedback_path) co_return co_await answer_feedback();
  co_await answer_own();
}

std::string HttpSession::clean(std::string_view value) {
  std::string text(value.substr(0, 1024));
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  return text;
}

Result<std::string> HttpSession::listed(std::string_view name) const {
  constexpr std::size_t longest = 1024;
  std::string list;
  for (const auto& line : head_.headers) {
    if (!equals_ignoring_case(line.name, name)) continue;
    if (list.size() + line.value.size() >= longest) {
      return failure(Error{.code = ErrorCode::invalid_request,
                           .message = fmt::format("{} is longer than {} bytes.", name, longest),
                           .param = std::string(name)});
    }
    if (!list.empty()) list += ',';
    list += clean(line.value);
  }
  return list;
}

std::vector<std::pair<std::string, std::string>> HttpSession::carried_headers(const ClientFace& face) const {
  std::vector<std::pair<std::string, std::string>> carried;
  for (const auto name : face.carries()) {
    if (const auto value = head_.get(name); !value.empty()) carried.emplace_back(name, value);
  }
  return carried;
}

net::Task<void> HttpSession::serve_model_request(const PathMatch& match) {
  if (host_.draining) {
    auto error = error_of(ErrorCode::shutting_down, "This gateway is shutting down.");
    error.retry_after_ms = 1'000;
    co_return co_await refuse(error);
  }
  auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  const auto coding = content_coding(head_);
  if (!coding) co_return co_await refuse(coding.error());
  if (auto good = check_charset(head_); !good) co_return co_await refuse(good.error());
  auto declared = listed("x-weir-sensitive");
  if (!declared) co_return co_await refuse(declared.error());
  auto tags = listed("x-weir-tags");
  if (!tags) co_return co_await refuse(tags.error());
  const auto priority = head_.get("x-weir-priority");
  const bool batch = equals_ignoring_case(priority, "batch");
  if (!priority.empty() && !batch && !equals_ignoring_case(priority, "interactive")) {
    auto error = error_of(ErrorCode::invalid_request, "x-weir-priority is `interactive` or `batch`.");
    error.param = "x-weir-priority";
    co_return co_await refuse(error);
  }
  Incoming incoming{.face = match.format->client,
                    .operation = match.pattern->operation,
                    .method = match.pattern->method,
                    .path = match.pattern->path,
                    .content_type = std::string(head_.get("content-type")),
                    .named = std::string(match.named),
                    .streams = match.pattern->streams,
                    .query = std::move(request_.query),
                    .carried = carried_headers(*match.format->client),
                    .request_id = request_id_,
                    .key = std::move(*key),
                    .body = host_.worker.documents.spare_text(),
                    .model = std::move(request_.deployment),
                    .declared_classes = std::move(*declared),
                    .tags = std::move(*tags),
                    .cache_control = std::string(head_.get("cache-control")),
                    .batch = batch};
  Status read;
  if (auto form = spool_for(*match.pattern, *coding)) {
    read = co_await read_form_body(*form);
    incoming.body = form->text();
    incoming.files = form->files();
  } else {
    read = co_await read_body(incoming.body, *coding);
  }
  if (!read && read.error().code == ErrorCode::client_gone) co_return;
  if (!read) co_return co_await refuse(read.error());
  co_await host_.pipeline.serve(std::move(incoming), *this);
}

}  // namespace weir
