#include <algorithm>

#include <fmt/format.h>

#include "config/build.h"
#include "config/defaults.h"
#include "core/nearest.h"
#include "core/wildcard.h"
#include "formats/format.h"

namespace weir::config {
namespace {

// `; there are: a, b`
std::string listed(const std::vector<std::string_view>& ids) {
  std::string out;
  for (const auto id : ids) out += (out.empty() ? "; there are: " : ", ") + std::string(id);
  return out;
}

}  // namespace

Text Builder::model_id(const ModelDoc& doc) const {
  if (doc.id) return doc.id;
  const bool many = doc.name.value.find('*') != std::string::npos;
  return {.value = many ? doc.provider.value + "/" + doc.name.value : doc.name.value, .at = doc.name.at};
}

// A `*` stands once in both, or in none.
bool Builder::claim_model(const ModelDoc& doc, const Text& id) {
  const auto stars = [](std::string_view text) { return std::count(text.begin(), text.end(), '*'); };
  if (stars(id.value) == 0 && stars(doc.name.value) == 0) return claim(name_lines_, id, "a route or model");
  if (stars(id.value) != 1 || stars(doc.name.value) != 1) {
    reading_.error(stars(id.value) == 1 ? doc.name.at : id.at,
                   "an entry that stands for many models has one `*` in its id and one in its name",
                   "write {id: 'gpt-*', provider: openai, name: 'gpt-*'}, or name: '*' alone");
    return false;
  }
  if (!doc.aliases.empty()) {
    reading_.error(doc.aliases.front().at, "an entry that stands for many models has no aliases",
                   "give the one model that is meant an entry of its own");
  }
  if (!is_id(with_star(id.value, "x")) || !is_id(with_star(doc.name.value, "x"))) {
    reading_.error(id.at, "this is no pattern of names",
                   "use letters, digits and . _ : / @ + -, a letter or digit first, at most 128, and one *");
    return false;
  }
  const auto [first, fresh] = name_lines_.emplace(id.value, id.at->line);
  if (!fresh) {
    reading_.error(id.at, "`" + id.value + "` already names a model, at line " + std::to_string(first->second),
                   "keep one of them");
  }
  return fresh;
}

void Builder::model_aliases(const ModelDoc& doc, ModelSettings& out) {
  if (out.wildcard) return;
  const auto index = static_cast<uint32_t>(snapshot_.models.size());
  for (const auto& alias : doc.aliases) {
    if (!claim(name_lines_, alias, "a route or model")) continue;
    model_index_.emplace(alias.value, index);
    out.aliases.push_back(alias.value);
  }
}

void Builder::model(const ModelDoc& doc) {
  const Text id = model_id(doc);
  if (id.at == nullptr || id.value.empty() || !claim_model(doc, id)) return;
  const auto provider = provider_index_.find(doc.provider.value);
  if (provider == provider_index_.end()) {
    if (doc.provider && !doc.provider.value.empty()) {
      std::vector<std::string_view> ids;
      for (const auto& one : snapshot_.providers) ids.emplace_back(one.id);
      const auto near = nearest(doc.provider.value, ids);
      reading_.error(
          doc.provider.at, "there is no provider of that id",
          near.empty() ? "add it under `providers`" + listed(ids) : "did you mean `" + std::string(near) + "`?");
    }
    // Entered all the same, so that rules which name it are not reported too.
    model_index_.emplace(id.value, unusable_model);
    return;
  }
  ModelSettings out{.id = id.value, .provider = provider->second, .name = doc.name.value};
  out.wildcard = id.value.find('*') != std::string::npos;
  model_zone(doc, out);
  model_prices(doc, out);
  out.context_length = doc.context_length.value_or(out.context_length);
  out.max_output = doc.max_output.value_or(out.max_output);
  out.embeddings = doc.embeddings.value_or(is_embedding_name(out.name));
  out.chat = doc.chat.value_or(!out.embeddings || doc.embeddings.has_value());
  out.tools = doc.tools.value_or(true);
  out.images = doc.images.value_or(true);
  model_services(doc, out);
  model_workflow(doc, out);
  model_aliases(doc, out);
  out.parameters = parameters(doc.parameters);
  model_quality(doc, static_cast<uint32_t>(snapshot_.models.size()));
  model_index_.emplace(out.id, static_cast<uint32_t>(snapshot_.models.size()));
  snapshot_.models.push_back(std::move(out));
}

// What serves something else is no chat model, unless that is said too.
void Builder::model_services(const ModelDoc& doc, ModelSettings& out) {
  for (const auto& text : doc.serves) {
    const auto known = std::find_if(all_operations.begin(), all_operations.end(), [&](Operation operation) {
      return service_name(operation) == text.value && operation != Operation::token_count;
    });
    if (known != all_operations.end()) {
      if (*known == Operation::chat || *known == Operation::completion) {
        out.chat = doc.chat.value_or(true);
      } else if (*known == Operation::embedding) {
        out.embeddings = doc.embeddings.value_or(true);
      } else {
        out.also |= set_of(*known);
      }
      continue;
    }
    std::vector<std::string_view> names;
    for (const auto operation : all_operations) {
      if (operation != Operation::token_count) names.push_back(service_name(operation));
    }
    const auto near = nearest(text.value, names);
    reading_.error(
        text.at, "there is no service of that name",
        near.empty() ? fmt::format("one of {}", fmt::join(names, ", ")) : "did you mean `" + std::string(near) + "`?");
  }
  if (out.wildcard && !doc.chat && !doc.embeddings && doc.serves.empty()) {
    // Whatever its names are: what each serves is told by its name, and by its provider.
    out.chat = out.embeddings = true;
    for (const auto operation : all_operations) out.also |= set_of(operation);
    out.also &= static_cast<OperationSet>(~ModelSettings{.chat = true, .embeddings = true}.serves());
    return;
  }
  if (doc.serves.empty() && !doc.chat && !doc.embeddings)
    out.also |= sole_services(snapshot_.providers[out.provider].format_serves);
  const bool said_chat =
      doc.chat.has_value() || std::any_of(doc.serves.begin(), doc.serves.end(), [](const Text& text) {
        return text.value == "chat" || text.value == "completions";
      });
  if (out.also != 0 && !said_chat) out.chat = false;
  if (out.serves() == 0) {
    reading_.error(doc.at, "`" + out.id + "` serves nothing", "set chat: true, embeddings: true or `serves`");
  }
}

// A server of ours may pass a model on to somebody else's machine: then that is where the data goes.
void Builder::model_zone(const ModelDoc& doc, ModelSettings& out) {
  if (doc.zone) {
    out.zone = zone_of_text(doc.zone);
    return;
  }
  if (!is_passed_on(snapshot_.providers[out.provider], out.name)) return;
  out.zone = Zone{.kind = ZoneKind::cloud};
  reading_.warning(doc.at,
                   "`" + out.id +
                       "` is one of Ollama's cloud models by its name: it runs on somebody else's machine, so "
                       "its zone is cloud, whatever the zone of `" +
                       snapshot_.providers[out.provider].id + "`",
                   "write zone: cloud here, or name a model that this machine has; zone: local if it only sounds so");
}

void Builder::model_prices(const ModelDoc& doc, ModelSettings& out) {
  const auto& provider = snapshot_.providers[out.provider];
  const Preset* preset = find_preset(provider.kind);
  const bool listed = !out.wildcard && surroundings_.catalog && preset != nullptr && !preset->catalog.empty();
  if (auto entry = listed ? surroundings_.catalog(preset->catalog, out.name) : std::nullopt) {
    out.prices = entry->prices;
    out.prices_as_of = entry->as_of;
    out.price_by_rule = entry->by_rule;
    out.context_length = entry->context_length;
    out.max_output = entry->max_output;
    out.deprecated = entry->deprecated;
  }
  const auto& given = doc.prices;
  const auto is_said = [&](std::string_view key) { return given.at != nullptr && given.at->find(key) != nullptr; };
  if (is_said("input") != is_said("output")) {
    const std::string_view missing = is_said("input") ? "output" : "input";
    reading_.error(given.at, fmt::format("`{}` is missing", missing),
                   fmt::format("add {}: {}", missing, is_said("input") ? "10" : "2.50"));
  }
  if (given.input && given.output) {
    out.prices = {.input = *doc.prices.input,
                  .cached = doc.prices.cached.value_or(*doc.prices.input),
                  .output = *doc.prices.output,
                  .known = true,
                  .written = doc.prices.written.value_or(-1),
                  .written_long = doc.prices.written_long.value_or(-1)};
    out.prices_as_of.clear();
    out.price_by_rule = false;
  }
  unit_price(doc, out);
  if (preset != nullptr) out.prices.tier_percent = preset->tier_percent;
  for (const auto& [tier, said] :
       {std::pair{ServiceTier::flex, doc.prices.flex}, std::pair{ServiceTier::batch, doc.prices.batch},
        std::pair{ServiceTier::priority, doc.prices.priority}}) {
    if (said) out.prices.tier_percent[static_cast<std::size_t>(tier)] = static_cast<int32_t>(*said);
  }
  if (out.price_by_rule) {
    reading_.warning(doc.at,
                     "the price catalog does not list `" + out.name + "`: a rule for names like it gave the price",
                     "add prices: {input: 2.5, output: 10}, in dollars per million tokens, to be sure");
  }
  if (out.wildcard) return;
  const bool only_keeps =
      !doc.serves.empty() && std::all_of(doc.serves.begin(), doc.serves.end(), [](const Text& text) {
        return text.value == service_name(Operation::file) || text.value == service_name(Operation::batch);
      });
  if (!only_keeps && !out.prices.known && provider.zone.kind == ZoneKind::cloud && provider.cost_per_hour == 0 &&
      surroundings_.catalog) {
    reading_.warning(doc.at, "no price is known of `" + out.id + "`: its cost will be counted as unknown",
                     "add prices: {input: 2.5, output: 10}, in dollars per million tokens");
  }
}

// What is paid by the picture, the second …: one of them, as a model is paid one way.
void Builder::unit_price(const ModelDoc& doc, ModelSettings& out) {
  const auto& said = doc.prices;
  int given = 0;
  for (const auto* price : {&said.image, &said.second, &said.character, &said.search}) {
    if (!*price) continue;
    out.prices.unit = **price;
    ++given;
  }
  if (given > 1)
    reading_.error(said.at, "a model is paid by one of `image`, `second`, `character`, `search`",
                   "list it twice under two ids, each with its own");
  if (given == 0) {
    if (said.at != nullptr && said.at->find("input") == nullptr && said.at->find("output") == nullptr)
      reading_.error(said.at, "`input` is missing",
                     "add input: 2.50 and output: 10; or image, second, character, search");
    return;
  }
  // By nothing else, unless that is said too.
  if (!said.input) out.prices.input = out.prices.cached = out.prices.output = 0;
  out.prices.known = out.prices.output_known = true;
  out.prices_as_of.clear();
  out.price_by_rule = false;
}

}  // namespace weir::config
