#include "core/model_json.h"

namespace weir {
namespace {

double dollars(MicroDollars amount) { return static_cast<double>(amount) / 1e6; }

void write_prices(json::Writer& out, const Prices& prices) {
  out.key("prices");
  if (!prices.known) {
    out.null();
    return;
  }
  out.begin_object();
  out.key("input").value(dollars(prices.input));
  out.key("cached").value(dollars(prices.cached));
  out.key("output").value(dollars(prices.output));
  out.key("unit").value("USD per 1M tokens");
  out.end_object();
}

}  // namespace

void write_model_fields(json::Writer& out, const ModelSettings& model, const ProviderSettings& provider) {
  out.key("name").value(model.name);
  out.key("provider").value(provider.id);
  out.key("zone").value(to_string(provider.zone));
  out.key("context_length");
  if (model.context_length > 0)
    out.value(model.context_length);
  else
    out.null();
  write_prices(out, model.prices);
  if (provider.cost_per_hour > 0) out.key("cost_per_hour").value(dollars(provider.cost_per_hour));
  if (!model.prices_as_of.empty()) out.key("prices_as_of").value(model.prices_as_of);
  if (provider.adapter == "sandbox") out.key("sandbox").boolean(true);
}

}  // namespace weir
