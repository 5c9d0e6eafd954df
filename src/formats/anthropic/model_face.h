// The model side of Anthropic's Messages: Anthropic itself, and the servers that speak its format (llama-server, vLLM,
// LM Studio and others). Pure functions; safe from any thread. Wire format: Anthropic's OpenAPI description and the
// types of
// @anthropic-ai/sdk 0.137.0 (API version 2023-06-01) and 1.14.0 (2026-10-21).
//
// Of what other formats say, these have no place here and are left out, because they only steer the sampling: seed,
// presence and frequency penalties, a schema's name; temperature, top_p and top_k where a model does not take them
// (model_traits.h) or thinks; a speaker's name; marks for the cache beyond the four that are allowed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::anthropic {

[[nodiscard]] const ModelFace& model_side();

// The caller's own body with the fewest bytes changed: the model; what it does not take of sampling; thoughts that it
// would refuse, because another model thought them.
[[nodiscard]] std::string splice_body(const Request& request, const Target& target, std::string_view prefill);
// A body from canonical form. unsupported: several answers, log probabilities, JSON without a schema, media that the
// format has no place for.
[[nodiscard]] Result<std::string> translate_body(const Request& request, const Target& target,
                                                 std::string_view prefill);

[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
// The reader may not outlive the request.
[[nodiscard]] std::unique_ptr<EventReader> make_reader(const Request& request);
[[nodiscard]] Result<ModelList> read_models(std::string body);

// Takes what `usage` says over into `out`: counts are of the whole message, and those that are absent stay.
void read_usage(const json::Object& usage, Usage& out);

// Do the thoughts of the turn that goes on with the results of its calls come along, as `thinking {enabled}` asks for?
// True where no such turn goes on.
[[nodiscard]] bool has_thoughts_of_turn(const Request& request);

}  // namespace weir::anthropic
