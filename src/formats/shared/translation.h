// What writing a request in another format often needs: the tool behind a call's id, arguments as an object where they
// came as a string, and refusals that name their place. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/http.h"
#include "core/request.h"
#include "core/snapshot.h"

namespace weir {

// unsupported: this candidate's format cannot carry it, another's may.
[[nodiscard]] Error unsupported(std::string message, std::string param);

// The name of the tool that the result in `messages[index]` comes from: said there, or found by the call's id in the
// turns before. "" when nobody says.
[[nodiscard]] std::string_view tool_name_of(const Request& request, std::size_t index);

// Arguments as a JSON object, where a format wants one: a string with JSON in it in many formats. What is no object is
// kept under a name of its own, `arguments`; nothing at all is `{}`.
void write_arguments(json::Writer& writer, std::string_view text);

// The provider's own extra headers (`providers.headers`), which take the place of ours.
void add_extra_headers(const ProviderSettings& provider, Headers& headers);
// `Authorization: Bearer`, where a credential is configured, and the extra headers.
void add_bearer(const ProviderSettings& provider, Headers& headers);

// From an effort's name to how many tokens may be thought with, and back, where only one side has the other's word. 0
// and `none`: not to think.
[[nodiscard]] int64_t thinking_tokens_of(std::string_view effort);
[[nodiscard]] std::string_view effort_of(int64_t thinking_tokens);

}  // namespace weir
