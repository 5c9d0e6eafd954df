// Reranking as the servers do it that otherwise speak OpenAI's format, which has no such thing: llama-server, vLLM,
// Jina and others (`/rerank` with `documents`, answered by `results`), and Text Embeddings Inference (`texts`, answered
// by a bare list; Quirks::rerank_texts). Pure functions; safe from any thread. Wire format: the servers' own
// references.
#pragma once

#include <string>

#include "formats/format.h"

namespace weir::openai_rerank {

[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target);
// Best first, whatever their order was.
[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);

}  // namespace weir::openai_rerank
