// What a model of Google's can be asked, by its name: the versions differ, and refuse with 400 what they do not know.
// Where each comes from stands in docs/compatibility.md. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::gemini {

struct ModelTraits {
  enum class Thinking : uint8_t { none, budget, level };
  Thinking thinking = Thinking::none;
  int64_t least_budget = 0;  // to think with, where it does
  int64_t most_budget = 0;
  bool may_not_think = false;  // a budget of 0 is taken
  bool knows_minimal = false;  // of the levels
  bool knows_medium = false;
  bool wants_seals = false;  // refuses a call that has no seal
  bool takes_penalties = false;
  bool takes_json_with_tools = false;
  bool takes_media_in_results = false;
  bool takes_system = true;
};

[[nodiscard]] ModelTraits traits_of(std::string_view name);

}  // namespace weir::gemini
