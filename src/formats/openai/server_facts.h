// What local servers that speak OpenAI's format tell of their models at paths of their own: llama-server (`/props`), LM
// Studio (`/api/v0/models`), Text Generation Inference (`/info`). Pure functions; safe from any thread.
#pragma once

#include <string_view>
#include <vector>

#include "formats/format.h"

namespace weir::openai_provider {

// As ModelFace::ask_more and read_more.
[[nodiscard]] std::vector<ModelQuestion> ask_more(const ProviderSettings& provider, const ModelList& list);
void read_more(const ModelQuestion& question, std::string_view body, ModelList& list);

}  // namespace weir::openai_provider
