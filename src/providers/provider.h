// Provider: a wire format of the model side. Pure functions of bytes: may not open sockets, retry, read the clock or
// the environment, or log bodies. One instance per entry of providers.def, stateless, safe from any thread. What a
// certain server does differently is data (Quirks, presets.h), not another adapter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/http.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/snapshot.h"
#include "core/sse.h"
#include "core/stream_event.h"

namespace weir {

struct ProviderInfo {
  std::string_view name;  // as in providers.def
  std::string_view description;
  std::string_view dialect;  // a request decoded from this dialect is forwarded as bytes; "" = always translated
  Framing framing = Framing::sse;
  std::string_view version_path = "";  // where such a server tells its `version`, and nobody else does; "" = nowhere
  bool chat = true;
  bool completions = true;
  bool embeddings = true;
};

// One model of a server's list, and what the list says of who runs it.
struct ListedModel {
  std::string name;
  std::string owner;       // `owned_by`, in small letters; "" where it is not said
  bool passed_on = false;  // the server says that another's machine answers for it (Ollama's `remote_host`)
};

struct ModelList {
  std::vector<ListedModel> models;
  bool usual = true;  // its form is the one that servers of this format give; false: something else answers there
};

// To whom a request is encoded.
struct Target {
  const ProviderSettings& provider;
  const ModelSettings& model;
  int64_t context = 0;  // to run the model with, where a server is told with each request; 0 = its own will do
};

class Provider {
 public:
  virtual ~Provider() = default;
  [[nodiscard]] virtual ProviderInfo info() const = 0;

  // `prefill`: what was already said to the client and is to be continued ("" = from the start). The credential goes
  // into the headers here. The path is the one below `provider.url`; the client puts `url.path` before it. What the
  // format cannot carry is `unsupported`, with `param`: the next candidate may be able to.
  [[nodiscard]] virtual Result<HttpRequest> encode(const ChatRequest& request, const Target& target,
                                                   std::string_view prefill) const = 0;
  // A 2xx answer. upstream_malformed when it is not what the format promises.
  [[nodiscard]] virtual Result<ChatResponse> decode(const ChatRequest& request, std::string body,
                                                    json::DocumentPool& pool) const = 0;
  // One framed event (SSE: the data; NDJSON: the line). Appends what it means. upstream_malformed: skip it and count
  // it.
  [[nodiscard]] virtual Status decode_event(std::string_view event, StreamState& state, json::Document& scratch,
                                            std::vector<StreamEvent>& out) const = 0;
  // A non-2xx answer as an Error: code, the provider's own message and code, Retry-After.
  [[nodiscard]] virtual Error classify(const HttpResponse& response) const = 0;

  // Model discovery: the request, and the models in its answer.
  [[nodiscard]] virtual HttpRequest list_models(const ProviderSettings& provider) const = 0;
  [[nodiscard]] virtual Result<ModelList> decode_models(std::string body) const = 0;
};

// All entries of providers.def, in that order; nullptr when the name is none.
[[nodiscard]] const std::vector<const Provider*>& providers();
[[nodiscard]] const Provider* find_provider(std::string_view adapter);

}  // namespace weir
