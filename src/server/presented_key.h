// Where a request shows its key. Pure; any thread.
#pragma once

#include <string>

#include "net/http_parser.h"

namespace weir {

// What stands in `Authorization` (as Bearer, bare, or as the password or the name of Basic: clients make that of
// `https://user:KEY@host`), `x-api-key`, `api-key` or `x-goog-api-key`, as clients of the formats say it. Of several
// the first that looks like a key of ours: others are for somebody else on the way, a proxy with a password of its own.
// Where none does, the first of them, for the message; "" where there is none.
[[nodiscard]] std::string presented_key(const net::MessageHead& head);

}  // namespace weir
