// What if: changes to a config that a replay can try without another file: one more machine, other slots, another cloud
// model, a share that goes local. Parsing of the options and their application; errors name the option and the mend.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "core/result.h"
#include "core/snapshot.h"
#include "economics/replay/replay.h"

namespace weir::plan {

// A number that belongs to a provider.
struct ProviderNumber {
  std::string provider;  // "" = the only one with slots
  int64_t number = 0;
};

// `+1`, `gpu1=+2`: so many more machines of the same kind. 1 to 10,000.
[[nodiscard]] Result<ProviderNumber> parse_gpus(std::string_view text);
// `gpu1=32`: slots of the machine that the config has; --gpus multiplies them. 1 to 1,000,000.
[[nodiscard]] Result<ProviderNumber> parse_slots(std::string_view text);
// `80%`, `0.8`: 0 to 1.
[[nodiscard]] Result<double> parse_share(std::string_view text);
// `MODEL=45.5`: output tokens per second of one request. Above 0, at most 1,000,000.
[[nodiscard]] Result<StatedSpeed> parse_speed(std::string_view text);

struct WhatIf {
  std::vector<ProviderNumber> gpus;
  std::vector<ProviderNumber> slots;
  std::string cloud_model;  // a model of the config, or `PROVIDER/NAME` with a price in the catalog; "" = as it is
  std::optional<double> local_share;

  [[nodiscard]] bool any() const {
    return !gpus.empty() || !slots.empty() || !cloud_model.empty() || local_share.has_value();
  }
};

struct ReplayScenario {
  Snapshot snapshot;
  ReplaySettings settings;  // name, machines, local_share
};

// `base` with all changes made; `name` and what was changed become the scenario's name. invalid_request where a change
// names what is not there, or would change nothing.
[[nodiscard]] Result<ReplayScenario> apply(const WhatIf& what_if, const Snapshot& base, std::string_view name,
                                           const CatalogLookup& catalog);

}  // namespace weir::plan
