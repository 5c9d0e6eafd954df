#include "cli/plan.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <ctime>

#include "cli/ledger_traffic.h"
#include "config/load.h"
#include "economics/cost/assessment.h"
#include "economics/document/document.h"
#include "economics/from_ledger/ledger_comparison.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

class PlanCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "plan",
        .summary = "Compute what cloud, local and hybrid cost, and where they break even",
        .details =
            "FILE states a workload and the options to serve it; docs/plans.md has every key, `weir examples` "
            "has whole files. Every number is traced to its inputs: what is assumed, and which price comes from where, "
            "stands at the end. A file that is called like a verb is reached as ./size.\n"
            "With --from-ledger, the workload is measured: tokens, hours of the day, mix. Without a FILE then, the "
            "options are what was really paid, all on each cloud model that was seen, and local and hybrid "
            "candidates from the catalogs.",
        .examples = {"weir examples plans/one-million.yaml > plan.yaml && weir plan plan.yaml",
                     "weir plan plan.yaml --volumes 10k,100k,1M --html plan.html",
                     "weir plan plan.yaml --json | jq .options[].monthly_usd", "weir plan --from-ledger 30d",
                     "weir plan plan.yaml --from-ledger 30d", "weir plan --schema > plan.schema.json"}};
  }

  void options(CLI::App& app) override {
    for (auto& verb : verbs_) verb->add(app);
    app.require_subcommand(0, 1);
    app.add_option("FILE", file_, "The plan, in YAML");
    app.add_option("--volumes", volumes_, "Show costs at these requests a month, instead of those of the plan: 10k,1M")
        ->delimiter(',')
        ->type_name("N,N…");
    app.add_option("--from-ledger", since_,
                   "Measure the workload from when: 30d, 12h, or a UTC date such as 2026-11-01")
        ->type_name("WHEN");
    data_.add(app);
    config_.add(app);
    app.add_flag("--schema", schema_, "Print the JSON Schema of a plan, for editors");
    output_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    for (auto& verb : verbs_) {
      if (verb->chosen()) return verb->run(console);
    }
    if (schema_) {
      console.print(plan::plan_schema());
      return ExitCode::ok;
    }
    if (file_.empty() && since_.empty()) {
      console.error("name a plan, or measure one with --from-ledger 30d",
                    "weir examples lists whole ones to begin with; see weir plan --help");
      return ExitCode::usage;
    }
    std::optional<RecordedTraffic> recorded;
    if (!since_.empty()) {
      auto failed = ExitCode::failed;
      recorded = recorded_traffic(since_, data_, console, failed);
      if (!recorded) return failed;
    }
    return file_.empty() ? plan_ledger(*recorded, console) : plan_file(recorded, console);
  }

 private:
  ExitCode plan_ledger(const RecordedTraffic& recorded, Console& console) {
    Snapshot snapshot;
    const auto file = config_.file();
    if (!file.empty()) {
      auto loaded = load_config(file, {.environment = process_environment(),
                                       .catalog = catalog_lookup(DataOption{}.folder()),
                                       .read_file = disk_files()});
      if (!loaded.usable()) {
        console.note(render_problems(loaded.problems, loaded.text));
        return ExitCode::config_invalid;
      }
      snapshot = std::move(loaded.snapshot);
    }
    auto made =
        plan::comparison_of(recorded.traffic, recorded.month, file.empty() ? nullptr : &snapshot, catalog_of_today());
    if (!made) {
      console.error(made.error().message);
      return ExitCode::failed;
    }
    return show(*made, console);
  }

  ExitCode plan_file(const std::optional<RecordedTraffic>& recorded, Console& console) {
    const auto text = disk_files()(file_);
    if (!text) {
      console.error(fmt::format("cannot read {}", file_), "weir examples lists whole ones");
      return ExitCode::failed;
    }
    const plan::PriceBook book{.models = catalog_of_today(), .gpu = plan::find_gpu, .nearest_gpu = plan::nearest_gpu};
    auto read = plan::read_plan(*text, file_, book, recorded ? std::optional(recorded->month) : std::nullopt);
    if (!read.problems.empty()) console.note(render_problems(read.problems, *text));
    if (!read.comparison) return ExitCode::config_invalid;
    return show(*read.comparison, console);
  }

  ExitCode show(plan::Comparison& comparison, Console& console) {
    if (!volumes_.empty()) comparison.volumes.clear();
    for (const auto& volume : volumes_) {
      const auto count = plan::parse_count(volume);
      if (!count) {
        console.error(fmt::format("--volumes: {} is no number of requests from 1 to 1,000,000,000,000", volume),
                      "write them as in --volumes 10k,100k,1M");
        return ExitCode::usage;
      }
      comparison.volumes.push_back(*count);
    }
    const auto assessment = plan::assess(comparison);
    const auto report =
        output_.csv ? plan::to_plain_table(assessment, comparison) : plan::to_report(assessment, comparison);
    return output_.show(report, plan::to_json(assessment, comparison), console);
  }

  std::array<std::unique_ptr<PlanVerb>, 2> verbs_ = {make_plan_size(), make_plan_replay()};
  std::string file_;
  std::string since_;
  DataOption data_;
  ConfigOption config_;
  std::vector<std::string> volumes_;
  bool schema_ = false;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace weir
