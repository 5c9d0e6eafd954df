#include "config/privacy_gaps.h"

#include <algorithm>

#include "guards/guard.h"

namespace weir {
namespace {

ClassSet asked_by(const When& when) { return when.sensitive_any ? ~ClassSet{0} : when.sensitive; }

// The classes that rules of the route keep within zones.
ClassSet kept_by(const RouteSettings& route) {
  ClassSet kept = 0;
  for (const auto& rule : route.rules) {
    if (!rule.zones.empty()) kept |= asked_by(rule.when);
  }
  return kept;
}

bool is_unconditional(const When& when) {
  return asked_by(when) == 0 && when.callers.empty() && when.tags.empty() && when.models.empty() &&
         when.operations.empty() && !when.tokens_above && !when.tokens_below && !when.has_tools && !when.has_images &&
         !when.has_files && !when.has_audio && !when.stream && when.tasks.empty() && !when.difficulty_above &&
         !when.difficulty_below;
}

// Whether any request of the route may leave the zone `local`.
bool reaches_cloud(const RouteSettings& route, const Snapshot& snapshot) {
  const bool confined = std::any_of(route.rules.begin(), route.rules.end(), [](const Rule& rule) {
    return is_unconditional(rule.when) && !rule.zones.empty() &&
           std::all_of(rule.zones.begin(), rule.zones.end(),
                       [](const Zone& zone) { return zone.kind == ZoneKind::local; });
  });
  return !confined && std::any_of(route.rules.begin(), route.rules.end(), [&](const Rule& rule) {
    return std::any_of(rule.use.begin(), rule.use.end(),
                       [&](uint32_t model) { return zone_of(model, snapshot).kind != ZoneKind::local; });
  });
}

Problem warning(const Snapshot& snapshot, std::size_t line, std::string message, std::string mend) {
  return {.weight = Weight::warning,
          .file = snapshot.source,
          .line = line,
          .column = line > 0 ? std::size_t{1} : 0,
          .message = std::move(message),
          .mend = std::move(mend)};
}

void unguarded_routes(const Snapshot& snapshot, std::vector<Problem>& out) {
  const auto guarded = std::find_if(snapshot.routes.begin(), snapshot.routes.end(),
                                    [](const RouteSettings& route) { return kept_by(route) != 0; });
  if (guarded == snapshot.routes.end()) return;
  for (const auto& route : snapshot.routes) {
    if (kept_by(route) != 0 || !reaches_cloud(route, snapshot)) continue;
    const auto line = route.rules.empty() ? 0 : route.rules.front().line;
    out.push_back(
        warning(snapshot, line,
                fmt::format("route `{}` has no rule on sensitive data, and route `{}` has one: whoever asks "
                            "for `{}` may send such data to the cloud",
                            route.name, guarded->name, route.name),
                "give it one, {when: {sensitive: any}, zones: [local]}, or let keys use the other alone: weir "
                "keys create NAME --routes " +
                    guarded->name));
  }
}

void blind_rules(const Snapshot& snapshot, std::vector<Problem>& out) {
  for (const auto& guard : guard_infos()) {
    const auto& off = snapshot.guards.off;
    if (std::find(off.begin(), off.end(), guard.name) == off.end()) continue;
    for (const auto& route : snapshot.routes) {
      const auto rule = std::find_if(route.rules.begin(), route.rules.end(), [&](const Rule& one) {
        return !one.zones.empty() && (asked_by(one.when) & guard.classes) != 0;
      });
      if (rule == route.rules.end()) continue;
      out.push_back(
          warning(snapshot, rule->line,
                  fmt::format("this rule of `{}` asks for {}, and the guard `{}`, which finds that, is off", route.name,
                              snapshot.classes.join(asked_by(rule->when) & guard.classes), guard.name),
                  fmt::format("take `{}` out of guards.off, if what it finds is not to leave", guard.name)));
      break;
    }
  }
}

}  // namespace

std::vector<Problem> privacy_gaps(const Snapshot& snapshot, Keys keys) {
  std::vector<Problem> gaps;
  unguarded_routes(snapshot, gaps);
  blind_rules(snapshot, gaps);
  const auto& origins = snapshot.server.cors_origins;
  if (keys == Keys::none && std::find(origins.begin(), origins.end(), "*") != origins.end()) {
    gaps.push_back(warning(snapshot, 0,
                           "`cors: ['*']` without keys: any web page in a browser here can use this gateway",
                           "name the origins, or make keys: weir keys create NAME"));
  }
  return gaps;
}

}  // namespace weir
