// The judge `confidence`: 3/4 of the mean probability of the tokens (the geometric one, e^mean) and 1/4 of the lowest.
// Long answers all have a token or two that could have been another one: that is why the lowest counts less.
#include "judges/confidence.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "judges/answer_text.h"
#include "judges/judge.h"

namespace weir {
namespace {

constexpr double share_of_mean = 0.75;
constexpr double impossible = -30;  // servers write -9999 and null for what has no probability

}  // namespace

std::optional<Confidences> confidences_of(std::string_view logprobs) {
  json::Document document;
  if (logprobs.empty() || !document.parse(std::string(logprobs))) return std::nullopt;
  json::Object object;
  if (document.root().get(object) != simdjson::SUCCESS) return std::nullopt;
  Confidences all;
  const auto add = [&](const json::Element& value) {
    double logprob = 0;
    if (value.get(logprob) != simdjson::SUCCESS || std::isnan(logprob)) return;
    logprob = std::clamp(logprob, impossible, 0.0);
    all.mean += logprob;
    all.lowest = std::min(all.lowest, logprob);
    ++all.tokens;
  };
  json::Array list;
  if (object["content"].get(list) == simdjson::SUCCESS) {
    for (const auto& one : list) {
      json::Element value;
      if (one["logprob"].get(value) == simdjson::SUCCESS) add(value);
    }
  } else if (object["token_logprobs"].get(list) == simdjson::SUCCESS) {
    for (const auto& one : list) add(one);
  }
  if (all.tokens == 0) return std::nullopt;
  all.mean /= static_cast<double>(all.tokens);
  return all;
}

namespace {

class ConfidenceJudge final : public Judge {
 public:
  [[nodiscard]] JudgeInfo info() const override {
    return {.name = "confidence",
            .description = "how probable the model itself found its words: mean and lowest token log-probability",
            .wants_logprobs = true};
  }

  [[nodiscard]] std::optional<Judgement> judge(const Request& /*request*/, const JudgedAnswer& answer) const override {
    double worst = 2;
    int64_t tokens = 0;
    for (const auto& choice : answer.response.choices) {
      const auto sure = confidences_of(choice.logprobs);
      if (!sure) continue;
      tokens += sure->tokens;
      worst = std::min(worst, share_of_mean * std::exp(sure->mean) + (1 - share_of_mean) * std::exp(sure->lowest));
    }
    // Of a beginning only where the config says how much of it will do: the lowest may still come.
    if (!answer.whole && (answer.decide_after == 0 || tokens < answer.decide_after)) return std::nullopt;
    if (worst > 1) return Judgement::silent("no log-probabilities came");
    return Judgement{.score = worst};
  }
};

}  // namespace

std::unique_ptr<const Judge> make_confidence_judge() { return std::make_unique<ConfidenceJudge>(); }

}  // namespace weir
