// A request's target: the query `a=1&key=b`, and what may stand in a target as it is. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir {

// `b`, as it stands there: escapes are not resolved. "" when there is no such key. A view of `query`.
[[nodiscard]] std::string_view query_value(std::string_view query, std::string_view key);

// Percent-encodes all but A-Z a-z 0-9 - . _ ~ (RFC 3986, 2.3, unreserved) and the characters of `keep`.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view keep = {});

}  // namespace weir
