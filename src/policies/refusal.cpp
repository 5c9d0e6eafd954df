// What a caller is told when nothing may answer. Off the fast path: made only when there is nothing else to send.
#include <algorithm>
#include <array>
#include <string>

#include "core/nearest.h"
#include "policies/policy.h"

namespace weir {
namespace {

constexpr std::size_t names_shown = 10;
constexpr std::size_t name_bytes_shown = 80;

// Client text in a message: cut, and without anything that could break a line or a terminal.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, name_bytes_shown));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  if (text.size() > name_bytes_shown) out += "... (" + std::to_string(text.size()) + " bytes)";
  return out;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? last : separator;
    out += parts[i];
  }
  return out;
}

std::string zones_text(const std::vector<Zone>& zones) {
  std::vector<std::string> names;
  for (const auto& zone : zones) names.push_back(to_string(zone));
  return names.empty() ? "no zone at all" : join(names, ", ", " or ");
}

std::string classes_text(ClassSet classes, const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const auto name : snapshot.classes.list(classes)) names.emplace_back(name);
  return join(names, ", ", " and ");
}

std::string rule_text(const Narrowing& narrowing, const Snapshot& snapshot) {
  const auto& route = snapshot.routes[narrowing.route];
  std::string text = "rule " + std::to_string(narrowing.rule + 1) + " of route `" + route.name + "`";
  const auto line = route.rules[static_cast<std::size_t>(narrowing.rule)].line;
  if (line > 0) text += " (line " + std::to_string(line) + ")";
  return text;
}

std::string who(const Plan& plan, const Snapshot& snapshot) {
  if (plan.route) return "route `" + snapshot.routes[*plan.route].name + "`";
  return "model `" + snapshot.models[plan.candidates.front().model].id + "`";
}

std::string lacking_text(const ModelSettings& model, Verdict verdict, const RequestFacts& facts) {
  switch (verdict) {
    case Verdict::operation:
      return fmt::format("does not serve {}", service_name(facts.operation));
    case Verdict::tools:
      return "takes no tools";
    case Verdict::images:
      return "takes no images";
    case Verdict::context:
      return "takes " + std::to_string(model.context_length) + " tokens, and the prompt is estimated at " +
             std::to_string(facts.input_tokens - facts.media_tokens);
    default:
      return "is not usable";
  }
}

// `a: takes no tools; b: does not serve chat`
std::string each_lack(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  std::vector<std::string> parts;
  for (const auto& candidate : plan.candidates) {
    const auto& model = snapshot.models[candidate.model];
    const auto lacking = inability(model, facts);
    if (!lacking || parts.size() == names_shown) continue;
    parts.push_back("`" + model.id + "` " + lacking_text(model, *lacking, facts));
  }
  return join(parts, "; ", "; ");
}

// The models that could answer within the zones: what to name instead.
std::vector<std::string> allowed_models(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  std::vector<std::string> ids;
  for (const auto& model : snapshot.models) {
    if (ids.size() == names_shown) break;
    if (!model.wildcard && any_allows(plan.zones, zone_of(model, snapshot)) && !inability(model, facts)) {
      ids.push_back("`" + model.id + "`");
    }
  }
  return ids;
}

// `It carries images, which no guard can read; …`: how to let them pass, where that is why.
std::string unread_text(const Plan& plan, const Snapshot& snapshot) {
  if (plan.unreadable == 0) return "";
  std::vector<std::string> abouts;
  for (const auto& kind : unreadable_kinds()) {
    if ((plan.unreadable & kind.bit) != 0) abouts.emplace_back(kind.about);
  }
  std::vector<std::string> routes;
  for (const auto& narrowing : plan.narrowed_by) {
    auto name = "`" + snapshot.routes[narrowing.route].name + "`";
    const bool because = (narrowing.classes & class_unreadable) != 0;
    if (because && std::find(routes.begin(), routes.end(), name) == routes.end()) routes.push_back(std::move(name));
  }
  if (routes.empty()) return "";
  return " What is unreadable in it: " + join(abouts, ", ", " and ") + ", which no guard can look into; route " +
         join(routes, ", ", " and ") + " lets that pass with `accept_unreadable: [" + join_names(plan.unreadable) +
         "]`.";
}

// Who or what narrowed: `personal data` and the rules.
Error zone_refusal(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  ClassSet behind = 0;
  std::vector<std::string> rules;
  for (const auto& narrowing : plan.narrowed_by) {
    behind |= narrowing.classes;
    rules.push_back(rule_text(narrowing, snapshot));
  }
  const std::string where = zones_text(plan.zones);
  std::string message =
      behind != 0 ? "This request contains " + classes_text(behind, snapshot) + " data and may go only to " + where
                  : "This request may go only to " + where;
  message += ", by " + join(rules, ", ", " and ") + "; ";
  if (plan.route) {
    message += "no model there that " + who(plan, snapshot) + " names can take it";
    if (const auto lacks = each_lack(plan, facts, snapshot); !lacks.empty()) message += " (" + lacks + ")";
  } else {
    message += who(plan, snapshot) + " is in " + to_string(zone_of(plan.candidates.front(), snapshot));
  }
  const auto allowed = allowed_models(plan, facts, snapshot);
  if (plan.zones.empty()) {
    message += ". The rules contradict each other: let one zone stand in all of them.";
  } else if (allowed.empty()) {
    message += ". Add a model in " + where + " that can, or change the rule.";
  } else if (plan.route) {
    message += ". Add one of " + join(allowed, ", ", " or ") + " to the rule's `use`.";
  } else {
    message += ". Name " + join(allowed, ", ", " or ") + " instead.";
  }
  message += unread_text(plan, snapshot);
  return {.code = ErrorCode::zone_refused, .message = std::move(message), .param = "model"};
}

// A rule refuses it wherever it would go.
Error block_refusal(const Plan& plan, const Snapshot& snapshot) {
  const auto& by = *plan.blocked_by;
  std::string message = by.classes != 0
                            ? "This request contains " + classes_text(by.classes, snapshot) + " data and is refused"
                            : std::string("This request is refused");
  message += " by " + rule_text(by, snapshot) + ", whoever would answer it.";
  if (by.classes != 0) message += " Send it without.";
  return {.code = ErrorCode::content_blocked, .message = std::move(message)};
}

// What has to be taken out of it cannot be.
Error redaction_refusal(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  const auto at = std::find_if(plan.candidates.begin(), plan.candidates.end(), [&](const Candidate& one) {
    return one.verdict == Verdict::redaction && !inability(snapshot.models[one.model], facts);
  });
  const auto& candidate = at == plan.candidates.end() ? plan.candidates.front() : *at;
  const Narrowing by{.route = candidate.redact_route, .rule = candidate.redact_rule, .classes = candidate.classes};
  std::string message = "This request may go to " + to_string(zone_of(candidate, snapshot)) + " only without its " +
                        classes_text(candidate.classes, snapshot) + " data, by " + rule_text(by, snapshot) +
                        ", and that cannot be taken out of it";
  if ((candidate.classes & class_unreadable) != 0) {
    message += ": nobody here can read " + (plan.unreadable != 0 ? join_names(plan.unreadable) : std::string("it"));
  } else if ((candidate.classes & facts.declared) != 0) {
    message += ": its caller declared it, and no guard found where it stands";
  }
  message +=
      plan.route ? ". Add a model in another zone to the rule's `use`" : ". Name a model in another zone instead";
  message += ", or send it without.";
  return {.code = ErrorCode::zone_refused, .message = std::move(message), .param = "model"};
}

Error nothing_named(const Plan& plan, const Snapshot& snapshot) {
  return {
      .code = ErrorCode::no_target,
      .message = "No rule of " + who(plan, snapshot) +
                 " that holds for this request names models. End its rules with one that always holds: {use: [...]}."};
}

Error ability_refusal(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  const auto first = plan.candidates.front().verdict;
  const bool same = std::all_of(plan.candidates.begin(), plan.candidates.end(), [&](const Candidate& one) {
    return one.verdict == first || one.verdict == Verdict::repeated || one.verdict == Verdict::zone ||
           one.verdict == Verdict::reserved;
  });
  Error error{.code = ErrorCode::invalid_request};
  error.message =
      "Nothing that " + who(plan, snapshot) + " names can take this request: " + each_lack(plan, facts, snapshot) + ".";
  if (!plan.route) {
    const auto& model = snapshot.models[plan.candidates.front().model];
    error.message = "Model `" + model.id + "` " + lacking_text(model, first, facts) + ".";
  }
  if (!same) return error;
  switch (first) {
    case Verdict::context:
      error.code = ErrorCode::context_overflow;
      error.param = "messages";
      error.message += " " + larger_context_hint(plan, facts, snapshot);
      break;
    case Verdict::operation:
      error.param = "model";
      break;
    case Verdict::tools:
      error.param = "tools";
      break;
    case Verdict::images:
      error.param = "messages";
      break;
    default:
      break;
  }
  return error;
}

// Models within the zones that have room for the prompt and are no candidates yet.
std::vector<const ModelSettings*> roomier_models(const Plan& plan, const RequestFacts& facts,
                                                 const Snapshot& snapshot) {
  constexpr std::size_t most_named = 3;
  std::vector<const ModelSettings*> found;
  for (uint32_t i = 0; i < snapshot.models.size() && found.size() < most_named; ++i) {
    const auto& model = snapshot.models[i];
    const bool allowed = plan.narrowed_by.empty() || any_allows(plan.zones, zone_of(model, snapshot));
    const bool named = std::any_of(plan.candidates.begin(), plan.candidates.end(),
                                   [&](const Candidate& one) { return one.model == i; });
    if (model.wildcard || named || !allowed || model.context_length < context_needed(facts)) continue;
    if (!inability(model, facts)) found.push_back(&model);
  }
  return found;
}

Error objective_refusal(const Plan& plan, const Snapshot& snapshot) {
  return {
      .code = ErrorCode::no_target,
      .message = "No model that rule " + std::to_string(plan.use_rule + 1) + " of route `" +
                 snapshot.routes[*plan.route].name +
                 "` names can take this request and meets the rule's objective. Loosen the bounds of the objective, or "
                 "write `unmet: last` there.",
      .param = "model"};
}

}  // namespace

std::string larger_context_hint(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  std::string text = "The input is estimated at " + std::to_string(facts.input_tokens - facts.media_tokens) + " tokens";
  const ModelSettings* largest = nullptr;
  for (const auto& candidate : plan.candidates) {
    const auto& model = snapshot.models[candidate.model];
    if (candidate.verdict == Verdict::zone || model.context_length == 0) continue;
    if (largest == nullptr || model.context_length > largest->context_length) largest = &model;
  }
  if (largest != nullptr) {
    text += ", and the largest context here is " + std::to_string(largest->context_length) + " (`" + largest->id + "`)";
  }
  std::vector<std::string> names;
  for (const auto* model : roomier_models(plan, facts, snapshot)) {
    names.push_back("`" + model->id + "` (" + std::to_string(model->context_length) + ")");
  }
  const auto roomier = join(names, ", ", " or ");
  if (plan.route) {
    const auto& route = snapshot.routes[*plan.route].name;
    text += ". Shorten the prompt, or add " + (roomier.empty() ? "a model that takes more" : roomier) +
            " to `larger_context` of route `" + route + "`.";
  } else {
    text += ". Shorten the prompt, or use " + (roomier.empty() ? "a model with a larger context" : roomier) + ".";
  }
  return text;
}

Error refuse(const Plan& plan, const RequestFacts& facts, const Snapshot& snapshot) {
  if (plan.blocked_by) return block_refusal(plan, snapshot);
  if (plan.candidates.empty()) return nothing_named(plan, snapshot);
  const bool zone_is_cause = std::any_of(plan.candidates.begin(), plan.candidates.end(), [&](const Candidate& one) {
    return one.verdict == Verdict::zone && !inability(snapshot.models[one.model], facts);
  });
  if (zone_is_cause) return zone_refusal(plan, facts, snapshot);
  const bool redaction_is_cause =
      std::any_of(plan.candidates.begin(), plan.candidates.end(), [&](const Candidate& one) {
        return one.verdict == Verdict::redaction && !inability(snapshot.models[one.model], facts);
      });
  if (redaction_is_cause) return redaction_refusal(plan, facts, snapshot);
  const bool unmet = std::any_of(plan.candidates.begin(), plan.candidates.end(),
                                 [](const Candidate& one) { return one.verdict == Verdict::objective; });
  return unmet && plan.route ? objective_refusal(plan, snapshot) : ability_refusal(plan, facts, snapshot);
}

Error nothing_serves(Operation operation) {
  const std::string service(service_name(operation));
  return {.code = ErrorCode::not_found,
          .message = "Nothing here serves " + service +
                     ": a model of the provider that keeps them does, with `serves: [" + service +
                     "]` in the configuration."};
}

Error unknown_model(std::string_view requested, const Snapshot& snapshot) {
  std::vector<std::string_view> names;
  for (const auto& route : snapshot.routes) names.emplace_back(route.name);
  for (const auto& model : snapshot.models) names.emplace_back(model.id);
  auto likely = names;
  for (const auto& model : snapshot.models) likely.insert(likely.end(), model.aliases.begin(), model.aliases.end());

  std::string message = requested.empty() ? "The field `model` is empty"
                                          : "`" + printable(requested) + "` is neither a route nor a model here";
  const auto same_name = std::find_if(snapshot.models.begin(), snapshot.models.end(),
                                      [&](const ModelSettings& model) { return model.name == requested; });
  if (same_name != snapshot.models.end()) {
    message += "; it is called `" + same_name->id + "`";
  } else if (const auto near = nearest(requested, likely); !near.empty()) {
    message += "; did you mean `" + std::string(near) + "`?";
  }
  if (message.back() != '?') message += '.';
  if (names.empty()) {
    message += " No routes or models are configured.";
  } else {
    message += " There are: ";
    for (std::size_t i = 0; i < std::min(names.size(), names_shown); ++i) {
      if (i > 0) message += ", ";
      message += names[i];
    }
    if (names.size() > names_shown) message += " and " + std::to_string(names.size() - names_shown) + " more";
    message += '.';
  }
  return {.code = ErrorCode::unknown_model, .message = std::move(message), .param = "model"};
}

}  // namespace weir
