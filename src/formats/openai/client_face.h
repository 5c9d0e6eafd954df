// The parts of the OpenAI dialect, for openai.cpp only. Pure functions; safe from any thread. Wire format: OpenAI's API
// reference (chat completions, completions, embeddings) and its OpenAPI description.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"

namespace weir::openai_dialect {

inline constexpr std::string_view name = "openai";

[[nodiscard]] Result<Request> decode_request(Operation operation, std::string body, json::DocumentPool& pool);
[[nodiscard]] std::string encode_response(const Response& response, const Request& request);
[[nodiscard]] std::string encode_error(const Error& error);

void encode_event(const StreamEvent& event, const Request& request, StreamState& state, std::string& out);
void encode_stream_error(const Error& error, std::string& out);

void write_usage(json::Writer& writer, const Usage& usage);
void write_error(json::Writer& writer, const Error& error);

}  // namespace weir::openai_dialect
