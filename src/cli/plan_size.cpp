#include <CLI/CLI.hpp>

#include "cli/plan.h"

namespace weir {
namespace {

class Plansize final : public PlanVerb {
 public:
  void add(CLI::App& plan) override { app_ = plan.add_subcommand("size", ""); }
  [[nodiscard]] bool chosen() const override { return app_->parsed(); }
  [[nodiscard]] ExitCode run(Console& console) override {
    console.error("not there yet");
    return ExitCode::failed;
  }

 private:
  CLI::App* app_ = nullptr;
};

}  // namespace

std::unique_ptr<PlanVerb> make_plan_size() { return std::make_unique<Plansize>(); }

}  // namespace weir
