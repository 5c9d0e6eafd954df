#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/examples_data.h"
#include "core/json.h"
#include "core/nearest.h"
#include "report/text_table.h"

namespace weir {
namespace {

class ExamplesCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "examples",
            .summary = "List whole configurations, plans and answers to begin with, or print one",
            .details = "Each says in its first lines what it is for.",
            .examples = {"weir examples", "weir examples laptop.yaml > weir.yaml",
                         "weir examples plans/one-million.yaml > plan.yaml && weir plan plan.yaml"}};
  }

  void options(CLI::App& app) override {
    app.add_option("NAME", name_, "The one to print");
    json_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const std::vector<Example> examples = embedded_examples();
    if (name_.empty()) {
      json_.given ? print_json(console, examples) : print_list(console, examples);
      return ExitCode::ok;
    }
    std::vector<std::string_view> names;
    for (const Example& example : examples) {
      if (example.name == wanted() || example.name == wanted() + ".yaml") {
        console.print(example.text);
        return ExitCode::ok;
      }
      names.push_back(example.name);
    }
    const std::string_view meant = nearest(wanted(), names);
    console.error(fmt::format("there is no example \"{}\"", name_),
                  meant.empty() ? "weir examples lists them" : fmt::format("did you mean \"{}\"?", meant));
    return ExitCode::refused;
  }

 private:
  // As in `examples`, also when it is named as in a clone.
  [[nodiscard]] std::string wanted() const {
    return name_.starts_with("examples/") ? name_.substr(std::string_view("examples/").size()) : name_;
  }

  static void print_list(Console& console, const std::vector<Example>& examples) {
    const std::array columns = {report::Column{"Name"}, report::Column{"What it is"}};
    std::vector<std::vector<std::string>> rows;
    for (const Example& example : examples) rows.push_back({std::string(example.name), example.about()});
    console.print(report::text_table(columns, rows, console.columns()));
  }

  static void print_json(Console& console, const std::vector<Example>& examples) {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("examples").begin_array();
    for (const Example& example : examples) {
      out.begin_object().key("name").value(example.name).key("about").value(example.about()).end_object();
    }
    out.end_array().end_object();
    console.print_line(text);
  }

  std::string name_;
  JsonOption json_;
};

}  // namespace

std::unique_ptr<Command> make_examples_command() { return std::make_unique<ExamplesCommand>(); }

}  // namespace weir
