// Where data goes when it is sent to a provider: `local` (machines of our own) or `cloud`, optionally with a region:
// `cloud:eu`. Values; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class ZoneKind : uint8_t { local, cloud };

struct Zone {
  ZoneKind kind = ZoneKind::cloud;  // the careful default: what is not known to be ours is not
  std::string region;               // "" = not said

  bool operator==(const Zone&) const = default;
};

// `local`, `cloud`, `cloud:REGION`, `local:REGION`; nullopt for anything else.
[[nodiscard]] std::optional<Zone> parse_zone(std::string_view text);
[[nodiscard]] std::string to_string(const Zone& zone);

// Does a rule's `zones` entry allow sending to `zone`? `cloud` allows every cloud region; `cloud:eu` allows that one
// only.
[[nodiscard]] bool allows(const Zone& entry, const Zone& zone);
[[nodiscard]] bool any_allows(const std::vector<Zone>& entries, const Zone& zone);

}  // namespace weir
