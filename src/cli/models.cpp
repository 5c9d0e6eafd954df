#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "config/render.h"
#include "core/model_json.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

std::string as_json(const Snapshot& snapshot) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("routes").begin_array();
  for (const RouteSettings& route : snapshot.routes) {
    out.begin_object().key("name").value(route.name).key("baseline");
    if (route.baseline)
      out.value(snapshot.models[*route.baseline].id);
    else
      out.null();
    out.end_object();
  }
  out.end_array().key("models").begin_array();
  for (const ModelSettings& model : snapshot.models) {
    out.begin_object().key("id").value(model.id);
    write_model_fields(out, model, snapshot.providers[model.provider]);
    out.end_object();
  }
  out.end_array().key("sandbox").boolean(snapshot.sandbox);
  out.end_object();
  return text;
}

class ModelsCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "models",
            .summary = "List routes and models, with zone, context length and prices",
            .details =
                "The same that `weir serve` would offer now: without a configuration, local servers are looked "
                "for and asked for their models.",
            .examples = {"weir models", "weir models --config weir.yaml --json"}};
  }

  void options(CLI::App& app) override {
    config_.add(app);
    json_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const Bootstrap start = bootstrap(config_.file(), DataOption{}.folder());
    if (!start.problems.empty()) console.note(render_problems(start.problems, start.text));
    if (!start.snapshot) return ExitCode::config_invalid;
    if (json_.given) {
      console.print_line(as_json(*start.snapshot));
      return ExitCode::ok;
    }
    console.print(render_routes(*start.snapshot, console.columns()));
    console.print("\n");
    console.print(render_models(*start.snapshot, console.columns()));
    if (const auto note = prices_note(*start.snapshot); !note.empty()) console.print_line("\n" + note);
    return ExitCode::ok;
  }

 private:
  ConfigOption config_;
  JsonOption json_;
};

}  // namespace

std::unique_ptr<Command> make_models_command() { return std::make_unique<ModelsCommand>(); }

}  // namespace weir
