// The client side of Gemini's format: what `@google/genai`, `gemini-cli` and Google's other SDKs speak. Pure functions;
// safe from any thread. Wire format: the reference of the Gemini API (v1beta, generateContent) and its description.
//
// Streams come in two shapes: server-sent events where the target says `alt=sse` (all SDKs do), else one JSON array,
// written element by element. Embeddings too: one for embedContent, a list for batchEmbedContents.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::gemini {

inline constexpr std::string_view format_name = "gemini";

// Request::answer_shape; "" is the usual one.
inline constexpr std::string_view shape_array = "array";
inline constexpr std::string_view shape_batch = "batch";

[[nodiscard]] const ClientFace& client_side();

[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);
// `models/x`, or the same percent-encoded, or the name inside a path of Vertex AI → `x`. What was tuned keeps its
// `tunedModels/`.
[[nodiscard]] std::string model_of(std::string_view named);
// The query holds `alt=sse`.
[[nodiscard]] bool wants_events(std::string_view query);

[[nodiscard]] std::string write_answer(const Response& response, const Request& request);
[[nodiscard]] std::string write_embeddings(const Response& response, const Request& request);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);
[[nodiscard]] std::string write_error(const Error& error);

// Pieces of GenerateContentResponse, shared by whole answers and streams.
[[nodiscard]] std::string_view finish_name(FinishReason reason);
void write_usage(json::Writer& writer, const Usage& usage);
void write_call(json::Writer& writer, const AnswerToolCall& call);

}  // namespace weir::gemini
