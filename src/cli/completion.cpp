#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/completion_script.h"

namespace weir {
namespace {

class CompletionCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "completion",
            .summary = "Print a completion script for a shell",
            .details = "",
            .examples = {"source <(weir completion bash)", "weir completion zsh > ~/.zfunc/_weir",
                         "weir completion fish > ~/.config/fish/completions/weir.fish"}};
  }

  void options(CLI::App& app) override {
    app.add_option("shell", shell_, "Which shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const CommandLine line;
    if (shell_ == "bash")
      console.print(bash_completion(line.app()));
    else if (shell_ == "zsh")
      console.print(zsh_completion(line.app()));
    else
      console.print(fish_completion(line.app()));
    return ExitCode::ok;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion_command() { return std::make_unique<CompletionCommand>(); }

}  // namespace weir
