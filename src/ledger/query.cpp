#include "ledger/query.h"

#include <algorithm>

#include "core/json.h"
#include "core/saturating.h"
#include "report/shown_text.h"
#include "report/text_table.h"

namespace weir {
namespace {

struct Group {
  UsageGroup group;
  std::string_view name;
};
constexpr std::array groups = {Group{UsageGroup::model, "model"}, Group{UsageGroup::route, "route"},
                               Group{UsageGroup::key, "key"},     Group{UsageGroup::zone, "zone"},
                               Group{UsageGroup::day, "day"},     Group{UsageGroup::task, "task"}};

// The sums of a row, under the names they have in JSON.
struct Sum {
  std::string_view name;
  int64_t UsageRow::*field;
};
constexpr std::array sums = {
    Sum{"requests", &UsageRow::requests},
    Sum{"errors", &UsageRow::errors},
    Sum{"input_tokens", &UsageRow::input},
    Sum{"cached_tokens", &UsageRow::cached},
    Sum{"output_tokens", &UsageRow::output},
    Sum{"reasoning_tokens", &UsageRow::reasoning},
    Sum{"cost_micro_usd", &UsageRow::cost},
    Sum{"baseline_micro_usd", &UsageRow::baseline},
    Sum{"saved_micro_usd", &UsageRow::saved},
    Sum{"without_baseline", &UsageRow::without_baseline},
    Sum{"unpriced", &UsageRow::unpriced},
    Sum{"estimated", &UsageRow::estimated},
    Sum{"implausible", &UsageRow::implausible},
    Sum{"sandbox", &UsageRow::sandbox},
    Sum{"cache_write_tokens", &UsageRow::written},
    Sum{"uncertain", &UsageRow::uncertain},
    Sum{"stated", &UsageRow::stated},
    Sum{"by_rule", &UsageRow::by_rule},
    Sum{"cache_hits", &UsageRow::cache_hits},
    Sum{"cache_saved_micro_usd", &UsageRow::cache_saved},
};

std::string shown_group(const UsageReport& report, const UsageRow& row) {
  if (!row.group.empty()) return row.group;
  switch (report.query.by) {
    case UsageGroup::route:
      return "(no route: a model was named)";
    case UsageGroup::key:
      return "(no key)";
    case UsageGroup::task:
      return "(not estimated)";
    default:
      return "(none answered)";
  }
}

// Where no request of a row has a baseline, nothing can be said about savings; 0 would be a claim.
std::vector<std::string> cells(std::string group, const UsageRow& row) {
  const bool compared = row.baseline != 0 || row.saved != 0;
  return {std::move(group),
          std::to_string(row.requests),
          std::to_string(row.errors),
          std::to_string(row.input),
          std::to_string(row.output),
          format_money(row.cost),
          compared ? format_money(row.baseline) : "-",
          compared ? format_money(row.saved) : "-"};
}

// `Model`, `Route` …
std::string title_of(UsageGroup group) {
  std::string title(to_string(group));
  title.front() = static_cast<char>(title.front() - 'a' + 'A');
  return title;
}

std::string requests(int64_t count) { return fmt::format("{} {}", count, count == 1 ? "request" : "requests"); }

// What the sums do not say, a sentence each.
void append_notes(std::string& text, const UsageRow& total, std::size_t width) {
  const auto note = [&](int64_t count, std::string_view said) {
    if (count == 0) return;
    for (const auto& line : report::wrapped(fmt::format("{} {}", requests(count), said), width)) text += line + '\n';
  };
  note(total.unpriced,
       "used a model without a known price: the cost lacks them. Give the model `prices`, or its provider "
       "`cost_per_hour`.");
  note(total.uncertain,
       "are counted by an estimate: their service tier, or the sound, images or video in them, has no known price.");
  note(total.by_rule,
       "used a model whose name the price catalog does not list: a rule for names like it gave the price. Give the "
       "model `prices` to be sure.");
  note(total.stated, "are counted at what the provider itself said that they cost.");
  note(total.without_baseline, "had no baseline: \"saved\" says nothing about them. Give the route a `baseline`.");
  note(total.estimated, "came without usage from the provider: the tokens are estimated.");
  note(total.implausible, "came with a usage that cannot be: it was cut to what their model can take and give.");
  note(total.cache_hits,
       fmt::format("came from a cache and cost nothing; making them cost {}.", format_money(total.cache_saved)));
  note(total.sandbox, "were answered by sandbox models: that is no real money.");
}

void append_row(json::Writer& out, const UsageRow& row) {
  for (const auto& [name, field] : sums) out.key(name).value(row.*field);
}

}  // namespace

Result<UsageGroup> parse_usage_group(std::string_view text) {
  std::string known;
  for (const auto& [group, name] : groups) {
    if (name == text) return group;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return failure(ErrorCode::invalid_request, fmt::format("usage cannot be grouped by `{}`; by: {}", text, known));
}

std::string_view to_string(UsageGroup group) { return groups[static_cast<std::size_t>(group)].name; }

Result<UsageReport> usage_report(Store& store, const UsageQuery& query) {
  auto rows = store.usage(query);
  if (!rows) return failure(rows.error());
  UsageReport report{.query = query, .rows = std::move(*rows), .total = {}};
  const bool by_day = query.by == UsageGroup::day;
  std::sort(report.rows.begin(), report.rows.end(), [by_day](const UsageRow& a, const UsageRow& b) {
    if (by_day || a.cost == b.cost) return a.group < b.group;
    return a.cost > b.cost;
  });
  for (const auto& row : report.rows) {
    for (const auto& sum : sums) report.total.*sum.field = saturating_add(report.total.*sum.field, row.*sum.field);
  }
  return report;
}

std::string to_table(const UsageReport& report, std::size_t width) {
  if (report.rows.empty()) return "No requests in that time.\n";
  using report::Align;
  const std::array columns = {report::Column{title_of(report.query.by)},  report::Column{"Requests", Align::right},
                              report::Column{"Errors", Align::right},     report::Column{"Tokens in", Align::right},
                              report::Column{"Tokens out", Align::right}, report::Column{"Cost", Align::right},
                              report::Column{"Baseline", Align::right},   report::Column{"Saved", Align::right}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : report.rows) rows.push_back(cells(shown_group(report, row), row));
  rows.push_back(cells("total", report.total));
  auto text = report::text_table(columns, rows, width);
  append_notes(text, report.total, width);
  return text;
}

std::string to_json(const UsageReport& report) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("by").value(to_string(report.query.by)).key("since").value(format_time(report.query.since_us));
  out.key("until");
  report.query.until_us == INT64_MAX ? out.null() : out.value(format_time(report.query.until_us));
  out.key("rows").begin_array();
  for (const auto& row : report.rows) {
    out.begin_object().key("group").value(row.group);
    append_row(out, row);
    out.end_object();
  }
  out.end_array().key("total").begin_object();
  append_row(out, report.total);
  out.end_object().end_object();
  text += '\n';
  return text;
}

}  // namespace weir
