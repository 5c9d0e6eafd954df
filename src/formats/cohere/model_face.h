// The model side of Cohere's API, version 2: /v2/chat, /v2/embed, /v2/rerank. Pure functions; safe from any thread.
// Wire format: Cohere's API reference and its OpenAPI description.
//
// What differs from what clients of other formats ask:
//   - Texts beside tool calls are `tool_plan`; several system messages stay as they are; `developer` is `system`.
//   - `tool_choice` is REQUIRED or NONE: one tool by its name is unsupported, unless it is the only one.
//   - Sampling has narrower bounds (temperature 0 to 1, penalties 0 to 1, top_p 0.01 to 0.99, top_k up to 500): what
//   lies
//     outside is taken to the bound. A seed below 0 is left out.
//   - A schema beside tools, more than five stop sequences, several answers, alternatives of tokens: unsupported.
//   - An embedding says what for. Clients that do not say (OpenAI's) are taken to embed documents, as most calls do; a
//     text that is too long is refused, not cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"
#include "formats/format.h"

namespace weir::cohere_provider {

inline constexpr std::string_view name = "cohere";

[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill);
// From canonical form. unsupported, with its place, for what Cohere cannot take.
[[nodiscard]] Result<std::string> translate_body(const Request& request, const Target& target);

[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
[[nodiscard]] std::unique_ptr<EventReader> make_reader();
[[nodiscard]] Result<ModelList> read_models(std::string body);
// The model side of this format.
[[nodiscard]] const ModelFace& face();

// ---- shared by whole answers and streams

// Tokens, as floats there; `usage` of a chat, `meta` of what else is asked.
[[nodiscard]] Usage read_usage(const json::Object& usage);
// `none` for ERROR and TIMEOUT, which end no answer.
[[nodiscard]] FinishReason read_finish(std::string_view reason);
[[nodiscard]] Error generation_failed(std::string_view reason, std::string_view words);
// OpenAI's form of one of Cohere's items, or of a list of them; "" for what is none.
[[nodiscard]] std::string read_logprobs(const json::Element& items);

}  // namespace weir::cohere_provider
