#include <algorithm>

#include "config/build.h"
#include "core/nearest.h"
#include "core/wildcard.h"

namespace weir::config {
namespace {

constexpr std::size_t most_rules = 1000;

std::string near_text(std::string_view wanted, const std::vector<std::string_view>& names) {
  const auto near = nearest(wanted, names);
  if (!near.empty()) return "did you mean `" + std::string(near) + "`?";
  std::string all;
  for (std::size_t i = 0; i < names.size() && i < 10; ++i)
    all += (i == 0 ? "there are: " : ", ") + std::string(names[i]);
  return all.empty() ? "there are none: add it under `models`" : all;
}

bool is_always(const When& when) {
  return when.sensitive == 0 && !when.sensitive_any && when.callers.empty() && when.tags.empty() &&
         when.models.empty() && when.operations.empty() && !when.tokens_above && !when.tokens_below &&
         !when.has_tools && !when.has_images && !when.has_files && !when.has_audio && !when.stream &&
         when.tasks.empty() && !when.difficulty_above && !when.difficulty_below && !when.budget_left_below;
}

std::vector<std::string> values_of(const Texts& texts) {
  std::vector<std::string> out;
  for (const auto& text : texts) out.push_back(text.value);
  return out;
}

}  // namespace

void Builder::route(const RouteDoc& doc) {
  RouteSettings out{.name = doc.name.value, .policy = doc.policy.value, .description = doc.description.value};
  out.total_ms = doc.total_ms;
  out.store_responses = doc.store_responses;
  out.audit_ms = doc.audit_ms.value_or(out.audit_ms);
  out.placeholders_ms = doc.redact_session_ms.value_or(0);
  for (const auto& kind : doc.accept_unreadable) {
    out.accepts = static_cast<UnreadableSet>(out.accepts | find_unreadable(kind.value).value_or(0));
  }
  out.patience_ms = doc.patience_ms.value_or(out.patience_ms);
  out.prefer = doc.prefer.value == "first_choice" ? Prefer::first_choice : Prefer::fast;
  out.on_stream_failure = doc.on_stream_failure.value == "continue" ? OnStreamFailure::resume : OnStreamFailure::end;
  if (doc.baseline) out.baseline = model_of(doc.baseline, "baseline");
  if (doc.rules.size() > most_rules) {
    reading_.error(doc.rules[most_rules].at, "more than " + std::to_string(most_rules) + " rules",
                   "make several routes of it");
    return;
  }
  for (const auto& one : doc.rules) out.rules.push_back(rule(one));
  const auto* rules = doc.at->find("rules");
  if (rules != nullptr && rules->kind == yaml::Node::Kind::list && rules->items.empty()) {
    reading_.error(rules, "a route without rules leads nowhere", "add a rule: - {use: [model]}");
  }
  out.lessons = lessons(doc);
  larger_context(doc, out);
  cache(doc, out);
  hedge(doc, out);
  warn_of_redact_nowhere(doc, out);
  dial(doc, out);
  warn_of_dead_rules(doc, out);
  warn_of_empty_zones(doc, out);
  snapshot_.routes.push_back(std::move(out));
}

Rule Builder::rule(const RuleDoc& doc) {
  Rule out{.when = when(doc.when), .zones = zones_of(doc.zones), .line = doc.at->line};
  for (const auto* key : {"zones", "redact", "use"}) {
    const auto* node = doc.at->find(key);
    if (node != nullptr && node->kind == yaml::Node::Kind::list && node->items.empty()) {
      reading_.error(node, "`" + std::string(key) + "` is empty", "name at least one, or remove the key");
    }
  }
  what_may_leave(doc, out);
  const auto says = [&](const char* key) { return doc.at->find(key) != nullptr; };
  if (!says("zones") && !says("use") && !says("redact") && !says("block")) {
    reading_.error(doc.at, "a rule that does nothing", "give it `zones` to narrow, or `use` to name models");
  }
  for (const auto& name : doc.use) {
    const auto model = model_of(name, "use");
    if (!model) continue;
    if (std::find(out.use.begin(), out.use.end(), *model) != out.use.end()) {
      reading_.error(name.at, "`" + name.value + "` is named twice in one `use`", "keep the first");
    } else {
      out.use.push_back(*model);
    }
  }
  objective(doc, out);
  if (doc.spill.queue_ms) {
    out.spill_queue_ms = *doc.spill.queue_ms;
    if (doc.at->find("use") == nullptr) {
      reading_.error(doc.spill.at, "`spill` without `use`",
                     "it says when to go on to the next model of the same rule's `use`");
    }
  }
  out.escalate = escalation(doc);
  return out;
}

When Builder::when(const WhenDoc& doc) {
  When out;
  for (const auto& text : doc.sensitive) {
    if (text.value == "any") {
      out.sensitive_any = true;
    } else {
      out.sensitive |= class_of(text);
    }
  }
  if (doc.confidence) {
    out.confidence = confidence_of(doc.confidence.value);
    if (doc.sensitive.empty()) {
      reading_.error(doc.confidence.at, "`confidence` without `sensitive`",
                     "say of which classes: {sensitive: any, confidence: " + doc.confidence.value + "}");
    }
  }
  if (doc.at != nullptr) {
    // An empty list would mean "always", or "never": nobody can tell, and it may be what keeps data in.
    for (const auto& entry : doc.at->entries) {
      if (entry.value->kind == yaml::Node::Kind::list && entry.value->items.empty()) {
        reading_.error(entry.value, "`" + entry.key + "` is empty", "name at least one, or remove the key");
      }
    }
  }
  out.callers = values_of(doc.callers);
  out.tags = values_of(doc.tags);
  out.models = values_of(doc.models);
  out.operations = values_of(doc.operations);
  out.tasks = values_of(doc.tasks);
  difficulty(doc.difficulty, out);
  out.tokens_above = doc.tokens_above;
  out.tokens_below = doc.tokens_below;
  out.has_tools = doc.has_tools;
  out.has_images = doc.has_images;
  out.has_files = doc.has_files;
  out.has_audio = doc.has_audio;
  out.stream = doc.stream;
  out.budget_left_below = budget_left(doc.budget_left);
  std::vector<std::string_view> names;
  for (const auto& [name, line] : name_lines_) names.emplace_back(name);
  for (const auto& text : doc.models) {
    if (name_lines_.find(text.value) == name_lines_.end()) {
      reading_.error(text.at, "there is no route or model of that name", near_text(text.value, names));
    }
  }
  return out;
}

ClassSet Builder::class_of(const Text& text) {
  if (const auto known = snapshot_.classes.find(text.value)) return *known;
  std::vector<std::string_view> names(snapshot_.classes.all().begin(), snapshot_.classes.all().end());
  names.emplace_back("any");
  // Copied before the class is added, which may move the names.
  const std::string near(nearest(text.value, names));
  if (const auto added = snapshot_.classes.add(text.value)) {
    reading_.warning(
        text.at, "nothing here finds the class `" + text.value + "`: it holds only when a caller declares it",
        "add words for it under guards.words" + (near.empty() ? std::string() : ", or did you mean `" + near + "`?"));
    return *added;
  }
  reading_.error(text.at, "this is no sensitivity class",
                 (near.empty() ? std::string() : "did you mean `" + near + "`? ") +
                     "There are personal, financial, health, secret, special, identity, unreadable, any, and your own "
                     "custom:NAME (64 in all)");
  return 0;
}

std::optional<Zone> Builder::zone_of_text(const Text& text) {
  auto zone = parse_zone(text.value);
  if (!zone || !(zone->region.empty() || is_id(zone->region))) {
    reading_.error(text.at, "this is no zone", "write local, cloud or cloud:eu");
    return std::nullopt;
  }
  return zone;
}

std::vector<Zone> Builder::zones_of(const Texts& texts) {
  std::vector<Zone> out;
  for (const auto& text : texts) {
    if (auto zone = zone_of_text(text)) out.push_back(std::move(*zone));
  }
  return out;
}

std::optional<uint32_t> Builder::model_of(const Text& text, std::string_view key) {
  if (text.value.empty()) return std::nullopt;
  if (const auto known = model_index_.find(text.value); known != model_index_.end()) {
    if (known->second != unusable_model && snapshot_.models[known->second].wildcard) {
      reading_.error(text.at, "`" + text.value + "` stands for many models",
                     "name the one that is meant: " + with_star(text.value, "NAME"));
      return std::nullopt;
    }
    // Without its provider it is reported where it stands.
    return known->second == unusable_model ? std::nullopt : std::optional(known->second);
  }
  if (const auto later = discovered_later(text.value)) return later;
  if (const auto one = by_wildcard(text.value)) return one;
  const auto same_name = std::find_if(snapshot_.models.begin(), snapshot_.models.end(),
                                      [&](const ModelSettings& model) { return model.name == text.value; });
  std::string mend =
      same_name != snapshot_.models.end() ? "its id is `" + same_name->id + "`" : near_text(text.value, model_names());
  reading_.error(text.at, "`" + std::string(key) + "` names a model that does not exist", std::move(mend));
  return std::nullopt;
}

// `PROVIDER/NAME`: a listed model by its other name, or one that its provider is asked for at run time.
std::optional<uint32_t> Builder::discovered_later(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos || slash + 1 == path.size() || !is_id(path)) return std::nullopt;
  const auto found = provider_index_.find(std::string(path.substr(0, slash)));
  if (found == provider_index_.end()) return std::nullopt;
  const auto name = path.substr(slash + 1);
  for (uint32_t i = 0; i < snapshot_.models.size(); ++i) {
    const auto& one = snapshot_.models[i];
    if (one.provider == found->second && one.name == name && !one.wildcard) return i;
  }
  if (!snapshot_.providers[found->second].discover) return std::nullopt;
  ModelSettings out{.id = std::string(path), .provider = found->second, .name = std::string(name)};
  out.embeddings = is_embedding_name(name);
  out.chat = !out.embeddings;
  if (is_passed_on(snapshot_.providers[found->second], name)) out.zone = Zone{.kind = ZoneKind::cloud};
  const auto index = static_cast<uint32_t>(snapshot_.models.size());
  model_index_.emplace(out.id, index);
  name_lines_.emplace(out.id, 0);
  snapshot_.models.push_back(std::move(out));
  return index;
}

void Builder::warn_of_dead_rules(const RouteDoc& doc, const RouteSettings& route) {
  std::size_t always_at = 0;
  for (std::size_t i = 0; i < route.rules.size(); ++i) {
    const Rule& rule = route.rules[i];
    if (doc.rules[i].use.empty()) continue;
    if (always_at > 0) {
      reading_.warning(
          doc.rules[i].at,
          "this `use` is never reached: rule " + std::to_string(always_at) + " always holds and names models",
          "put it above that rule, or remove it");
    } else if (is_always(rule.when)) {
      always_at = i + 1;
    }
  }
  if (always_at == 0 && !route.rules.empty()) {
    reading_.warning(doc.at, "`" + route.name + "`: a request for which no rule with `use` holds is refused",
                     "end the rules with one that always holds: - {use: [model]}");
  }
}

// A rule that narrows to where no model of the route is: right for those who mean to refuse, a surprise for others.
void Builder::warn_of_empty_zones(const RouteDoc& doc, const RouteSettings& route) {
  for (std::size_t i = 0; i < route.rules.size(); ++i) {
    const auto& zones = route.rules[i].zones;
    if (zones.empty()) continue;
    const bool reachable = std::any_of(route.rules.begin(), route.rules.end(), [&](const Rule& rule) {
      return std::any_of(rule.use.begin(), rule.use.end(),
                         [&](uint32_t model) { return any_allows(zones, zone_of(model, snapshot_)); });
    });
    if (!reachable) {
      reading_.warning(
          doc.rules[i].at,
          "no model that `" + route.name + "` uses is in these zones: requests for which this rule holds are refused",
          "add one to a `use` of the route, if that is not meant");
    }
  }
}

}  // namespace weir::config
