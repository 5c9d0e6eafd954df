// A Google service account: the key file that Google's console gives (`type: service_account`), and the tokens that are
// made of it. The token is a JWT that the account signs itself (RS256) for the scope of Google's cloud, which its APIs
// take as a bearer without anybody being asked. Sources: Google, AIP-4111 "Self-signed JWT"; RFC 7515, 7519.
//
// Pure functions; what make_token_maker() returns keeps the last token, and is safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/token_maker.h"

namespace weir::gemini {

// `file`: the text of the key file. invalid_request with what is wrong with it; never with a part of the key.
[[nodiscard]] Result<std::shared_ptr<const TokenMaker>> make_token_maker(std::string_view file);

}  // namespace weir::gemini
