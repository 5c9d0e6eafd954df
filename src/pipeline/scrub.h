// What a provider's error may carry that is not meant for whoever reads it: our credential for the provider, whole or
// in pieces, and the prompt. Every error of an attempt passes here once, before anybody is told of it. Pure; safe from
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/request.h"
#include "core/snapshot.h"

namespace weir {

// Takes out of `error`'s texts whatever is (a piece of) the provider's key or of a value in its `headers`, masked keys
// (`sk-...abcd`, `tk***yz`), and whatever looks like a credential.
void hide_credentials(Error& error, const ProviderSettings& provider);

// `message` for the ledger: what it has in common with the texts of the request is left out.
[[nodiscard]] std::string without_echo(std::string_view message, const Request& request);

}  // namespace weir
