// Chunks and answers in OpenAI's format as their clients are promised them, made from what a provider sent: every field
// it gave is kept, what is wrong is put right. For the OpenAI adapter only. Pure functions; safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/request.h"
#include "core/response.h"
#include "core/stream_event.h"

namespace weir::openai_provider {

// Is this one of the finish reasons that OpenAI's format has?
[[nodiscard]] bool is_finish_reason(std::string_view reason);

// A chunk without its usage. `events`: what was read from it; tool calls get their index, id and arguments from there.
enum class Finishes : uint8_t { kept, left_out };
[[nodiscard]] std::string rewrite_chunk(const json::Object& chunk, const StreamState& state,
                                        std::span<const StreamEvent> events, Finishes finishes);
// The same chunk's usage as a chunk of its own, with `choices: []`.
[[nodiscard]] std::string usage_chunk(const json::Object& chunk, const StreamState& state);
// `data` without its top-level `"usage": null`; "" where only a rewrite can tell which one that is.
[[nodiscard]] std::string without_null_usage(std::string_view data);

// A whole answer of chat or completions: "" when it is already what clients are promised. `response` was read from it.
[[nodiscard]] std::string rewrite_answer(const json::Object& answer, const Request& request, const Response& response);

// A call's id where the provider gave none: the same for the same call of the same answer.
[[nodiscard]] std::string make_call_id(std::string_view answer_id, int64_t choice, int64_t index);

}  // namespace weir::openai_provider
