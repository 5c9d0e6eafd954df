#include "core/json.h"
#include "economics/replay/replay_report.h"
#include "ledger/query.h"

namespace weir::plan {
namespace {

void append_quantiles(json::Writer& out, std::string_view key, const Quantiles& quantiles) {
  out.key(key);
  if (quantiles.samples == 0) {
    out.null();
    return;
  }
  out.begin_object().key("p50_us").value(quantiles.p50_us).key("p95_us").value(quantiles.p95_us);
  out.key("p99_us").value(quantiles.p99_us).key("samples").value(quantiles.samples).end_object();
}

void append_share(json::Writer& out, std::string_view key, int64_t part, int64_t whole) {
  out.key(key);
  whole == 0 ? out.null() : out.value(static_cast<double>(part) / static_cast<double>(whole));
}

void append_models(json::Writer& out, const ReplayResult& result) {
  out.key("models").begin_array();
  for (const auto& model : result.models) {
    out.begin_object().key("model").value(model.model).key("zone").value(model.zone);
    out.key("answered").value(model.answered).key("attempts").value(model.attempts);
    out.key("input_tokens").value(model.input).key("output_tokens").value(model.output);
    out.key("metered_micro_usd").value(model.cost).end_object();
  }
  out.end_array();
}

void append_machines(json::Writer& out, const ReplayResult& result) {
  out.key("machines").begin_array();
  for (const auto& machine : result.machines) {
    out.begin_object().key("provider").value(machine.provider).key("machines").value(machine.machines);
    out.key("slots").value(machine.slots).key("cost_per_hour_micro_usd").value(machine.per_hour);
    out.key("busy_us").value(machine.busy_us).key("busy_share").value(machine.busy_share);
    out.key("waited").value(machine.waited).key("turned_away").value(machine.turned_away);
    out.key("metered_micro_usd").value(machine.metered).key("bill_micro_usd").value(machine.bill).end_object();
  }
  out.end_array();
}

void append_scenario(json::Writer& out, const ReplayResult& result) {
  out.begin_object().key("name").value(result.name);
  out.key("requests").value(result.requests).key("answered").value(result.answered);
  out.key("client_gone").value(result.client_gone);
  append_share(out, "local_share", result.answered_local, result.answered);
  append_share(out, "cloud_share", result.answered - result.answered_local, result.answered);
  out.key("spilled").value(result.spilled);
  append_share(out, "spill_share", result.spilled, result.requests);
  out.key("refusals").begin_object();
  for (const auto& refusal : result.refusals) out.key(refusal.code).value(refusal.requests);
  out.end_object();
  out.key("metered_micro_usd").value(result.cost).key("tokens_micro_usd").value(result.token_cost);
  out.key("machines_micro_usd").value(result.bill).key("paid_micro_usd").value(result.paid());
  out.key("baseline_micro_usd").value(result.baseline).key("saved_micro_usd").value(result.saved);
  out.key("without_baseline").value(result.without_baseline).key("unpriced").value(result.unpriced);
  append_quantiles(out, "latency", result.latency);
  append_quantiles(out, "queue_wait", result.wait);
  append_quantiles(out, "first_token", result.first_token);
  append_models(out, result);
  append_machines(out, result);
  out.key("sensitive").begin_object().key("requests").value(result.sensitive);
  out.key("reached_cloud").value(result.sensitive_cloud).end_object();
  out.key("same_model").begin_object().key("requests").value(result.same_model);
  out.key("metered_micro_usd").value(result.same_cost);
  out.key("recorded_micro_usd").value(result.same_cost_before).end_object();
  out.key("assumptions").begin_object().key("estimated_attempts").value(result.estimated);
  out.key("guessed_tokens").value(result.guessed_tokens).key("without_facts").value(result.without_facts);
  out.key("slowdowns").begin_array();
  for (const auto& slowdown : result.slowdowns) out.value(slowdown);
  out.end_array().key("unknown_speeds").begin_array();
  for (const auto& model : result.assumed) out.value(model);
  out.end_array().end_object().end_object();
}

}  // namespace

std::string replay_json(std::span<const ReplayResult> results, const Traffic& traffic) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("requests").value(static_cast<int64_t>(traffic.arrivals.size()));
  out.key("since").value(format_time(traffic.since_us)).key("until").value(format_time(traffic.until_us));
  out.key("span_hours").value(static_cast<double>(traffic.span_us()) / 3.6e9);
  out.key("scenarios").begin_array();
  for (const auto& result : results) append_scenario(out, result);
  out.end_array().end_object();
  return text;
}

}  // namespace weir::plan
