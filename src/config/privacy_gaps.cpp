#include "config/privacy_gaps.h"

#include <algorithm>

#include "guards/guard.h"

namespace weir {
namespace {

ClassSet asked_by(const When& when) {
  return when.sensitive_any ? ~ClassSet{class_identity} | when.sensitive : when.sensitive;
}

// Whether the rule keeps what it asks for from leaving, or from leaving as it is.
bool guards_something(const Rule& rule) { return !rule.zones.empty() || !rule.redact.empty() || rule.block; }

// The classes that rules of the route keep within zones, take out or refuse.
ClassSet kept_by(const RouteSettings& route) {
  ClassSet kept = 0;
  for (const auto& rule : route.rules) {
    if (guards_something(rule)) kept |= asked_by(rule.when);
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
    return is_unconditional(rule.when) && (rule.block || !rule.zones.empty()) &&
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

// What a rule takes out for one zone goes to another one as it is, where no rule keeps it from there.
void half_redacted(const Snapshot& snapshot, std::vector<Problem>& out) {
  for (const auto& route : snapshot.routes) {
    for (const auto& rule : route.rules) {
      if (rule.redact.empty()) continue;
      for (const auto& other : route.rules) {
        const auto open = std::find_if(other.use.begin(), other.use.end(), [&](uint32_t model) {
          const Zone zone = zone_of(model, snapshot);
          if (zone.kind == ZoneKind::local || any_allows(rule.redact, zone)) return false;
          return std::none_of(route.rules.begin(), route.rules.end(), [&](const Rule& one) {
            const bool asks = (asked_by(one.when) & asked_by(rule.when)) == asked_by(rule.when);
            return asks &&
                   (one.block || any_allows(one.redact, zone) || (!one.zones.empty() && !any_allows(one.zones, zone)));
          });
        });
        if (open == other.use.end()) continue;
        const auto& model = snapshot.models[*open];
        out.push_back(
            warning(snapshot, rule.line,
                    fmt::format("`{}` of route `{}` is in {}, which this `redact` does not name: it gets what "
                                "is to be taken out for others",
                                model.id, route.name, to_string(zone_of(*open, snapshot))),
                    "write `redact: [cloud]`, which is every cloud"));
        return;
      }
    }
  }
}

void blind_rules(const Snapshot& snapshot, std::vector<Problem>& out) {
  for (const auto& guard : guard_infos()) {
    const auto& off = snapshot.guards.off;
    if (std::find(off.begin(), off.end(), guard.name) == off.end()) continue;
    for (const auto& route : snapshot.routes) {
      const auto rule = std::find_if(route.rules.begin(), route.rules.end(), [&](const Rule& one) {
        return guards_something(one) && (asked_by(one.when) & guard.classes) != 0;
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
  half_redacted(snapshot, gaps);
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
