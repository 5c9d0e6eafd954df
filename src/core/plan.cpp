#include "core/plan.h"

#include "core/escalation.h"

#include <algorithm>
#include <charconv>

#include "core/json.h"

namespace weir {
namespace {

void append(std::string& out, int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

// Reasons go into a header: names are the config's, but a byte that no header may hold never gets there.
void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) out += c < ' ' || c > '~' ? '?' : c;
}

void append_zones(std::string& out, const std::vector<Zone>& zones) {
  if (zones.empty()) out += "no zone";
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (i > 0) out += " or ";
    append_printable(out, to_string(zones[i]));
  }
}

void append_classes(std::string& out, ClassSet classes, const Snapshot& snapshot) {
  append_printable(out, snapshot.classes.join(classes));
}

const Rule& rule_at(const Snapshot& snapshot, uint32_t route, int16_t rule) {
  return snapshot.routes[route].rules[static_cast<std::size_t>(rule)];
}

// `rule 2 (line 14)`; of another route than the plan's: `rule 2 of assistant (line 14)`.
void append_rule(std::string& out, uint32_t route, int16_t rule, const Plan& plan, const Snapshot& snapshot) {
  out += "rule ";
  append(out, rule + 1);
  if (plan.route != route) {
    out += " of ";
    append_printable(out, snapshot.routes[route].name);
  }
  if (const auto line = rule_at(snapshot, route, rule).line; line > 0) {
    out += " (line ";
    append(out, static_cast<int64_t>(line));
    out += ')';
  }
}

const ProviderSettings& provider_of(uint32_t model, const Snapshot& snapshot) {
  return snapshot.providers[snapshot.models[model].provider];
}

const Narrowing* forbidding(const Zone& zone, const Plan& plan, const Snapshot& snapshot) {
  const auto found = std::find_if(plan.narrowed_by.begin(), plan.narrowed_by.end(), [&](const Narrowing& one) {
    return !any_allows(rule_at(snapshot, one.route, one.rule).zones, zone);
  });
  return found == plan.narrowed_by.end() ? nullptr : &*found;
}

std::string zone_reason(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  const Zone zone = zone_of(candidate, snapshot);
  const auto* narrowing = forbidding(zone, plan, snapshot);
  if (narrowing == nullptr) return "its zone is not allowed";
  std::string out;
  append_rule(out, narrowing->route, narrowing->rule, plan, snapshot);
  out += ": ";
  if (narrowing->classes != 0) {
    append_classes(out, narrowing->classes, snapshot);
    out += " stays in ";
  } else {
    out += "only ";
  }
  append_zones(out, rule_at(snapshot, narrowing->route, narrowing->rule).zones);
  out += "; this is ";
  append_printable(out, to_string(zone));
  return out;
}

// In its route's `larger_context`, and so of no rule.
bool is_for_long_prompts(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  if (!plan.route || candidate.rule >= 0) return false;
  const auto& larger = snapshot.routes[*plan.route].larger_context;
  return std::find(larger.begin(), larger.end(), candidate.model) != larger.end();
}

std::string kept_reason(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  if (is_for_long_prompts(candidate, plan, snapshot)) {
    return "in `larger_context`: the prompt is too long for those that the rules name";
  }
  if (!plan.route || candidate.rule < 0) return plan.route ? "chosen by the policy" : "named by the caller";
  std::string out;
  append_rule(out, *plan.route, candidate.rule, plan, snapshot);
  out += " names it";
  return out;
}

// `rule 2 (line 14) and 3 more kept local: personal; `
void append_narrowing(std::string& out, const Plan& plan, const Snapshot& snapshot) {
  if (plan.narrowed_by.empty()) return;
  append_rule(out, plan.narrowed_by.front().route, plan.narrowed_by.front().rule, plan, snapshot);
  if (plan.narrowed_by.size() > 1) {
    out += " and ";
    append(out, static_cast<int64_t>(plan.narrowed_by.size() - 1));
    out += " more";
  }
  out += " kept ";
  append_zones(out, plan.zones);
  ClassSet classes = 0;
  for (const auto& narrowing : plan.narrowed_by) classes |= narrowing.classes;
  if (classes != 0) {
    out += ": ";
    append_classes(out, classes, snapshot);
  }
  out += "; ";
}

// `rule 2 (line 14)`: the one that wants something taken out.
std::string redact_rule(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  std::string out;
  if (candidate.redact_rule < 0) return "a rule";
  append_rule(out, candidate.redact_route, candidate.redact_rule, plan, snapshot);
  return out;
}

// `, redacted: personal by rule 2 (line 14)`
std::string redacted_reason(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  if (candidate.redact == 0) return {};
  std::string out = ", redacted: ";
  append_classes(out, candidate.redact, snapshot);
  return out + " by " + redact_rule(candidate, plan, snapshot);
}

std::string blocked_reason(const Plan& plan, const Snapshot& snapshot) {
  if (!plan.blocked_by) return "a rule refuses the request";
  std::string out;
  append_rule(out, plan.blocked_by->route, plan.blocked_by->rule, plan, snapshot);
  out += " refuses the request";
  if (plan.blocked_by->classes != 0) {
    out += ": ";
    append_classes(out, plan.blocked_by->classes, snapshot);
  }
  return out;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kept:
      return "kept";
    case Verdict::named:
      return "named";
    case Verdict::zone:
      return "zone";
    case Verdict::operation:
      return "operation";
    case Verdict::tools:
      return "tools";
    case Verdict::images:
      return "images";
    case Verdict::context:
      return "context";
    case Verdict::unavailable:
      return "unavailable";
    case Verdict::repeated:
      return "repeated";
    case Verdict::tight:
      return "tight";
    case Verdict::redaction:
      return "redaction";
    case Verdict::blocked:
      return "blocked";
    case Verdict::objective:
      return "objective";
    case Verdict::reserved:
      return "reserved";
  }
  return "";
}

void write_candidate(json::Writer& w, const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  w.begin_object();
  w.key("model").value(snapshot.models[candidate.model].id);
  w.key("provider").value(provider_of(candidate.model, snapshot).id);
  w.key("zone").value(to_string(zone_of(candidate, snapshot)));
  w.key("kept").boolean(is_kept(candidate.verdict));
  w.key("verdict").value(verdict_name(candidate.verdict));
  w.key("reason").value(describe(candidate, plan, snapshot));
  if (candidate.redact != 0) {
    w.key("redact").begin_array();
    for (const auto name : snapshot.classes.list(candidate.redact)) w.value(name);
    w.end_array();
  }
  w.end_object();
}

void write_zones(json::Writer& w, const std::vector<Zone>& zones) {
  w.begin_array();
  for (const auto& zone : zones) w.value(to_string(zone));
  w.end_array();
}

void write_narrowing(json::Writer& w, const Narrowing& narrowing, const Snapshot& snapshot) {
  const Rule& rule = rule_at(snapshot, narrowing.route, narrowing.rule);
  w.begin_object();
  w.key("route").value(snapshot.routes[narrowing.route].name);
  w.key("rule").value(narrowing.rule + 1);
  if (rule.line > 0) w.key("line").value(static_cast<int64_t>(rule.line));
  w.key("zones");
  write_zones(w, rule.zones);
  w.key("classes").begin_array();
  for (const auto name : snapshot.classes.list(narrowing.classes)) w.value(name);
  w.end_array();
  w.end_object();
}

void write_escalation(json::Writer& w, const Escalation& escalation, const Snapshot& snapshot) {
  w.key("escalate").begin_object();
  if (escalation.share) {
    w.key("share").value(*escalation.share);
  } else {
    w.key("below").value(escalation.below);
  }
  w.key("judges").begin_array();
  for (const auto& judge : escalation.judges) w.value(judge);
  w.end_array();
  if (escalation.model) w.key("model").value(snapshot.models[*escalation.model].id);
  w.end_object();
}

}  // namespace

bool is_kept(Verdict verdict) {
  return verdict == Verdict::kept || verdict == Verdict::named || verdict == Verdict::unavailable ||
         verdict == Verdict::tight;
}

Zone zone_of(const Candidate& candidate, const Snapshot& snapshot) {
  return candidate.elsewhere ? Zone{.kind = ZoneKind::cloud} : zone_of(candidate.model, snapshot);
}

Zone zone_of_model(const Plan& plan, uint32_t model, const Snapshot& snapshot) {
  const auto found = std::find_if(plan.candidates.begin(), plan.candidates.end(),
                                  [&](const Candidate& one) { return one.model == model; });
  return found == plan.candidates.end() ? zone_of(model, snapshot) : zone_of(*found, snapshot);
}

std::size_t Plan::kept() const {
  return static_cast<std::size_t>(
      std::count_if(candidates.begin(), candidates.end(), [](const Candidate& one) { return is_kept(one.verdict); }));
}

std::string describe(const Candidate& candidate, const Plan& plan, const Snapshot& snapshot) {
  switch (candidate.verdict) {
    case Verdict::kept:
    case Verdict::named:
      return kept_reason(candidate, plan, snapshot) + redacted_reason(candidate, plan, snapshot);
    case Verdict::zone:
      return zone_reason(candidate, plan, snapshot);
    case Verdict::operation:
      return fmt::format("does not serve {}", service_name(plan.operation));
    case Verdict::tools:
      return candidate.learned ? "its server says that it takes no tools" : "takes no tools";
    case Verdict::images:
      return candidate.learned ? "its server says that it takes no images" : "takes no images";
    case Verdict::context:
      return "the prompt, estimated at " + std::to_string(plan.input_tokens) +
             " tokens, is longer than its context of " +
             std::to_string(snapshot.models[candidate.model].context_length);
    case Verdict::unavailable:
      return kept_reason(candidate, plan, snapshot) + redacted_reason(candidate, plan, snapshot) +
             ", but it is failing now: behind the others";
    case Verdict::repeated:
      return "already named before";
    case Verdict::tight:
      return kept_reason(candidate, plan, snapshot) + ", but its context of " +
             std::to_string(snapshot.models[candidate.model].context_length) + " hardly holds an answer beside the " +
             std::to_string(plan.input_tokens) + " tokens of the prompt: behind the others";
    case Verdict::redaction:
      return redact_rule(candidate, plan, snapshot) + ": may be entered only without " +
             (candidate.classes != 0 ? snapshot.classes.join(candidate.classes)
                                     : snapshot.classes.join(candidate.redact)) +
             ", which cannot be taken out";
    case Verdict::blocked:
      return blocked_reason(plan, snapshot);
    case Verdict::objective:
      return "does not meet the objective of the rule";
    case Verdict::reserved:
      return "in `larger_context`: asked when the prompt turns out too long for the others";
  }
  return "";
}

std::string reason_line(const Plan& plan, const Snapshot& snapshot, uint32_t chosen, int attempts) {
  std::string out;
  out.reserve(128);
  append_narrowing(out, plan, snapshot);
  if (!plan.route) {
    out += "named directly; ";
  } else if (plan.use_rule >= 0 && plan.narrowed_by.empty()) {
    append_rule(out, *plan.route, plan.use_rule, plan, snapshot);
    out += "; ";
  }
  const auto kept = static_cast<int64_t>(plan.kept());
  if (kept == 0) return out + "nothing is left that may answer";
  if (chosen < snapshot.models.size()) {
    append_printable(out, snapshot.models[chosen].id);
    out += " answered, attempt ";
    append(out, attempts);
    out += " of ";
    append(out, std::max<int64_t>(kept, attempts));
  } else {
    out += "none answered, ";
    append(out, attempts);
    out += attempts == 1 ? " attempt" : " attempts";
  }
  return out;
}

std::string to_json(const Plan& plan, const Snapshot& snapshot) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("route");
  if (plan.route) {
    w.value(snapshot.routes[*plan.route].name);
  } else {
    w.null();
  }
  w.key("zones");
  if (plan.narrowed_by.empty()) {
    w.null();
  } else {
    write_zones(w, plan.zones);
  }
  w.key("narrowed_by").begin_array();
  for (const auto& narrowing : plan.narrowed_by) write_narrowing(w, narrowing, snapshot);
  w.end_array();
  if (plan.blocked_by) {
    const Rule& rule = rule_at(snapshot, plan.blocked_by->route, plan.blocked_by->rule);
    w.key("blocked_by").begin_object();
    w.key("route").value(snapshot.routes[plan.blocked_by->route].name);
    w.key("rule").value(plan.blocked_by->rule + 1);
    if (rule.line > 0) w.key("line").value(static_cast<int64_t>(rule.line));
    w.key("classes").begin_array();
    for (const auto name : snapshot.classes.list(plan.blocked_by->classes)) w.value(name);
    w.end_array().end_object();
  }
  w.key("classes").begin_array();
  for (const auto name : snapshot.classes.list(plan.classes)) w.value(name);
  w.end_array();
  if (plan.unreadable != 0) w.key("unreadable").value(join_names(plan.unreadable));
  w.key("matched_rules").begin_array();
  for (const auto rule : plan.matched_rules) w.value(rule + 1);
  w.end_array();
  w.key("baseline");
  if (plan.baseline) {
    w.value(snapshot.models[*plan.baseline].id);
  } else {
    w.null();
  }
  if (plan.escalate) write_escalation(w, *plan.escalate, snapshot);
  w.key("candidates").begin_array();
  for (const auto& candidate : plan.candidates) write_candidate(w, candidate, plan, snapshot);
  w.end_array();
  if (plan.kept() == 0) {
    w.key("refusal").begin_object();
    w.key("code").value(to_string(plan.refusal.code));
    w.key("message").value(plan.refusal.message);
    w.end_object();
  }
  w.end_object();
  return out;
}

}  // namespace weir
