#include "formats/ollama/loaded.h"

#include "core/json.h"
#include "formats/shared/translation.h"

namespace weir::ollama_provider {
namespace {

std::string_view without_latest(std::string_view name) {
  constexpr std::string_view latest = ":latest";
  return name.ends_with(latest) ? name.substr(0, name.size() - latest.size()) : name;
}

}  // namespace

HttpRequest ask_loaded(const ProviderSettings& provider) {
  HttpRequest http{.method = "GET", .path = "/api/ps"};
  add_bearer(provider, http.headers);
  return http;
}

Result<std::vector<std::string>> read_loaded(std::string body) {
  json::Document document;
  json::Object root;
  json::Array models;
  if (!document.parse(std::move(body)) || document.root().get(root) != simdjson::SUCCESS ||
      root.at_key("models").get(models) != simdjson::SUCCESS) {
    return failure(ErrorCode::upstream_malformed, "the list of running models is none");
  }
  std::vector<std::string> names;
  for (const auto model : models) {
    json::Object one;
    if (model.get(one) != simdjson::SUCCESS) continue;
    const auto name = json::string_or(one, "model", json::string_or(one, "name"));
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

bool is_same_model(std::string_view a, std::string_view b) { return without_latest(a) == without_latest(b); }

}  // namespace weir::ollama_provider
