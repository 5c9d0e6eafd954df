// AuditSummary: what an audit's rows come to, by class: how many requests held it, how many of these stayed on local
// machines, were refused, or left for another zone, without what the class names or with it. Values; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/audit.h"
#include "report/report.h"

namespace weir {

struct AuditSums {
  int64_t requests = 0;
  int64_t stayed = 0;         // answered on local machines, or by nobody
  int64_t refused = 0;        // by a rule; not among those that stayed
  int64_t left_redacted = 0;  // went elsewhere without what the class names
  int64_t left = 0;           // went elsewhere as they were
};

struct AuditSummary {
  AuditSums all;    // requests, whatever they held
  AuditSums clean;  // that held nothing known and left
  std::map<std::string, AuditSums> classes;
};

class AuditTally {
 public:
  // Is that what a finding of the kind (`email`) is called one of the class (`personal`)?
  using BelongsTo = std::function<bool(std::string_view kind, std::string_view name)>;
  explicit AuditTally(BelongsTo belongs_to) : belongs_to_(std::move(belongs_to)) {}
  void take(const AuditRow& row);
  [[nodiscard]] const AuditSummary& summary() const { return summary_; }

 private:
  BelongsTo belongs_to_;
  AuditSummary summary_;
};

// One sentence for each class: `412 requests held personal data; none left.`
[[nodiscard]] std::vector<std::string> statements(const AuditSummary& summary);
[[nodiscard]] plan::Table audit_table(const AuditSummary& summary);
[[nodiscard]] plan::Table audit_rows_table(const std::vector<AuditRow>& rows);
// One sentence a fault, and how the chain stands as a whole.
[[nodiscard]] std::vector<std::string> statements(const ChainCheck& check);
// {since, until, route, requests, …, classes: [{class, requests, stayed, refused, left_redacted, left}], chain: {rows,
// intact, erased, other_key, faults: [{row, request, what}], head: {row, mac}}}; `chain` only where it was checked.
[[nodiscard]] std::string audit_json(const AuditQuery& query, const AuditSummary& summary, const ChainCheck* check);

}  // namespace weir
