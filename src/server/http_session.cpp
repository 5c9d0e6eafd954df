#include "server/http_session.h"

#include <openssl/crypto.h>

#include "core/http.h"
#include "formats/ollama/loaded.h"
#include "formats/shared/query.h"
#include "net/turn_end.h"
#include "pipeline/stored_text.h"
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

// For the message that says what there is: the paths that requests to models come by.
std::vector<std::string> served_paths() {
  std::vector<std::string> paths;
  for (const auto* format : formats()) {
    if (format->client == nullptr) continue;
    for (const auto& pattern : format->client->paths()) {
      if (!pattern.info && !pattern.kept) paths.push_back(fmt::format("{} {}", pattern.method, pattern.path));
    }
  }
  return paths;
}

constexpr std::size_t head_read_size = 4 * 1024;
constexpr int64_t surplus_wait_ms = 2'000;

// Errors are named before they are awaited: g++ 12 destroys a braced temporary in a co_await expression twice.
Error error_of(ErrorCode code, std::string message) { return {.code = code, .message = std::move(message)}; }

// Header values that come from the client go into the ledger and into rules: printable ASCII, of a sane length.
std::string clean(std::string_view value) {
  std::string text(value.substr(0, 1024));
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  return text;
}

// The values of all header lines of that name, as the one list that they are. A list that is cut would say less than
// the caller did, so one that is too long is refused.
Result<std::string> listed(const net::MessageHead& head, std::string_view name) {
  constexpr std::size_t longest = 1024;
  std::string list;
  for (const auto& line : head.headers) {
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
  co_return shaken.status == net::IoStatus::ok;
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
    if (!body_read_) co_await linger();
    if (!body_read_) co_return;
    buffer_.consume(head_size_ + body_in_buffer_);
  }
  socket_.shutdown_write();
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
  if (auto parsed = parser_.parse_head(buffer_.unused().substr(0, head_size_), head_); !parsed) {
    co_await refuse(parsed.error());
    co_return false;
  }
  co_return true;
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

Result<std::shared_ptr<const KeyState>> HttpSession::authenticate() {
  if (!host_.worker.keys.required()) return std::shared_ptr<const KeyState>();
  auto authorization = head_.get("authorization");
  // As clients of other formats say it: Anthropic's, Azure's, Google's.
  for (const auto* const name : {"x-api-key", "api-key", "x-goog-api-key"}) {
    if (authorization.empty()) authorization = head_.get(name);
  }
  // Gemini's older clients put it into the query.
  if (authorization.empty() && request_.path.starts_with("/v1beta/"))
    authorization = query_value(request_.query, "key");
  auto state = host_.worker.keys.authenticate(authorization);
  if (!state) return failure(state.error());
  return std::shared_ptr<const KeyState>(std::move(*state));
}

// Why `request` cannot be answered at all; unset when it can.
std::optional<Error> HttpSession::misdirected(const PathMatch& match) const {
  const bool ours = GatewayApi::knows(request_.path);
  if (door_.serves == Door::Serves::metrics && !GatewayApi::is_open(request_.path)) {
    return error_of(ErrorCode::not_found, "This address serves /metrics, /healthz and /readyz only.");
  }
  if (door_.serves == Door::Serves::everything && request_.path == "/metrics" && !settings().metrics_listen.empty()) {
    return error_of(ErrorCode::not_found, "/metrics has an address of its own here (`server.metrics.listen`).");
  }
  if (!ours && match.known == nullptr && request_.unserved == nullptr) {
    return error_of(ErrorCode::not_found, fmt::format("There is nothing at {}. Served: {}; POST /v1/feedback; GET /, "
                                                      "/v1/models, /v1/requests/ID, /metrics, /healthz, /readyz.",
                                                      shortened(request_.path), fmt::join(served_paths(), ", ")));
  }
  if (request_.method == "OPTIONS" || match.format != nullptr) return std::nullopt;
  if (request_.unserved != nullptr) {
    const auto& wanted = request_.unserved->method;
    if (wanted.empty() || wanted == request_.method) return std::nullopt;
    return error_of(ErrorCode::method_not_allowed,
                    fmt::format("{} takes {}, not {}. {}", shortened(request_.path), wanted, shortened(request_.method),
                                unserved_error(*request_.unserved).message));
  }
  const bool get = request_.method == "GET" || request_.method == "HEAD";
  if (request_.path == feedback_path) {
    if (request_.method == "POST") return std::nullopt;
    return error_of(ErrorCode::method_not_allowed,
                    fmt::format("{} takes POST, not {}.", feedback_path, shortened(request_.method)));
  }
  if (ours && get) return std::nullopt;
  return error_of(ErrorCode::method_not_allowed,
                  fmt::format("{} takes {}, not {}.", shortened(request_.path), ours ? "GET" : served_methods(),
                              shortened(request_.method)));
}

Status HttpSession::check_sender() const {
  // Probes come by any name, and learn nothing.
  if (host_.worker.keys.required() || request_.path == "/healthz" || request_.path == "/readyz") return {};
  if (request_.path == "/metrics" && !settings().metrics_key.empty()) return {};
  return check_caller({.method = request_.method,
                       .host = head_.get("host"),
                       .target_host = request_.authority,
                       .origin = head_.get("origin"),
                       .fetch_site = head_.get("sec-fetch-site"),
                       .fetch_mode = head_.get("sec-fetch-mode"),
                       .referer = head_.get("referer"),
                       .content_type = head_.get("content-type")},
                      {.hosts = settings().hosts,
                       .origins = settings().cors_origins,
                       .listen = settings().listen,
                       .machine = host_.api.process().machine,
                       .reach = door_.reach});
}

Status HttpSession::check_metrics_key() const {
  const auto& key = settings().metrics_key;
  if (key.empty()) return {};
  auto given = head_.get("authorization");
  if (given.size() > 7 && equals_ignoring_case(given.substr(0, 7), "bearer ")) given.remove_prefix(7);
  if (given.size() == key.size() && CRYPTO_memcmp(given.data(), key.data(), key.size()) == 0) return {};
  return failure(ErrorCode::unauthorized,
                 "/metrics asks for the key of `server.metrics.key`: `Authorization: Bearer KEY`.");
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

net::Task<void> HttpSession::answer_feedback() {
  const auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  std::string body;
  const auto read = co_await read_body(body, ContentCoding::identity);
  if (!read && read.error().code == ErrorCode::client_gone) co_return;
  if (!read) co_return co_await refuse(read.error());
  auto taking = take_feedback(host_.worker, std::move(body), *key, cancellation_);
  auto answer = co_await std::move(taking);
  if (!answer) co_return co_await refuse(answer.error());
  answer->head.fields += own_fields("answered by the gateway itself");
  co_await respond(answer->head, answer->body);
}

net::Task<void> HttpSession::answer_surplus() {
  AnswerHead head{.status = 503};
  head.fields = own_fields("refused: too many connections") + "Retry-After: 1\r\n";
  closing_ = true;
  co_await respond(head, too_many_connections);
}

Result<std::shared_ptr<const KeyState>> HttpSession::key_for_own() {
  if (request_.path == "/metrics") {
    if (auto good = check_metrics_key(); !good) return failure(good.error());
  } else if (request_.path == "/") {
    // A visitor without a key, or with a wrong one, is told where it came to.
    if (auto key = authenticate()) return key;
  } else if (!GatewayApi::is_open(request_.path)) {
    return authenticate();
  }
  return std::shared_ptr<const KeyState>();
}

net::Task<void> HttpSession::answer_own() {
  const auto key = key_for_own();
  if (!key) co_return co_await refuse(key.error());
  if (request_.unserved != nullptr) {
    const auto error = unserved_error(*request_.unserved);
    co_return co_await refuse(error);
  }
  const auto base = base_url();
  const OwnRequest own{.path = request_.path,
                       .key = key->get(),
                       .accept = head_.get("accept"),
                       .base_url = base,
                       .sees = sees(key->get())};
  auto answer = co_await host_.api.get(own, cancellation_);
  if (!answer) co_return co_await refuse(answer.error());
  answer->head.fields += own_fields("answered by the gateway itself");
  co_await respond(answer->head, answer->body);
}

OwnRequest::Sees HttpSession::sees(const KeyState* key) const {
  if (host_.worker.keys.required()) {
    return key != nullptr && key->record.admin ? OwnRequest::Sees::everything : OwnRequest::Sees::nothing;
  }
  for (const auto* const name : {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"}) {
    if (!head_.get(name).empty()) return OwnRequest::Sees::nothing;
  }
  return from_this_machine(head_.get("host"), door_.reach) ? OwnRequest::Sees::everything : OwnRequest::Sees::nothing;
}

std::string HttpSession::base_url() const {
  const auto host = head_.get("host");
  const bool named = host_name(host).has_value();
  return fmt::format("{}://{}", settings().tls_certificate.empty() ? "http" : "https",
                     named ? host : std::string_view("localhost:4077"));
}

// Of the patterns that the path fits: `POST`.
std::string HttpSession::served_methods() const {
  std::string methods;
  for (const auto* format : formats()) {
    if (format->client == nullptr) continue;
    for (const auto& pattern : format->client->paths()) {
      if (!match_pattern(pattern.path, request_.path) || methods.find(pattern.method) != std::string::npos) continue;
      methods.append(methods.empty() ? "" : ", ").append(pattern.method);
    }
  }
  return methods;
}

std::string HttpSession::allowed_methods() const {
  if (request_.unserved != nullptr && request_.unserved->method.empty()) return "GET, POST, OPTIONS";
  if (request_.unserved != nullptr) return fmt::format("{}, OPTIONS", request_.unserved->method);
  if (request_.path == feedback_path) return "POST, OPTIONS";
  if (GatewayApi::knows(request_.path)) return "GET, HEAD, OPTIONS";
  const auto methods = served_methods();
  return methods.empty() ? "POST, OPTIONS" : methods + ", OPTIONS";
}

std::vector<std::pair<std::string, std::string>> HttpSession::carried_headers(const ClientFace& face) const {
  std::vector<std::pair<std::string, std::string>> carried;
  for (const auto name : face.carries()) {
    if (const auto value = head_.get(name); !value.empty()) carried.emplace_back(name, value);
  }
  return carried;
}

net::Task<void> HttpSession::answer_inquiry(const Format& format, const PathPattern& pattern, std::string named) {
  const auto key = authenticate();
  if (!key) co_return co_await refuse(key.error());
  std::string body;
  const auto read = co_await read_body(body, ContentCoding::identity);
  if (!read && read.error().code == ErrorCode::client_gone) co_return;
  if (!read) co_return co_await refuse(read.error());
  const bool of_loaded = pattern.path == ollama_provider::loaded_path;
  const auto cards = of_loaded ? host_.api.loaded_cards(key->get()) : host_.api.cards(key->get());
  const Inquiry inquiry{.path = pattern.path, .named = named, .query = request_.query, .body = body};
  auto told = format.client->inform(inquiry, cards);
  if (!told) co_return co_await refuse(told.error());
  AnswerHead head{.fields = own_fields("answered by the gateway itself")};
  co_await respond(head, *told);
}

net::Task<void> HttpSession::answer_options() {
  AnswerHead head{.status = 204};
  const auto methods = allowed_methods();
  head.fields = fmt::format("Allow: {}\r\n", methods);
  if (!request_.origin.empty()) {
    const auto wanted = clean(head_.get("access-control-request-headers"));
    head.fields += fmt::format(
        "Access-Control-Allow-Methods: {}\r\nAccess-Control-Allow-Headers: {}\r\nAccess-Control-Max-Age: 600\r\n",
        methods, wanted.empty() ? "authorization, content-type" : wanted);
    // Chromium asks so before a page of the internet may reach a machine of one's own.
    if (equals_ignoring_case(head_.get("access-control-request-private-network"), "true"))
      head.fields += "Access-Control-Allow-Private-Network: true\r\n";
  }
  co_await respond(head, {});
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
  auto declared = listed(head_, "x-weir-sensitive");
  if (!declared) co_return co_await refuse(declared.error());
  auto tags = listed(head_, "x-weir-tags");
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
