// Presets: one row per `kind` a config may write. A vendor or server that speaks a known wire format is a row here,
// never a file: base URL, credential variable, zone, usual port and quirks. Constant; safe from any thread.
#pragma once

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
};

[[nodiscard]] std::span<const Preset> presets();
[[nodiscard]] const Preset* find_preset(std::string_view kind);

}  // namespace weir
