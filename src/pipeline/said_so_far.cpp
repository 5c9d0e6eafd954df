#include "pipeline/said_so_far.h"

#include "pipeline/request_context.h"
#include "policies/policy.h"

namespace weir {
namespace {

// What the rules want taken out for it by now, and whether that can be done.
void take_over_redaction(Candidate& candidate, const Plan& now) {
  for (const auto& one : now.candidates) {
    if (one.model != candidate.model) continue;
    candidate.redact = one.redact;
    candidate.redact_rule = one.redact_rule;
    candidate.redact_route = one.redact_route;
    if (one.verdict == Verdict::redaction && is_kept(candidate.verdict)) candidate.verdict = Verdict::redaction;
    return;
  }
}

}  // namespace

void narrow_by_what_was_said(RequestContext& context, std::string_view said) {
  constexpr std::size_t texts_before = 16;  // the question gives a bare number its meaning
  const auto& asked = context.request.texts();
  std::vector<std::string_view> texts(asked.end() - static_cast<std::ptrdiff_t>(std::min(texts_before, asked.size())),
                                      asked.end());
  texts.push_back(said);
  const auto found = context.deployment->guards.classify(texts);
  if ((found & ~context.facts.found) == 0) return;
  context.facts.found |= found;
  const auto now = decide(context.facts, context.snapshot(), context.worker.health);
  for (auto& candidate : context.plan.candidates) {
    // What the plan was made of stays; only zones are asked again.
    const auto zone = zone_of(candidate, context.snapshot());
    const bool allowed = now && !now->blocked_by && (now->narrowed_by.empty() || any_allows(now->zones, zone));
    if (now && allowed) take_over_redaction(candidate, *now);
    if (!is_kept(candidate.verdict) || allowed) continue;
    candidate.verdict = now && now->blocked_by ? Verdict::blocked : Verdict::zone;
    candidate.classes = found;
  }
  context.entry.classes = context.snapshot().classes.join(context.facts.classes(
      context.plan.route ? context.snapshot().routes[*context.plan.route].accepts : UnreadableSet{0}));
}

}  // namespace weir
