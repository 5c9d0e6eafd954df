// StoredAnswer: a whole answer in canonical form, with what is to be known of how it was made, and its form as bytes,
// in which memory and disk hold it. What a provider added that has no canonical form is not kept. Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/response.h"
#include "core/usage.h"

namespace weir {

struct StoredAnswer {
  Response response;      // without `raw`, and without ids
  std::string model;      // id of the configuration's model that gave it
  std::string zone;       // that it was in
  uint64_t settings = 0;  // a fingerprint of that model's settings
  MicroDollars cost = 0;
  int64_t made_us = 0;  // since the epoch
};

// All of it can be said again: text, calls, vectors, rankings that came to their end by themselves. Not what was cut at
// a length, filtered, or has parts without a canonical form.
[[nodiscard]] bool can_be_kept(const Response& response);

[[nodiscard]] std::string to_bytes(const StoredAnswer& answer);
// nullopt for anything that is not what to_bytes makes.
[[nodiscard]] std::optional<StoredAnswer> stored_answer_of(std::string_view bytes);

}  // namespace weir
