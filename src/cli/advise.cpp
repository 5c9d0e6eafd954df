#include <unistd.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <ctime>
#include <deque>
#include <iostream>

#include "cli/ledger_traffic.h"
#include "cli/plan.h"
#include "cli/write_file.h"
#include "config/load.h"
#include "economics/advice/advice.h"
#include "economics/base/money.h"
#include "ledger/query.h"
#include "pipeline/worker.h"

namespace weir {
namespace {

// What of the requests the guards found something in, in words.
std::string found_in(const plan::Traffic& traffic) {
  const auto found = std::count_if(traffic.arrivals.begin(), traffic.arrivals.end(),
                                   [](const plan::Arrival& one) { return one.classes != 0; });
  const auto all = static_cast<int64_t>(traffic.arrivals.size());
  return fmt::format("the guards found sensitive data in {} of {} recorded requests ({})", plan::grouped(found),
                     plan::grouped(all), plan::percent(all == 0 ? 0 : (found * 1000 + all / 2) / all));
}

class AdviseCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "advise",
        .summary = "Advise cloud, local or hybrid, with reasons, costs and a configuration",
        .details =
            "Asks a dozen questions on a terminal, or takes the answers from a file; --from-ledger measures volume, "
            "tokens and hours instead of asking for them. The verdict is the cheapest choice that meets every stated "
            "need; what each need costs is told, and every assumption. What is assumed can be told: by options, "
            "or by keys in the file. `weir examples` has twelve teams, docs/economics.md the "
            "rules.",
        .examples = {"weir advise", "weir examples advice/clinic.yaml > team.yaml && weir advise --answers team.yaml",
                     "weir advise --answers team.yaml --write weir.yaml --html advice.html",
                     "weir advise --answers team.yaml --owned '2 x rtx-4090' --staff-per-month 0",
                     "weir advise --answers team.yaml --local-model gpt-oss-120b --cloud-model openai/gpt-5.4-mini",
                     "weir advise --from-ledger 30d --answers team.yaml --json | jq .verdict"}};
  }

  void options(CLI::App& app) override {
    app.add_option("--answers", answers_file_, "Answers in YAML, instead of questions")->type_name("FILE");
    app.add_option("--from-ledger", since_, "Measure volume, tokens and hours from then on: 7d, 30d, 2026-11-01")
        ->type_name("WHEN");
    add(app, "--cloud-model", "cloud_model", "PROVIDER/NAME", "The rented model, of the price catalog");
    add(app, "--local-model", "local_model", "NAME", "The model on machines of your own");
    add(app, "--quant", "quantisation", "NAME", "Bits of the local model's weights (default: as it is published)");
    add(app, "--owned", "owned", "CARDS", "Cards that are there already, such as \"2 x rtx-4090\": only power is paid");
    add(app, "--cached-share", "cached_share", "SHARE", "Of prompt tokens that the model has read before, such as 40%");
    add(app, "--staff-per-month", "staff_per_month", "DOLLARS", "For whoever runs local machines");
    add(app, "--infrastructure-per-month", "infrastructure_per_month", "DOLLARS", "Monitoring, network, spare parts");
    add(app, "--electricity-per-kwh", "electricity_per_kwh", "DOLLARS", "Of a kilowatt-hour");
    app.add_option("--write", write_, "Write the configuration into this new file")->type_name("FILE");
    data_.add(app);
    output_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    if (answers_file_.empty() && isatty(STDIN_FILENO) == 0) {
      console.error("there is no terminal to ask on",
                    "give the answers with --answers FILE; weir examples lists twelve of them");
      return ExitCode::usage;
    }
    std::optional<Workload> measured;
    if (!since_.empty()) {
      if (const ExitCode code = measure(measured, console); code != ExitCode::ok) return code;
    }
    std::optional<std::string> text;
    if (answers_file_.empty()) {
      text = interview(measured, console);
      if (!text) return ExitCode::ok;
    } else {
      text = disk_files()(answers_file_);
    }
    if (!text) {
      console.error(fmt::format("cannot read {}", answers_file_), "weir examples lists whole ones");
      return ExitCode::failed;
    }
    const plan::AnswersRead read =
        plan::read_answers(*text, answers_file_.empty() ? "your answers" : answers_file_, measured, told());
    if (!read.problems.empty()) console.note(render_problems(read.problems, *text));
    if (!read.answers) return ExitCode::config_invalid;
    return give_advice(*read.answers, console);
  }

 private:
  // One option for a key that is told, not asked for.
  struct ToldOption {
    std::string_view key;
    std::string value;
  };

  void add(CLI::App& app, const std::string& name, std::string_view key, const char* type, const char* what) {
    auto& told = told_.emplace_back(ToldOption{.key = key, .value = {}});
    app.add_option(name, told.value, what)->type_name(type);
  }

  [[nodiscard]] std::vector<plan::GivenAnswer> told() const {
    std::vector<plan::GivenAnswer> given;
    for (const ToldOption& one : told_) {
      if (!one.value.empty()) given.push_back({.key = one.key, .text = one.value});
    }
    return given;
  }

  using Workload = plan::Workload;

  ExitCode measure(std::optional<Workload>& measured, Console& console) const {
    ExitCode failed = ExitCode::ok;
    auto recorded = recorded_traffic(since_, data_, console, failed);
    if (!recorded) return failed;
    measured = std::move(recorded->month);
    console.note(fmt::format("from the {}: {} requests a month; {}", measured->source,
                             plan::grouped(measured->requests), found_in(recorded->traffic)));
    return ExitCode::ok;
  }

  static void prompt(const plan::Question& question, Console& console) {
    console.note("");
    console.note(console.styled_error(Style::bold, question.text));
    std::string ask = "  " + std::string(question.key);
    if (!question.choices.empty()) {
      std::string choices;
      for (const std::string_view one : question.choices) choices += (choices.empty() ? "" : ", ") + std::string(one);
      ask += " (" + choices + ")";
    } else {
      ask += fmt::format(" (such as {})", question.example);
    }
    if (!question.fallback.empty()) ask += fmt::format(" [{}]", question.fallback);
    std::fputs((ask + ": ").c_str(), stderr);
  }

  // The answers as the text of a file; nullopt when the input ended.
  static std::optional<std::string> interview(const std::optional<Workload>& measured, Console& console) {
    console.note("Enter takes what is in [brackets]; Ctrl-D leaves.");
    std::vector<plan::GivenAnswer> given;
    while (const auto question = plan::next_question(given, measured)) {
      prompt(*question, console);
      std::string line;
      if (!std::getline(std::cin, line)) {
        console.note("\nleft; nothing was written");
        return std::nullopt;
      }
      line.erase(line.find_last_not_of(" \t\r") + 1);
      line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
      if (line.empty() && question->fallback.empty()) {
        console.note(fmt::format("  there must be an answer, such as {}", question->example));
        continue;
      }
      const plan::GivenAnswer answer{.key = question->key, .text = line};
      if (const auto problem = line.empty() ? std::nullopt : plan::check_answer(answer)) {
        console.note("  " + console.styled_error(Style::red, problem->message) + "\n  " + problem->mend);
        continue;
      }
      given.push_back(answer);
    }
    console.note("");
    return plan::answers_text(given);
  }

  ExitCode give_advice(const plan::Answers& answers, Console& console) const {
    const auto costed = plan::economics_of(answers, catalog_of_today());
    if (!costed) {
      console.error(costed.error().message);
      return ExitCode::refused;
    }
    const plan::Economics& economics = *costed;
    const plan::Advice advice = plan::advise(answers, economics);
    const std::string config = plan::weir_yaml(answers, advice, economics);
    const ExitCode shown =
        output_.show(plan::to_report(answers, advice, economics), plan::to_json(answers, advice, economics), console);
    if (shown != ExitCode::ok) return shown;
    if (!output_.json && !output_.csv && output_.html != "-" && write_.empty()) {
      console.print("\nweir.yaml\n---------\n" + config);
    }
    if (write_.empty()) return ExitCode::ok;
    if (const Status written = write_new_file(write_, config); !written) {
      console.error(written.error().message, "name a new file with --write");
      return ExitCode::failed;
    }
    console.note(fmt::format("the configuration is in {}; check it: weir check --config {}", write_, write_));
    return ExitCode::ok;
  }

  std::string answers_file_;
  std::string since_;
  std::string write_;
  std::deque<ToldOption> told_;  // options keep pointers into it
  DataOption data_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Command> make_advise_command() { return std::make_unique<AdviseCommand>(); }

}  // namespace weir
