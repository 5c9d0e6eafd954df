// The parts of the OpenAI provider adapter, shared with adapters whose servers speak the same format (sandbox). Pure
// functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"
#include "formats/format.h"

namespace weir::openai_provider {

inline constexpr std::string_view dialect = "openai";

// The whole request, by bytes where it came in the same dialect, else from canonical form.
[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill);
// The model side of this format.
[[nodiscard]] const ModelFace& face();
// The caller's own body with the fewest bytes changed.
[[nodiscard]] std::string splice_body(const Request& request, const Target& target, std::string_view prefill);
// A body from canonical form.
[[nodiscard]] std::string translate_body(const Request& request, const Target& target, std::string_view prefill);

// Below the provider's base URL: `/v1/models` where that has no path of its own, else `/models`; Azure's own where it
// is Azure; with the provider's query. `model`: as the provider names it.
[[nodiscard]] std::string path_for(const ProviderSettings& provider, std::string_view tail, std::string_view model);
// Of its list of models; "" where there is none.
[[nodiscard]] std::string list_path(const ProviderSettings& provider);
void add_credential(const ProviderSettings& provider, Headers& headers);

// `"prefix": true` and the like of a message that is to be continued, and what the body needs beside it. The text must
// not be empty.
[[nodiscard]] std::string prefill_message(const Quirks& quirks, std::string_view prefill);

[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
// The data of one event of a stream.
[[nodiscard]] Status read_stream(std::string_view data, StreamState& state, json::Document& scratch,
                                 std::vector<StreamEvent>& out);
// One event that has been parsed from `data`; of `mended` data no byte can go on.
enum class Source : uint8_t { strict, mended };
[[nodiscard]] Status read_event(const json::Element& root, std::string_view data, Source source, StreamState& state,
                                std::vector<StreamEvent>& out);
[[nodiscard]] Result<ModelList> read_models(std::string body);

// Shared by whole answers and streams.
[[nodiscard]] Usage read_usage(const json::Object& usage);
void add_timings(const json::Object& timings, Usage& usage);
// `flex`, `priority` …; what everybody gets, under whatever name, is `standard`.
[[nodiscard]] ServiceTier read_tier(std::string_view name);
[[nodiscard]] FinishReason read_finish(std::string_view reason);

}  // namespace weir::openai_provider
