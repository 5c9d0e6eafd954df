#include "judges/comparison.h"

#include <algorithm>

#include "judges/similarity.h"

namespace weir {
namespace {

using Calls = std::vector<std::pair<std::string, std::string>>;

Calls calls_of(const Choice& choice) {
  Calls calls;
  for (const auto& part : choice.parts) {
    if (part.kind != Part::Kind::tool_call) continue;
    // Spaces mean nothing in arguments, as a rule; two that differ in them are the same call.
    std::string arguments = part.call.arguments;
    std::erase_if(arguments, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
    calls.emplace_back(part.call.name, std::move(arguments));
  }
  std::sort(calls.begin(), calls.end());
  return calls;
}

double agreement(const Response& answer, const Response& reference) {
  if (answer.choices.empty() || reference.choices.empty()) return 0;
  const auto& one = answer.choices.front();
  const auto& other = reference.choices.front();
  const auto calls = calls_of(one);
  const auto wanted = calls_of(other);
  if (!wanted.empty() || !calls.empty()) return calls == wanted ? 1 : 0;
  const auto text = one.text();
  const auto expected = other.text();
  return text == expected ? 1 : similarity(text, expected);
}

}  // namespace

std::vector<std::string_view> comparisons() { return {"structural", "agreement", "learned"}; }

std::optional<double> compare_by(std::string_view name, const Request& request, const Response& answer,
                                 const Response* reference, const JudgeWeights* weights) {
  const auto names = comparisons();
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  if (name == "agreement" && reference != nullptr) return agreement(answer, *reference);
  const auto* judge = find_judge(name == "agreement" ? "structural" : name);
  const auto judged = judge->judge(request, {.response = answer, .weights = weights});
  if (!judged || !judged->knows()) return std::nullopt;
  return judged->score;
}

}  // namespace weir
