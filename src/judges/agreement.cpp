// The judge `agreement`: a model that knows says the same each time. The answer is compared with further ones of the
// same model; its score is how much it has in common with them on average. A single one that cannot be compared to
// anything is not judged.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "judges/answer_text.h"
#include "judges/judge.h"
#include "judges/similarity.h"

namespace weir {
namespace {

constexpr std::size_t most_compared = 20'000;  // bytes

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view last_number(const std::vector<std::string>& words) {
  const auto found =
      std::find_if(words.rbegin(), words.rend(), [](const std::string& word) { return is_number(word); });
  return found == words.rend() ? std::string_view() : std::string_view(*found);
}

// What is compared of an answer: its words, or the calls it makes.
std::string substance(const Response& response) {
  if (response.choices.empty()) return {};
  std::string text;
  for (const auto& part : response.choices.front().parts) {
    if (part.kind == Part::Kind::text || part.kind == Part::Kind::refusal) text += part.text;
    if (part.kind == Part::Kind::tool_call)
      text.append(" ").append(part.call.name).append(" ").append(part.call.arguments);
  }
  return text;
}

class AgreementJudge final : public Judge {
 public:
  [[nodiscard]] JudgeInfo info() const override {
    return {.name = "agreement",
            .description = "how much the answer has in common with further ones of the same model (`samples`)",
            .wants_samples = true};
  }

  [[nodiscard]] std::optional<Judgement> judge(const Request& /*request*/, const JudgedAnswer& answer) const override {
    if (!answer.whole) return std::nullopt;
    if (answer.samples.empty()) return Judgement::silent("no further answer came to compare it with");
    const auto own = substance(answer.response);
    double sum = 0;
    for (const auto& sample : answer.samples) sum += similarity(own, substance(sample));
    return Judgement{.score = sum / static_cast<double>(answer.samples.size())};
  }
};

}  // namespace

double similarity(std::string_view a, std::string_view b) {
  const auto left = words_of(a.substr(0, most_compared));
  const auto right = words_of(b.substr(0, most_compared));
  if (left.empty() || right.empty()) return left.empty() && right.empty() ? 1 : 0;
  std::unordered_map<std::string_view, int> counts;
  for (const auto& word : left) ++counts[word];
  std::size_t common = 0;
  for (const auto& word : right) {
    if (const auto found = counts.find(word); found != counts.end() && found->second-- > 0) ++common;
  }
  const auto share = 2.0 * static_cast<double>(common) / static_cast<double>(left.size() + right.size());
  const auto mine = last_number(left);
  const auto theirs = last_number(right);
  return mine.empty() || theirs.empty() || mine == theirs ? share : share / 2;
}

std::unique_ptr<const Judge> make_agreement_judge() { return std::make_unique<AgreementJudge>(); }

}  // namespace weir
