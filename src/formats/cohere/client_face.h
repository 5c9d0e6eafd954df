// The client side of Cohere's API, version 2, and of reranking as Jina, vLLM and Cohere's version 1 do it. Pure
// functions; safe from any thread. Wire format: Cohere's API reference and its OpenAPI description.
//
//   POST /v2/chat      `tool_plan` is what is said beside calls: it is text before the calls, in both directions; a
//                      stream cannot know whether calls follow, so there text is content
//   POST /v2/embed     texts; images and quantised forms are foreign
//   GET /v1/models     (and one of them) where Cohere's own clients ask: the path is OpenAI's too (server/)
//   POST /v2/rerank, /v1/rerank, /rerank: one answer that holds what the clients of all three look for
//
// Citations are made by Cohere's own models only: `documents`, and citations that are asked for, are foreign. The
// blocks of a tool's result are its text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::cohere_client {

inline constexpr std::string_view name = "cohere";

[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);
[[nodiscard]] std::string write_response(const Response& response, const Request& request);
[[nodiscard]] std::string write_error(const Error& error);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);
[[nodiscard]] Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> cards);
// The client side of this format.
[[nodiscard]] const ClientFace& face();

// ---- shared by whole answers and streams

[[nodiscard]] std::string_view finish_name(FinishReason finish, bool at_stop_sequence);
// An object with `billed_units`, `tokens` and `cached_tokens`.
void write_usage(json::Writer& writer, const Usage& usage);
// One call, with these arguments.
void write_call(json::Writer& writer, const AnswerToolCall& call, std::string_view arguments);
// The tokens of OpenAI's form of logprobs, as JSON: views of it. The ids that Cohere gives, nobody else does.
struct TokenText {
  std::string_view text;
  std::string_view logprob;
};
[[nodiscard]] std::vector<TokenText> tokens_of(const std::string& logprobs);

}  // namespace weir::cohere_client
