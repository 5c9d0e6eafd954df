#include "core/error.h"

#include <array>

namespace weir {
namespace {

using enum ErrorCode;
constexpr std::string_view invalid = "invalid_request_error";
constexpr std::string_view server = "server_error";

// A table is read by its columns.
// clang-format off
constexpr std::array rules = {
    //         code                   name                     http again  next   blame  openai type
    ErrorRule{invalid_json,          "invalid_json",          400, false, false, false, invalid},
    ErrorRule{invalid_request,       "invalid_request",       400, false, false, false, invalid},
    ErrorRule{unknown_model,         "unknown_model",         404, false, false, false, invalid},
    ErrorRule{not_found,             "not_found",             404, false, false, false, invalid},
    ErrorRule{method_not_allowed,    "method_not_allowed",    405, false, false, false, invalid},
    ErrorRule{malformed_http,        "malformed_http",        400, false, false, false, invalid},
    ErrorRule{unauthorized,          "unauthorized",          401, false, false, false, "authentication_error"},
    ErrorRule{forbidden,             "forbidden",             403, false, false, false, "permission_error"},
    ErrorRule{body_too_large,        "body_too_large",        413, false, false, false, invalid},
    ErrorRule{headers_too_large,     "headers_too_large",     431, false, false, false, invalid},
    ErrorRule{client_timeout,        "client_timeout",        408, false, false, false, invalid},
    ErrorRule{rate_limited,          "rate_limited",          429, false, false, false, "rate_limit_error"},
    ErrorRule{budget_exceeded,       "budget_exceeded",       429, false, false, false, "insufficient_quota"},
    ErrorRule{zone_refused,          "zone_refused",          400, false, false, false, invalid},
    ErrorRule{content_blocked,       "content_blocked",       400, false, false, false, invalid},
    ErrorRule{no_target,             "no_target",             503, false, false, false, server},
    ErrorRule{queue_timeout,         "queue_timeout",         503, false, true,  false, server},
    ErrorRule{shutting_down,         "shutting_down",         503, false, false, false, server},
    ErrorRule{upstream_unreachable,  "upstream_unreachable",  502, false, true,  true,  server},
    ErrorRule{upstream_timeout,      "upstream_timeout",      504, false, true,  true,  server},
    ErrorRule{upstream_reset,        "upstream_reset",        502, true,  true,  true,  server},
    ErrorRule{upstream_server_error, "upstream_server_error", 502, true,  true,  true,  server},
    ErrorRule{upstream_rate_limited, "upstream_rate_limited", 429, true,  true,  false, "rate_limit_error"},
    ErrorRule{upstream_rejected,     "upstream_rejected",     400, false, false, false, invalid},
    ErrorRule{upstream_too_large,    "upstream_too_large",    413, false, true,  false, invalid},
    ErrorRule{upstream_auth,         "upstream_auth",         502, false, true,  false, server},
    ErrorRule{upstream_no_model,     "upstream_no_model",     502, false, true,  true,  server},
    ErrorRule{upstream_malformed,    "upstream_malformed",    502, false, true,  true,  server},
    ErrorRule{upstream_truncated,    "upstream_truncated",    502, false, true,  true,  server},
    ErrorRule{context_overflow,      "context_overflow",      400, false, true,  false, invalid},
    ErrorRule{unsupported,           "unsupported",           400, false, true,  false, invalid},
    ErrorRule{content_filtered,      "content_filtered",      400, false, false, false, invalid},
    ErrorRule{deadline_exceeded,     "deadline_exceeded",     504, false, false, false, server},
    ErrorRule{client_gone,           "client_gone",           499, false, false, false, invalid},
    ErrorRule{internal,              "internal",              500, false, false, false, server},
};
// clang-format on

constexpr bool complete_and_ordered() {
  if (rules.size() != static_cast<std::size_t>(count_)) return false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (static_cast<std::size_t>(rules[i].code) != i) return false;
  }
  return true;
}
static_assert(complete_and_ordered(), "every ErrorCode needs its row, in the order of the enum");

}  // namespace

const ErrorRule& rule_of(ErrorCode code) { return rules[static_cast<std::size_t>(code)]; }

}  // namespace weir
