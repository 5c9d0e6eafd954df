// Presets: one row per `kind` a config may write. A vendor or server that speaks a known wire format is a row here,
// never a file: base URL, credential variable, zone, usual port and quirks. Constant; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/snapshot.h"

namespace weir {

struct Preset {
  std::string_view kind;          // as written in the config
  std::string_view adapter;       // entry of providers.def
  std::string_view title;         // for people: `LM Studio`
  std::string_view url;           // default base URL, "" = must be given; the adapter appends its paths
  std::string_view key_variable;  // environment variable of the credential; "" = none
  ZoneKind zone;
  uint16_t port;  // usual local port, probed by zero configuration; 0 = not probed
  Quirks quirks;
  std::string_view catalog;  // provider id in catalog/; "" = not priced
  // What its service tiers cost, as in Prices: of the standard price, in percent; -1 = by the model, or not known.
  std::array<int32_t, service_tiers> tier_percent{100, -1, -1, -1, -1};
  int64_t slots = 0;  // requests that such a server answers at once, where the config does not say; 0 = no limit
  // The variable is set for other purposes too (downloads, builds): without a config it asks for nothing here.
  bool key_is_shared = false;
  std::string_view other_variable = {};  // that people also put the credential into; asked second
};

// Whether a local server passes that model on to somebody else's machine, by its name: Ollama's cloud models.
[[nodiscard]] bool is_passed_on(const ProviderSettings& provider, std::string_view model_name);

// Whether `owner`, of a model in a server's list, is somebody who rents models out: then the server is a proxy.
[[nodiscard]] bool is_cloud_vendor(std::string_view owner);

[[nodiscard]] std::span<const Preset> presets();
[[nodiscard]] const Preset* find_preset(std::string_view kind);

}  // namespace weir
