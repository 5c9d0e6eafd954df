// An advice as a report and as JSON.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/json.h"
#include "economics/advice/advice.h"
#include "economics/base/money.h"
#include "economics/cost/comparison.h"

namespace weir::plan {
namespace {

std::string standing_text(const Advice& advice, Verdict verdict) {
  if (verdict == advice.verdict) return "chosen";
  const auto& ties = advice.choice.ties;
  if (std::find(ties.begin(), ties.end(), verdict) != ties.end()) return "the same price";
  std::string missed;
  for (const Need& need : advice.needs) {
    if (!need.met_by(verdict)) missed += (missed.empty() ? "" : ", ") + need.name;
  }
  return missed.empty() ? "dearer" : "does not meet " + missed;
}

std::string hardware_text(const std::optional<Hardware>& hardware) {
  if (!hardware) return "-";
  return fmt::format("{} × ({}), {}", grouped(hardware->machines), hardware->title, to_string(hardware->paid));
}

Table options_table(const Advice& advice, const Economics& economics) {
  Table table{.columns = {{"choice"},
                          {"a month", Align::right},
                          {"cloud", Align::right},
                          {"machines", Align::right},
                          {"people", Align::right},
                          {"local", Align::right},
                          {"hardware"},
                          {"standing"}}};
  for (const Verdict verdict : all_verdicts) {
    const OptionCost& cost = economics.of(verdict);
    table.rows.push_back({std::string(to_string(verdict)), dollars(cost.monthly), dollars(cost.cloud_part),
                          dollars(cost.machines_part), dollars(cost.people_part), percent(cost.local_share / 1000),
                          hardware_text(cost.hardware), standing_text(advice, verdict)});
  }
  return table;
}

std::string met_text(const Need& need, Verdict verdict) {
  return need.met_by(verdict) ? "yes" : "no: " + need.why_not[verdict];
}

std::string cost_text(const Need& need, const Advice& advice, std::size_t i) {
  const auto& cost = advice.choice.costs[i];
  if (!cost) return "not met";
  if (*cost != 0) return dollars(*cost);
  const bool excludes =
      std::any_of(all_verdicts.begin(), all_verdicts.end(), [&](Verdict verdict) { return !need.met_by(verdict); });
  return excludes ? "$0" : "-";
}

Table needs_table(const Advice& advice) {
  Table table{.columns = {{"need"}, {"stated"}, {"cloud"}, {"hybrid"}, {"local"}, {"costs a month", Align::right}}};
  for (std::size_t i = 0; i < advice.needs.size(); ++i) {
    const Need& need = advice.needs[i];
    table.rows.push_back({need.name, need.stated, met_text(need, Verdict::cloud), met_text(need, Verdict::hybrid),
                          met_text(need, Verdict::local), cost_text(need, advice, i)});
  }
  table.rows.push_back({"all together", "", "", "", "", dollars(advice.choice.needs_cost)});
  return table;
}

Table facts_table(const Advice& advice) {
  Table table{.columns = {{"looked at"}, {"number"}}};
  for (const Fact& fact : advice.facts) table.rows.push_back({fact.what, fact.number});
  return table;
}

Notes assumptions_of(const Economics& economics) {
  Notes notes;
  for (const Assumption& one : economics.assumptions) {
    notes.items.push_back(fmt::format("{}: {} ({}).", one.what, one.value, one.from));
  }
  return notes;
}

double to_dollars(MicroDollars amount) { return static_cast<double>(amount) / 1e6; }

Chart parts_chart(const Economics& economics) {
  Chart chart{.title = "What each choice costs a month", .kind = ChartKind::bars, .y_label = "dollars a month"};
  const std::array<std::pair<std::string, MicroDollars OptionCost::*>, 3> parts = {
      {{"cloud", &OptionCost::cloud_part},
       {"machines", &OptionCost::machines_part},
       {"people", &OptionCost::people_part}}};
  for (const Verdict verdict : all_verdicts) chart.categories.emplace_back(to_string(verdict));
  for (const auto& [name, part] : parts) {
    Series& series = chart.series.emplace_back(Series{.name = name, .points = {}});
    double x = 0;
    for (const Verdict verdict : all_verdicts) series.points.push_back({x++, to_dollars(economics.of(verdict).*part)});
  }
  return chart;
}

Chart curve_chart(const Answers& answers, const Economics& economics) {
  Chart chart{.title = "From which volume local is cheaper",
              .kind = ChartKind::line,
              .x_label = "requests a month",
              .y_label = "dollars a month",
              .x_scale = Scale::logarithmic,
              .y_scale = Scale::logarithmic,
              .series = {{.name = "cloud", .points = {}}, {.name = "local", .points = {}}},
              .marks = {{"today", static_cast<double>(answers.workload.requests)}}};
  for (const CostPoint& point : economics.curve) {
    chart.series[0].points.push_back({static_cast<double>(point.requests), to_dollars(point.cloud)});
    chart.series[1].points.push_back({static_cast<double>(point.requests), to_dollars(point.local)});
  }
  const auto shown_to = static_cast<double>(economics.curve.empty() ? 0 : economics.curve.back().requests);
  if (economics.break_even && static_cast<double>(*economics.break_even) <= shown_to) {
    chart.marks.push_back(
        {fmt::format("break-even, {}", grouped(*economics.break_even)), static_cast<double>(*economics.break_even)});
  }
  return chart;
}

void write_option(json::Writer& out, const Advice& advice, const Economics& economics, Verdict verdict) {
  const OptionCost& cost = economics.of(verdict);
  out.begin_object();
  out.key("name").value(to_string(verdict));
  out.key("monthly_usd").value(to_dollars(cost.monthly));
  out.key("monthly_micro_usd").value(cost.monthly);
  out.key("breakdown").begin_object();
  out.key("cloud_usd").value(to_dollars(cost.cloud_part));
  out.key("machines_usd").value(to_dollars(cost.machines_part));
  out.key("people_usd").value(to_dollars(cost.people_part));
  out.end_object();
  out.key("local_share_pct").value(static_cast<double>(cost.local_share) / 1e4);
  out.key("standing").value(standing_text(advice, verdict));
  out.key("meets").begin_array();
  for (const Need& need : advice.needs) {
    if (need.met_by(verdict)) out.value(need.name);
  }
  out.end_array();
  out.key("hardware");
  if (const auto& hardware = cost.hardware) {
    out.begin_object();
    out.key("gpu").value(hardware->gpu);
    out.key("gpus_per_machine").value(hardware->cards);
    out.key("machines").value(hardware->machines);
    out.key("paid").value(to_string(hardware->paid));
    out.key("usd_per_machine_hour").value(to_dollars(hardware->per_hour));
    out.key("requests_per_machine_month").value(hardware->requests_per_machine);
    out.key("memory_gb").value(std::round(hardware->memory_bytes / 1e8) / 10);
    out.key("tokens_per_s").value(std::round(hardware->tokens_per_s));
    out.key("first_token_ms").value(std::round(hardware->first_token_s * 1000));
    out.end_object();
  } else {
    out.null();
  }
  out.end_object();
}

void write_need(json::Writer& out, const Advice& advice, std::size_t i) {
  const Need& need = advice.needs[i];
  const auto& cost = advice.choice.costs[i];
  out.begin_object();
  out.key("need").value(need.name);
  out.key("stated").value(need.stated);
  out.key("met").boolean(cost.has_value());
  out.key("costs_usd");
  cost ? out.value(to_dollars(*cost)) : out.null();
  out.key("why_not").begin_object();
  for (const Verdict verdict : all_verdicts) {
    if (!need.met_by(verdict)) out.key(to_string(verdict)).value(need.why_not[verdict]);
  }
  out.end_object();
  out.end_object();
}

}  // namespace

Report to_report(const Answers& answers, const Advice& advice, const Economics& economics) {
  const std::string team = answers.name.empty() ? "" : answers.name + ": ";
  Section needs{.title = "Needs, and what they cost", .blocks = {}};
  if (!advice.needs.empty()) needs.blocks.emplace_back(needs_table(advice));
  needs.blocks.emplace_back(Notes{.items = advice.because});
  return {.title = fmt::format("{}{}", team, to_string(advice.verdict)),
          .subtitle = advice.summary,
          .sections = {
              {.title = "What each choice costs",
               .blocks = {options_table(advice, economics), parts_chart(economics), curve_chart(answers, economics)}},
              std::move(needs),
              {.title = "Also looked at; decides nothing by itself", .blocks = {facts_table(advice)}},
              {.title = fmt::format("Stage: {}", to_string(advice.stage)),
               .blocks = {Notes{.items = {fmt::format("{}.", advice.stage_reason)}}}},
              {.title = "Next step",
               .blocks = {Notes{.items = {advice.next_command, fmt::format("{}.", advice.next_reason)}}}},
              {.title = "Assumptions", .blocks = {assumptions_of(economics)}}}};
}

std::string to_json(const Answers& answers, const Advice& advice, const Economics& economics) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.key("name").value(answers.name);
  out.key("verdict").value(to_string(advice.verdict));
  out.key("summary").value(advice.summary);
  out.key("stage").value(to_string(advice.stage));
  out.key("stage_reason").value(advice.stage_reason);
  out.key("requests_per_month").value(answers.workload.requests);
  out.key("break_even_requests");
  if (economics.break_even) {
    out.value(*economics.break_even);
  } else {
    out.null();
  }
  out.key("cloud_model").value(economics.cloud_model);
  out.key("local_model").value(economics.local_model);
  out.key("options").begin_array();
  for (const Verdict verdict : all_verdicts) write_option(out, advice, economics, verdict);
  out.end_array();
  out.key("needs").begin_array();
  for (std::size_t i = 0; i < advice.needs.size(); ++i) write_need(out, advice, i);
  out.end_array();
  out.key("needs_cost_usd").value(to_dollars(advice.choice.needs_cost));
  out.key("cheapest").value(to_string(advice.choice.cheapest));
  out.key("ties").begin_array();
  for (const Verdict one : advice.choice.ties) out.value(to_string(one));
  out.end_array();
  out.key("because").begin_array();
  for (const std::string& one : advice.because) out.value(one);
  out.end_array();
  out.key("facts").begin_array();
  for (const Fact& fact : advice.facts) {
    out.begin_object();
    out.key("what").value(fact.what);
    out.key("number").value(fact.number);
    out.end_object();
  }
  out.end_array();
  out.key("stays_local").begin_array();
  for (const std::string_view name : ClassNames().list(advice.stays_local)) out.value(name);
  out.end_array();
  out.key("next_step").begin_object();
  out.key("command").value(advice.next_command);
  out.key("why").value(advice.next_reason);
  out.end_object();
  out.key("assumptions").begin_array();
  for (const Assumption& one : economics.assumptions) {
    out.begin_object();
    out.key("what").value(one.what);
    out.key("value").value(one.value);
    out.key("from").value(one.from);
    out.end_object();
  }
  out.end_array();
  out.key("config").value(weir_yaml(answers, advice, economics));
  out.end_object();
  return text;
}

}  // namespace weir::plan
