#include "cli/plan.h"

#include <CLI/CLI.hpp>

namespace weir {
namespace {

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
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    for (auto& verb : verbs_) {
      if (verb->chosen()) return verb->run(console);
    }
    return ExitCode::usage;
  }

 private:
  std::array<std::unique_ptr<PlanVerb>, 2> verbs_ = {make_plan_size(), make_plan_replay()};
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace weir
