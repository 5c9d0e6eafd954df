// The one closed list of what can go wrong with a request, and the one table that says what follows from each: the HTTP
// status, whether the same candidate may be tried again, whether the next candidate may be tried, and the name that the
// caller sees. Values; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

enum class ErrorCode : uint8_t {
  invalid_json,           // the body is no JSON; the message says line and column
  invalid_request,        // JSON, but a field is missing, of a wrong type or out of range
  unknown_model,          // `model` names neither a route nor a model
  not_found,              // no such path or ledger entry
  method_not_allowed,     // the path exists, not with this method
  malformed_http,         // the bytes are no HTTP/1.1 request, or an ambiguous one
  unauthorized,           // no key, or one that is unknown or revoked
  forbidden,              // the key is good but may not use this route
  body_too_large,         // over `limits.body_bytes`
  headers_too_large,      // over `limits.header_bytes`
  client_timeout,         // the client did not finish its request in time
  rate_limited,           // the key's own requests/min or tokens/min
  budget_exceeded,        // the key's own budget for the day or month
  zone_refused,           // what the request contains may go nowhere that could answer it
  content_blocked,        // a rule refuses what the request contains, wherever it would go
  no_target,              // every candidate is down, full or dropped
  queue_timeout,          // no local slot came free in time
  shutting_down,          // draining: no new requests
  upstream_unreachable,   // DNS, connect or TLS failed
  upstream_timeout,       // connected, then silent: no first byte, no first token, or idle between chunks
  upstream_reset,         // the connection broke before the response head
  upstream_server_error,  // 5xx
  upstream_rate_limited,  // 429
  upstream_rejected,      // the request itself was refused (400, 422 …); passed to the caller as it is
  upstream_too_large,     // this provider takes no request of that size: 413, or more tokens than its tier has a minute
  upstream_auth,          // our credential or account was refused, not the caller's
  upstream_no_model,      // the provider has no such model or path (any more); our config, not the request
  upstream_malformed,     // the answer is not what the wire format promises, or too large
  upstream_truncated,     // the answer broke off in the middle
  context_overflow,       // the prompt is longer than the model takes
  unsupported,            // asks for what this candidate's format cannot carry; another one may
  content_filtered,       // the provider refused for content
  deadline_exceeded,      // the route's total deadline passed
  client_gone,            // the client left; nothing is wrong upstream
  internal,               // a defect of ours
  count_
};

// What follows from an error. One row per code, in the order of the enum.
struct ErrorRule {
  ErrorCode code;
  std::string_view name;  // as spelt in the ledger, logs and metrics
  int http_status;
  bool retry_same;               // one more try of the same candidate can help (after Retry-After, where given)
  bool fall_back;                // the next candidate may be tried
  bool blames_target;            // counts against the candidate's circuit breaker
  std::string_view openai_type;  // `error.type` in OpenAI's envelope
};

[[nodiscard]] const ErrorRule& rule_of(ErrorCode code);
[[nodiscard]] inline std::string_view to_string(ErrorCode code) { return rule_of(code).name; }

// What a server may say that a model of its cannot do.
enum class Ability : uint8_t { none, tools, images };

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;            // for the caller: what was wrong, where, and the mend
  std::string param;              // the field at fault, as a path: `messages[2].content`; may be empty
  std::string provider_code;      // the provider's own error code or type, where it gave one
  int http_status = 0;            // 0: the table's
  int64_t retry_after_ms = 0;     // 0: not said
  Ability lacks = Ability::none;  // the server says that this model does not have it

  [[nodiscard]] int status() const { return http_status != 0 ? http_status : rule_of(code).http_status; }
};

}  // namespace weir
