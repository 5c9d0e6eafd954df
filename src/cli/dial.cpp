#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

#include "cli/command.h"
#include "cli/trial_data.h"
#include "experiments/dial.h"
#include "ledger/query.h"
#include "pipeline/worker.h"

namespace weir {
namespace {

constexpr std::string_view prefix = "dial:";

class DialCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "dial",
        .summary = "Show where the dials stand and why, and take a move back",
        .details =
            "A route with `dial: {keep_quality: 0.95, of: large}` finds the share of its local model by itself, task "
            "by task. `undo` takes the last move back and holds the share there, so that it does not rise beyond it "
            "until `release`; where the evidence does not allow the share, it falls again with the next comparison.",
        .examples = {"weir dial status", "weir dial history assistant", "weir dial undo assistant",
                     "weir dial release assistant"}};
  }

  void options(CLI::App& app) override {
    app.require_subcommand(1);
    status_ = app.add_subcommand("status", "The share of each route and task, and the last reason");
    history_ = app.add_subcommand("history", "All moves, the newest first");
    undo_ = app.add_subcommand("undo", "Take the last move back and hold the share there");
    release_ = app.add_subcommand("release", "Let a held share move again");
    for (CLI::App* sub : {status_, history_}) {
      sub->add_option("route", route_, "Of which (default: all)")->type_name("ROUTE");
      json_.add(*sub);
    }
    for (CLI::App* sub : {undo_, release_}) {
      sub->add_option("route", route_, "Of which")->required()->type_name("ROUTE");
      sub->add_option("--task", task_, "Of which task (default: undo the newest, release all)")->type_name("TASK");
    }
    for (CLI::App* sub : {status_, history_, undo_, release_}) data_.add(*sub);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const bool reads = status_->parsed() || history_->parsed();
    auto shelf = open_trials(data_, reads ? TrialShelf::Access::read_only : TrialShelf::Access::existing, console);
    if (!shelf) return ExitCode::data_unavailable;
    auto moves = shelf->moves(route_.empty() ? "" : fmt::format("{}{}", prefix, route_));
    if (!moves) {
      console.error(moves.error().message);
      return ExitCode::data_unavailable;
    }
    std::erase_if(*moves, [](const ShareMove& one) { return !one.experiment.starts_with(prefix); });
    if (history_->parsed()) return history(console, *moves);
    if (status_->parsed()) return status(console, *shelf, *moves);
    return change(console, *shelf, *moves);
  }

 private:
  struct Known {
    int64_t comparisons = 0;
    double small = 0;
    double large = 0;
    StandsAt stands;
  };

  ExitCode history(Console& console, const std::vector<ShareMove>& moves) const {
    std::string text;
    json::Writer out(text);
    out.begin_object().key("moves").begin_array();
    for (auto move = moves.rbegin(); move != moves.rend(); ++move) {
      const auto route = move->experiment.substr(prefix.size());
      if (json_.given) {
        out.begin_object();
        out.key("route").value(route);
        out.key("task").value(move->task);
        out.key("time_us").value(move->time_us);
        out.key("from").value(of_whole(move->from));
        out.key("to").value(of_whole(move->to));
        out.key("state").value(move->state);
        out.key("by_hand").boolean(move->by_hand);
        out.key("reason").value(move->reason);
        out.end_object();
      } else {
        console.print_line(fmt::format("{}  {}{}  {:.0f} % → {:.0f} %{}  {}", format_date(move->time_us), route,
                                       move->task.empty() ? "" : " " + move->task, of_whole(move->from) * 100,
                                       of_whole(move->to) * 100, move->by_hand ? "  by hand" : "", move->reason));
      }
    }
    out.end_array().end_object();
    if (json_.given) console.print_line(text);
    return ExitCode::ok;
  }

  ExitCode status(Console& console, TrialShelf& shelf, const std::vector<ShareMove>& moves) const {
    std::map<std::pair<std::string, std::string>, Known> all;
    const auto read = shelf.comparisons("", [&](Comparison& one) {
      if (!one.experiment.starts_with(prefix)) return;
      const auto route = one.experiment.substr(prefix.size());
      if (!route_.empty() && route != route_) return;
      auto& known = all[{route, one.task}];
      ++known.comparisons;
      known.small += of_whole(one.tested.score);
      known.large += of_whole(one.reference.score);
    });
    if (!read) {
      console.error(read.error().message);
      return ExitCode::data_unavailable;
    }
    std::map<std::string, std::vector<ShareMove>> by_route;
    for (const auto& move : moves) by_route[move.experiment.substr(prefix.size())].push_back(move);
    for (const auto& [route, own] : by_route) {
      for (const auto& [task, stands] : standing(own)) all[{route, task}].stands = stands;
    }
    std::string text;
    json::Writer out(text);
    out.begin_object().key("dials").begin_array();
    for (const auto& [where, known] : all) {
      const auto n = static_cast<double>(std::max<int64_t>(known.comparisons, 1));
      const auto& stands = known.stands;
      if (json_.given) {
        out.begin_object();
        out.key("route").value(where.first);
        out.key("task").value(where.second);
        out.key("comparisons").value(known.comparisons);
        if (stands.share >= 0) {
          out.key("share").value(stands.share);
        } else {
          out.key("share").null();
        }
        out.key("moved").boolean(stands.share >= 0);
        out.key("held").boolean(stands.held);
        out.key("stopped").boolean(stands.stopped);
        out.key("quality").value(known.small / n);
        out.key("large_quality").value(known.large / n);
        out.key("reason").value(stands.reason);
        out.end_object();
        continue;
      }
      console.print_line(fmt::format(
          "{}{}: {}{}{}", where.first, where.second.empty() ? "" : ", " + where.second,
          stands.share >= 0 ? fmt::format("{:.0f} % local", stands.share * 100) : "at its beginning: 1 - keep_quality",
          stands.held ? " (held by hand)" : "", stands.stopped ? " (stopped)" : ""));
      console.print_line(fmt::format("  {} comparisons: {:.3f} locally, {:.3f} with the large model", known.comparisons,
                                     known.small / n, known.large / n));
      if (!stands.reason.empty()) console.print_line("  " + stands.reason);
    }
    out.end_array().end_object();
    if (json_.given) {
      console.print_line(text);
    } else if (all.empty()) {
      console.print_line("no dial has compared anything yet");
    }
    return ExitCode::ok;
  }

  ExitCode change(Console& console, TrialShelf& shelf, const std::vector<ShareMove>& moves) const {
    TrialShelf::Batch batch;
    if (release_->parsed()) {
      for (const auto& [task, stands] : standing(moves)) {
        if (!stands.held || (!task_.empty() && task != task_)) continue;
        batch.moves.push_back({.task = task,
                               .from = static_cast<int64_t>(stands.share * whole_share),
                               .to = static_cast<int64_t>(stands.share * whole_share),
                               .state = "released",
                               .reason = "released by hand"});
      }
    } else {
      const auto last = std::find_if(moves.rbegin(), moves.rend(), [&](const ShareMove& one) {
        return one.from != one.to && !one.by_hand && (task_.empty() || one.task == task_);
      });
      if (last != moves.rend()) {
        batch.moves.push_back({.task = last->task,
                               .from = last->to,
                               .to = last->from,
                               .state = "held",
                               .reason = "undone by hand: " + last->reason});
      }
    }
    if (batch.moves.empty()) {
      console.error(release_->parsed() ? "nothing is held there" : "there is no move to undo",
                    "weir dial history shows the moves");
      return ExitCode::refused;
    }
    for (auto& move : batch.moves) {
      move.experiment = fmt::format("{}{}", prefix, route_);
      move.time_us = wall_clock_us();
      move.by_hand = true;
    }
    if (auto added = shelf.add(batch); !added) {
      console.error(added.error().message);
      return ExitCode::failed;
    }
    const auto& move = batch.moves.front();
    console.print_line(fmt::format("{}{}: {:.0f} %, {}; a running server follows within a second", route_,
                                   move.task.empty() ? "" : ", " + move.task, of_whole(move.to) * 100,
                                   release_->parsed() ? "free to move" : "held"));
    return ExitCode::ok;
  }

  DataOption data_;
  JsonOption json_;
  std::string route_;
  std::string task_;
  CLI::App* status_ = nullptr;
  CLI::App* history_ = nullptr;
  CLI::App* undo_ = nullptr;
  CLI::App* release_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_dial_command() { return std::make_unique<DialCommand>(); }

}  // namespace weir
