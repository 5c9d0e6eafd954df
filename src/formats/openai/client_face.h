// The client side of OpenAI's format. Pure functions; safe from any thread. Wire format: OpenAI's API
// reference (chat completions, completions, embeddings) and its OpenAPI description.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"
#include "formats/format.h"

namespace weir::openai_dialect {

inline constexpr std::string_view name = "openai";

[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);
[[nodiscard]] std::string write_response(const Response& response, const Request& request);
[[nodiscard]] std::string write_error(const Error& error);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);
// The client side of this format.
[[nodiscard]] const ClientFace& face();

// The seal of a tool call, where Gemini's clients of this format look for it; nothing for "".
void write_seal(json::Writer& writer, std::string_view signature);
void write_usage(json::Writer& writer, const Usage& usage);
void write_error(json::Writer& writer, const Error& error);

}  // namespace weir::openai_dialect
