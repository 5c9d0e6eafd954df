#include "formats/anthropic/model_face.h"

#include "formats/anthropic/wire.h"
#include "formats/shared/errors.h"
#include "formats/shared/translation.h"

namespace weir::anthropic {
namespace {

constexpr std::string_view version_header = "anthropic-version";
constexpr std::string_view first_version = "2023-06-01";   // the key in a header of its own
constexpr std::string_view second_version = "2026-10-21";  // the key as a bearer token; no sampling settings

// Base URLs are written with and without the version.
std::string path_for(const ProviderSettings& provider, std::string_view tail) {
  const bool has_version = provider.url.path.ends_with("/v1") || provider.quirks.no_v1_path;
  std::string path;
  path.reserve(tail.size() + 4);
  path.append(has_version ? "" : "/v1").append(tail);
  return path;
}

// Version, credential and the provider's extra headers. `headers` has the caller's own, which say the version where
// they do.
void add_head(const ProviderSettings& provider, Headers& headers) {
  const auto usual = provider.quirks.anthropic_2026 ? second_version : first_version;
  if (!headers.has(version_header)) {
    std::string header;  // in two steps: g++ 12 sees ghosts in a name that it knows while it compiles
    header.append(version_header);
    headers.add(std::move(header), std::string(usual));
  }
  const bool bearer = provider.quirks.bearer_key || headers.get(version_header) >= second_version;
  if (bearer) return add_bearer(provider, headers);
  if (!provider.api_key.empty()) headers.add("x-api-key", provider.api_key);
  add_extra_headers(provider, headers);
}

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    HttpRequest http{.path = path_for(target.provider, "/messages")};
    http.headers.add("Content-Type", "application/json");
    if (request.stream) http.headers.add("Accept", "text/event-stream");
    const bool as_it_came = request.format == format_name && request.operation == Operation::chat;
    if (as_it_came) {
      for (const auto& [name, value] : request.carried) http.headers.add(name, value);
    }
    add_head(target.provider, http.headers);
    if (as_it_came) {
      http.body = splice_body(request, target, prefill);
      return http;
    }
    auto body = translate_body(request, target, prefill);
    if (!body) return failure(std::move(body.error()));
    http.body = std::move(*body);
    return http;
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request& request) const override { return make_reader(request); }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = path_for(provider, "/models?limit=1000")};
    add_head(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override { return anthropic::read_models(std::move(body)); }
};

}  // namespace

const ModelFace& model_side() {
  static const Face one;
  return one;
}

}  // namespace weir::anthropic
