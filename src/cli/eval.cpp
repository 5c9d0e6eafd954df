#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/label_files.h"
#include "core/json.h"
#include "report/text_table.h"
#include "routing/estimator.h"
#include "routing/gain_curve.h"
#include "routing/task_prompts.h"

namespace weir {
namespace {

using routing::GainCurve;
using routing::LabelledRow;

constexpr std::size_t least_rows = 20;
constexpr std::size_t prompts_each = 6;  // of a template of a task

// How many of the rows have prompts that are also among `known`: of those nothing can be said that holds for others.
std::size_t count_known(const std::vector<LabelledRow>& rows, const std::vector<LabelledRow>& known) {
  std::set<std::string_view> prompts;
  for (const auto& row : known) prompts.insert(row.prompt);
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const LabelledRow& row) { return prompts.contains(row.prompt); }));
}

class EvalCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "eval",
            .summary = "Measure the estimates of difficulty and task",
            .details =
                "`eval routing` learns from labelled prompts which of them the strong model answers better, and shows "
                "on other ones what is won by sending it the most difficult share: the accuracy at each share, APGR "
                "(the part of the gap between both models that is recovered, mean over all shares; 0.5 is chance) and "
                "the shares that recover 50 % and 80 % of it (CPT50, CPT80). Files hold a JSON object a line: "
                "{\"prompt\": …, \"weak\": 0 or 1, \"strong\": 0 or 1}; gzip is read too. How many prompts of the "
                "test were also learned from is said.\n"
                "`eval tasks` shows how often the estimate of the task is right, on templates that were kept apart, "
                "or on files with {\"prompt\": …, \"task\": …}.",
            .examples = {"weir eval routing --train a.jsonl.gz --test b.jsonl.gz",
                         "weir eval routing --train a.jsonl --train b.jsonl --test c.jsonl --json", "weir eval tasks"}};
  }

  void options(CLI::App& app) override {
    app.require_subcommand(1);
    routing_ = app.add_subcommand("routing", "What an order of prompts by difficulty is worth");
    routing_->add_option("--train", train_, "Labelled prompts to learn from; may be given more than once")
        ->required()
        ->type_name("FILE");
    routing_->add_option("--test", test_, "Labelled prompts to test on; may be given more than once")
        ->required()
        ->type_name("FILE");
    tasks_ = app.add_subcommand("tasks", "How often the task is right");
    tasks_->add_option("--test", test_, "Prompts with their task (default: templates that were kept apart)")
        ->type_name("FILE");
    data_.add(*tasks_);
    for (CLI::App* sub : {routing_, tasks_}) json_.add(*sub);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    return routing_->parsed() ? run_routing(console) : run_tasks(console);
  }

 private:
  static ExitCode wrong(Console& console, std::string_view what, std::string_view hint = {}) {
    console.error(what, hint);
    return ExitCode::usage;
  }

  // The scored rows of the files.
  static Result<std::vector<LabelledRow>> scored_rows(const std::vector<std::string>& files) {
    auto rows = read_label_files(files);
    if (rows) std::erase_if(*rows, [](const LabelledRow& row) { return !row.scored; });
    return rows;
  }

  ExitCode run_routing(Console& console) {
    const auto train = scored_rows(train_);
    if (!train) return wrong(console, train.error().message);
    const auto test = scored_rows(test_);
    if (!test) return wrong(console, test.error().message);
    if (train->size() < least_rows) {
      return wrong(console, fmt::format("{} rows to learn from are too few; {} are needed", train->size(), least_rows));
    }
    const std::size_t known = count_known(*test, *train);
    if (test->empty()) return wrong(console, "no row to test on has `weak` and `strong`");
    const auto began = std::chrono::steady_clock::now();
    const routing::GainModel model = learn(*train);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::vector<routing::Outcome> outcomes;
    for (const auto& row : *test) {
      outcomes.push_back(
          {.score = model.score(routing::text_features(row.prompt)), .weak = row.weak, .strong = row.strong});
    }
    const GainCurve curve = routing::gain_curve(outcomes);
    if (json_.given) {
      print_json(console, curve, model, train->size(), known, took.count());
    } else {
      print_text(console, curve, model, train->size(), known, took.count());
    }
    return ExitCode::ok;
  }

  static routing::GainModel learn(const std::vector<LabelledRow>& rows) {
    TrainingBar bar("learning");
    return routing::GainModel::train(rows, {}, [&](double share) { bar.show(share); });
  }

  static void print_json(Console& console, const GainCurve& curve, const routing::GainModel& model, std::size_t trained,
                         std::size_t known, double seconds) {
    const auto number = [](json::Writer& out, std::string_view key, const std::optional<double>& value) {
      out.key(key);
      value ? out.value(*value) : out.null();
    };
    std::string text;
    json::Writer out(text);
    out.begin_object();
    number(out, "apgr", curve.apgr);
    number(out, "cpt50", curve.cpt50);
    number(out, "cpt80", curve.cpt80);
    out.key("weak").value(curve.weak).key("strong").value(curve.strong);
    out.key("rows").value(static_cast<int64_t>(curve.rows));
    out.key("train_rows").value(static_cast<int64_t>(trained));
    out.key("also_trained_on").value(static_cast<int64_t>(known));
    out.key("cross_validated_apgr").value(model.choice().apgr);
    out.key("seconds").value(seconds);
    out.key("curve").begin_array();
    for (int percent = 0; percent <= 100; percent += 10) {
      out.begin_object();
      out.key("share").value(percent / 100.0).key("accuracy").value(curve.accuracy_at(percent / 100.0));
      out.end_object();
    }
    out.end_array().end_object();
    console.print_line(text);
  }

  static void print_text(Console& console, const GainCurve& curve, const routing::GainModel& model, std::size_t trained,
                         std::size_t known, double seconds) {
    const double gap = curve.strong - curve.weak;
    const std::array columns = {report::Column{"To the strong model"}, report::Column{"Accuracy"},
                                report::Column{"Of the gap"}, report::Column{"By chance"}};
    std::vector<std::vector<std::string>> rows;
    for (int percent = 0; percent <= 100; percent += 10) {
      const double accuracy = curve.accuracy_at(percent / 100.0);
      rows.push_back({fmt::format("{} %", percent), fmt::format("{:.1f} %", accuracy * 100),
                      gap > 0 ? fmt::format("{:.0f} %", (accuracy - curve.weak) / gap * 100) : "-",
                      fmt::format("{:.1f} %", (curve.weak + gap * percent / 100.0) * 100)});
    }
    console.print(report::text_table(columns, rows, console.columns()));
    console.print("\n");
    const auto shown = [](const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; };
    console.print_line(
        fmt::format("APGR {}   CPT50 {}   CPT80 {}", shown(curve.apgr), shown(curve.cpt50), shown(curve.cpt80)));
    if (gap <= 0)
      console.print_line("The strong model is no better than the weak one here: there is no gap to recover.");
    console.print_line(fmt::format(
        "Learned from {} rows in {:.1f} s (APGR by cross-validation {:.3f}), tested on {}{}.", trained, seconds,
        model.choice().apgr, curve.rows, known > 0 ? fmt::format("; {} of these were also learned from", known) : ""));
  }

  ExitCode run_tasks(Console& console) {
    Result<std::vector<LabelledRow>> rows =
        test_.empty() ? routing::task_prompts(routing::shipped_task_prompts(), routing::PromptSet::test, prompts_each)
                      : read_label_files(test_);
    if (!rows) return wrong(console, rows.error().message);
    std::erase_if(*rows, [](const LabelledRow& row) { return row.task.empty(); });
    if (rows->empty()) return wrong(console, "no row names a `task`");
    std::string fault;
    const auto estimator = routing::estimator_of(data_.folder(), fault);
    if (!fault.empty()) console.note(fault + "\n");
    Tally tally;
    for (const auto& row : *rows) tally.add(row, estimator->estimate(row.prompt).task);
    if (json_.given) {
      tally.print_json(console);
    } else {
      tally.print_text(console);
    }
    return ExitCode::ok;
  }

  class Tally {
   public:
    void add(const LabelledRow& row, std::string_view said) {
      const bool right = row.task == said;
      count(tasks_[row.task], right);
      count(all_, right);
      if (!row.subject.empty()) count(languages_[row.subject], right);
      if (!right) ++tasks_[row.task].taken_for[std::string(said)];
    }

    void print_text(Console& console) const {
      const std::array columns = {report::Column{"Task"}, report::Column{"Prompts"}, report::Column{"Right"},
                                  report::Column{"Taken for"}};
      std::vector<std::vector<std::string>> rows;
      for (const auto& [name, of] : tasks_) {
        std::string others;
        for (const auto& [other, times] : of.taken_for) {
          others += fmt::format("{}{} ({})", others.empty() ? "" : ", ", other, times);
        }
        rows.push_back({name, std::to_string(of.prompts), percent(of), others});
      }
      console.print(report::text_table(columns, rows, console.columns()));
      std::string languages;
      for (const auto& [name, of] : languages_) languages += fmt::format("   {} {}", name, percent(of));
      console.print_line(fmt::format("\nAll {}{}", percent(all_), languages));
    }

    void print_json(Console& console) const {
      std::string text;
      json::Writer out(text);
      out.begin_object().key("accuracy").value(share(all_)).key("rows").value(static_cast<int64_t>(all_.prompts));
      for (const auto& [key, of] : {std::pair("tasks", &tasks_), std::pair("languages", &languages_)}) {
        out.key(key).begin_object();
        for (const auto& [name, one] : *of) out.key(name).value(share(one));
        out.end_object();
      }
      out.end_object();
      console.print_line(text);
    }

   private:
    struct Counts {
      std::size_t prompts = 0;
      std::size_t right = 0;
      std::map<std::string, int> taken_for;
    };
    static void count(Counts& of, bool right) {
      ++of.prompts;
      of.right += right ? 1 : 0;
    }
    static double share(const Counts& of) { return static_cast<double>(of.right) / static_cast<double>(of.prompts); }
    static std::string percent(const Counts& of) { return fmt::format("{:.0f} %", share(of) * 100); }

    Counts all_;
    std::map<std::string, Counts> tasks_;
    std::map<std::string, Counts> languages_;
  };

  DataOption data_;
  JsonOption json_;
  CLI::App* routing_ = nullptr;
  CLI::App* tasks_ = nullptr;
  std::vector<std::string> train_;
  std::vector<std::string> test_;
};

}  // namespace

std::unique_ptr<Command> make_eval_command() { return std::make_unique<EvalCommand>(); }

}  // namespace weir
