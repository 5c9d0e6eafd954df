#include <algorithm>

#include <fmt/format.h>

#include "config/build.h"
#include "config/defaults.h"
#include "core/nearest.h"
#include "formats/format.h"
#include "formats/gemini/service_account.h"

namespace weir::config {
namespace {

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

bool is_header_name(std::string_view text) {
  constexpr std::string_view token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(token) == std::string_view::npos;
}

// `; there are: a, b`
std::string listed(const std::vector<std::string_view>& ids) {
  std::string out;
  for (const auto id : ids) out += (out.empty() ? "; there are: " : ", ") + std::string(id);
  return out;
}

// Headers that frame the message: setting one would break it.
bool is_framing_header(std::string_view name) {
  for (const std::string_view one : {"host", "content-length", "content-type", "transfer-encoding", "connection",
                                     "expect", "proxy-authorization", "proxy-connection"}) {
    if (equals_ignoring_case(name, one)) return true;
  }
  return false;
}

// As it goes into the first line of a request.
bool is_query(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

}  // namespace

void Builder::provider(const ProviderDoc& doc) {
  ProviderSettings out{.kind = doc.kind.value, .line = doc.at->line};
  const Preset* preset = find_preset(doc.kind.value);
  Text id = doc.id;
  if (!id) id = {.value = doc.kind.value, .at = doc.kind.at};
  out.id = id.value;
  if (id.at != nullptr && !id.value.empty() && claim(provider_lines_, id, "a provider")) {
    if (id.value.find('/') != std::string::npos) {
      reading_.error(id.at, "the id of a provider has no `/`", "`PROVIDER/NAME` names a model");
    }
    provider_index_.emplace(id.value, static_cast<uint32_t>(snapshot_.providers.size()));
  }
  if (preset != nullptr) {
    out.adapter = preset->adapter;
    out.format_serves = find_format(preset->adapter)->serves;
    out.quirks = preset->quirks;
    snapshot_.sandbox = snapshot_.sandbox || preset->adapter == "sandbox";
  }
  provider_url(doc, preset, out);
  provider_zone(doc, preset, out);
  provider_key(doc, preset, out);
  provider_service_account(doc, out);
  provider_headers(doc, out);
  provider_tls(doc, out);
  provider_proxy(doc, out);
  for (std::size_t i = 0; i < quirk_rows.size(); ++i) {
    if (doc.quirks.said[i]) out.quirks.*quirk_rows[i].member = *doc.quirks.said[i];
  }
  out.timeouts = {.connect = doc.timeouts.connect,
                  .first_byte = doc.timeouts.first_byte.value_or(0),
                  .first_token = doc.timeouts.first_token.value_or(0),
                  .idle = doc.timeouts.idle.value_or(0),
                  .total = doc.timeouts.total};
  out.slots = doc.slots.value_or(preset != nullptr ? preset->slots : 0);
  out.workflow = workflow(doc.workflow, out.adapter);
  out.queue_limit = doc.queue_limit;
  out.queue_ms = doc.queue_ms.value_or(out.queue_ms);
  out.retries = doc.retries;
  out.cost_per_hour = doc.cost_per_hour.value_or(0);
  out.health_check = doc.health_check.value_or(out.zone.kind == ZoneKind::local);
  out.health_path = doc.health_path.value;
  if (doc.health_path && !out.health_path.starts_with('/')) {
    reading_.error(doc.health_path.at, "`health_path` must begin with `/`", "write health_path: /health");
  }
  snapshot_.providers.push_back(std::move(out));
}

void Builder::provider_url(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out) {
  if (doc.url) {
    const std::string_view said = doc.url.value;
    const auto question = said.find('?');
    if (question != std::string_view::npos) out.query = said.substr(question + 1);
    if (!out.query.empty() && (out.adapter != "openai" || !is_query(out.query))) {
      reading_.error(
          doc.url.at, "`url` has a query that cannot be sent",
          "only kinds of OpenAI's format take one, without blanks: https://host/path?api-version=2024-10-21");
    }
    if (!parse_url(said.substr(0, question), out.url)) {
      // The value is not repeated: people put credentials into URLs.
      reading_.error(doc.url.at, "`url` is no address",
                     "write http://host:port, https://host or unix:/path; credentials go into `api_key`");
    }
    return;
  }
  if (preset == nullptr) return;
  if (preset->url.empty()) {
    reading_.error(doc.at, "`url` is missing: the kind `" + out.kind + "` has no usual address",
                   "add url: http://host:port");
  } else if (!parse_url(preset->url, out.url)) {
    reading_.error(doc.at, "the usual address of the kind `" + out.kind + "` is broken", "add url: http://host:port");
  }
}

void Builder::provider_zone(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out) {
  if (preset != nullptr) out.zone.kind = preset->zone;
  if (doc.zone) {
    const auto zone = parse_zone(doc.zone.value);
    const bool plain = zone && is_header_value(zone->region) && (zone->region.empty() || is_id(zone->region));
    if (!plain) {
      reading_.error(doc.zone.at, "`zone` must be local or cloud, with a region where there is one",
                     "write local, cloud or cloud:eu");
    } else {
      out.zone = *zone;
      out.zone_said = true;
    }
    return;
  }
  // Sensitive data goes to `local`. A server kind that people mostly run themselves can also be rented: nobody but the
  // person who writes the config knows.
  const bool address_known = !out.url.host.empty();
  if (out.zone.kind == ZoneKind::local && address_known && !is_private_address(out.url)) {
    reading_.error(
        doc.at,
        "`" + out.id + "` is of a kind that is usually local, but its address may be anybody's: its zone must be said",
        "add zone: local if the machine is yours, else zone: cloud");
  }
}

// A file of credentials in place of a credential.
void Builder::provider_service_account(const ProviderDoc& doc, ProviderSettings& out) {
  auto path = doc.service_account;
  if (path && !out.quirks.vertex_ai) {
    reading_.error(path.at, "`service_account` is for kind `vertex` only", "write api_key: ${NAME}");
    return;
  }
  if (path && doc.api_key) {
    reading_.error(path.at, "`service_account` beside `api_key`: either is the credential", "remove one of them");
    return;
  }
  constexpr std::string_view variable = "GOOGLE_APPLICATION_CREDENTIALS";
  const bool by_variable = !path && out.quirks.vertex_ai && !doc.api_key && surroundings_.environment;
  if (by_variable) {
    const auto said = surroundings_.environment(std::string(variable));
    if (!said || said->empty()) return;
    path = {.value = *said, .at = doc.at, .from_variable = true};
  }
  if (!path) return;
  const auto text = file_text(path, by_variable ? variable : "service_account");
  if (text.empty()) return;
  auto made = gemini::make_token_maker(text);
  if (!made) {
    reading_.error(path.at, "the file of the service account cannot be used: " + made.error().message,
                   "give the JSON key file that Google's console makes for a service account");
    return;
  }
  out.tokens = std::move(*made);
}

void Builder::provider_key(const ProviderDoc& doc, const Preset* preset, ProviderSettings& out) {
  if (doc.api_key) {
    out.api_key = doc.api_key.value;
    if (!doc.api_key.from_variable && !out.api_key.empty()) {
      reading_.warning(doc.api_key.at, "the credential itself is in the file",
                       preset != nullptr && !preset->key_variable.empty()
                           ? "write api_key: ${" + std::string(preset->key_variable) + "} and set that variable"
                           : "write api_key: ${NAME} and set that variable");
    }
    const bool fits = std::all_of(out.api_key.begin(), out.api_key.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!fits) {
      reading_.error(doc.api_key.at,
                     "the credential holds a space, a line break or another byte that no header may have",
                     "check for a line break at its end");
    }
  } else if (preset != nullptr && !preset->key_variable.empty()) {
    for (const auto variable : {preset->key_variable, preset->other_variable}) {
      if (variable.empty() || !surroundings_.environment || !out.api_key.empty()) continue;
      out.api_key = surroundings_.environment(std::string(variable)).value_or("");
    }
    if (out.api_key.empty() && out.zone.kind == ZoneKind::cloud) {
      reading_.error(doc.at, "`" + out.id + "` has no credential: " + std::string(preset->key_variable) + " is not set",
                     "set it before Weir starts, or write api_key: ${ANOTHER_NAME}; api_key: '' if it needs none");
    }
  }
  const bool clear = out.url.scheme == Url::Scheme::http && !is_private_address(out.url);
  if (clear && !out.api_key.empty()) {
    reading_.warning(doc.at, "`" + out.id + "`: the credential and all that is asked travel unencrypted",
                     "use https://");
  }
}

void Builder::provider_headers(const ProviderDoc& doc, ProviderSettings& out) {
  for (const auto& [name, value] : doc.headers) {
    if (!is_header_name(name) || !is_header_value(value.value)) {
      reading_.error(value.at, "a header that HTTP does not allow",
                     "names have no spaces or colons, values no line breaks");
    } else if (is_framing_header(name)) {
      reading_.error(value.at, "`" + name + "` is set by Weir itself", "remove it");
    } else {
      out.headers.emplace_back(name, value.value);
    }
  }
}

void Builder::model(const ModelDoc& doc) {
  Text id = doc.id;
  if (!id) id = {.value = doc.name.value, .at = doc.name.at};
  if (id.at == nullptr || id.value.empty() || !claim(name_lines_, id, "a route or model")) return;
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
  const bool listed = surroundings_.catalog && preset != nullptr && !preset->catalog.empty();
  if (auto entry = listed ? surroundings_.catalog(preset->catalog, out.name) : std::nullopt) {
    out.prices = entry->prices;
    out.prices_as_of = entry->as_of;
    out.price_by_rule = entry->by_rule;
    out.context_length = entry->context_length;
    out.max_output = entry->max_output;
    out.deprecated = entry->deprecated;
  }
  const auto& given = doc.prices;
  if (given.at != nullptr && given.input.has_value() != given.output.has_value()) {
    const std::string_view missing = given.input ? "output" : "input";
    reading_.error(given.at, fmt::format("`{}` is missing", missing),
                   fmt::format("add {}: {}", missing, given.input ? "10" : "2.50"));
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
    if (said.at != nullptr && !said.input && !said.output)
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

void Builder::discovery() {
  for (std::size_t i = 0; i < document_.providers.size() && i < snapshot_.providers.size(); ++i) {
    auto& provider = snapshot_.providers[i];
    const bool listed = std::any_of(snapshot_.models.begin(), snapshot_.models.end(),
                                    [&](const ModelSettings& model) { return model.provider == i; });
    provider.discover = document_.providers[i].discover.value_or(!listed && provider.zone.kind == ZoneKind::local);
    const bool kind_known = !provider.adapter.empty();
    if (!listed && !provider.discover && kind_known) {
      reading_.warning(document_.providers[i].at, "no model of `" + provider.id + "` is listed: it will never be asked",
                       "add one under `models`, or set discover: true");
    }
  }
}

}  // namespace weir::config
