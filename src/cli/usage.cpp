#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "ledger/catalog_edition.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"

namespace weir {
namespace {

class UsageCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "usage",
            .summary = "Show requests, tokens, cost and savings",
            .details =
                "SAVED is what the same requests would have cost on their route's baseline model, less what they "
                "did cost. Reads the ledger; the server may run or not.",
            .examples = {"weir usage", "weir usage --since 24h --by route",
                         "weir usage --since 2026-11-01 --by key --json"}};
  }

  void options(CLI::App& app) override {
    data_.add(app);
    json_.add(app);
    app.add_option("--since", since_, "From when: 30m, 24h, 7d, 2w, or a UTC date or time such as 2026-11-01")
        ->type_name("WHEN")
        ->capture_default_str();
    app.add_option("--by", by_, "Group by")
        ->check(CLI::IsMember({"model", "route", "key", "zone", "day", "task"}))
        ->capture_default_str();
    app.add_option("--key", key_, "Only the requests of this key, by its name or id")->type_name("KEY");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const Result<int64_t> since = parse_since(since_, wall_clock_us());
    const Result<UsageGroup> group = parse_usage_group(by_);
    if (!since || !group) {
      console.error(since ? group.error().message : since.error().message);
      return ExitCode::usage;
    }
    const Result<std::unique_ptr<Store>> store =
        open_store("sqlite", {.folder = data_.folder(), .access = StoreAccess::read_only});
    if (!store) {
      console.error(store.error().message, "the ledger begins with the first request: weir serve");
      return ExitCode::data_unavailable;
    }
    const Result<UsageReport> report = usage_report(**store, {.since_us = *since, .by = *group, .key = key_});
    if (!report) {
      console.error(report.error().message);
      return ExitCode::data_unavailable;
    }
    if (json_.given)
      console.print_line(to_json(*report));
    else
      show(*report, console);
    return ExitCode::ok;
  }

 private:
  void show(const UsageReport& report, Console& console) const {
    console.print(to_table(report, console.columns()));
    const auto today = format_date(wall_clock_us());
    const auto note = age_note(current_edition(data_.folder(), today).date, today);
    if (report.total.requests > report.total.sandbox && !note.empty()) console.print_line(note);
  }

  DataOption data_;
  JsonOption json_;
  std::string since_ = "7d";
  std::string by_ = "model";
  std::string key_;
};

}  // namespace

std::unique_ptr<Command> make_usage_command() { return std::make_unique<UsageCommand>(); }

}  // namespace weir
