#include "economics/replay/what_if.h"

#include <algorithm>
#include <charconv>

#include "core/nearest.h"

namespace weir::plan {
namespace {

constexpr int64_t most_machines = 10'000;
constexpr int64_t most_slots = 1'000'000;
constexpr double most_speed = 1'000'000;

tl::unexpected<Error> wrong(std::string_view option, std::string_view text, std::string_view mend) {
  return failure(ErrorCode::invalid_request, fmt::format("{}: `{}` is not understood: {}", option, text, mend));
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `name=value` at its last `=`; the name is "" where there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text) {
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

// The index of a provider that has slots; the only one for "".
Result<std::size_t> slotted_provider(const Snapshot& snapshot, std::string_view name, std::string_view option) {
  std::vector<std::string_view> names;
  std::size_t found = 0;
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    if (snapshot.providers[i].slots == 0) continue;
    names.emplace_back(snapshot.providers[i].id);
    if (name.empty() || snapshot.providers[i].id == name) found = i;
  }
  const auto known = std::find(names.begin(), names.end(), name) != names.end();
  if (known || (name.empty() && names.size() == 1)) return found;
  if (names.empty()) {
    return failure(ErrorCode::invalid_request,
                   fmt::format("{}: no provider of this config has `slots`: without them nothing waits, and more "
                               "machines change nothing. Set `slots` at the provider",
                               option));
  }
  if (name.empty()) {
    return failure(ErrorCode::invalid_request, fmt::format("{}: which provider? {} have slots: write {}={}", option,
                                                           fmt::join(names, ", "), names.front(), "+1"));
  }
  const auto near = nearest(name, names);
  return failure(ErrorCode::invalid_request,
                 fmt::format("{}: `{}` is no provider with slots in this config{}; there {}: {}", option, name,
                             near.empty() ? std::string() : fmt::format(", did you mean `{}`?", near),
                             names.size() == 1 ? "is" : "are", fmt::join(names, ", ")));
}

Status add_machines(ReplayScenario& scenario, const ProviderNumber& more) {
  const auto index = slotted_provider(scenario.snapshot, more.provider, "--gpus");
  if (!index) return failure(index.error());
  auto& provider = scenario.snapshot.providers[*index];
  auto& machines = scenario.settings.machines[*index];
  const auto before = machines;
  machines += more.number;
  scenario.settings.resized[*index] = true;
  provider.slots = provider.slots / before * machines;
  provider.queue_limit = provider.queue_limit / before * machines;
  provider.cost_per_hour = provider.cost_per_hour / before * machines;
  scenario.settings.name += fmt::format(", {} +{}", provider.id, more.number);
  return {};
}

Status set_slots(ReplayScenario& scenario, const ProviderNumber& slots) {
  const auto index = slotted_provider(scenario.snapshot, slots.provider, "--slots");
  if (!index) return failure(index.error());
  scenario.snapshot.providers[*index].slots = slots.number;
  scenario.settings.resized[*index] = true;
  scenario.settings.name += fmt::format(", {} {} slots", slots.provider, slots.number);
  return {};
}

bool is_cloud(const Snapshot& snapshot, uint32_t model) { return zone_of(model, snapshot).kind == ZoneKind::cloud; }

// A model that the config does not have: `PROVIDER/NAME`, priced by the catalog.
Result<uint32_t> add_from_catalog(Snapshot& snapshot, std::string_view id, const CatalogLookup& catalog) {
  const auto slash = id.find('/');
  const auto entry =
      slash == std::string_view::npos || !catalog ? std::nullopt : catalog(id.substr(0, slash), id.substr(slash + 1));
  if (!entry) {
    std::vector<std::string_view> names;
    for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
      if (is_cloud(snapshot, i)) names.emplace_back(snapshot.models[i].id);
    }
    const auto near = nearest(id, names);
    return failure(ErrorCode::invalid_request,
                   fmt::format("--cloud-model: `{}` is neither a model of this config nor `PROVIDER/NAME` with a price "
                               "in the catalog{}; see weir models",
                               id, near.empty() ? std::string() : fmt::format("; did you mean `{}`?", near)));
  }
  const std::string provider_id(id.substr(0, slash));
  const auto known = std::find_if(snapshot.providers.begin(), snapshot.providers.end(), [&](const auto& provider) {
    return provider.id == provider_id && provider.zone.kind == ZoneKind::cloud;
  });
  const auto provider = static_cast<uint32_t>(known - snapshot.providers.begin());
  if (known == snapshot.providers.end()) snapshot.providers.push_back({.id = provider_id, .kind = provider_id});
  snapshot.models.push_back({.id = std::string(id),
                             .provider = provider,
                             .name = std::string(id.substr(slash + 1)),
                             .prices = entry->prices,
                             .prices_as_of = entry->as_of,
                             .context_length = entry->context_length,
                             .max_output = entry->max_output});
  index_names(snapshot);
  return static_cast<uint32_t>(snapshot.models.size() - 1);
}

// The rule's candidates with the new one in place of those cloud models that do the same work.
std::size_t replace_in(Rule& rule, uint32_t with, const Snapshot& snapshot) {
  std::size_t replaced = 0;
  std::vector<uint32_t> use;
  for (auto model : rule.use) {
    const auto& was = snapshot.models[model];
    const auto& is = snapshot.models[with];
    const bool same_work = (was.chat && is.chat) || (was.embeddings && is.embeddings);
    if (is_cloud(snapshot, model) && same_work) {
      model = with;
      ++replaced;
    }
    if (std::find(use.begin(), use.end(), model) == use.end()) use.push_back(model);
  }
  rule.use = std::move(use);
  return replaced;
}

Status change_cloud_model(ReplayScenario& scenario, const std::string& id, const CatalogLookup& catalog) {
  auto& snapshot = scenario.snapshot;
  auto model = find_model(snapshot, id);
  if (model && !is_cloud(snapshot, *model)) {
    return failure(ErrorCode::invalid_request, fmt::format("--cloud-model: `{}` is in zone {}, not in the cloud", id,
                                                           to_string(zone_of(*model, snapshot))));
  }
  if (!model) {
    const auto added = add_from_catalog(snapshot, id, catalog);
    if (!added) return failure(added.error());
    model = *added;
    scenario.settings.machines.resize(snapshot.providers.size(), 1);
    scenario.settings.resized.resize(snapshot.providers.size());
  }
  std::size_t replaced = 0;
  for (auto& route : snapshot.routes) {
    for (auto& rule : route.rules) replaced += replace_in(rule, *model, snapshot);
  }
  if (replaced == 0) {
    return failure(ErrorCode::invalid_request,
                   "--cloud-model: no rule of this config names a cloud model that it could replace");
  }
  scenario.settings.name += fmt::format(", cloud {}", id);
  return {};
}

}  // namespace

Result<ProviderNumber> parse_gpus(std::string_view text) {
  constexpr std::string_view mend = "write +1, or PROVIDER=+1: so many machines more";
  auto [provider, value] = split(text);
  if (value.empty() || value.front() != '+') return wrong("--gpus", text, mend);
  const auto more = number<int64_t>(value.substr(1));
  if (!more || *more < 1 || *more > most_machines || text.front() == '=') {
    return wrong("--gpus", text, mend);
  }
  return ProviderNumber{.provider = std::string(provider), .number = *more};
}

Result<ProviderNumber> parse_slots(std::string_view text) {
  const auto [provider, value] = split(text);
  const auto slots = number<int64_t>(value);
  if (provider.empty() || !slots || *slots < 1 || *slots > most_slots) {
    return wrong("--slots", text, "write PROVIDER=N, N from 1 to 1000000");
  }
  return ProviderNumber{.provider = std::string(provider), .number = *slots};
}

Result<double> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  const auto value = number<double>(percent ? text.substr(0, text.size() - 1) : text);
  const double most = percent ? 100 : 1;
  if (!value || !(*value >= 0) || *value > most) {
    return wrong("--local-share", text, "write a share such as 80% or 0.8, from 0% to 100%");
  }
  return *value / most;
}

Result<StatedSpeed> parse_speed(std::string_view text) {
  const auto [model, value] = split(text);
  const auto speed = number<double>(value);
  if (model.empty() || !speed || !(*speed > 0) || *speed > most_speed) {
    return wrong("--speed", text, "write MODEL=N, N output tokens per second above 0");
  }
  return StatedSpeed{.model = std::string(model), .output_per_s = *speed};
}

Result<ReplayScenario> apply(const WhatIf& what_if, const Snapshot& base, std::string_view name,
                             const CatalogLookup& catalog) {
  ReplayScenario scenario{.snapshot = base,
                          .settings = {.name = std::string(name),
                                       .machines = std::vector<int64_t>(base.providers.size(), 1),
                                       .resized = std::vector<bool>(base.providers.size()),
                                       .local_share = what_if.local_share}};
  for (const auto& slots : what_if.slots) {
    if (auto done = set_slots(scenario, slots); !done) return failure(done.error());
  }
  for (const auto& more : what_if.gpus) {
    if (auto done = add_machines(scenario, more); !done) return failure(done.error());
  }
  if (!what_if.cloud_model.empty()) {
    if (auto done = change_cloud_model(scenario, what_if.cloud_model, catalog); !done) return failure(done.error());
  }
  if (what_if.local_share) scenario.settings.name += fmt::format(", {:.4g} % local", *what_if.local_share * 100);
  return scenario;
}

}  // namespace weir::plan
