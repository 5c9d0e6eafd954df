// The client side of Ollama's own API, so that Ollama's clients find their server in this gateway. Pure functions; safe
// from any thread. Wire format: Ollama's API reference and its OpenAPI description.
//
//   POST /api/chat       streams unless `stream` is false; a tool call comes whole, in one line
//   POST /api/generate   a chat of one user message; with `raw` or `suffix` a completion
//   POST /api/embed      `input`; POST /api/embeddings is the older way: `prompt`, one text
//   GET  /api/tags, POST /api/show, GET /api/ps, GET /api/version: about the gateway's own models
//
// Times are told in nanoseconds there. The gateway's formats have no clock, so every duration is 0 (Ollama itself
// leaves a 0 out, but its clients' types promise a number). What the gateway does not know of a model (digest, size,
// quantisation) is empty or 0. A request without a prompt asks Ollama to load a model: only Ollama's own servers can.
#pragma once

#include <string>
#include <string_view>

#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::ollama_client {

inline constexpr std::string_view name = "ollama";
// Request::variant: asked by /api/generate, by /api/embeddings.
inline constexpr std::string_view generate = "generate";
inline constexpr std::string_view embeddings = "embeddings";

[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);
[[nodiscard]] std::string write_response(const Response& response, const Request& request);
[[nodiscard]] std::string write_error(const Error& error);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);
[[nodiscard]] Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> models);
// The client side of this format.
[[nodiscard]] const ClientFace& face();

// ---- shared by whole answers and streams

// `2026-08-21T10:00:00Z`, of seconds since the epoch.
[[nodiscard]] std::string write_time(int64_t seconds);
// `model`, `created_at`.
void write_head(json::Writer& writer, std::string_view model, int64_t created);
// One call of `message.tool_calls`.
void write_call(json::Writer& writer, const AnswerToolCall& call, int64_t index);
// `logprobs`, from OpenAI's form of a chat or a completion; nothing for "".
void write_logprobs(json::Writer& writer, const std::string& logprobs);
// `done`, `done_reason`, counts and durations.
void write_tail(json::Writer& writer, FinishReason finish, const Usage& usage);

}  // namespace weir::ollama_client
