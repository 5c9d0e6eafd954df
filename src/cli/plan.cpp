#include "cli/plan.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <ctime>

#include "config/load.h"
#include "plan/assessment.h"
#include "plan/document.h"

namespace weir {
namespace {

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

class PlanCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "plan",
            .summary = "Compute what cloud, local and hybrid cost, and where they break even",
            .details =
                "FILE states a workload and the options to serve it; docs/plans.md has every key, examples/plans/ has "
                "whole files. Every number is traced to its inputs: what is assumed, and which price comes from where, "
                "stands at the end. A file that is called like a verb is reached as ./size.",
            .examples = {"weir plan examples/plans/one-million.yaml",
                         "weir plan plan.yaml --volumes 10k,100k,1M --html plan.html",
                         "weir plan plan.yaml --json | jq .options[].monthly_usd",
                         "weir plan --schema > plan.schema.json"}};
  }

  void options(CLI::App& app) override {
    for (auto& verb : verbs_) verb->add(app);
    app.require_subcommand(0, 1);
    app.add_option("FILE", file_, "The plan, in YAML");
    app.add_option("--volumes", volumes_, "Show costs at these requests a month, instead of those of the plan: 10k,1M")
        ->delimiter(',')
        ->type_name("N,N…");
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
    if (file_.empty()) {
      console.error("name a plan", "as in weir plan examples/plans/one-million.yaml; see weir plan --help");
      return ExitCode::usage;
    }
    return plan_file(console);
  }

 private:
  ExitCode plan_file(Console& console) {
    const auto text = disk_files()(file_);
    if (!text) {
      console.error(fmt::format("cannot read {}", file_), "examples are in examples/plans/");
      return ExitCode::failed;
    }
    const plan::PriceBook book{.models = Catalog(today()), .gpu = plan::find_gpu, .nearest_gpu = plan::nearest_gpu};
    auto read = plan::read_plan(*text, file_, book);
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
  std::vector<std::string> volumes_;
  bool schema_ = false;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace weir
