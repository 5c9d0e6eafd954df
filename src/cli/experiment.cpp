#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "cli/command.h"
#include "cli/trial_data.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "trials/arm_summary.h"

namespace weir {
namespace {

// One experiment, summed up.
struct Seen {
  PairSummaries by_task;
  std::optional<PairSummary> all;
  ArmSummaries arms;
  std::map<std::string, StandsAt> stands;
};

class ExperimentCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "experiment",
        .summary = "Show what experiments have found, judge pairs by hand, stop and start them",
        .details =
            "All intervals hold at every look, with an error of 5 %: you may look as often as you like and stop "
            "whenever you have seen enough.\n\n"
            "`judge` shows a question and two answers in random order and takes 1, 2, t (tie), s (skip) or q (quit), "
            "each with Enter. It needs `keep_answers: true` in the experiment.",
        .examples = {"weir experiment list", "weir experiment status trial --json", "weir experiment judge trial",
                     "weir experiment stop trial"}};
  }

  void options(CLI::App& app) override {
    app.require_subcommand(1);
    list_ = app.add_subcommand("list", "Name the experiments that have seen something or are configured");
    status_ =
        app.add_subcommand("status", "Win rate, quality, cost and time, with intervals, and what is still needed");
    status_->add_option("name", name_, "Of which (default: all)")->type_name("NAME");
    judge_ = app.add_subcommand("judge", "Judge pairs of answers yourself, without knowing which is whose");
    judge_->add_option("name", name_, "Of which")->required()->type_name("NAME");
    judge_->add_option("--most", most_, "So many at most")->check(CLI::PositiveNumber)->capture_default_str();
    stop_ = app.add_subcommand("stop", "Stop one: arms go back to the route's rules, no copy is asked any more");
    stop_->add_option("name", name_, "Which")->required()->type_name("NAME");
    start_ = app.add_subcommand("start", "Let a stopped one go on");
    start_->add_option("name", name_, "Which")->required()->type_name("NAME");
    undo_ = app.add_subcommand("undo", "Take a canary's last move back");
    undo_->add_option("name", name_, "Which")->required()->type_name("NAME");
    for (CLI::App* sub : {list_, status_, judge_, stop_, start_, undo_}) {
      data_.add(*sub);
      config_.add(*sub);
    }
    for (CLI::App* sub : {list_, status_}) json_.add(*sub);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const auto snapshot = configured(config_, data_);
    if (stop_->parsed() || start_->parsed()) return set_state(console, snapshot);
    if (undo_->parsed()) return undo(console);
    if (judge_->parsed()) return judge(console, snapshot);
    return show(console, snapshot);
  }

 private:
  ExitCode show(Console& console, const std::optional<Snapshot>& snapshot) {
    auto shelf = open_trials(data_, TrialShelf::Access::read_only, console);
    if (!shelf) return ExitCode::data_unavailable;
    std::map<std::string, Seen> all;
    if (snapshot) {
      for (const auto& one : snapshot->experiments) all[one->name];
    }
    if (const auto read = gather(*shelf, snapshot, all); !read) {
      console.error(read.error().message);
      return ExitCode::data_unavailable;
    }
    if (!name_.empty()) {
      if (!all.contains(name_)) {
        console.error(fmt::format("there is no experiment `{}`", name_), "weir experiment list names them");
        return ExitCode::refused;
      }
      std::erase_if(all, [&](const auto& one) { return one.first != name_; });
    }
    if (json_.given) {
      console.print_line(json_of(all, snapshot));
    } else if (list_->parsed()) {
      for (const auto& [name, seen] : all) console.print_line(line_of(name, seen, snapshot));
    } else {
      for (const auto& [name, seen] : all) print(console, name, seen, snapshot);
    }
    return ExitCode::ok;
  }

  Status gather(TrialShelf& shelf, const std::optional<Snapshot>& snapshot, std::map<std::string, Seen>& all) const {
    const bool whole = status_->parsed() || json_.given || list_->parsed();
    if (!whole) return {};
    auto read = shelf.comparisons(name_, [&](Comparison& one) {
      auto& seen = all[one.experiment];
      const auto* settings = find_experiment(snapshot, one.experiment);
      const double margin = of_whole(settings != nullptr ? settings->margin : ExperimentSettings{}.margin);
      if (!seen.all) seen.all.emplace(margin);
      seen.all->add(one);
      if (!one.task.empty()) seen.by_task.try_emplace(one.task, margin).first->second.add(one);
    });
    if (!read) return read;
    const auto feedback = feedback_in(data_);
    if (!feedback) return failure(feedback.error());
    read = shelf.outcomes(name_, [&](ArmOutcome& one) {
      const auto said = feedback->find(one.request);
      all[one.experiment].arms[one.arm].add(one, said == feedback->end() ? std::nullopt : std::optional(said->second));
    });
    if (!read) return read;
    for (auto& [name, seen] : all) {
      const auto moves = shelf.moves(name);
      if (!moves) return failure(moves.error());
      seen.stands = standing(*moves);
    }
    return {};
  }

  // The arm that is in question.
  static std::string last_arm(const ExperimentSettings* settings, const std::optional<Snapshot>& snapshot,
                              const ArmSummaries& arms) {
    if (settings != nullptr && !settings->models.empty()) return snapshot->models[settings->models.back()].id;
    for (const auto& [name, arm] : arms) {
      if (name != "others") return name;
    }
    return {};
  }

  static std::string line_of(const std::string& name, const Seen& seen, const std::optional<Snapshot>& snapshot) {
    const auto* settings = find_experiment(snapshot, name);
    int64_t answers = 0;
    for (const auto& [arm, one] : seen.arms) answers += one.errors.count();
    const bool stopped = !seen.stands.empty() && seen.stands.begin()->second.stopped;
    return fmt::format("{}  {}  {}{}{}", name, settings != nullptr ? to_string(settings->kind) : "not configured",
                       seen.all ? fmt::format("{} comparisons ", seen.all->count()) : "",
                       answers > 0 ? fmt::format("{} answers ", answers) : "", stopped ? "(stopped)" : "");
  }

  static void print(Console& console, const std::string& name, const Seen& seen,
                    const std::optional<Snapshot>& snapshot) {
    const auto* settings = find_experiment(snapshot, name);
    console.print_line(console.styled(
        Style::bold, fmt::format("{} ({}{})", name, settings != nullptr ? to_string(settings->kind) : "not configured",
                                 settings != nullptr ? ", route " + settings->route : "")));
    for (const auto& [task, one] : seen.stands) {
      if (one.stopped) console.print_line("  stopped by hand");
      if (one.share < 0) continue;
      console.print_line(fmt::format("  share{} {:.0f} % ({}): {}", task.empty() ? "" : " of " + task, one.share * 100,
                                     one.state, one.reason));
    }
    if (seen.all) console.print(to_text(*seen.all, "  "));
    for (const auto& [task, summary] : seen.by_task) {
      console.print_line("  task " + task);
      console.print(to_text(summary, "    "));
    }
    if (!seen.arms.empty()) console.print(to_text(seen.arms, last_arm(settings, snapshot, seen.arms), "  "));
    if (!seen.all && seen.arms.empty()) console.print_line("  nothing was seen yet");
  }

  static std::string json_of(const std::map<std::string, Seen>& all, const std::optional<Snapshot>& snapshot) {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("experiments").begin_array();
    for (const auto& [name, seen] : all) {
      const auto* settings = find_experiment(snapshot, name);
      out.begin_object();
      out.key("name").value(name);
      if (settings != nullptr) {
        out.key("kind").value(to_string(settings->kind));
        out.key("route").value(settings->route);
      }
      out.key("stopped").boolean(!seen.stands.empty() && seen.stands.begin()->second.stopped);
      out.key("shares").begin_array();
      for (const auto& [task, one] : seen.stands) {
        if (one.share < 0) continue;
        out.begin_object();
        out.key("task").value(task);
        out.key("share").value(one.share);
        out.key("state").value(one.state);
        out.key("reason").value(one.reason);
        out.key("held").boolean(one.held);
        out.end_object();
      }
      out.end_array();
      if (seen.all) {
        out.key("pairs").begin_object();
        append_json(out, *seen.all);
        out.end_object();
        out.key("tasks").begin_array();
        for (const auto& [task, summary] : seen.by_task) {
          out.begin_object();
          out.key("task").value(task);
          append_json(out, summary);
          out.end_object();
        }
        out.end_array();
      }
      if (!seen.arms.empty()) append_json(out, seen.arms, last_arm(settings, snapshot, seen.arms));
      out.end_object();
    }
    out.end_array().end_object();
    return text;
  }

  ExitCode set_state(Console& console, const std::optional<Snapshot>& snapshot) {
    if (snapshot && find_experiment(snapshot, name_) == nullptr) {
      console.error(fmt::format("the configuration has no experiment `{}`", name_), "weir experiment list names them");
      return ExitCode::refused;
    }
    auto shelf = open_trials(data_, TrialShelf::Access::make, console);
    if (!shelf) return ExitCode::data_unavailable;
    const bool stop = stop_->parsed();
    TrialShelf::Batch batch;
    batch.moves.push_back({.experiment = name_,
                           .time_us = wall_clock_us(),
                           .state = stop ? "stopped" : "running",
                           .reason = stop ? "stopped by hand" : "started by hand",
                           .by_hand = true});
    if (auto added = shelf->add(batch); !added) {
      console.error(added.error().message);
      return ExitCode::failed;
    }
    console.print_line(
        fmt::format("{} {}; a running server follows within a second", name_, stop ? "is stopped" : "goes on"));
    return ExitCode::ok;
  }

  ExitCode undo(Console& console) {
    auto shelf = open_trials(data_, TrialShelf::Access::existing, console);
    if (!shelf) return ExitCode::data_unavailable;
    const auto moves = shelf->moves(name_);
    if (!moves) {
      console.error(moves.error().message);
      return ExitCode::data_unavailable;
    }
    const auto last = std::find_if(moves->rbegin(), moves->rend(), [](const ShareMove& one) {
      return one.state != "stopped" && one.state != "running" && one.from != one.to;
    });
    if (last == moves->rend()) {
      console.error(fmt::format("`{}` has not moved", name_), "weir experiment list names the experiments");
      return ExitCode::refused;
    }
    TrialShelf::Batch batch;
    batch.moves.push_back({.experiment = name_,
                           .task = last->task,
                           .time_us = wall_clock_us(),
                           .from = last->to,
                           .to = last->from,
                           .state = name_.starts_with("dial:") ? "held" : "growing",
                           .reason = "undone by hand: " + last->reason,
                           .by_hand = true});
    if (auto added = shelf->add(batch); !added) {
      console.error(added.error().message);
      return ExitCode::failed;
    }
    console.print_line(fmt::format("{} is back at {:.0f} %; a running server follows within a second", name_,
                                   static_cast<double>(last->from) * 100 / whole_share));
    return ExitCode::ok;
  }

  ExitCode judge(Console& console, const std::optional<Snapshot>& snapshot) {
    auto shelf = open_trials(data_, TrialShelf::Access::existing, console);
    if (!shelf) return ExitCode::data_unavailable;
    const auto pairs = shelf->unjudged(name_, most_);
    if (!pairs) {
      console.error(pairs.error().message);
      return ExitCode::data_unavailable;
    }
    const auto* settings = find_experiment(snapshot, name_);
    if (pairs->empty()) {
      console.error(fmt::format("`{}` has no pairs to judge", name_),
                    settings != nullptr && !settings->keep_answers
                        ? "answers are kept only with keep_answers: true in the experiment"
                        : "there will be some when more requests were compared");
      return ExitCode::refused;
    }
    std::random_device seed;
    std::minstd_rand random(seed());
    int64_t done = 0;
    for (const auto& pair : *pairs) {
      const auto texts = shelf->texts(pair.number, wall_clock_us());
      if (!texts || !*texts) continue;
      const bool swapped = (random() >> 8U) % 2 == 1;
      const auto& first = swapped ? (*texts)->reference : (*texts)->tested;
      const auto& second = swapped ? (*texts)->tested : (*texts)->reference;
      console.print_line(
          console.styled(Style::bold, fmt::format("── question ({} of {}) ──", done + 1, pairs->size())));
      console.print_line(harmless((*texts)->question));
      console.print_line(console.styled(Style::bold, "── answer 1 ──"));
      console.print_line(harmless(first));
      console.print_line(console.styled(Style::bold, "── answer 2 ──"));
      console.print_line(harmless(second));
      const auto key = ask(console);
      if (key == 'q') break;
      if (key == 's') continue;
      const auto vote = key == 't' ? Vote::tie : (key == '1') == !swapped ? Vote::tested : Vote::reference;
      if (auto stored = shelf->vote(pair.number, vote); !stored) {
        console.error(stored.error().message);
        return ExitCode::failed;
      }
      ++done;
    }
    console.print_line(fmt::format("{} judged; `weir experiment status {}` counts them", done, name_));
    return ExitCode::ok;
  }

  // 1, 2, t, s or q; the end of the input is q.
  static char ask(Console& console) {
    for (;;) {
      console.print("better: 1, 2, t (tie), s (skip), q (quit)? ");
      std::string line;
      if (!std::getline(std::cin, line)) return 'q';
      const auto at = line.find_first_not_of(" \t\r");
      const char key = at == std::string::npos ? ' ' : line[at];
      if (std::string_view("12tsq").find(key) != std::string_view::npos) return key;
    }
  }

  DataOption data_;
  ConfigOption config_;
  JsonOption json_;
  std::string name_;
  int64_t most_ = 50;
  CLI::App* list_ = nullptr;
  CLI::App* status_ = nullptr;
  CLI::App* judge_ = nullptr;
  CLI::App* stop_ = nullptr;
  CLI::App* start_ = nullptr;
  CLI::App* undo_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_experiment_command() { return std::make_unique<ExperimentCommand>(); }

}  // namespace weir
