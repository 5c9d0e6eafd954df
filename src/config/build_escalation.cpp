// `escalate` of a rule and `keep_lessons` of a route.
#include <algorithm>

#include "config/build.h"
#include "judges/judge.h"

namespace weir::config {

std::vector<std::string_view> judge_names() {
  std::vector<std::string_view> names;
  for (const auto& info : judge_infos()) names.push_back(info.name);
  return names;
}

std::shared_ptr<const Escalation> Builder::escalation(const RuleDoc& rule) {
  const auto& doc = rule.escalate;
  if (doc.at == nullptr) return nullptr;
  Escalation out{.judge_ms = doc.wait_ms,
                 .samples = doc.samples,
                 .decide_after = doc.decide_after.value_or(0),
                 .most_held = doc.hold_bytes,
                 .line = doc.at->line};
  if (rule.at->find("use") == nullptr) {
    reading_.error(doc.at, "`escalate` without `use`",
                   "it says when to go on to the next model of the same rule's `use`");
  } else if (rule.use.size() == 1) {
    reading_.warning(doc.at, "`escalate` with nobody to escalate to: `use` names one model",
                     "name a better one behind it; as it is, answers are judged and given");
  }
  if (doc.below && doc.share) {
    reading_.error(doc.at, "both `below` and `share`", "keep one: `share` finds the threshold by itself");
  }
  if (doc.below) out.below = static_cast<double>(*doc.below) / 10'000;
  if (doc.share) out.share = static_cast<double>(*doc.share) / 1'000'000;
  for (const auto& text : doc.judges) {
    if (std::find(out.judges.begin(), out.judges.end(), text.value) != out.judges.end()) {
      reading_.error(text.at, "`" + text.value + "` is named twice", "keep the first");
    } else {
      out.judges.push_back(text.value);
    }
  }
  if (out.judges.empty()) out.judges.emplace_back("structural");
  if (doc.model) out.model = model_of(doc.model, "model");
  const bool asks = std::any_of(out.judges.begin(), out.judges.end(), [](const std::string& name) {
    const auto* const judge = find_judge(name);
    return judge != nullptr && judge->info().asks_model;
  });
  if (asks && !doc.model) {
    reading_.error(doc.at, "the judge `model` without a `model` to ask", "name one: {judges: [model], model: NAME}");
  }
  if (!asks && doc.model) {
    reading_.error(doc.model.at, "no judge asks a model", "add `model` to `judges`, or remove this");
  }
  return std::make_shared<const Escalation>(std::move(out));
}

std::shared_ptr<const LessonRules> Builder::lessons(const RouteDoc& route) {
  const auto& doc = route.keep_lessons;
  if (doc.at == nullptr) return nullptr;
  return std::make_shared<const LessonRules>(
      LessonRules{.keep_ms = doc.keep_ms, .most_bytes = doc.most_bytes, .good = doc.good});
}

}  // namespace weir::config
