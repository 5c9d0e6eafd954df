#include "ledger/query.h"

#include <algorithm>

#include "core/json.h"

namespace weir {
namespace {

struct Group {
  UsageGroup group;
  std::string_view name;
};
constexpr std::array groups = {Group{UsageGroup::model, "model"}, Group{UsageGroup::route, "route"},
                               Group{UsageGroup::key, "key"}, Group{UsageGroup::zone, "zone"},
                               Group{UsageGroup::day, "day"}};

// The sums of a row, under the names they have in JSON.
struct Sum {
  std::string_view name;
  int64_t UsageRow::*field;
};
constexpr std::array sums = {
    Sum{"requests", &UsageRow::requests},     Sum{"errors", &UsageRow::errors},
    Sum{"input_tokens", &UsageRow::input},    Sum{"cached_tokens", &UsageRow::cached},
    Sum{"output_tokens", &UsageRow::output},  Sum{"reasoning_tokens", &UsageRow::reasoning},
    Sum{"cost_micro_usd", &UsageRow::cost},   Sum{"baseline_micro_usd", &UsageRow::baseline},
    Sum{"saved_micro_usd", &UsageRow::saved}, Sum{"without_baseline", &UsageRow::without_baseline},
    Sum{"unpriced", &UsageRow::unpriced},     Sum{"estimated", &UsageRow::estimated},
    Sum{"sandbox", &UsageRow::sandbox},
};

std::string shown_group(const UsageReport& report, const UsageRow& row) {
  if (!row.group.empty()) return row.group;
  switch (report.query.by) {
    case UsageGroup::route:
      return "(no route: a model was named)";
    case UsageGroup::key:
      return "(no key)";
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

std::string requests(int64_t count) { return fmt::format("{} {}", count, count == 1 ? "request" : "requests"); }

void append_notes(std::string& text, const UsageRow& total) {
  if (total.unpriced > 0) {
    text += fmt::format(
        "{} used a model without a known price: the cost lacks them. Give the model `prices`, or its "
        "provider `cost_per_hour`.\n",
        requests(total.unpriced));
  }
  if (total.without_baseline > 0) {
    text += fmt::format("{} had no baseline: \"saved\" says nothing about them. Give the route a `baseline`.\n",
                        requests(total.without_baseline));
  }
  if (total.estimated > 0) {
    text += fmt::format("{} came without usage from the provider: their tokens are estimated.\n",
                        requests(total.estimated));
  }
  if (total.sandbox > 0) {
    text += fmt::format("{} were answered by sandbox models: that is no real money.\n", requests(total.sandbox));
  }
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
    for (const auto& sum : sums) report.total.*sum.field += row.*sum.field;
  }
  return report;
}

std::string to_table(const UsageReport& report) {
  if (report.rows.empty()) return "no requests in that time\n";
  std::vector<std::vector<std::string>> rows = {{std::string(to_string(report.query.by)), "requests", "errors",
                                                 "tokens in", "tokens out", "cost", "baseline", "saved"}};
  for (const auto& row : report.rows) rows.push_back(cells(shown_group(report, row), row));
  rows.push_back(cells("total", report.total));
  constexpr std::array<std::size_t, 7> numbers = {1, 2, 3, 4, 5, 6, 7};
  auto text = format_table(rows, numbers);
  append_notes(text, report.total);
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
