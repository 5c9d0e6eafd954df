#include "server/bootstrap.h"

#include "config/defaults.h"
#include "ledger/pricing.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "providers/presets.h"
#include "upstream/discovery.h"

namespace weir {
namespace {

constexpr int64_t local_patience_ms = 300;
constexpr int64_t cloud_patience_ms = 1'500;
constexpr int64_t configured_patience_ms = 1'500;

struct Probe {
  const Preset* preset = nullptr;
  ProviderSettings settings;
  std::string where;
};

ProviderSettings settings_of(const Preset& preset, std::string_view url, std::string key) {
  ProviderSettings settings{.id = std::string(preset.kind),
                            .kind = std::string(preset.kind),
                            .adapter = std::string(preset.adapter),
                            .api_key = std::move(key),
                            .zone = {.kind = preset.zone},
                            .quirks = preset.quirks};
  if (!parse_url(url, settings.url)) settings.url = {};  // reaching it fails, and says so
  return settings;
}

// `OPENAI_API_KEY` → `OPENAI_BASE_URL`.
std::string base_url_variable(std::string_view key_variable) {
  const auto end = key_variable.rfind("_API_KEY");
  return std::string(key_variable.substr(0, end)) + "_BASE_URL";
}

std::vector<Probe> usual_places(const Environment& environment) {
  std::vector<Probe> probes;
  for (const auto& preset : presets()) {
    const auto key = preset.key_variable.empty() ? std::nullopt : environment(std::string(preset.key_variable));
    if (preset.port != 0) {
      probes.push_back({&preset, settings_of(preset, preset.url, key.value_or("")), std::string(preset.url)});
    } else if (key && !key->empty()) {
      const auto moved = environment(base_url_variable(preset.key_variable));
      const std::string url = moved && !moved->empty() ? *moved : std::string(preset.url);
      if (url.empty()) continue;
      auto probe = Probe{&preset, settings_of(preset, url, *key), std::string(preset.key_variable)};
      if (is_private_address(probe.settings.url)) probe.where += " at " + url;
      probes.push_back(std::move(probe));
    }
  }
  return probes;
}

std::vector<Discovered> sandbox_models() {
  const auto preset = std::string(find_preset("sandbox")->url);
  // A small model on a machine that is busy half of the time, and a large one as rented ones cost.
  const Prices local{.input = 50'000, .cached = 50'000, .output = 100'000, .known = true};
  const Prices cloud{.input = 2'500'000, .cached = 1'250'000, .output = 10'000'000, .known = true};
  return {Discovered{.kind = "sandbox",
                     .url = preset,
                     .models = {"sandbox-local"},
                     .id = "sandbox-local",
                     .zone = Zone{ZoneKind::local, ""},
                     .prices = local},
          Discovered{.kind = "sandbox",
                     .url = preset,
                     .models = {"sandbox-cloud"},
                     .id = "sandbox-cloud",
                     .zone = Zone{ZoneKind::cloud, ""},
                     .prices = cloud}};
}

Bootstrap from_environment() {
  Bootstrap result;
  const auto environment = process_environment();
  const auto catalog = catalog_lookup();
  const auto probes = usual_places(environment);
  std::vector<ProviderSettings> settings;
  bool any_cloud = false;
  for (const auto& probe : probes) {
    settings.push_back(probe.settings);
    any_cloud |= probe.preset->zone == ZoneKind::cloud;
  }
  const auto answers = discover_models(settings, any_cloud ? cloud_patience_ms : local_patience_ms);
  std::vector<Discovered> found;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const auto& probe = probes[i];
    AskedServer asked{.title = std::string(probe.preset->title), .where = probe.where, .zone = probe.settings.zone};
    if (answers[i]) {
      asked.models = answers[i]->size();
      if (asked.models == 0)
        asked.trouble = "it has no models";
      else
        found.push_back({.kind = std::string(probe.preset->kind),
                         .url = to_string(probe.settings.url),
                         .api_key = probe.settings.api_key,
                         .models = *answers[i]});
    } else {
      asked.trouble = answers[i].error().message;
      // Nobody on a usual port is the normal case and worth no line; a key that leads nowhere is.
      if (probe.preset->port != 0) continue;
    }
    result.asked.push_back(std::move(asked));
  }
  if (found.empty()) found = sandbox_models();
  result.snapshot = std::make_shared<Snapshot>(default_snapshot(found, catalog));
  if (result.snapshot->server.listen.empty()) result.snapshot->server.listen = {std::string(default_listen)};
  return result;
}

}  // namespace

CatalogLookup catalog_lookup() {
  const auto catalog = std::make_shared<const Catalog>(format_date(wall_clock_us()));
  return [catalog](std::string_view provider, std::string_view model) -> std::optional<CatalogEntry> {
    const auto price = catalog->find(provider, model);
    if (!price) return std::nullopt;
    return CatalogEntry{.prices = price->prices,
                        .context_length = price->context_length,
                        .as_of = std::string(price->as_of),
                        .deprecated = price->deprecated};
  };
}

Bootstrap bootstrap(const std::string& config_file) {
  if (config_file.empty()) return from_environment();
  Bootstrap result;
  const auto catalog = catalog_lookup();
  auto loaded =
      load_config(config_file, {.environment = process_environment(), .catalog = catalog, .read_file = disk_files()});
  result.problems = std::move(loaded.problems);
  result.text = std::move(loaded.text);
  if (has_errors(result.problems)) return result;
  result.snapshot = std::make_shared<Snapshot>(std::move(loaded.snapshot));

  std::vector<ProviderSettings> open;
  std::vector<uint32_t> places;
  for (uint32_t i = 0; i < result.snapshot->providers.size(); ++i) {
    if (!result.snapshot->providers[i].discover) continue;
    open.push_back(result.snapshot->providers[i]);
    places.push_back(i);
  }
  const auto answers = discover_models(open, configured_patience_ms);
  for (std::size_t i = 0; i < open.size(); ++i) {
    AskedServer asked{.title = open[i].id, .where = to_string(open[i].url), .zone = open[i].zone};
    if (answers[i]) {
      asked.models = answers[i]->size();
      add_discovered(*result.snapshot, places[i], *answers[i], catalog);
    } else {
      asked.trouble = answers[i].error().message;
    }
    result.asked.push_back(std::move(asked));
  }
  return result;
}

}  // namespace weir
