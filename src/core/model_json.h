// What a model is, as fields of a JSON object that has begun: the same in `GET /v1/models` and `weir models --json`.
#pragma once

#include "core/json.h"
#include "core/request.h"
#include "core/snapshot.h"

namespace weir {

// serves: `chat`, `completions`, `embeddings` …
void write_services(json::Writer& out, OperationSet services);
// What can be asked of it: what it serves, if its provider's format has it.
[[nodiscard]] OperationSet services_of(const ModelSettings& model, const ProviderSettings& provider);

// name, provider, zone, context_length (null: not known), serves, prices (null: not known; dollars per million tokens),
// and where they apply max_output_tokens, cost_per_hour (dollars), prices_as_of (a date) and sandbox.
void write_model_fields(json::Writer& out, const ModelSettings& model, const ProviderSettings& provider);

}  // namespace weir
