// What of a client's own words (the model it names, its tags) may stand in the ledger: short, printable, and without
// anything that a guard would find, because the ledger holds no private data. Loop thread; pure.
#pragma once

#include <string>
#include <string_view>

#include "core/snapshot.h"
#include "guards/guard.h"

namespace weir {

constexpr std::size_t most_tag_bytes = 1'024;  // of x-weir-tags as a whole

// The name of a route or model of ours as it is; any other as stored_text.
[[nodiscard]] std::string stored_model(std::string_view requested, const Snapshot& snapshot, const GuardSet& guards);
// `user [personal]`: each finding is replaced by its classes; what is long is cut and ends with `…`.
[[nodiscard]] std::string stored_text(std::string_view text, std::size_t most_bytes, const Snapshot& snapshot,
                                      const GuardSet& guards);
// For messages to the caller: the beginning of a name, with its length where that is not all.
[[nodiscard]] std::string shortened(std::string_view name);

}  // namespace weir
