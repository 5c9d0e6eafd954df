// The judge `structural`: what can be seen of an answer without understanding it. Empty, a refusal, cut off, repeating
// itself, in another language than the question, not the JSON or the tool call that was asked for, with something left
// to be filled in.
#include <algorithm>
#include <memory>

#include "judges/answer_text.h"
#include "judges/json_schema.h"
#include "judges/judge.h"
#include "judges/language.h"
#include "judges/left_over.h"
#include "judges/refusal.h"
#include "judges/repetition.h"

namespace weir {
namespace {

constexpr int64_t enough_tokens = 64;       // of a beginning in which nothing was found
constexpr std::size_t most_asked = 32'768;  // bytes of the request that are read
constexpr std::size_t least_for_language = 40;

// What is wrong is worth the less the more of the answer it spoils.
constexpr double useless = 0;
constexpr double refused = 0.1;
constexpr double broken_call = 0.1;
constexpr double broken_form = 0.1;
constexpr double loops = 0.2;
constexpr double other_language = 0.3;
constexpr double unfilled = 0.3;
constexpr double cut_off = 0.4;

bool wants_json(const Request& request) { return request.response_format != ResponseFormat::text; }

// The form of an answer can be judged only when all of it is there.
bool needs_all(const Request& request) {
  return wants_json(request) || !request.tools.empty() || request.n > 1 || request.prompts > 1;
}

Judgement fault(double score, std::string what) { return {.score = score, .fault = std::move(what)}; }

std::optional<Judgement> judge_call(const Request& request, const AnswerToolCall& call) {
  const auto tool =
      std::find_if(request.tools.begin(), request.tools.end(), [&](const Tool& one) { return one.name == call.name; });
  // Tools that only the caller's own format knows (`web_search`) are not among these.
  if (tool == request.tools.end()) {
    if (!request.foreign.empty() || request.tools.empty()) return std::nullopt;
    return fault(broken_call, "calls a tool that does not exist");
  }
  json::Document arguments;
  // No arguments at all is how many models call a tool that wants none.
  if (!arguments.parse(call.arguments.empty() ? "{}" : call.arguments))
    return fault(broken_call, "a tool call whose arguments are no JSON");
  if (!arguments.root().is_object()) return fault(broken_call, "a tool call whose arguments are no object");
  if (!tool->parameters) return std::nullopt;
  auto wrong = schema_fault(*tool->parameters, arguments.root());
  if (wrong.empty()) return std::nullopt;
  return fault(broken_call, "a tool call whose arguments do not fit: " + wrong);
}

std::optional<Judgement> judge_form(const Request& request, const std::string& text) {
  if (!wants_json(request)) return std::nullopt;
  json::Document document;
  if (!document.parse(text)) return fault(broken_form, "no valid JSON, which was asked for");
  if (request.response_format == ResponseFormat::json_object && !document.root().is_object())
    return fault(broken_form, "JSON, but no object");
  if (!request.json_schema) return std::nullopt;
  auto wrong = schema_fault(*request.json_schema, document.root());
  if (wrong.empty()) return std::nullopt;
  return fault(broken_form, "JSON that does not fit the schema: " + wrong);
}

std::optional<Judgement> judge_language(const Request& request, std::string_view text) {
  if (text.size() < least_for_language) return std::nullopt;
  const auto asked = language_of(question_text(request));
  if (asked.empty()) return std::nullopt;
  const auto answered = language_of(text);
  if (answered.empty() || answered == asked) return std::nullopt;
  if (speaks_of_languages(normalised(asked_text(request, most_asked)))) return std::nullopt;
  return fault(other_language, "in another language than the question");
}

// What shows in any part of an answer's text, a beginning too.
std::optional<Judgement> judge_words(const Request& request, const std::string& text) {
  if (repeats_itself(text)) return fault(loops, "repeats itself");
  if (wants_json(request)) return std::nullopt;
  if (auto language = judge_language(request, text)) return language;
  if (!left_over_in(text, asked_text(request, most_asked)).empty())
    return fault(unfilled, "something is left to be filled in");
  return std::nullopt;
}

Judgement judge_choice(const Request& request, const Choice& choice) {
  const auto text = said_text(choice);
  bool calls = false;
  for (const auto& part : choice.parts) {
    if (part.kind != Part::Kind::tool_call) continue;
    calls = true;
    if (auto wrong = judge_call(request, part.call)) return *wrong;
  }
  if (choice.finish == FinishReason::content_filter) return fault(refused, "stopped by a filter");
  if (choice.has(Part::Kind::refusal)) return fault(refused, "a refusal");
  const auto plain = normalised(text);
  if (plain.empty() && !calls && !choice.has_other)
    return fault(useless, choice.finish == FinishReason::length ? "cut off before it said anything" : "empty");
  if (request.tool_choice.mode == ToolChoice::Mode::any && !calls && !request.tools.empty())
    return fault(broken_call, "no tool call, which was asked for");
  if (!calls && plain.size() < longest_refusal && begins_as_refusal(plain)) return fault(refused, "a refusal");
  if (!calls) {
    if (auto wrong = judge_form(request, text)) return *wrong;
  }
  if (auto wrong = judge_words(request, text)) return *wrong;
  if (choice.finish == FinishReason::length) return fault(cut_off, "cut off");
  return {};
}

class StructuralJudge final : public Judge {
 public:
  [[nodiscard]] JudgeInfo info() const override {
    return {.name = "structural",
            .description =
                "empty, cut off, repeating, refusing, in the wrong language or form: what can be seen "
                "without understanding"};
  }

  [[nodiscard]] std::optional<Judgement> judge(const Request& request, const JudgedAnswer& answer) const override {
    const auto& choices = answer.response.choices;
    if (!answer.whole) return begun(request, answer);
    if (choices.empty()) return fault(useless, "empty");
    Judgement worst;
    for (const auto& choice : choices) {
      auto one = judge_choice(request, choice);
      if (one.score < worst.score) worst = std::move(one);
    }
    return worst;
  }

 private:
  static std::optional<Judgement> begun(const Request& request, const JudgedAnswer& answer) {
    if (needs_all(request) || answer.response.choices.size() != 1) return std::nullopt;
    const auto& choice = answer.response.choices.front();
    const auto text = said_text(choice);
    const auto tokens = tokens_of(text);
    const auto enough = answer.decide_after > 0 ? answer.decide_after : enough_tokens;
    // Few words more tell little more: read again only now and then would save nothing, as an answer is short.
    if (tokens < std::min<int64_t>(enough, 24)) return std::nullopt;
    if (auto wrong = judge_words(request, text)) return wrong;
    if (tokens < enough) return std::nullopt;
    // Whether this is a refusal, its end tells.
    const auto plain = normalised(text);
    if (plain.size() < longest_refusal && begins_as_refusal(plain)) return std::nullopt;
    return Judgement{};
  }
};

}  // namespace

std::unique_ptr<const Judge> make_structural_judge() { return std::make_unique<StructuralJudge>(); }

}  // namespace weir
