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
  if (prices.written >= 0) out.key("written").value(dollars(prices.written));
  if (prices.written_long >= 0) out.key("written_long").value(dollars(prices.written_long));
  if (prices.unit >= 0) out.key("per_unit").value(dollars(prices.unit));
  if (prices.long_above > 0) {
    out.key("long_prompt").begin_object().key("above").value(prices.long_above);
    out.key("input").value(dollars(prices.long_prompt.input)).key("cached").value(dollars(prices.long_prompt.cached));
    out.key("output").value(dollars(prices.long_prompt.output)).end_object();
  }
  out.key("unit").value("USD per 1M tokens");
  out.end_object();
}

}  // namespace

void write_services(json::Writer& out, OperationSet services) {
  out.key("serves").begin_array();
  for (const auto operation : all_operations) {
    if (operation != Operation::token_count && holds(services, operation)) out.value(service_name(operation));
  }
  out.end_array();
}

OperationSet services_of(const ModelSettings& model, const ProviderSettings& provider) {
  return model.serves() & provider.format_serves;
}

void write_model_fields(json::Writer& out, const ModelSettings& model, const ProviderSettings& provider) {
  out.key("name").value(model.name);
  out.key("provider").value(provider.id);
  out.key("zone").value(to_string(model.zone ? *model.zone : provider.zone));
  out.key("context_length");
  if (model.context_length > 0)
    out.value(model.context_length);
  else
    out.null();
  if (model.max_output > 0) out.key("max_output_tokens").value(model.max_output);
  write_services(out, services_of(model, provider));
  write_prices(out, model.prices);
  if (provider.cost_per_hour > 0) out.key("cost_per_hour").value(dollars(provider.cost_per_hour));
  if (model.price_by_rule) out.key("price_by_rule").boolean(true);
  if (!model.prices_as_of.empty()) out.key("prices_as_of").value(model.prices_as_of);
  if (provider.adapter == "sandbox") out.key("sandbox").boolean(true);
}

}  // namespace weir
