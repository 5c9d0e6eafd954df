// What a model is, as fields of a JSON object that has begun: the same in `GET /v1/models` and `weir models --json`.
#pragma once

#include "core/json.h"
#include "core/snapshot.h"

namespace weir {

// name, provider, zone, context_length (null: not known), prices (null: not known; dollars per million tokens),
// and where they apply cost_per_hour (dollars), prices_as_of (a date) and sandbox.
void write_model_fields(json::Writer& out, const ModelSettings& model, const ProviderSettings& provider);

}  // namespace weir
