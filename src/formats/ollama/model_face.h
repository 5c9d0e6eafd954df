// The model side of Ollama's own API: newline-delimited JSON, tool arguments as objects, images inline. Pure functions;
// safe from any thread. Wire format: Ollama's API reference and its OpenAPI description (/api/chat, /api/generate,
// /api/embed, /api/tags).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"
#include "formats/format.h"

namespace weir::ollama_provider {

// unsupported for what Ollama cannot take: images by URL, several answers, token ids.
[[nodiscard]] Result<std::string> write_body(const Request& request, const Target& target, std::string_view prefill);

[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
[[nodiscard]] Status read_line(std::string_view line, StreamState& state, json::Document& scratch,
                               std::vector<StreamEvent>& out);
[[nodiscard]] Result<ModelList> read_models(std::string body);
// What `/api/show` tells of one.
void read_model(std::string_view body, ListedModel& model);

// The model side of this format.
[[nodiscard]] const ModelFace& face();

}  // namespace weir::ollama_provider
