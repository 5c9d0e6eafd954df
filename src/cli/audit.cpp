#include "ledger/audit.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>

#include "cli/command.h"
#include "guards/guard.h"
#include "ledger/audit_summary.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"

namespace weir {
namespace {

// Which classes the findings of a kind have, by the guards that find it.
AuditTally::BelongsTo kinds_of_guards() {
  std::map<std::string, ClassSet, std::less<>> classes;
  for (const auto& guard : guard_infos()) {
    for (const auto kind : guard.kinds) classes[std::string(kind)] |= guard.classes;
  }
  return [classes = std::move(classes), names = ClassNames()](std::string_view kind, std::string_view name) {
    const auto known = classes.find(kind);
    const auto wanted = names.find(name);
    if (known == classes.end() || !wanted) return name.starts_with("custom:");  // a word list's
    return (known->second & *wanted) != 0;
  };
}

// `123:ab12…`, as `weir audit --verify` writes it.
std::optional<NotedHead> parse_head(std::string_view text) {
  NotedHead head;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto* end = text.data() + colon;
  const auto [at, fault] = std::from_chars(text.data(), end, head.number);
  if (fault != std::errc() || at != end || head.number <= 0) return std::nullopt;
  head.mac = text.substr(colon + 1);
  if (head.mac.size() != 64) return std::nullopt;
  return head;
}

class AuditCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "audit",
            .summary = "Show what requests held and what of it left, and check that no row is missing",
            .details =
                "Each request that held a sensitive class, or was sent to another zone than a local one, has a row; "
                "each row seals the one before it (HMAC-SHA256, with the key in audit.key in the data folder). "
                "--verify goes over all of them, offline, and exits with 1 where one was altered or is missing. "
                "Note the head it prints in another place: with --head a ledger that was put back to an earlier "
                "state is seen as well.",
            .examples = {"weir audit", "weir audit --since 30d --verify", "weir audit --since 90d --route hr --csv"}};
  }

  void options(CLI::App& app) override {
    data_.add(app);
    json_.add(app);
    app.add_flag("--csv", csv_, "Print every row as CSV")->excludes(app.get_option("--json"));
    app.add_option("--since", since_, "From when: 30m, 24h, 7d, 2w, or a UTC date or time such as 2026-11-01")
        ->type_name("WHEN")
        ->capture_default_str();
    app.add_option("--until", until_, "Until when, as --since (default: now)")->type_name("WHEN");
    app.add_option("--route", route_, "Only the requests of this route")->type_name("NAME");
    app.add_flag("--verify", verify_, "Check the whole chain, whatever --since says");
    app.add_option("--key-file", key_file_, "The chain's key, where it is not the data folder's audit.key")
        ->type_name("FILE");
    app.add_option("--head", head_, "A head that was noted before: its row must still be there")->type_name("N:MAC");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    AuditQuery query{.route = route_};
    NotedHead noted;
    if (const auto wrong = read_options(query, noted)) {
      console.error(wrong->message);
      return ExitCode::usage;
    }
    const Result<std::unique_ptr<Store>> store =
        open_store("sqlite", {.folder = data_.folder(), .access = StoreAccess::read_only});
    if (!store) {
      console.error(store.error().message, "the ledger begins with the first request: weir serve");
      return ExitCode::data_unavailable;
    }
    AuditTally tally(kinds_of_guards());
    std::vector<AuditRow> rows;
    const auto read = (*store)->audit(query, [&](const AuditRow& row) {
      tally.take(row);
      if (csv_) rows.push_back(row);
    });
    if (!read) {
      console.error(read.error().message);
      return ExitCode::data_unavailable;
    }
    std::optional<ChainCheck> check;
    if (verify_ || noted.number > 0) {
      auto checked = check_chain(**store, noted);
      if (!checked) {
        console.error(checked.error().message);
        return ExitCode::data_unavailable;
      }
      check = std::move(*checked);
    }
    show(query, tally.summary(), rows, check, console);
    const bool good = !check || (check->faults == 0 && check->other_key == 0);
    return good ? ExitCode::ok : ExitCode::failed;
  }

 private:
  std::optional<Error> read_options(AuditQuery& query, NotedHead& noted) const {
    const auto since = parse_since(since_, wall_clock_us());
    if (!since) return since.error();
    query.since_us = *since;
    if (!until_.empty()) {
      const auto until = parse_since(until_, wall_clock_us());
      if (!until) return until.error();
      query.until_us = *until;
    }
    if (head_.empty()) return std::nullopt;
    const auto head = parse_head(head_);
    if (!head) return Error{.message = "--head is a number, a colon and 64 digits, as `weir audit --verify` prints it"};
    noted = *head;
    return std::nullopt;
  }

  [[nodiscard]] Result<ChainCheck> check_chain(Store& store, const NotedHead& noted) const {
    const auto file = key_file_.empty() ? (std::filesystem::path(data_.folder()) / "audit.key").string() : key_file_;
    const auto key = read_audit_key(file);
    if (!key) return failure(key.error());
    return store.check_audit(*key, noted);
  }

  void show(const AuditQuery& query, const AuditSummary& summary, const std::vector<AuditRow>& rows,
            const std::optional<ChainCheck>& check, Console& console) const {
    if (json_.given) return console.print_line(audit_json(query, summary, check ? &*check : nullptr));
    plan::Report report;
    if (csv_) {
      report.sections.push_back({.title = "", .blocks = {audit_rows_table(rows)}});
      console.print(plan::to_csv(report));
      if (check) {
        for (const auto& line : statements(*check)) console.note(line);
      }
      return;
    }
    report.title = "Audit";
    report.subtitle = fmt::format("{} to {}{}", format_time(query.since_us),
                                  query.until_us == INT64_MAX ? "now" : format_time(query.until_us),
                                  route_.empty() ? "" : ", route " + route_);
    report.sections.push_back({.title = "", .blocks = {audit_table(summary)}});
    report.sections.push_back({.title = "", .blocks = {plan::Notes{.title = "", .items = statements(summary)}}});
    if (check) {
      report.sections.push_back({.title = "Chain", .blocks = {plan::Notes{.title = "", .items = statements(*check)}}});
    }
    console.print(plan::to_text(report, console.columns()));
  }

  DataOption data_;
  JsonOption json_;
  std::string since_ = "30d";
  std::string until_;
  std::string route_;
  std::string key_file_;
  std::string head_;
  bool csv_ = false;
  bool verify_ = false;
};

}  // namespace

std::unique_ptr<Command> make_audit_command() { return std::make_unique<AuditCommand>(); }

}  // namespace weir
