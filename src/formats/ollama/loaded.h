// Which models an Ollama server has in memory now (`GET /api/ps`; docs/api.md of ollama, "List Running Models"). Pure
// functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "core/http.h"
#include "core/result.h"
#include "core/snapshot.h"

namespace weir::ollama_provider {

[[nodiscard]] HttpRequest ask_loaded(const ProviderSettings& provider);
// Their names, as requests name them. upstream_malformed for anything that is no such list.
[[nodiscard]] Result<std::vector<std::string>> read_loaded(std::string body);
// `llama3.2` and `llama3.2:latest` are one.
[[nodiscard]] bool is_same_model(std::string_view a, std::string_view b);

}  // namespace weir::ollama_provider
