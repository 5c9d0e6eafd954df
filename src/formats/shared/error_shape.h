// How errors look on the wire in formats other than OpenAI's: a client shows its user an error only if it comes in the
// shape that it knows. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/error.h"

namespace weir {

enum class ErrorShape : uint8_t { openai, anthropic, gemini, ollama, cohere, bedrock };

// The body of an error answer; `shape` is not `openai`, which has a writer of its own (openai/client_face.h).
[[nodiscard]] std::string write_error_as(ErrorShape shape, const Error& error);

}  // namespace weir
