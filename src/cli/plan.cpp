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
            .details = "",
            .examples = {"weir plan examples/plans/one-million.yaml"}};
  }

  void options(CLI::App& app) override {
    for (auto& verb : verbs_) verb->add(app);
    app.add_option("FILE", file_, "The plan");
    output_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    for (auto& verb : verbs_) {
      if (verb->chosen()) return verb->run(console);
    }
    const auto text = disk_files()(file_);
    if (!text) {
      console.error(fmt::format("cannot read {}", file_));
      return ExitCode::failed;
    }
    const plan::PriceBook book{.models = Catalog(today()), .gpu = nullptr, .nearest_gpu = nullptr};
    const auto read = plan::read_plan(*text, file_, book);
    if (!read.problems.empty()) console.note(render_problems(read.problems, *text));
    if (!read.scenario) return ExitCode::config_invalid;
    const auto assessment = plan::assess(*read.scenario);
    console.print_line(plan::to_json(assessment, *read.scenario));
    return ExitCode::ok;
  }

 private:
  std::array<std::unique_ptr<PlanVerb>, 2> verbs_ = {make_plan_size(), make_plan_replay()};
  std::string file_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace weir
