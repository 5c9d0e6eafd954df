#include "economics/replay/replay_report.h"

#include <cmath>

#include "ledger/query.h"

namespace weir::plan {
namespace {

double share_of(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(int64_t part, int64_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.1f} %", 100 * share_of(part, whole));
}

// `12 ms`, `1.25 s`, `3.4 min`.
std::string time_text(int64_t us) {
  const double ms = static_cast<double>(us) / 1e3;
  if (us == 0) return "0 ms";
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 1'000) return fmt::format("{:.0f} ms", ms);
  if (ms < 120'000) return fmt::format("{:.2f} s", ms / 1e3);
  return fmt::format("{:.1f} min", ms / 6e4);
}

std::string time_or_none(int64_t us, const Quantiles& of) { return of.samples == 0 ? "-" : time_text(us); }

int64_t refused(const ReplayResult& result) {
  int64_t sum = 0;
  for (const auto& refusal : result.refusals) sum += refusal.requests;
  return sum;
}

Table money_table(std::span<const ReplayResult> results) {
  Table table{.title = "Money",
              .columns = {{"SCENARIO"},
                          {"METERED", Align::right},
                          {"TOKENS", Align::right},
                          {"MACHINES", Align::right},
                          {"PAID", Align::right},
                          {"SAVED", Align::right},
                          {"LESS PAID", Align::right}}};
  const auto before = results.front().paid();
  for (const auto& result : results) {
    const bool has_baseline = result.baseline > 0 || result.without_baseline < result.answered;
    table.rows.push_back({result.name, format_money(result.cost), format_money(result.token_cost),
                          format_money(result.bill), format_money(result.paid()),
                          has_baseline ? format_money(result.saved) : "-",
                          &result == &results.front() ? "-" : format_money(before - result.paid())});
  }
  return table;
}

Table answers_table(std::span<const ReplayResult> results) {
  Table table{.title = "Answers",
              .columns = {{"SCENARIO"},
                          {"ANSWERED", Align::right},
                          {"LOCAL", Align::right},
                          {"CLOUD", Align::right},
                          {"SPILLED", Align::right},
                          {"REFUSED", Align::right},
                          {"CLIENT LEFT", Align::right}}};
  for (const auto& result : results) {
    table.rows.push_back({result.name, std::to_string(result.answered), percent(result.answered_local, result.answered),
                          percent(result.answered - result.answered_local, result.answered),
                          percent(result.spilled, result.requests), percent(refused(result), result.requests),
                          std::to_string(result.client_gone)});
  }
  return table;
}

Table latency_table(std::span<const ReplayResult> results) {
  Table table{.title = "Latency of answered requests; wait in queues; first token of streams",
              .columns = {{"SCENARIO"},
                          {"P50", Align::right},
                          {"P95", Align::right},
                          {"P99", Align::right},
                          {"WAIT P50", Align::right},
                          {"WAIT P95", Align::right},
                          {"WAIT P99", Align::right},
                          {"TTFT P50", Align::right},
                          {"TTFT P95", Align::right}}};
  for (const auto& result : results) {
    std::vector<std::string> row = {result.name};
    for (const auto us : {result.latency.p50_us, result.latency.p95_us, result.latency.p99_us}) {
      row.push_back(time_or_none(us, result.latency));
    }
    for (const auto us : {result.wait.p50_us, result.wait.p95_us, result.wait.p99_us}) {
      row.push_back(time_or_none(us, result.wait));
    }
    for (const auto us : {result.first_token.p50_us, result.first_token.p95_us}) {
      row.push_back(time_or_none(us, result.first_token));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table refusal_table(std::span<const ReplayResult> results) {
  Table table{.title = "Refusals", .columns = {{"SCENARIO"}, {"CODE"}, {"REQUESTS", Align::right}}};
  for (const auto& result : results) {
    for (const auto& refusal : result.refusals) {
      table.rows.push_back({result.name, refusal.code, std::to_string(refusal.requests)});
    }
  }
  return table;
}

Table machine_table(std::span<const ReplayResult> results) {
  Table table{.title = "Machines",
              .columns = {{"SCENARIO"},
                          {"PROVIDER"},
                          {"MACHINES", Align::right},
                          {"SLOTS", Align::right},
                          {"BUSY", Align::right},
                          {"WAITED", Align::right},
                          {"TURNED AWAY", Align::right},
                          {"METERED", Align::right},
                          {"BILL", Align::right}}};
  for (const auto& result : results) {
    for (const auto& machine : result.machines) {
      table.rows.push_back({result.name, machine.provider, std::to_string(machine.machines),
                            machine.slots > 0 ? std::to_string(machine.slots) : "any",
                            machine.slots > 0 ? fmt::format("{:.1f} %", 100 * machine.busy_share) : "-",
                            std::to_string(machine.waited), std::to_string(machine.turned_away),
                            format_money(machine.metered), format_money(machine.bill)});
    }
  }
  return table;
}

Table model_table(std::span<const ReplayResult> results) {
  Table table{.title = "Models",
              .columns = {{"SCENARIO"},
                          {"MODEL"},
                          {"ZONE"},
                          {"ANSWERED", Align::right},
                          {"TOKENS IN", Align::right},
                          {"TOKENS OUT", Align::right},
                          {"METERED", Align::right}}};
  for (const auto& result : results) {
    for (const auto& model : result.models) {
      table.rows.push_back({result.name, model.model, model.zone, std::to_string(model.answered),
                            std::to_string(model.input), std::to_string(model.output), format_money(model.cost)});
    }
  }
  return table;
}

void note_assumptions(std::vector<std::string>& notes, const ReplayResult& result) {
  if (result.estimated > 0) {
    notes.push_back(
        fmt::format("{}: {} attempts have no record of that request on that model; their time is estimated "
                    "from tokens, at the rates of that model in this ledger or as stated with --speed.",
                    result.name, result.estimated));
  }
  for (const auto& slowdown : result.slowdowns) notes.push_back(fmt::format("{}: {}.", result.name, slowdown));
  for (const auto& model : result.assumed) {
    notes.push_back(
        fmt::format("{}: the speed of {} is not known; it is taken to be as fast as the model that answered "
                    "when recorded. Say it with --speed {}=TOKENS_PER_SECOND.",
                    result.name, model, model));
  }
  if (result.guessed_tokens > 0) {
    notes.push_back(
        fmt::format("{}: {} attempts are of requests that were not answered before; their answers are taken "
                    "to be as long as the mean of their route.",
                    result.name, result.guessed_tokens));
  }
  if (result.without_facts > 0) {
    notes.push_back(
        fmt::format("{}: {} requests were recorded by a version that kept less: they count as having "
                    "neither tools nor images.",
                    result.name, result.without_facts));
  }
  if (result.unpriced > 0) {
    notes.push_back(fmt::format("{}: {} requests used a model without a known price; the sums lack them.", result.name,
                                result.unpriced));
  }
  if (result.sensitive > 0) {
    notes.push_back(fmt::format("{}: {} requests carry a sensitivity class; {} of them reached the cloud.", result.name,
                                result.sensitive, result.sensitive_cloud));
  }
}

Notes notes_of(std::span<const ReplayResult> results, const Traffic& traffic) {
  Notes notes{.title = "Assumptions"};
  notes.items.push_back(
      "METERED is what requests are charged: tokens at their prices, machines by the time that a request held a slot. "
      "PAID is TOKENS and the machines' bill: cost per hour × hours of the span, busy or idle. The difference is idle "
      "time.");
  notes.items.push_back(
      "SAVED is what the answers would have cost on their route's baseline, less METERED. LESS PAID is against the "
      "record, with the machines of the candidate config for both where only their number does not change.");
  notes.items.push_back(
      "The same tokens whoever answers; no failures but recorded ones; keys' limits refuse the same requests again. "
      "Sensitivity comes from what the guards found then: texts are not kept.");
  if (traffic.sandbox > 0) {
    notes.items.push_back(
        fmt::format("{} requests were answered by sandbox models: they are left out.", traffic.sandbox));
  }
  for (const auto& result : results.subspan(1)) note_assumptions(notes.items, result);
  return notes;
}

Notes agreement(const ReplayResult& before, const ReplayResult& result) {
  const auto difference = result.same_cost - result.same_cost_before;
  return {.title = "Against the record",
          .items = {fmt::format("{} of {} answered requests are answered by the same model as when recorded; they cost "
                                "{} now and {} then (difference {}).",
                                result.same_model, before.answered, format_money(result.same_cost),
                                format_money(result.same_cost_before), format_money(difference))}};
}

Chart latency_chart(std::span<const ReplayResult> results) {
  Chart chart{.title = "Latency by scenario",
              .kind = ChartKind::bars,
              .y_label = "milliseconds",
              .y_unit = Unit::milliseconds,
              .categories = {"p50", "p95", "p99"}};
  for (const auto& result : results) {
    auto& series = chart.series.emplace_back(Series{.name = result.name});
    double place = 0;
    for (const auto us : {result.latency.p50_us, result.latency.p95_us, result.latency.p99_us}) {
      series.points.push_back({.x = place++, .y = static_cast<double>(us) / 1e3});
    }
  }
  return chart;
}

Chart money_chart(std::span<const ReplayResult> results) {
  Chart chart{.title = "What is paid, by scenario", .kind = ChartKind::bars, .y_label = "dollars"};
  Series tokens{.name = "tokens"};
  Series machines{.name = "machines"};
  double place = 0;
  for (const auto& result : results) {
    chart.categories.push_back(result.name);
    tokens.points.push_back({.x = place, .y = static_cast<double>(result.token_cost) / 1e6});
    machines.points.push_back({.x = place++, .y = static_cast<double>(result.bill) / 1e6});
  }
  chart.series = {tokens, machines};
  return chart;
}

}  // namespace

Report replay_report(std::span<const ReplayResult> results, const Traffic& traffic) {
  Report report{.title = "Replay",
                .subtitle = fmt::format("{} recorded requests, {} to {} ({})", traffic.arrivals.size(),
                                        format_time(traffic.since_us), format_time(traffic.until_us),
                                        format_span(traffic.span_us()))};
  Section summary{.blocks = {money_table(results), money_chart(results), answers_table(results), latency_table(results),
                             latency_chart(results)}};
  if (auto refusals = refusal_table(results); !refusals.rows.empty()) summary.blocks.emplace_back(std::move(refusals));
  if (auto machines = machine_table(results); !machines.rows.empty()) summary.blocks.emplace_back(std::move(machines));
  summary.blocks.emplace_back(model_table(results));
  if (results.size() > 1) summary.blocks.emplace_back(agreement(results[0], results[1]));
  summary.blocks.emplace_back(notes_of(results, traffic));
  report.sections.push_back(std::move(summary));
  return report;
}

Report replay_table(std::span<const ReplayResult> results, const Traffic& traffic) {
  Table table{.columns = {{"scenario"}}};
  for (const auto* title : {"span_hours",
                            "requests",
                            "answered",
                            "answered_local",
                            "spilled",
                            "refused",
                            "client_gone",
                            "metered_micro_usd",
                            "tokens_micro_usd",
                            "machines_micro_usd",
                            "paid_micro_usd",
                            "baseline_micro_usd",
                            "saved_micro_usd",
                            "latency_p50_us",
                            "latency_p95_us",
                            "latency_p99_us",
                            "wait_p50_us",
                            "wait_p95_us",
                            "wait_p99_us",
                            "first_token_p50_us",
                            "first_token_p95_us",
                            "first_token_p99_us"}) {
    table.columns.push_back({title, Align::right});
  }
  for (const auto& result : results) {
    std::vector<std::string> row = {result.name, fmt::format("{:.6f}", static_cast<double>(traffic.span_us()) / 3.6e9)};
    for (const auto value : {result.requests,
                             result.answered,
                             result.answered_local,
                             result.spilled,
                             refused(result),
                             result.client_gone,
                             result.cost,
                             result.token_cost,
                             result.bill,
                             result.paid(),
                             result.baseline,
                             result.saved,
                             result.latency.p50_us,
                             result.latency.p95_us,
                             result.latency.p99_us,
                             result.wait.p50_us,
                             result.wait.p95_us,
                             result.wait.p99_us,
                             result.first_token.p50_us,
                             result.first_token.p95_us,
                             result.first_token.p99_us}) {
      row.push_back(std::to_string(value));
    }
    table.rows.push_back(std::move(row));
  }
  return {.title = "Replay", .sections = {{.blocks = {std::move(table)}}}};
}

}  // namespace weir::plan
