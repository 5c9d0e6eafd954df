#include <algorithm>
#include <array>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/label_files.h"
#include "cli/write_file.h"
#include "core/json.h"
#include "core/stable_hash.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "routing/dice.h"
#include "routing/estimator.h"
#include "routing/gain_curve.h"
#include "routing/task_prompts.h"
#include "stores/data_folder.h"

namespace weir {
namespace {

using routing::LabelledRow;

constexpr std::size_t least_rows = 200;
constexpr uint64_t held_out_part = 5;     // one row in so many
constexpr double noise = 0.005;           // of an APGR: less is no difference
constexpr std::size_t believed_each = 4;  // the same, for its difficulty
constexpr std::size_t prompts_each = 12;  // of a template of a task

// How often the answers of a small and of a large model are believed to do, by task, in the order of task_names: what
// an estimate begins with where nobody has measured anything.
struct Belief {
  double weak;
  double strong;
};
constexpr std::array<Belief, routing::task_names.size()> beliefs = {{{0.98, 0.99},
                                                                     {0.92, 0.97},
                                                                     {0.88, 0.95},
                                                                     {0.85, 0.94},
                                                                     {0.88, 0.95},
                                                                     {0.85, 0.95},
                                                                     {0.55, 0.85},
                                                                     {0.5, 0.85},
                                                                     {0.45, 0.8},
                                                                     {0.75, 0.92},
                                                                     {0.9, 0.97}}};

// The templates that ship, with what is believed of their tasks.
std::vector<LabelledRow> believed_rows(std::vector<LabelledRow> prompts) {
  for (auto& row : prompts) {
    const Belief& belief = beliefs[routing::find_task(row.task).value_or(0)];
    row.scored = true;
    row.weak = belief.weak;
    row.strong = belief.strong;
    row.subject = "task " + row.task;
  }
  return prompts;
}

// By the prompt alone: a prompt that comes twice is on one side, and what is held out now was held out when the
// estimate in use was made, so that neither has learned from it.
bool is_held_out(const LabelledRow& row) { return routing::Dice(fnv1a(row.prompt) + 1).below(held_out_part) == 0; }

double apgr_of(const routing::GainModel& model, const std::vector<LabelledRow>& rows) {
  std::vector<routing::Outcome> outcomes;
  for (const auto& row : rows) {
    outcomes.push_back(
        {.score = model.score(routing::text_features(row.prompt)), .weak = row.weak, .strong = row.strong});
  }
  return routing::gain_curve(outcomes).apgr.value_or(0);
}

class LearnCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "learn",
        .summary = "Train the estimate of difficulty and task on your own prompts",
        .details =
            "Reads labelled prompts, a JSON object a line: {\"prompt\": …, \"weak\": 0 or 1, \"strong\": 0 or 1}, or "
            "scores up to 10 or 100, or \"label\": \"weak\" (the weak model's answer will do) or \"strong\"; and "
            "\"task\" where it is known. gzip is read too. One row in five, by its prompt, is never learned from: on "
            "these the "
            "new estimate is "
            "compared with the one in use, and it is only taken when it is no worse, or with --force. A running "
            "server takes it up on SIGHUP. The prompts themselves are not kept: what is written are weights of words "
            "that stand in several of them, by hash.\n"
            "Exit code 4: it is worse than the one in use, which stays.",
        .examples = {"weir learn answers.jsonl", "weir learn january.jsonl.gz february.jsonl.gz --force"}};
  }

  void options(CLI::App& app) override {
    app.add_option("files", files_, "Labelled prompts; `-` is standard input")->required()->type_name("FILE");
    data_.add(app);
    json_.add(app);
    app.add_flag("--force", force_, "Take it even when it is worse than the one in use");
    app.add_option("--out", out_, "Write it there instead of into the data folder")->type_name("FILE");
    app.add_flag("--with-templates", with_templates_,
                 "Learn also from the templates that ship, with what is believed of each task");
    app.add_option("--least-rows", least_word_rows_, "A word must stand in so many prompts to be kept")
        ->check(CLI::Range(2, 1000))
        ->capture_default_str();
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    auto rows = read_label_files(files_);
    if (!rows) {
      console.error(rows.error().message);
      return ExitCode::usage;
    }
    std::string fault;
    const auto now = routing::estimator_of(data_.folder(), fault);
    if (!fault.empty()) console.note(fault + "\n");
    routing::Estimator next = *now;
    if (!learn_tasks(console, *rows, next)) return ExitCode::failed;
    Outcome outcome;
    if (const ExitCode learned = learn_gain(console, *rows, *now, next, outcome); learned != ExitCode::ok)
      return learned;
    const bool worse = outcome.compared && outcome.after + noise < outcome.before;
    const bool taken = !worse || force_ || !out_.empty();
    if (taken) {
      if (const ExitCode written = write(console, next); written != ExitCode::ok) return written;
    }
    report(console, outcome, next, taken);
    return taken ? ExitCode::ok : ExitCode::refused;
  }

 private:
  struct Outcome {
    bool compared = false;
    double before = 0;  // APGR on what was held out
    double after = 0;
    std::size_t trained = 0;
    std::size_t held_out = 0;
  };

  // The templates that ship, and what the rows name.
  static bool learn_tasks(Console& console, const std::vector<LabelledRow>& rows, routing::Estimator& next) {
    auto prompts = routing::task_prompts(routing::shipped_task_prompts(), routing::PromptSet::training, prompts_each);
    if (!prompts) {
      console.error(prompts.error().message);
      return false;
    }
    for (const auto& row : rows) {
      if (row.task.empty()) continue;
      if (!routing::find_task(row.task)) {
        console.error(fmt::format("\"{}\" is no task", row.task),
                      fmt::format("there are {}", fmt::join(routing::task_names, ", ")));
        return false;
      }
      prompts->push_back(row);
    }
    next.tasks = routing::TaskModel::train(*prompts, {.ridge = 1, .rounds = 20});
    return true;
  }

  ExitCode learn_gain(Console& console, std::vector<LabelledRow>& rows, const routing::Estimator& now,
                      routing::Estimator& next, Outcome& outcome) const {
    std::erase_if(rows, [](const LabelledRow& row) { return !row.scored; });
    if (rows.empty()) return ExitCode::ok;
    if (rows.size() < least_rows) {
      console.error(
          fmt::format("{} rows with scores are too few to learn from; {} are needed", rows.size(), least_rows));
      return ExitCode::usage;
    }
    std::vector<LabelledRow> held_out;
    std::vector<LabelledRow> rest;
    for (const auto& row : rows) (is_held_out(row) ? held_out : rest).push_back(row);
    const std::size_t own = rows.size();
    if (with_templates_) {
      auto prompts =
          routing::task_prompts(routing::shipped_task_prompts(), routing::PromptSet::training, believed_each);
      const auto believed = believed_rows(prompts ? std::move(*prompts) : std::vector<LabelledRow>());
      rest.insert(rest.end(), believed.begin(), believed.end());
    }
    TrainingBar bar("learning");
    routing::GainSettings settings;
    settings.words.least_rows = static_cast<uint32_t>(least_word_rows_);
    next.gain = routing::GainModel::train(rest, settings, [&](double share) { bar.show(share); });
    outcome = {.compared = true,
               .before = apgr_of(now.gain, held_out),
               .after = apgr_of(next.gain, held_out),
               .trained = own,
               .held_out = held_out.size()};
    next.notes.rows = own;
    next.notes.apgr = outcome.after;
    return ExitCode::ok;
  }

  ExitCode write(Console& console, routing::Estimator& next) const {
    next.notes.made = out_.empty() ? format_time(wall_clock_us()) : "";
    const std::string file = out_.empty() ? routing::estimator_file(data_.folder()) : out_;
    if (out_.empty()) {
      if (const Status made = make_data_folder(data_.folder()); !made) {
        console.error(made.error().message);
        return ExitCode::data_unavailable;
      }
    }
    if (const Status written = write_file(file, routing::write_estimator(next)); !written) {
      console.error(written.error().message);
      return ExitCode::data_unavailable;
    }
    return ExitCode::ok;
  }

  void report(Console& console, const Outcome& outcome, const routing::Estimator& next, bool taken) const {
    const std::string file = out_.empty() ? routing::estimator_file(data_.folder()) : out_;
    if (json_.given) {
      std::string text;
      json::Writer out(text);
      out.begin_object();
      out.key("rows").value(static_cast<int64_t>(outcome.trained));
      out.key("held_out").value(static_cast<int64_t>(outcome.held_out));
      out.key("apgr");
      outcome.compared ? out.value(outcome.after) : out.null();
      out.key("apgr_before");
      outcome.compared ? out.value(outcome.before) : out.null();
      out.key("taken").boolean(taken);
      out.key("file").value(file);
      out.end_object();
      console.print_line(text);
      return;
    }
    if (outcome.compared) {
      console.print_line(
          fmt::format("{} rows, {} of them held out for the comparison: APGR {:.3f}, in use until now {:.3f}",
                      outcome.trained, outcome.held_out, outcome.after, outcome.before));
    } else {
      console.print_line("No row has scores: the estimate of difficulty stays, that of the task is new.");
    }
    if (!taken) {
      console.print_line("It is worse than the one in use, which stays; --force takes it all the same.");
      return;
    }
    console.print_line(fmt::format("Written to {} ({} words known). A running server takes it up on SIGHUP.", file,
                                   next.gain.parts().words.hashes().size()));
  }

  DataOption data_;
  JsonOption json_;
  std::vector<std::string> files_;
  std::string out_;
  int least_word_rows_ = 2;
  bool force_ = false;
  bool with_templates_ = false;
};

}  // namespace

std::unique_ptr<Command> make_learn_command() { return std::make_unique<LearnCommand>(); }

}  // namespace weir
