// What a model of Bedrock's can be told, by its name. Names are those of a model
// (`anthropic.claude-sonnet-4-5-…-v1:0`), of an inference profile (`eu.amazon.nova-pro-v1:0`), or an ARN that ends in
// either. An application inference profile hides its model: nothing is known of it. Pure; any thread.
#pragma once

#include <string_view>

namespace weir::bedrock {

struct ModelFamily {
  enum class Maker : uint8_t { unknown, claude, nova, gpt };
  Maker maker = Maker::unknown;
  int version = 0;  // of Claude: 100 × major + minor, `claude-3-7-sonnet` 307; 0 = not said

  [[nodiscard]] bool is_claude() const { return maker == Maker::claude; }
  // Claude, from that version on.
  [[nodiscard]] bool is_claude_since(int from) const { return is_claude() && version >= from; }
  [[nodiscard]] bool caches() const { return is_claude() || maker == Maker::nova; }
};

[[nodiscard]] ModelFamily family_of(std::string_view model);

// The versions of Claude that changed what may be asked.
inline constexpr int first_that_thinks = 307;        // `thinking: enabled` with a budget
inline constexpr int first_with_tool_choices = 405;  // tool_choice none, disable_parallel_tool_use
inline constexpr int first_adaptive = 406;           // `thinking: adaptive` and an effort
inline constexpr int first_without_sampling = 407;   // temperature, top_p and top_k are refused

}  // namespace weir::bedrock
