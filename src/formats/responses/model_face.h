// The model side of OpenAI's Responses format: OpenAI itself, Azure, and servers that speak /v1/responses. Pure
// functions; safe from any thread. Wire format: OpenAI's OpenAPI description (`CreateResponse`, `Response`,
// `ResponseStreamEvent`).
//
// What comes in the same format goes on as bytes. What is translated is not to be stored (`store: false`). Of the
// canonical form, `stop`, `n`, sounds, videos and files of other providers have no place: unsupported. Left out, as
// hints: `seed`, penalties, `top_k`, cache marks, and thoughts that another provider thought.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::responses {

[[nodiscard]] const ModelFace& model();

// The caller's own body with the fewest bytes changed: the model's name, and items of answers that others gave.
[[nodiscard]] std::string splice_body(const Request& request, const Target& target, std::string_view prefill);
// A body from canonical form.
[[nodiscard]] Result<std::string> translate_body(const Request& request, const Target& target,
                                                 std::string_view prefill);
[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
[[nodiscard]] std::unique_ptr<EventReader> make_reader(const Request& request);

// Shared by whole answers and streams. What an item of `output` says, as parts: none for what only a provider does.
[[nodiscard]] std::vector<AnswerPart> parts_of_item(const json::Object& item, std::string_view shown_in);
// Why an answer ended. `calls`: it has calls of tools.
[[nodiscard]] FinishReason finish_of(const json::Object& response, bool calls);
// As far as it is said: tokens and the tier.
[[nodiscard]] Usage usage_of(const json::Object& response);

}  // namespace weir::responses
