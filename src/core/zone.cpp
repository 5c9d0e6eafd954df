#include "core/zone.h"

#include <algorithm>

namespace weir {

std::optional<Zone> parse_zone(std::string_view text) {
  const auto colon = text.find(':');
  const auto kind = text.substr(0, colon);
  Zone zone;
  if (kind == "local") {
    zone.kind = ZoneKind::local;
  } else if (kind != "cloud") {
    return std::nullopt;
  }
  if (colon != std::string_view::npos) {
    zone.region = text.substr(colon + 1);
    if (zone.region.empty() || zone.region.find(':') != std::string::npos) return std::nullopt;
  }
  return zone;
}

std::string to_string(const Zone& zone) {
  std::string text = zone.kind == ZoneKind::local ? "local" : "cloud";
  if (!zone.region.empty()) text += ":" + zone.region;
  return text;
}

bool allows(const Zone& entry, const Zone& zone) {
  return entry.kind == zone.kind && (entry.region.empty() || entry.region == zone.region);
}

bool any_allows(const std::vector<Zone>& entries, const Zone& zone) {
  return std::any_of(entries.begin(), entries.end(), [&](const Zone& entry) { return allows(entry, zone); });
}

}  // namespace weir
