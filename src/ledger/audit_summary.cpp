#include "ledger/audit_summary.h"

#include <algorithm>

#include "core/error.h"
#include "core/json.h"
#include "ledger/query.h"

namespace weir {
namespace {

std::vector<std::string_view> parts(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const auto comma = list.find(',');
    out.push_back(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return out;
}

bool was_refused(const AuditRow& row) {
  return row.outcome == to_string(ErrorCode::zone_refused) || row.outcome == to_string(ErrorCode::content_blocked);
}

void count(AuditSums& sums, const AuditRow& row, bool taken_out) {
  ++sums.requests;
  if (!row.left.empty() || (!row.left_redacted.empty() && !taken_out)) {
    ++sums.left;
  } else if (!row.left_redacted.empty()) {
    ++sums.left_redacted;
  } else if (was_refused(row)) {
    ++sums.refused;
  } else {
    ++sums.stayed;
  }
}

std::string requests(int64_t count) { return count == 1 ? "1 request" : fmt::format("{} requests", count); }

std::vector<std::string> cells(std::string name, const AuditSums& sums) {
  return {std::move(name),
          std::to_string(sums.requests),
          std::to_string(sums.stayed),
          std::to_string(sums.refused),
          std::to_string(sums.left_redacted),
          std::to_string(sums.left)};
}

void append_sums(json::Writer& out, const AuditSums& sums) {
  out.key("requests").value(sums.requests).key("stayed").value(sums.stayed).key("refused").value(sums.refused);
  out.key("left_redacted").value(sums.left_redacted).key("left").value(sums.left);
}

void append_chain(json::Writer& out, const ChainCheck& check) {
  out.key("chain").begin_object().key("intact").boolean(check.faults == 0 && check.other_key == 0);
  out.key("rows").value(check.rows).key("erased").value(check.erased).key("other_key").value(check.other_key);
  out.key("fault_count").value(check.faults).key("faults").begin_array();
  for (const auto& fault : check.first_faults) {
    out.begin_object().key("row").value(fault.number).key("request");
    fault.request.empty() ? out.null() : out.value(fault.request);
    out.key("what").value(fault.what).end_object();
  }
  out.end_array().key("head").begin_object().key("row").value(check.head).key("mac").value(check.head_mac);
  out.end_object().end_object();
}

}  // namespace

void AuditTally::take(const AuditRow& row) {
  const auto kinds = parts(row.redacted);
  count(summary_.all, row, !row.redacted.empty());
  if (row.classes.empty()) count(summary_.clean, row, false);
  for (const auto name : parts(row.classes)) {
    const bool taken_out = std::any_of(kinds.begin(), kinds.end(), [&](std::string_view kind) {
      return belongs_to_(kind.substr(0, kind.rfind(':')), name);
    });
    count(summary_.classes[std::string(name)], row, taken_out);
  }
}

std::vector<std::string> statements(const AuditSummary& summary) {
  std::vector<std::string> out;
  if (summary.all.requests == 0) out.emplace_back("No request held a sensitive class or left.");
  for (const auto& [name, sums] : summary.classes) {
    auto text = fmt::format("{} held `{}`; ", requests(sums.requests), name);
    text += sums.left == 0 ? "none left" : fmt::format("{} left as the rules allow", sums.left);
    if (sums.left_redacted > 0) text += fmt::format(", {} went without it", sums.left_redacted);
    out.push_back(text + ".");
  }
  return out;
}

plan::Table audit_table(const AuditSummary& summary) {
  using report::Align;
  plan::Table table{.title = "",
                    .columns = {{"Held"},
                                {"Requests", Align::right},
                                {"Stayed", Align::right},
                                {"Refused", Align::right},
                                {"Left redacted", Align::right},
                                {"Left", Align::right}},
                    .rows = {}};
  for (const auto& [name, sums] : summary.classes) table.rows.push_back(cells(name, sums));
  if (summary.clean.requests > 0) table.rows.push_back(cells("(nothing that is known)", summary.clean));
  table.rows.push_back(cells("all with a row", summary.all));
  return table;
}

plan::Table audit_rows_table(const std::vector<AuditRow>& rows) {
  plan::Table table{.title = "",
                    .columns = {{"row"},
                                {"time"},
                                {"request"},
                                {"caller"},
                                {"route"},
                                {"classes"},
                                {"redacted"},
                                {"left"},
                                {"left_redacted"},
                                {"outcome"},
                                {"reason"}},
                    .rows = {}};
  for (const auto& row : rows) {
    table.rows.push_back({std::to_string(row.number), format_time(row.time_us), row.request, row.caller, row.route,
                          row.classes, row.redacted, row.left, row.left_redacted, row.outcome, row.reason});
  }
  return table;
}

std::vector<std::string> statements(const ChainCheck& check) {
  std::vector<std::string> out;
  for (const auto& fault : check.first_faults) {
    auto text = fault.number > 0 ? fmt::format("Row {}", fault.number) : std::string("The chain");
    if (!fault.request.empty()) text += fmt::format(" ({})", fault.request);
    out.push_back(text + ": " + fault.what + ".");
  }
  if (const auto more = check.faults - static_cast<int64_t>(check.first_faults.size()); more > 0) {
    out.push_back(fmt::format("And {} more.", more));
  }
  if (check.other_key > 0) {
    out.push_back(fmt::format("{} of {} rows were sealed with another key: name it with --key-file to check them.",
                              check.other_key, check.rows));
  }
  if (check.faults == 0 && check.other_key == 0) {
    out.push_back(fmt::format("The chain of {} rows is whole.", check.rows));
  }
  if (check.erased > 0) out.push_back(fmt::format("{} rows are erased: their time was over.", check.erased));
  if (check.head > 0) {
    out.push_back(fmt::format("Its head, to be noted elsewhere: {}:{}", check.head, check.head_mac));
  }
  return out;
}

std::string audit_json(const AuditQuery& query, const AuditSummary& summary, const ChainCheck* check) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("since").value(format_time(query.since_us)).key("until");
  query.until_us == INT64_MAX ? out.null() : out.value(format_time(query.until_us));
  out.key("route");
  query.route.empty() ? out.null() : out.value(query.route);
  append_sums(out, summary.all);
  out.key("without_findings").value(summary.clean.requests).key("classes").begin_array();
  for (const auto& [name, sums] : summary.classes) {
    out.begin_object().key("class").value(name);
    append_sums(out, sums);
    out.end_object();
  }
  out.end_array();
  if (check != nullptr) append_chain(out, *check);
  out.end_object();
  return text;
}

}  // namespace weir
