#include "cli/trial_data.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "config/load.h"
#include "server/bootstrap.h"
#include "stores/feedback_store.h"

namespace weir {

std::optional<TrialShelf> open_trials(const DataOption& data, TrialShelf::Access access, Console& console) {
  auto shelf = TrialShelf::open((std::filesystem::path(data.folder()) / "experiments.db").string(), access);
  if (shelf) return std::move(*shelf);
  console.error(shelf.error().message,
                "experiments begin with `experiments:` or a route's `dial:` in the configuration");
  return std::nullopt;
}

std::optional<Snapshot> configured(const ConfigOption& config, const DataOption& data) {
  const auto file = config.file();
  if (file.empty()) return std::nullopt;
  auto loaded = load_config(file, process_surroundings(data.folder()));
  if (has_errors(loaded.problems)) return std::nullopt;
  return std::move(loaded.snapshot);
}

const ExperimentSettings* find_experiment(const std::optional<Snapshot>& snapshot, std::string_view name) {
  if (!snapshot) return nullptr;
  const auto found = std::find_if(snapshot->experiments.begin(), snapshot->experiments.end(),
                                  [&](const auto& one) { return one->name == name; });
  return found == snapshot->experiments.end() ? nullptr : found->get();
}

Result<std::unordered_map<std::string, double>> feedback_in(const DataOption& data) {
  std::unordered_map<std::string, double> scores;
  if (!std::filesystem::exists(std::filesystem::path(data.folder()) / "weir.db")) return scores;
  auto store = FeedbackStore::open(data.folder(), sqlite::Database::Access::read_only);
  if (!store) return failure(store.error());
  const auto all = store->since(0);
  if (!all) return failure(all.error());
  for (const auto& one : *all) scores[one.request_id] = one.score;
  return scores;
}

std::map<std::string, StandsAt> standing(const std::vector<ShareMove>& moves) {
  std::map<std::string, StandsAt> all;
  bool stopped = false;
  for (const auto& move : moves) {
    if (move.state == "stopped" || move.state == "running") {
      stopped = move.state == "stopped";
      continue;
    }
    auto& one = all[move.task];
    if (move.state != "released") {
      one.share = of_whole(move.to);
      one.reason = move.reason;
      one.time_us = move.time_us;
    }
    if (move.state == "held") one.held = true;
    if (move.state == "released") one.held = false;
    one.state = move.state;
  }
  if (stopped && all.empty()) all[""];
  for (auto& [task, one] : all) one.stopped = stopped;
  return all;
}

std::string experiments_note(const Plan& plan, const Snapshot& snapshot) {
  if (!plan.route) return {};
  std::string out;
  const auto percent = [](int64_t ppm) { return fmt::format("{:g} %", static_cast<double>(ppm) * 100 / whole_share); };
  for (const auto& one : snapshot.experiments) {
    if (one->route != snapshot.routes[*plan.route].name) continue;
    const auto& model = snapshot.models[one->models.front()].id;
    const bool may = plan.narrowed_by.empty() || any_allows(plan.zones, zone_of(one->models.front(), snapshot));
    out += fmt::format("Experiment {}: ", one->name);
    switch (one->kind) {
      case ExperimentKind::shadow:
        out += may ? fmt::format("after {} of the answers, {} is asked the same", percent(one->sample), model)
                   : fmt::format("{} is not asked: its zone", model);
        break;
      case ExperimentKind::ab:
        out += fmt::format("{} comes first for {} of those who ask, {} for the others, where the zones allow it",
                           snapshot.models[one->models.back()].id, percent(one->share), model);
        break;
      case ExperimentKind::canary:
        out += may ? fmt::format("{} comes first for a share that begins with {}", model, percent(one->steps.front()))
                   : fmt::format("{} is not asked: its zone", model);
        break;
      case ExperimentKind::dial:
        out += fmt::format("{} or {} comes first, as the dial stands (weir dial status), where both may answer", model,
                           snapshot.models[one->models.back()].id);
        break;
    }
    out += "\n";
  }
  return out;
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    // U+0080 to U+009F: what old terminals take for escapes.
    const bool high = byte == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0) == 0x80;
    if (high) ++i;
    out += control || high ? '?' : text[i];
  }
  return out;
}

}  // namespace weir
