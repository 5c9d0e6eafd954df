#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/plan.h"
#include "config/load.h"
#include "economics/replay/replay.h"
#include "economics/replay/replay_report.h"
#include "economics/replay/what_if.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

constexpr std::string_view help_text =
    "Puts recorded requests to the policy of a configuration again, with simulated queues for the machines, and shows "
    "what it would have cost, how long answers would have taken, what would have gone where, and what would have been "
    "refused. The first row is what was recorded. Nothing is sent anywhere; the server may run or not.\n"
    "What is assumed is in the output and in docs/replay.md.\n\n"
    "Examples:\n"
    "  weir plan replay --from-ledger 30d --config candidate.yaml\n"
    "  weir plan replay --from-ledger 30d --gpus +1              one more machine\n"
    "  weir plan replay --from-ledger 30d --local-share 80%      so many try a local model first\n"
    "  weir plan replay --from-ledger 7d --cloud-model openai/gpt-4o-mini\n"
    "  weir plan replay --from-ledger 7d --config a.yaml --compare b.yaml --html report.html\n";

// One line on a terminal that is written over; nothing anywhere else.
class Progress {
 public:
  void show(std::string_view what, double done) {
    if (!on_) return;
    const int percent = static_cast<int>(100 * done);
    if (percent == shown_) return;
    shown_ = percent;
    constexpr int width = 30;
    const auto full = static_cast<std::size_t>(width * percent / 100);
    const auto line = fmt::format("\r{:<24.24} [{:<30}] {:3d} %", what, std::string(full, '#'), percent);
    std::fputs(line.c_str(), stderr);
  }
  ~Progress() { clear(); }
  void clear() {
    if (on_ && shown_ >= 0) std::fputs("\r\033[K", stderr);
    shown_ = -1;
  }

 private:
  bool on_ = isatty(STDERR_FILENO) == 1;
  int shown_ = -1;
};

// Tells how far the reading is by the time of the requests that pass.
class ShownReader final : public ScanVisitor {
 public:
  ShownReader(plan::TrafficReader& reader, Progress& progress, ScanQuery query)
      : reader_(reader), progress_(progress), query_(query) {}
  void oldest(int64_t time_us) override {
    from_us_ = std::max(time_us, query_.since_us);
    reader_.oldest(time_us);
  }
  void request(const ScannedRequest& row) override {
    constexpr int64_t every = 16'384;
    if (++rows_ % every == 0) {
      const auto span = static_cast<double>(std::max<int64_t>(query_.until_us - from_us_, 1));
      progress_.show("reading the ledger", std::clamp(static_cast<double>(row.time_us - from_us_) / span, 0.0, 1.0));
    }
    reader_.request(row);
  }
  void attempt(const ScannedAttempt& row) override { reader_.attempt(row); }

 private:
  plan::TrafficReader& reader_;
  Progress& progress_;
  ScanQuery query_;
  int64_t from_us_ = 0;
  int64_t rows_ = 0;
};

template <typename Value>
bool parse_all(const std::vector<std::string>& texts, Result<Value> (*parse)(std::string_view),
               std::vector<Value>& into, Console& console) {
  for (const auto& text : texts) {
    auto value = parse(text);
    if (!value) {
      console.error(value.error().message);
      return false;
    }
    into.push_back(std::move(*value));
  }
  return true;
}

class PlanReplay final : public PlanVerb {
 public:
  void add(CLI::App& plan) override {
    app_ = plan.add_subcommand("replay", "Try a configuration on recorded traffic");
    app_->footer(std::string(help_text));
    app_->add_option("--from-ledger", since_, "From when: 12h, 7d, 30d, or a UTC date such as 2026-11-01")
        ->type_name("WHEN")
        ->capture_default_str();
    config_.add(*app_);
    app_->add_option("--compare", compare_, "Other configurations, replayed beside it")->type_name("FILE");
    app_->add_option("--gpus", gpus_, "More machines of the same kind: +1, or PROVIDER=+1")->type_name("+N");
    app_->add_option("--slots", slots_, "Requests at a time on a provider's machine")->type_name("PROVIDER=N");
    app_->add_option("--local-share", local_share_, "This share tries a local model first, where it may: 80%")
        ->type_name("SHARE");
    app_->add_option("--cloud-model", what_if_.cloud_model,
                     "In place of the cloud models in the rules: a model of the configuration, or PROVIDER/NAME of the "
                     "price catalog")
        ->type_name("ID");
    app_->add_option("--speed", speeds_, "Output tokens per second of a model that the ledger does not know")
        ->type_name("MODEL=N");
    data_.add(*app_);
    output_.add(*app_);
  }

  [[nodiscard]] bool chosen() const override { return app_->parsed(); }

  [[nodiscard]] ExitCode run(Console& console) override {
    if (const auto read = read_options(console); read != ExitCode::ok) return read;
    std::vector<plan::ReplayScenario> scenarios;
    if (const auto loaded = load_scenarios(scenarios, console); loaded != ExitCode::ok) return loaded;
    plan::Traffic traffic;
    if (const auto read = read_traffic(traffic, console); read != ExitCode::ok) return read;

    std::vector<plan::ReplayResult> results = {plan::as_recorded(traffic, scenarios.front().snapshot)};
    for (auto& scenario : scenarios) {
      scenario.settings.progress = [&](double done) { progress_.show(scenario.settings.name, done); };
      auto result = plan::replay(traffic, scenario.snapshot, scenario.settings);
      progress_.clear();
      if (!result) {
        console.error(result.error().message);
        return ExitCode::failed;
      }
      results.push_back(std::move(*result));
    }
    const auto report = output_.csv ? plan::replay_table(results, traffic) : plan::replay_report(results, traffic);
    return output_.show(report, output_.json ? plan::replay_json(results, traffic) : std::string(), console);
  }

 private:
  ExitCode read_options(Console& console) {
    const auto now = wall_clock_us();
    const auto since = parse_since(since_, now);
    if (!since) {
      console.error(since.error().message);
      return ExitCode::usage;
    }
    query_ = {.since_us = *since, .until_us = now};
    if (!parse_all(gpus_, plan::parse_gpus, what_if_.gpus, console)) return ExitCode::usage;
    if (!parse_all(slots_, plan::parse_slots, what_if_.slots, console)) return ExitCode::usage;
    if (!parse_all(speeds_, plan::parse_speed, speed_, console)) return ExitCode::usage;
    if (local_share_.empty()) return ExitCode::ok;
    const auto share = plan::parse_share(local_share_);
    if (!share) {
      console.error(share.error().message);
      return ExitCode::usage;
    }
    what_if_.local_share = *share;
    return ExitCode::ok;
  }

  // The candidate as it is, then with the changes asked for, then the others.
  ExitCode load_scenarios(std::vector<plan::ReplayScenario>& scenarios, Console& console) const {
    const auto file = config_.file();
    if (file.empty()) {
      console.error("no configuration to replay",
                    "name one with --config; docs/configuration.md tells how to write it");
      return ExitCode::usage;
    }
    std::vector<std::string> files = {file};
    files.insert(files.end(), compare_.begin(), compare_.end());
    for (const auto& name : files) {
      const auto loaded = load_config(name, {.environment = process_environment(),
                                             .catalog = catalog_lookup(DataOption{}.folder()),
                                             .read_file = disk_files()});
      if (has_errors(loaded.problems)) {
        console.note(render_problems(loaded.problems, loaded.text));
        return ExitCode::config_invalid;
      }
      if (!add_scenario({}, loaded.snapshot, name, scenarios, console)) return ExitCode::usage;
      const bool is_candidate = scenarios.size() == 1;
      if (is_candidate && what_if_.any() && !add_scenario(what_if_, loaded.snapshot, name, scenarios, console)) {
        return ExitCode::usage;
      }
    }
    return ExitCode::ok;
  }

  bool add_scenario(const plan::WhatIf& what_if, const Snapshot& snapshot, const std::string& name,
                    std::vector<plan::ReplayScenario>& scenarios, Console& console) const {
    auto scenario = plan::apply(what_if, snapshot, name, catalog_lookup(DataOption{}.folder()));
    if (!scenario) {
      console.error(scenario.error().message);
      return false;
    }
    scenario->settings.speeds = speed_;
    scenarios.push_back(std::move(*scenario));
    return true;
  }

  ExitCode read_traffic(plan::Traffic& traffic, Console& console) {
    const auto store = open_store("sqlite", {.folder = data_.folder(), .access = StoreAccess::read_only});
    if (!store) {
      console.error(store.error().message, "the ledger begins with the first request: weir serve");
      return ExitCode::data_unavailable;
    }
    plan::TrafficReader reader(query_);
    ShownReader shown(reader, progress_, query_);
    const auto done = (*store)->scan(query_, shown);
    progress_.clear();
    if (!done) {
      console.error(done.error().message);
      return ExitCode::data_unavailable;
    }
    auto taken = reader.take(query_.until_us);
    if (!taken || taken->arrivals.empty()) {
      console.error(taken ? fmt::format("the ledger in {} has no requests since {}{}", data_.folder(),
                                        format_time(query_.since_us),
                                        taken->sandbox > 0 ? " but those that sandbox models answered" : "")
                          : taken.error().message,
                    taken ? "ask for a longer time with --from-ledger, or send some requests first" : "");
      return ExitCode::failed;
    }
    traffic = std::move(*taken);
    return ExitCode::ok;
  }

  CLI::App* app_ = nullptr;
  ConfigOption config_;
  DataOption data_;
  OutputOptions output_;
  std::string since_ = "30d";
  std::vector<std::string> compare_;
  std::vector<std::string> gpus_;
  std::vector<std::string> slots_;
  std::vector<std::string> speeds_;
  std::string local_share_;
  plan::WhatIf what_if_;
  std::vector<plan::StatedSpeed> speed_;
  ScanQuery query_;
  Progress progress_;
};

}  // namespace

std::unique_ptr<PlanVerb> make_plan_replay() { return std::make_unique<PlanReplay>(); }

}  // namespace weir
