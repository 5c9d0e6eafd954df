#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

#include "cli/command.h"
#include "cli/trial_data.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"

namespace weir {
namespace {

constexpr double month_us = 30.0 * 24 * 3'600 * 1'000'000;

// What the route's requests cost with one model, by task.
class RouteCosts final : public ScanVisitor {
 public:
  struct Sum {
    int64_t requests = 0;
    double dollars = 0;
  };

  RouteCosts(std::string route, std::string model) : route_(std::move(route)), model_(std::move(model)) {}

  void oldest(int64_t time_us) override { oldest_us = time_us; }
  void request(const ScannedRequest& request) override {
    if (request.route != route_ || request.model != model_ || request.outcome != "ok") return;
    if (request.experiment.ends_with(":shadow")) return;
    auto& sum = by_task[std::string(request.task)];
    ++sum.requests;
    sum.dollars += static_cast<double>(request.cost) / 1'000'000;
  }
  void attempt(const ScannedAttempt& /*attempt*/) override {}

  int64_t oldest_us = 0;
  std::map<std::string, Sum> by_task;

 private:
  std::string route_;
  std::string model_;
};

struct TaskVerdict {
  std::string task;
  PairSummary pairs;
  double requests_month = 0;
  double saves_month = 0;  // dollars
};

class VerdictCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "verdict",
        .summary = "May the local model take this route?",
        .details =
            "Answers task by task, from what a shadow experiment or a dial of this route has compared: yes or no, "
            "each with an error of at most 5 % however often it is asked, or how many more comparisons it will take. "
            "SAVES is what a month of the ledger's own requests would cost less, at the prices that were paid.\n\n"
            "Exit codes: 0 yes, 4 no, 1 not enough evidence yet (of several tasks: yes only if all are), 5 nothing "
            "was compared.",
        .examples = {"weir verdict assistant", "weir verdict assistant --margin 0.02 --json"}};
  }

  void options(CLI::App& app) override {
    app.add_option("route", route_, "Which")->required()->type_name("ROUTE");
    app.add_option("--margin", margin_, "How much worse, in points of the score (0 to 1), is as good")
        ->check(CLI::Range(0.001, 1.0))
        ->capture_default_str();
    app.add_option("--model", model_, "The model in question (default: the one with most comparisons)")
        ->type_name("MODEL");
    data_.add(app);
    config_.add(app);
    json_.add(app);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    auto shelf = open_trials(data_, TrialShelf::Access::read_only, console);
    if (!shelf) return ExitCode::data_unavailable;
    std::map<std::string, int64_t> counts;
    auto read = shelf->comparisons("", [&](Comparison& one) {
      if (one.route == route_) ++counts[one.tested.model];
    });
    if (read && model_.empty()) {
      const auto most = std::max_element(counts.begin(), counts.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      if (most != counts.end()) model_ = most->first;
    }
    PairSummaries tasks;
    if (read) {
      read = shelf->comparisons("", [&](Comparison& one) {
        if (one.route != route_ || one.tested.model != model_) return;
        tasks.try_emplace(one.task, margin_).first->second.add(one);
      });
    }
    if (!read) {
      console.error(read.error().message);
      return ExitCode::data_unavailable;
    }
    if (tasks.empty()) {
      console.error(
          fmt::format("nothing was compared on `{}`{}", route_, model_.empty() ? "" : " with `" + model_ + "`"),
          fmt::format("add to the configuration: experiments: [{{name: trial, kind: shadow, route: {}, models: "
                      "[LOCAL_MODEL]}}]",
                      route_));
      return ExitCode::data_unavailable;
    }
    auto verdicts = with_money(tasks);
    const auto code = code_of(verdicts);
    if (json_.given) {
      console.print_line(json_of(verdicts, code));
    } else {
      print(console, verdicts, code);
    }
    return code;
  }

 private:
  std::vector<TaskVerdict> with_money(const PairSummaries& tasks) const {
    std::vector<TaskVerdict> verdicts;
    for (const auto& [task, pairs] : tasks) verdicts.push_back({.task = task, .pairs = pairs});
    const auto store = open_store("sqlite", {.folder = data_.folder(), .access = StoreAccess::read_only});
    if (!store) return verdicts;
    const auto now = wall_clock_us();
    const auto since = now - static_cast<int64_t>(month_us);
    RouteCosts costs(route_, verdicts.front().pairs.reference);
    if (!(*store)->scan({.since_us = since, .until_us = now}, costs)) return verdicts;
    const auto covered = static_cast<double>(now - std::max(since, costs.oldest_us));
    const double per_month = covered > 0 ? month_us / covered : 0;
    for (auto& one : verdicts) {
      const auto sum = costs.by_task.find(one.task);
      if (sum == costs.by_task.end()) continue;
      const auto requests = static_cast<double>(sum->second.requests);
      const double tested = one.pairs.tested_cost / static_cast<double>(one.pairs.count());
      one.requests_month = requests * per_month;
      one.saves_month = (sum->second.dollars - requests * tested) * per_month;
    }
    return verdicts;
  }

  static ExitCode code_of(const std::vector<TaskVerdict>& verdicts) {
    bool all = true;
    bool none = true;
    for (const auto& one : verdicts) {
      const auto answer = one.pairs.good_enough.answer();
      all = all && answer == experiments::Answer::yes;
      none = none && answer == experiments::Answer::no;
    }
    return all ? ExitCode::ok : none ? ExitCode::refused : ExitCode::failed;
  }

  static std::string_view word(ExitCode code) {
    return code == ExitCode::ok ? "yes" : code == ExitCode::refused ? "no" : "not_yet";
  }

  void print(Console& console, const std::vector<TaskVerdict>& verdicts, ExitCode code) const {
    const auto& first = verdicts.front().pairs;
    console.print_line(console.styled(
        Style::bold, fmt::format("May {} take over {} from {}?", first.tested, route_, first.reference)));
    for (const auto& one : verdicts) {
      console.print_line("");
      console.print_line(
          fmt::format("{}: {}", one.task.empty() ? (verdicts.size() > 1 ? "other requests" : "all requests") : one.task,
                      sentence(one.pairs)));
      const auto difference = one.pairs.difference.interval();
      const auto wins = one.pairs.win_rate.interval();
      console.print_line(
          fmt::format("  {} comparisons: quality {:.3f} against {:.3f}, difference {:+.3f} [{:+.3f}, {:+.3f}]; as good "
                      "or better in "
                      "{:.0f} % [win rate {:.0f} to {:.0f} %]",
                      one.pairs.count(), one.pairs.quality.mean(), one.pairs.of_reference.mean(),
                      one.pairs.difference.mean(), difference.low, difference.high,
                      static_cast<double>(one.pairs.judged.tested + one.pairs.judged.ties) * 100 /
                          static_cast<double>(one.pairs.count()),
                      wins.low * 100, wins.high * 100));
      if (one.requests_month > 0) {
        console.print_line(fmt::format("  {:.0f} requests a month at present volume: it would save {:.2f} $ a month",
                                       one.requests_month, one.saves_month));
      }
    }
    if (verdicts.size() > 1) {
      console.print_line("");
      console.print_line(code == ExitCode::ok        ? "In all: yes."
                         : code == ExitCode::refused ? "In all: no."
                                                     : "In all: not for every task, or not yet.");
    }
  }

  std::string json_of(const std::vector<TaskVerdict>& verdicts, ExitCode code) const {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    out.key("route").value(route_);
    out.key("model").value(model_);
    out.key("margin").value(margin_);
    out.key("verdict").value(word(code));
    double saves = 0;
    for (const auto& one : verdicts) {
      if (one.pairs.good_enough.answer() == experiments::Answer::yes) saves += one.saves_month;
    }
    out.key("saves_usd_month").value(saves);
    out.key("tasks").begin_array();
    for (const auto& one : verdicts) {
      out.begin_object();
      out.key("task").value(one.task);
      append_json(out, one.pairs);
      out.key("requests_month").value(one.requests_month);
      out.key("saves_usd_month").value(one.saves_month);
      out.end_object();
    }
    out.end_array();
    out.end_object();
    return text;
  }

  DataOption data_;
  ConfigOption config_;
  JsonOption json_;
  std::string route_;
  std::string model_;
  double margin_ = 0.05;
};

}  // namespace

std::unique_ptr<Command> make_verdict_command() { return std::make_unique<VerdictCommand>(); }

}  // namespace weir
