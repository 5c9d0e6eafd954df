#include <algorithm>

#include <fmt/format.h>

#include "config/build.h"
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
  out.parameters = parameters(doc.parameters);
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
  if (path && (doc.api_key || !doc.api_keys.empty())) {
    reading_.error(path.at, "`service_account` beside `api_key`: either is the credential", "remove one of them");
    return;
  }
  constexpr std::string_view variable = "GOOGLE_APPLICATION_CREDENTIALS";
  const bool by_variable =
      !path && out.quirks.vertex_ai && !doc.api_key && doc.api_keys.empty() && surroundings_.environment;
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
  const auto* several = doc.at->find("api_keys");
  if (several != nullptr && several->kind == yaml::Node::Kind::list && several->items.empty()) {
    reading_.error(several, "`api_keys` is empty", "name at least one, or remove the key");
  }
  if (!doc.api_keys.empty()) {
    provider_keys(doc, preset, out);
  } else if (doc.api_key) {
    out.api_key = doc.api_key.value;
    check_credential(doc.api_key, preset, "api_key");
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
