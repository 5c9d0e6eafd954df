// The fast lane: the body of an Ollama client for an Ollama server. Pure functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "formats/format.h"

namespace weir::ollama_provider {

// Can it be sent as it came? A prompt of /api/generate has no turn of the model's that could be continued.
[[nodiscard]] bool passes_bytes(const Request& request, std::string_view prefill);
// Precondition: passes_bytes(). The path that it was asked by.
[[nodiscard]] std::string_view path_of_own(const Request& request);
[[nodiscard]] std::string splice_body(const Request& request, const Target& target, std::string_view prefill);

}  // namespace weir::ollama_provider
