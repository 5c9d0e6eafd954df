#include "config/defaults.h"

#include <algorithm>
#include <array>

#include "core/wildcard.h"
#include "formats/format.h"
#include "formats/presets.h"

namespace weir {
namespace {

constexpr std::size_t local_candidates = 8;
constexpr std::size_t cloud_candidates = 4;
constexpr MicroDollars dearest_baseline = 30'000'000;

// Names of models that do something else than general chat; a list of models says no more than the name.
bool is_chat_name(std::string_view name) {
  constexpr std::array<std::string_view, 17> others = {
      "whisper", "tts",   "dall-e", "image",         "audio",   "realtime", "transcribe", "sora", "search",
      "moderat", "guard", "rerank", "instruct-beta", "babbage", "davinci",  "ocr",        "codex"};
  return !is_embedding_name(name) && std::none_of(others.begin(), others.end(), [&](std::string_view word) {
    return name.find(word) != std::string_view::npos;
  });
}

bool is_local(const Snapshot& snapshot, const ModelSettings& model) {
  return zone_of(model, snapshot).kind == ZoneKind::local;
}

// Output is what answers cost; input breaks ties.
bool cheaper(const ModelSettings& a, const ModelSettings& b) {
  return a.prices.output != b.prices.output ? a.prices.output < b.prices.output : a.prices.input < b.prices.input;
}

// The priced chat models of a cloud provider, from cheap to dear.
std::vector<uint32_t> priced_chat_models(const Snapshot& snapshot, uint32_t provider) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
    const auto& model = snapshot.models[i];
    const bool fit = model.chat && !model.deprecated && is_chat_name(model.name) && !is_local(snapshot, model);
    if (model.provider == provider && fit && model.prices.known && !model.wildcard) found.push_back(i);
  }
  std::stable_sort(found.begin(), found.end(),
                   [&](uint32_t a, uint32_t b) { return cheaper(snapshot.models[a], snapshot.models[b]); });
  return found;
}

std::vector<uint32_t> local_chat_models(const Snapshot& snapshot) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < snapshot.models.size() && found.size() < local_candidates; ++i) {
    const auto& model = snapshot.models[i];
    if (is_local(snapshot, model) && model.chat && !model.wildcard) found.push_back(i);
  }
  return found;
}

// One of each provider. Where no price is known at all, its first chat model.
std::vector<uint32_t> cloud_chat_models(const Snapshot& snapshot) {
  std::vector<uint32_t> chosen;
  for (uint32_t provider = 0; provider < snapshot.providers.size(); ++provider) {
    if (const auto priced = priced_chat_models(snapshot, provider); !priced.empty()) {
      chosen.push_back(priced[(priced.size() - 1) / 2]);
      continue;
    }
    const auto first = std::find_if(snapshot.models.begin(), snapshot.models.end(), [&](const ModelSettings& model) {
      return model.provider == provider && model.chat && !model.wildcard && is_chat_name(model.name) &&
             !is_local(snapshot, model);
    });
    if (first != snapshot.models.end()) chosen.push_back(static_cast<uint32_t>(first - snapshot.models.begin()));
  }
  std::stable_sort(chosen.begin(), chosen.end(), [&](uint32_t a, uint32_t b) {
    const auto& left = snapshot.models[a];
    const auto& right = snapshot.models[b];
    if (left.prices.known != right.prices.known) return left.prices.known;
    return cheaper(left, right);
  });
  if (chosen.size() > cloud_candidates) chosen.resize(cloud_candidates);
  return chosen;
}

std::optional<uint32_t> embedding_model(const Snapshot& snapshot) {
  std::optional<uint32_t> best;
  for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
    const auto& model = snapshot.models[i];
    if (!model.embeddings || model.wildcard) continue;
    if (!best || (is_local(snapshot, model) && !is_local(snapshot, snapshot.models[*best]))) best = i;
  }
  return best;
}

std::optional<uint32_t> baseline_model(const Snapshot& snapshot) {
  std::optional<uint32_t> best;
  for (uint32_t provider = 0; provider < snapshot.providers.size(); ++provider) {
    for (const auto index : priced_chat_models(snapshot, provider)) {
      const auto& model = snapshot.models[index];
      if (model.prices.output > dearest_baseline) continue;
      if (!best || cheaper(snapshot.models[*best], model)) best = index;
    }
  }
  return best;
}

// Its own name where that is free and fit to be an id; else with the provider before it. "" when neither will do.
std::string free_id(const Snapshot& snapshot, uint32_t provider, const std::string& name) {
  const auto taken = [&](const std::string& id) {
    return id == "auto" || id == "private" ||
           std::any_of(snapshot.models.begin(), snapshot.models.end(),
                       [&](const ModelSettings& one) {
                         return one.id == id ||
                                std::find(one.aliases.begin(), one.aliases.end(), id) != one.aliases.end();
                       }) ||
           std::any_of(snapshot.routes.begin(), snapshot.routes.end(),
                       [&](const RouteSettings& one) { return one.name == id; });
  };
  if (is_id(name) && !taken(name)) return name;
  const std::string longer = snapshot.providers[provider].id + "/" + name;
  return is_id(longer) && !taken(longer) ? longer : std::string{};
}

bool has_model(const Snapshot& snapshot, uint32_t provider, std::string_view name) {
  return std::any_of(snapshot.models.begin(), snapshot.models.end(),
                     [&](const ModelSettings& one) { return one.provider == provider && one.name == name; });
}

void add_models(Snapshot& snapshot, uint32_t provider, std::span<const std::string> names,
                const std::optional<Prices>& prices, const CatalogLookup& catalog) {
  const Preset* preset = find_preset(snapshot.providers[provider].kind);
  for (const auto& name : names) {
    if (has_model(snapshot, provider, name)) continue;
    ModelSettings model{.id = free_id(snapshot, provider, name), .provider = provider, .name = name};
    if (model.id.empty()) continue;
    model.embeddings = is_embedding_name(name);
    model.also = sole_services(snapshot.providers[provider].format_serves);
    model.chat = !model.embeddings && model.also == 0;
    if (is_passed_on(snapshot.providers[provider], name)) model.zone = Zone{.kind = ZoneKind::cloud};
    const bool listed = catalog && preset != nullptr && !preset->catalog.empty();
    if (const auto entry = listed ? catalog(preset->catalog, name) : std::nullopt) {
      model.deprecated = entry->deprecated;
      model.prices = entry->prices;
      model.prices_as_of = entry->as_of;
      model.price_by_rule = entry->by_rule;
      model.context_length = entry->context_length;
      model.max_output = entry->max_output;
    }
    if (prices) model.prices = *prices;
    if (preset != nullptr) model.prices.tier_percent = preset->tier_percent;
    snapshot.models.push_back(std::move(model));
  }
}

std::string free_provider_id(const Snapshot& snapshot, const std::string& wanted) {
  const auto taken = [&](const std::string& id) {
    return std::any_of(snapshot.providers.begin(), snapshot.providers.end(),
                       [&](const ProviderSettings& one) { return one.id == id; });
  };
  std::string id = wanted;
  for (int number = 2; taken(id); ++number) id = wanted + "-" + std::to_string(number);
  return id;
}

}  // namespace

OperationSet sole_services(OperationSet format_serves) {
  const auto words = set_of(Operation::chat, Operation::completion, Operation::embedding);
  return (format_serves & words) == 0 ? format_serves : OperationSet{0};
}

void make_default_routes(Snapshot& snapshot) {
  const Zone local{.kind = ZoneKind::local};
  auto candidates = local_chat_models(snapshot);
  const auto cloud = cloud_chat_models(snapshot);
  candidates.insert(candidates.end(), cloud.begin(), cloud.end());
  std::vector<Rule> naming;
  if (const auto embeddings = embedding_model(snapshot)) {
    naming.push_back({.when = {.operations = {"embedding"}}, .use = {*embeddings}});
  }
  if (!candidates.empty()) naming.push_back({.use = std::move(candidates)});

  // A first request with a picture is to work; `weir serve` says so.
  RouteSettings automatic{.name = "auto",
                          .accepts = unreadable_images | unreadable_audio,
                          .description = "local models first, then the cloud; what is sensitive stays local"};
  automatic.rules.push_back({.when = {.sensitive_any = true}, .zones = {local}});
  automatic.rules.insert(automatic.rules.end(), naming.begin(), naming.end());
  automatic.baseline = baseline_model(snapshot);
  RouteSettings confined{.name = "private", .description = "local models only"};
  confined.rules.push_back({.zones = {local}});
  confined.rules.insert(confined.rules.end(), naming.begin(), naming.end());
  confined.baseline = automatic.baseline;

  snapshot.routes.clear();
  snapshot.routes.push_back(std::move(automatic));
  snapshot.routes.push_back(std::move(confined));
}

Snapshot default_snapshot(std::span<const Discovered> found, const CatalogLookup& catalog) {
  Snapshot snapshot;
  snapshot.default_routes = true;
  snapshot.server.listen = {std::string(default_listen)};
  for (const auto& one : found) {
    const Preset* preset = find_preset(one.kind);
    ProviderSettings provider{.id = free_provider_id(snapshot, one.id.empty() ? one.kind : one.id), .kind = one.kind};
    if (preset == nullptr || !parse_url(one.url.empty() ? preset->url : std::string_view(one.url), provider.url))
      continue;
    provider.adapter = preset->adapter;
    provider.format_serves = find_format(preset->adapter)->serves;
    provider.api_key = one.api_key;
    provider.proxy = one.proxy;
    // A local kind behind an address that may be anybody's is not ours until somebody says so.
    const bool ours = preset->zone == ZoneKind::local && is_private_address(provider.url);
    provider.zone = one.zone.value_or(Zone{.kind = ours ? ZoneKind::local : ZoneKind::cloud});
    provider.quirks = preset->quirks;
    provider.slots = preset->slots;
    provider.health_check = provider.zone.kind == ZoneKind::local;
    provider.discover = true;
    snapshot.sandbox = snapshot.sandbox || provider.adapter == "sandbox";
    snapshot.providers.push_back(std::move(provider));
    const auto index = static_cast<uint32_t>(snapshot.providers.size() - 1);
    add_models(snapshot, index, names_of(one.list), one.prices, catalog);
    mark_passed_on(snapshot, index, passed_on_by(one.list));
    take_told(snapshot, index, one.list);
  }
  make_default_routes(snapshot);
  index_names(snapshot);
  return snapshot;
}

std::vector<std::string> names_of(const ModelList& list) {
  std::vector<std::string> names;
  for (const auto& model : list.models) names.push_back(model.name);
  return names;
}

std::vector<std::string> passed_on_by(const ModelList& list) {
  std::vector<std::string> names;
  for (const auto& model : list.models) {
    if (model.passed_on) names.push_back(model.name);
  }
  return names;
}

void take_told(Snapshot& snapshot, uint32_t provider, const ModelList& list) {
  constexpr int64_t longest = 100'000'000;  // beyond it, it is no number of tokens
  for (auto& model : snapshot.models) {
    const auto told = std::find_if(list.models.begin(), list.models.end(), [&](const ListedModel& one) {
      return model.provider == provider && one.name == model.name;
    });
    if (told == list.models.end()) continue;
    if (model.context_length == 0 && told->context_length > 0 && told->context_length <= longest)
      model.context_length = told->context_length;
    if (told->tools == false) model.tools = false;
    if (told->images == false) model.images = false;
    if (told->embeds == true && !model.embeddings) {
      model.embeddings = true;
      model.chat = false;
    }
  }
}

void mark_passed_on(Snapshot& snapshot, uint32_t provider, std::span<const std::string> names) {
  if (snapshot.providers[provider].zone.kind != ZoneKind::local) return;
  for (auto& model : snapshot.models) {
    if (model.provider != provider || std::find(names.begin(), names.end(), model.name) == names.end()) continue;
    model.zone = Zone{.kind = ZoneKind::cloud};
  }
  // Those that only a wildcard stands for have an entry of their own from now on.
  const auto wildcards = snapshot.wildcards;
  for (const auto& name : wildcards.empty() ? std::span<const std::string>() : names) {
    const auto path = snapshot.providers[provider].id + "/" + name;
    const auto index = has_model(snapshot, provider, name) ? std::nullopt : find_wildcard(snapshot, path);
    auto model = index && snapshot.models[*index].provider == provider ? model_by_wildcard(snapshot, *index, path)
                                                                       : std::nullopt;
    if (!model) continue;
    model->zone = Zone{.kind = ZoneKind::cloud};
    snapshot.models.push_back(std::move(*model));
  }
  if (!wildcards.empty()) index_names(snapshot);
}

void add_discovered(Snapshot& snapshot, uint32_t provider, std::span<const std::string> names,
                    const CatalogLookup& catalog) {
  add_models(snapshot, provider, names, std::nullopt, catalog);
  if (snapshot.default_routes) make_default_routes(snapshot);
  index_names(snapshot);
}

}  // namespace weir
