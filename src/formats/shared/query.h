// The query of a request's target, `a=1&key=b`. Pure function; any thread.
#pragma once

#include <string_view>

namespace weir {

// `b`, as it stands there: escapes are not resolved. "" when there is no such key. A view of `query`.
[[nodiscard]] std::string_view query_value(std::string_view query, std::string_view key);

}  // namespace weir
