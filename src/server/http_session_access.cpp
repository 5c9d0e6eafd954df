// Who may ask, and for what: keys, senders, and paths that are not there.
#include <openssl/crypto.h>

#include "core/http.h"
#include "formats/shared/query.h"
#include "pipeline/stored_text.h"
#include "server/feedback_api.h"
#include "server/http_session.h"
#include "server/presented_key.h"

namespace weir {
namespace {

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

}  // namespace

Result<std::shared_ptr<const KeyState>> HttpSession::authenticate() {
  if (!host_.worker.keys.required()) return std::shared_ptr<const KeyState>();
  auto shown = presented_key(head_);
  // Gemini's older clients put it into the query.
  if (shown.empty() && request_.path.starts_with("/v1beta/")) shown = query_value(request_.query, "key");
  auto state = host_.worker.keys.authenticate(shown);
  if (!state) return failure(state.error());
  return std::shared_ptr<const KeyState>(std::move(*state));
}

// Why `request` cannot be answered at all; unset when it can.
std::optional<Error> HttpSession::misdirected(const PathMatch& match) const {
  const bool ours = GatewayApi::knows(request_.path);
  if (door_.serves == Door::Serves::metrics && !GatewayApi::is_open(request_.path)) {
    return Error{.code = ErrorCode::not_found, .message = "This address serves /metrics, /healthz and /readyz only."};
  }
  if (door_.serves == Door::Serves::everything && request_.path == "/metrics" && !settings().metrics_listen.empty()) {
    return Error{.code = ErrorCode::not_found,
                 .message = "/metrics has an address of its own here (`server.metrics.listen`)."};
  }
  const bool server_wide = request_.method == "OPTIONS" && request_.path == "*";  // RFC 9110, 9.3.7
  if (!ours && match.known == nullptr && request_.unserved == nullptr && !server_wide) {
    return Error{.code = ErrorCode::not_found,
                 .message = fmt::format("There is nothing at {}. Served: {}; POST /v1/feedback; GET /, "
                                        "/v1/models, /v1/requests/ID, /metrics, /healthz, /readyz.",
                                        shortened(request_.path), fmt::join(served_paths(), ", "))};
  }
  if (request_.method == "OPTIONS" || match.format != nullptr) return std::nullopt;
  if (request_.unserved != nullptr) {
    const auto& wanted = request_.unserved->method;
    if (wanted.empty() || wanted == request_.method) return std::nullopt;
    return Error{.code = ErrorCode::method_not_allowed,
                 .message = fmt::format("{} takes {}, not {}. {}", shortened(request_.path), wanted,
                                        shortened(request_.method), unserved_error(*request_.unserved).message)};
  }
  const bool get = request_.method == "GET" || request_.method == "HEAD";
  if (request_.path == feedback_path) {
    if (request_.method == "POST") return std::nullopt;
    return Error{.code = ErrorCode::method_not_allowed,
                 .message = fmt::format("{} takes POST, not {}.", feedback_path, shortened(request_.method))};
  }
  if (ours && get) return std::nullopt;
  return Error{.code = ErrorCode::method_not_allowed,
               .message = fmt::format("{} takes {}, not {}.", shortened(request_.path), ours ? "GET" : served_methods(),
                                      shortened(request_.method))};
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

OwnRequest::Sees HttpSession::sees(const KeyState* key) const {
  if (host_.worker.keys.required()) {
    return key != nullptr && key->record.admin ? OwnRequest::Sees::everything : OwnRequest::Sees::nothing;
  }
  for (const auto* const name : {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"}) {
    if (!head_.get(name).empty()) return OwnRequest::Sees::nothing;
  }
  return from_this_machine(head_.get("host"), door_.reach) ? OwnRequest::Sees::everything : OwnRequest::Sees::nothing;
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

}  // namespace weir
