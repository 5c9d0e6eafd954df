#include "server/bootstrap.h"

#include "config/defaults.h"
#include "config/proxy_choice.h"
#include "formats/presets.h"
#include "ledger/catalog_edition.h"
#include "ledger/pricing.h"
#include "ledger/query.h"
#include "net/tls.h"
#include "pipeline/worker.h"
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
  std::string trouble = {};  // it is not asked
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
    auto variable = preset.key_variable;
    auto key = variable.empty() ? std::nullopt : environment(std::string(variable));
    if ((!key || key->empty()) && !preset.other_variable.empty()) {
      variable = preset.other_variable;
      key = environment(std::string(variable));
    }
    if (preset.port != 0) {
      probes.push_back({&preset, settings_of(preset, preset.url, key.value_or("")), std::string(preset.url)});
    } else if (key && !key->empty() && !preset.key_is_shared) {
      const auto moved = environment(base_url_variable(preset.key_variable));
      const std::string url = moved && !moved->empty() ? *moved : std::string(preset.url);
      if (url.empty()) continue;
      auto probe = Probe{&preset, settings_of(preset, url, *key), std::string(variable)};
      if (is_private_address(probe.settings.url)) probe.where += " at " + url;
      if (auto proxy = environment_proxy(probe.settings.url, environment)) {
        probe.settings.proxy = std::move(*proxy);
      } else {
        probe.trouble = proxy.error().message;
      }
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
                     .list = {.models = {{.name = "sandbox-local", .owner = {}}}},
                     .id = "sandbox-local",
                     .zone = Zone{ZoneKind::local, ""},
                     .prices = local},
          Discovered{.kind = "sandbox",
                     .url = preset,
                     .list = {.models = {{.name = "sandbox-cloud", .owner = {}}}},
                     .id = "sandbox-cloud",
                     .zone = Zone{ZoneKind::cloud, ""},
                     .prices = cloud}};
}

// Why a server at a local address may not be what it seems; "" when nothing speaks against it.
std::string doubt_of(const ModelList& list) {
  if (!list.usual) return "it answers otherwise than such a server does";
  const auto rented = std::find_if(list.models.begin(), list.models.end(),
                                   [](const ListedModel& model) { return is_cloud_vendor(model.owner); });
  if (rented == list.models.end()) return "";
  return fmt::format("its model {} is owned by {}: it passes requests on", rented->name, rented->owner);
}

Bootstrap from_environment(const std::string& data_folder) {
  Bootstrap result;
  const auto environment = process_environment();
  const auto catalog = catalog_lookup(data_folder);
  auto probes = usual_places(environment);
  std::vector<ProviderSettings> settings;
  bool any_cloud = false;
  std::erase_if(probes, [&](const Probe& probe) {
    if (!probe.trouble.empty()) {
      result.asked.push_back({.title = std::string(probe.preset->title),
                              .where = probe.where,
                              .zone = probe.settings.zone,
                              .trouble = probe.trouble});
    }
    return !probe.trouble.empty();
  });
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
      asked.models = answers[i]->models.size();
      Discovered one{.kind = std::string(probe.preset->kind),
                     .url = to_string(probe.settings.url),
                     .api_key = probe.settings.api_key,
                     .list = *answers[i],
                     .proxy = probe.settings.proxy};
      if (const auto doubt = doubt_of(*answers[i]); !doubt.empty() && asked.zone.kind == ZoneKind::local) {
        one.zone = asked.zone = Zone{.kind = ZoneKind::cloud};
        asked.trouble = doubt + "; it counts as cloud";
      }
      if (asked.models == 0)
        asked.trouble = "it has no models";
      else
        found.push_back(std::move(one));
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

void warn(Bootstrap& result, const ProviderSettings& provider, std::string message, std::string mend) {
  result.problems.push_back({.weight = Weight::warning,
                             .file = result.snapshot->source,
                             .line = provider.line,
                             .column = provider.line > 0 ? std::size_t{1} : 0,
                             .message = std::move(message),
                             .mend = std::move(mend)});
}

// What a local server's list of models says of where they run.
void place(Bootstrap& result, uint32_t index, const ModelList& list) {
  auto& provider = result.snapshot->providers[index];
  if (provider.zone.kind != ZoneKind::local) return;
  const auto names = passed_on_by(list);
  mark_passed_on(*result.snapshot, index, names);
  if (!names.empty()) {
    warn(result, provider,
         fmt::format("`{}` passes {} on to another's machine: such models are in the zone cloud", provider.id,
                     fmt::join(names, ", ")),
         "nothing, if that is meant; else pull models that this machine runs itself");
  }
  const auto doubt = doubt_of(list);
  if (doubt.empty()) return;
  if (provider.zone_said) {
    warn(result, provider, fmt::format("`{}` is said to be local, but {}", provider.id, doubt),
         "write zone: cloud if requests leave your machines there");
    return;
  }
  provider.zone = Zone{.kind = ZoneKind::cloud};
  warn(result, provider, fmt::format("`{}` counts as cloud: {}", provider.id, doubt),
       "write zone: local if all of its models run on your machines, else zone: cloud");
}

// Names that cannot be ids here are said: nothing that a server offers vanishes without a word.
void say_unusable(Bootstrap& result, uint32_t index, const std::vector<std::string>& names) {
  const auto& snapshot = *result.snapshot;
  constexpr std::size_t most_shown = 5;
  std::vector<std::string> left_out;
  for (const auto& name : names) {
    const bool used = std::any_of(snapshot.models.begin(), snapshot.models.end(), [&](const ModelSettings& model) {
      return model.provider == index && model.name == name;
    });
    if (!used) left_out.push_back(fmt::format("`{}`", name.substr(0, 80)));
  }
  if (left_out.empty()) return;
  const auto count = left_out.size();
  if (count > most_shown) left_out.resize(most_shown);
  const auto& provider = snapshot.providers[index];
  warn(result, provider,
       fmt::format("`{}` serves {} whose names cannot be used as they are: {}{}", provider.id,
                   count == 1 ? "a model" : fmt::format("{} models", count), fmt::join(left_out, ", "),
                   count > most_shown ? " …" : ""),
       fmt::format("give each an id under models: {{id: my-model, provider: {}, name: ...}}", provider.id));
}

// Those whose models are to be found out are asked, and all local ones for where their models run.
void ask_servers(Bootstrap& result, const CatalogLookup& catalog) {
  std::vector<ProviderSettings> open;
  std::vector<uint32_t> places;
  int64_t patience_ms = local_patience_ms;
  for (uint32_t i = 0; i < result.snapshot->providers.size(); ++i) {
    const auto& provider = result.snapshot->providers[i];
    if (!provider.discover && (provider.zone.kind != ZoneKind::local || provider.adapter == "sandbox")) continue;
    if (provider.discover) patience_ms = configured_patience_ms;
    open.push_back(provider);
    places.push_back(i);
  }
  const auto answers = discover_models(open, patience_ms);
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (answers[i]) place(result, places[i], *answers[i]);
    if (answers[i] && !open[i].discover) take_told(*result.snapshot, places[i], *answers[i]);
    if (!open[i].discover) continue;
    AskedServer asked{
        .title = open[i].id, .where = to_string(open[i].url), .zone = result.snapshot->providers[places[i]].zone};
    if (answers[i]) {
      asked.models = answers[i]->models.size();
      add_discovered(*result.snapshot, places[i], names_of(*answers[i]), catalog);
      mark_passed_on(*result.snapshot, places[i], passed_on_by(*answers[i]));
      take_told(*result.snapshot, places[i], *answers[i]);
      say_unusable(result, places[i], names_of(*answers[i]));
    } else {
      asked.trouble = answers[i].error().message;
    }
    result.asked.push_back(std::move(asked));
  }
}

}  // namespace

CatalogLookup catalog_lookup(const std::string& data_folder) {
  const auto today = format_date(wall_clock_us());
  const auto catalog = std::make_shared<const Catalog>(current_edition(data_folder, today).catalog(today));
  return [catalog](std::string_view provider, std::string_view model) -> std::optional<CatalogEntry> {
    const auto price = catalog->find(provider, model);
    if (!price) return std::nullopt;
    return CatalogEntry{.prices = price->prices,
                        .context_length = price->context_length,
                        .as_of = std::string(price->as_of),
                        .by_rule = price->by_rule,
                        .deprecated = price->deprecated};
  };
}

std::string prices_note(const Snapshot& snapshot) {
  std::string oldest;
  for (const auto& model : snapshot.models) {
    if (model.prices_as_of.empty()) continue;
    oldest = oldest.empty() ? model.prices_as_of : std::min(oldest, model.prices_as_of);
  }
  return age_note(oldest, format_date(wall_clock_us()));
}

namespace {

std::optional<TlsFault> fault_of(const TlsSettings& settings) {
  const auto made = net::TlsClient::create(settings);
  if (made) return std::nullopt;
  const auto& error = made.error();
  std::string mend = "give a PEM file, as your authority hands it out";
  if (error.param == "client_key") {
    mend = error.message.find("encrypted") != std::string::npos
               ? "take the passphrase off: openssl pkey -in KEY -out PLAIN_KEY, and chmod 600 PLAIN_KEY"
               : "give the private key that the certificate was made for, in PEM";
  } else if (error.message.find("expired") != std::string::npos) {
    mend = "renew it, or take the key out: the provider would refuse it";
  }
  return TlsFault{.param = error.param.empty() ? "ca_file" : error.param, .what = error.message, .mend = mend};
}

}  // namespace

Surroundings process_surroundings(const std::string& data_folder) {
  return {.environment = process_environment(),
          .catalog = catalog_lookup(data_folder),
          .read_file = disk_files(),
          .check_tls = fault_of};
}

Bootstrap bootstrap(const std::string& config_file, const std::string& data_folder) {
  if (config_file.empty()) return from_environment(data_folder);
  Bootstrap result;
  const auto surroundings = process_surroundings(data_folder);
  auto loaded = load_config(config_file, surroundings);
  result.problems = std::move(loaded.problems);
  result.text = std::move(loaded.text);
  if (has_errors(result.problems)) return result;
  result.snapshot = std::make_shared<Snapshot>(std::move(loaded.snapshot));

  ask_servers(result, surroundings.catalog);
  return result;
}

}  // namespace weir
