#include <CLI/CLI.hpp>

#include "cli/plan.h"

namespace weir {
namespace {

class Planreplay final : public PlanVerb {
 public:
  void add(CLI::App& plan) override { app_ = plan.add_subcommand("replay", ""); }
  [[nodiscard]] bool chosen() const override { return app_->parsed(); }
  [[nodiscard]] ExitCode run(Console& console) override {
    console.error("not there yet");
    return ExitCode::failed;
  }

 private:
  CLI::App* app_ = nullptr;
};

}  // namespace

std::unique_ptr<PlanVerb> make_plan_replay() { return std::make_unique<Planreplay>(); }

}  // namespace weir
