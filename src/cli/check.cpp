#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/paths.h"
#include "config/describe.h"
#include "config/load.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

class CheckCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "check",
            .summary = "Check a configuration without starting anything",
            .details =
                "Everything that is wrong is said at once, each with file, line, column and the mend. Nothing is "
                "asked over the network.",
            .examples = {"weir check", "weir check --config weir.yaml", "weir check --schema > weir.schema.json"}};
  }

  void options(CLI::App& app) override {
    config_.add(app);
    app.add_flag("--schema", schema_, "Print the JSON Schema of the configuration, for editors");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    if (schema_) {
      console.print(config_schema());
      return ExitCode::ok;
    }
    const std::string file = config_.file();
    if (file.empty()) {
      console.error(fmt::format("there is no {}", default_config_file(process_environment()).string()),
                    "name a file with --config; without one `weir serve` uses what it finds on this machine");
      return ExitCode::failed;
    }
    const Loaded loaded = load_config(
        file, {.environment = process_environment(), .catalog = catalog_lookup(), .read_file = disk_files()});
    if (!loaded.problems.empty()) console.note(render_problems(loaded.problems, loaded.text));
    if (!loaded.usable()) return ExitCode::config_invalid;
    const Snapshot& snapshot = loaded.snapshot;
    console.print_line(fmt::format("{}: {} ({} providers, {} models, {} routes)", file,
                                   console.styled(Style::green, "good"), snapshot.providers.size(),
                                   snapshot.models.size(), snapshot.routes.size()));
    return ExitCode::ok;
  }

 private:
  ConfigOption config_;
  bool schema_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace weir
