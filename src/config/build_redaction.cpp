// Rules that say what of a request may leave: `redact` and `block`.
#include <algorithm>

#include "config/build.h"

namespace weir::config {

void Builder::what_may_leave(const RuleDoc& doc, Rule& out) {
  out.redact = zones_of(doc.redact);
  out.block = doc.block;
  if (!doc.redact.empty() && doc.when.sensitive.empty()) {
    reading_.error(doc.redact.front().at, "`redact` without `sensitive`",
                   "say what is to be taken out: {when: {sensitive: any}, redact: [" + doc.redact.front().value + "]}");
  }
  for (std::size_t i = 0; i < out.redact.size() && !out.zones.empty(); ++i) {
    const bool reached = std::any_of(out.zones.begin(), out.zones.end(), [&](const Zone& zone) {
      return allows(zone, out.redact[i]) || allows(out.redact[i], zone);
    });
    if (reached) continue;
    reading_.error(doc.redact[std::min(i, doc.redact.size() - 1)].at,
                   "`zones` of this rule keeps everything out of " + to_string(out.redact[i]) + ", redacted or not",
                   "remove one of the two: `zones` narrows, `redact` says what may enter only without it");
  }
  if (!doc.block) return;
  for (const auto* key : {"use", "zones", "redact", "spill"}) {
    if (const auto* node = doc.at->find(key)) {
      reading_.error(node, "`block` together with `" + std::string(key) + "`",
                     "what is refused goes nowhere: remove one of the two");
    }
  }
}

// Nobody is there to be sent anything.
void Builder::warn_of_redact_nowhere(const RouteDoc& doc, const RouteSettings& route) {
  for (std::size_t i = 0; i < route.rules.size(); ++i) {
    for (const Zone& zone : route.rules[i].redact) {
      const bool known = std::any_of(snapshot_.models.begin(), snapshot_.models.end(), [&](const ModelSettings& model) {
        return allows(zone, zone_of(model, snapshot_));
      });
      if (known) continue;
      reading_.warning(doc.rules[i].at, "`redact` names " + to_string(zone) + ", and no model is there",
                       "write the zone as the providers have it, or remove it");
    }
  }
}

}  // namespace weir::config
