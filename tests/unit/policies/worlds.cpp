#include "worlds.h"

#include <set>

namespace weir::test {
namespace {

std::vector<Zone> random_zones(Dice& dice) {
  std::vector<Zone> some;
  const auto count = 1 + dice.roll(2);
  for (std::size_t i = 0; i < count; ++i) some.push_back(*parse_zone(dice.pick(zones)));
  return some;
}

ClassSet random_classes(Dice& dice) {
  if (dice.one_in(3)) return 0;
  return (ClassSet{1} << dice.roll(7)) | (dice.one_in(3) ? ClassSet{1} << dice.roll(7) : 0);
}

Rule random_rule(Dice& dice, std::size_t models) {
  Rule rule{.when = random_when(dice)};
  if (dice.one_in(2)) rule.zones = random_zones(dice);
  if (rule.zones.empty() || dice.one_in(4)) {
    const auto count = 1 + dice.roll(models);
    for (std::size_t i = 0; i < count; ++i) rule.use.push_back(static_cast<uint32_t>(dice.roll(models)));
  }
  return rule;
}

ModelSettings random_model(Dice& dice, std::size_t index, std::size_t providers) {
  ModelSettings model{.id = "m" + std::to_string(index), .provider = static_cast<uint32_t>(dice.roll(providers))};
  model.name = "vendor/model-" + std::to_string(index);
  model.embeddings = dice.one_in(4);
  model.chat = !model.embeddings || dice.one_in(2);
  model.tools = !dice.one_in(5);
  model.images = !dice.one_in(5);
  if (dice.one_in(6)) model.zone = parse_zone(dice.pick(zones));
  if (dice.one_in(2)) model.context_length = static_cast<int64_t>(1000 + dice.roll(4000));
  return model;
}

// --- the oracle
// -------------------------------------------------------------------------------------------------------

std::set<std::size_t> bits(ClassSet set) {
  std::set<std::size_t> out;
  for (std::size_t i = 0; i < 64; ++i) {
    if (set & (ClassSet{1} << i)) out.insert(i);
  }
  return out;
}

bool overlap(const std::set<std::size_t>& a, const std::set<std::size_t>& b) {
  for (const auto x : a) {
    if (b.count(x) == 1) return true;
  }
  return false;
}

bool lists(const std::vector<std::string>& names, std::string_view name) {
  std::set<std::string> all(names.begin(), names.end());
  return all.count(std::string(name)) == 1;
}

bool oracle_holds(const When& when, const RequestFacts& facts, std::string_view named, UnreadableSet accepted) {
  auto classes = bits(facts.found | facts.declared);
  for (std::size_t kind = 0; kind < 8; ++kind) {
    const auto bit = UnreadableSet(1U << kind);
    if ((facts.unreadable & bit) != 0 && (accepted & bit) == 0) classes.insert(4);
  }
  bool all = true;
  if (when.sensitive_any) {
    constexpr std::size_t identity = 6;
    if (bits(when.sensitive).count(identity) == 0 && bits(facts.declared).count(identity) == 0) classes.erase(identity);
    all = all && !classes.empty();
  } else if (when.sensitive != 0) {
    all = all && overlap(bits(when.sensitive), classes);
  }
  if (!when.callers.empty()) all = all && lists(when.callers, facts.caller);
  std::multiset<std::string_view> given(facts.tags.begin(), facts.tags.end());
  for (const auto& tag : when.tags) all = all && given.count(tag) > 0;
  if (!when.models.empty() && !named.empty()) all = all && lists(when.models, named);
  if (when.tokens_above.has_value()) all = all && facts.input_tokens > when.tokens_above.value();
  if (when.tokens_below.has_value()) all = all && facts.input_tokens < when.tokens_below.value();
  if (when.has_tools.has_value()) all = all && facts.has_tools == when.has_tools.value();
  if (when.has_images.has_value()) all = all && facts.has_images == when.has_images.value();
  if (when.has_files.has_value()) all = all && facts.has_files == when.has_files.value();
  if (when.has_audio.has_value()) all = all && facts.has_audio == when.has_audio.value();
  if (when.stream.has_value()) all = all && facts.stream == when.stream.value();
  const std::vector<std::string> operations = {"chat", "completion", "embedding"};
  if (!when.operations.empty()) {
    all = all && lists(when.operations, operations[static_cast<std::size_t>(facts.operation)]);
  }
  return all;
}

// `cloud` covers `cloud` and `cloud:eu`; `cloud:eu` covers itself: on the text.
bool covers(const std::string& entry, const std::string& zone) {
  return zone == entry || zone.rfind(entry + ":", 0) == 0;
}

bool rule_permits(const Rule& rule, const std::string& zone) {
  bool permitted = false;
  for (const auto& entry : rule.zones) permitted = permitted || covers(to_string(entry), zone);
  return permitted;
}

}  // namespace

When random_when(Dice& dice) {
  When when;
  if (dice.one_in(2)) when.sensitive = random_classes(dice);
  if (dice.one_in(8)) when.sensitive_any = true;
  if (dice.one_in(6)) when.callers = {dice.pick(callers)};
  if (dice.one_in(6)) when.tags = {dice.pick(tags)};
  if (dice.one_in(10)) when.models = {dice.one_in(2) ? "r0" : "m0"};
  if (dice.one_in(6)) when.tokens_above = static_cast<int64_t>(dice.roll(3000));
  if (dice.one_in(6)) when.tokens_below = static_cast<int64_t>(dice.roll(5000));
  if (dice.one_in(8)) when.has_tools = dice.one_in(2);
  if (dice.one_in(8)) when.has_images = dice.one_in(2);
  if (dice.one_in(8)) when.has_files = dice.one_in(2);
  if (dice.one_in(8)) when.has_audio = dice.one_in(2);
  if (dice.one_in(8)) when.stream = dice.one_in(2);
  if (dice.one_in(8)) when.operations = {dice.one_in(2) ? "chat" : "embedding"};
  return when;
}

Snapshot random_snapshot(Dice& dice) {
  Snapshot snapshot;
  (void)snapshot.classes.add("custom:project");
  const auto providers = 1 + dice.roll(4);
  for (std::size_t i = 0; i < providers; ++i) {
    snapshot.providers.push_back({.id = "p" + std::to_string(i)});
    snapshot.providers.back().zone = *parse_zone(dice.pick(zones));
  }
  const auto models = 1 + dice.roll(5);
  for (std::size_t i = 0; i < models; ++i) snapshot.models.push_back(random_model(dice, i, providers));
  const auto routes = 1 + dice.roll(3);
  for (std::size_t i = 0; i < routes; ++i) {
    RouteSettings route{.name = "r" + std::to_string(i)};
    if (dice.one_in(2)) route.accepts = static_cast<UnreadableSet>(dice.roll(64));
    const auto rules = dice.roll(5);
    for (std::size_t k = 0; k < rules; ++k) route.rules.push_back(random_rule(dice, models));
    snapshot.routes.push_back(std::move(route));
  }
  index_names(snapshot);
  return snapshot;
}

RequestFacts random_facts(Dice& dice, const Snapshot& snapshot) {
  RequestFacts facts;
  facts.operation = static_cast<Operation>(dice.one_in(3) ? dice.roll(3) : 0);
  const auto& model = dice.pick(snapshot.models);
  facts.requested_model =
      dice.one_in(3) ? std::string_view(model.id) : std::string_view(dice.pick(snapshot.routes).name);
  facts.caller = dice.pick(callers);
  facts.found = random_classes(dice);
  facts.declared = dice.one_in(3) ? random_classes(dice) : 0;
  for (const auto& tag : tags) {
    if (dice.one_in(2)) facts.tags.emplace_back(tag);
  }
  facts.input_tokens = static_cast<int64_t>(dice.roll(6000));
  facts.has_tools = dice.one_in(3);
  facts.has_images = dice.one_in(3);
  facts.has_files = dice.one_in(3);
  facts.has_audio = dice.one_in(4);
  if (dice.one_in(3)) facts.unreadable = static_cast<UnreadableSet>(dice.roll(64));
  facts.stream = dice.one_in(2);
  return facts;
}

HealthView random_health(Dice& dice, const Snapshot& snapshot) {
  HealthView health;
  if (dice.one_in(2)) return health;
  for (std::size_t i = 0; i < snapshot.models.size(); ++i) health.models.push_back({.available = !dice.one_in(3)});
  return health;
}

bool oracle_allows(const RequestFacts& facts, const Snapshot& snapshot, uint32_t model) {
  const auto& own = snapshot.models[model].zone;
  const std::string zone = to_string(own ? *own : snapshot.providers[snapshot.models[model].provider].zone);
  for (const auto& route : snapshot.routes) {
    if (route.name != facts.requested_model) continue;
    for (const auto& rule : route.rules) {
      if (rule.zones.empty() || !oracle_holds(rule.when, facts, facts.requested_model, route.accepts)) continue;
      if (!rule_permits(rule, zone)) return false;
    }
    return true;
  }
  for (const auto& route : snapshot.routes) {
    for (const auto& rule : route.rules) {
      // A condition that every request meets, or only those that name a certain model, is no condition on the request.
      const When none{.models = rule.when.models};
      const auto same = [&](const When& a, const When& b) {
        return a.sensitive == b.sensitive && a.sensitive_any == b.sensitive_any && a.callers == b.callers &&
               a.tags == b.tags && a.tokens_above == b.tokens_above && a.tokens_below == b.tokens_below &&
               a.has_tools == b.has_tools && a.has_images == b.has_images && a.has_files == b.has_files &&
               a.has_audio == b.has_audio && a.stream == b.stream && a.operations == b.operations;
      };
      if (rule.zones.empty() || same(rule.when, none)) continue;
      if (!oracle_holds(rule.when, facts, "", route.accepts)) continue;
      if (!rule_permits(rule, zone)) return false;
    }
  }
  return true;
}

}  // namespace weir::test
