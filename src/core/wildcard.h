// Wildcards: an entry of `models` that stands for many. `*` stands once in its id and once in its name; a caller's name
// fits the id (`gpt-*`) or `PROVIDER/` and the name, and what the star stood for goes into the name that the provider
// is asked for. Breakers and all that is learned belong to the entry, so that a caller who makes names up fills
// nothing. Pure; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/snapshot.h"

namespace weir {

// What `*` of `pattern` stands for in `name`; nullopt where it does not fit, or where that is nothing that a model's
// name may hold: letters, digits and . _ : / @ + -, at most 128 in all, and no path that leads upwards.
[[nodiscard]] std::optional<std::string_view> star_of(std::string_view pattern, std::string_view name);
// `pattern` with the star replaced.
[[nodiscard]] std::string with_star(std::string_view pattern, std::string_view star);

// The wildcard that a caller's name fits best: the one with the most letters of its own, of equal ones the first.
[[nodiscard]] std::optional<uint32_t> find_wildcard(const Snapshot& snapshot, std::string_view name);
// The model of the wildcard that goes by `name`, resolved; nullopt where it does not fit.
[[nodiscard]] std::optional<ModelSettings> model_by_wildcard(const Snapshot& snapshot, uint32_t wildcard,
                                                             std::string_view name);
// The same snapshot for a request that asks for `name`, with that model in the place of the wildcard: all indices mean
// what they meant. Null where `name` needs none. Without the guards' settings, which nobody asks for by then.
[[nodiscard]] std::shared_ptr<Snapshot> with_named_model(const Snapshot& snapshot, std::string_view name);

}  // namespace weir
