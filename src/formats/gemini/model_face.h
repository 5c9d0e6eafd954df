// The model side of Gemini's format: the Gemini API, and Gemini on Vertex AI where the provider's `url` ends in
// `/v1/projects/P/locations/L/publishers/google` and its credential is an access token. Pure functions; safe from any
// thread. Wire format: the reference of the Gemini API (v1beta, generateContent) and its description.
//
// Left out in a translation because they are hints that the model does not take: penalties where it refuses them,
// `parallel_tool_calls`, `strict`, how closely to look at an image, what to keep in a cache, and all about thinking for
// models that do not think. A seal beside a plain text (Gemini 3) is shown only to who wants to see thoughts.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"
#include "formats/gemini/model_traits.h"

namespace weir::gemini {

[[nodiscard]] const ModelFace& model_side();

// The caller's own body with the fewest bytes changed: the model's name where the body has it, seals that are not this
// provider's, `prefill` behind the contents.
[[nodiscard]] std::string splice_body(const Request& request, const Target& target, std::string_view prefill);
// A body from canonical form; `unsupported` with its place for what Gemini cannot carry.
[[nodiscard]] Result<std::string> translate_body(const Request& request, const Target& target,
                                                 std::string_view prefill);
// `embedContent` for one text, `batchEmbedContents` for more.
[[nodiscard]] Result<std::string> translate_embedding(const Request& request, const Target& target);
// Several texts are asked for, or one in the shape of several.
[[nodiscard]] bool is_batch(const Request& request);
// `models/x`, `tunedModels/x`: the model as bodies and paths have it.
[[nodiscard]] std::string resource_of(std::string_view model_name);

[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
[[nodiscard]] std::unique_ptr<EventReader> make_reader(const Request& request);
[[nodiscard]] Result<ModelList> read_models(std::string body);

}  // namespace weir::gemini
