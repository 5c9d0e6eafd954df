// The client side of Anthropic's Messages: POST /v1/messages and /v1/messages/count_tokens in the API versions
// 2023-06-01 and 2026-10-21, which differ in nothing that is read here. Pure functions; safe from any thread. Wire
// format: Anthropic's OpenAPI description and the types of @anthropic-ai/sdk.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::anthropic {

[[nodiscard]] const ClientFace& client_side();

[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);
[[nodiscard]] std::string write_answer(const Response& response, const Request& request);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);
// `{"type": "error", "error": {"type": …, "message": …}}`
[[nodiscard]] std::string write_error_body(const Error& error);
// GET /v1/models and /v1/models/ID. unknown_model.
[[nodiscard]] Result<std::string> write_models(const Inquiry& inquiry, std::span<const ModelCard> cards);

// Members of a `usage` that stands whole in a message, with `output` tokens so far.
void write_usage(json::Writer& writer, const Usage& usage);
// Members of a content block. A text; a thought, or a sealed one without a text; a call, `input` as JSON.
void write_text_block(json::Writer& writer, std::string_view text);
void write_thought_block(json::Writer& writer, std::string_view text, std::string_view seal);
void write_call_block(json::Writer& writer, std::string_view id, std::string_view name, std::string_view input);

}  // namespace weir::anthropic
