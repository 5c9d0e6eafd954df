// The judge `learned`: how likely the answer is good enough by what feedback taught (weights.h). Without anything
// learned it says nothing.
#include <memory>

#include "judges/judge.h"
#include "judges/weights.h"

namespace weir {
namespace {

class LearnedJudge final : public Judge {
 public:
  [[nodiscard]] JudgeInfo info() const override {
    return {.name = "learned",
            .description = "what feedback on earlier answers taught (`weir judge --learn`)",
            .wants_logprobs = true};
  }

  [[nodiscard]] std::optional<Judgement> judge(const Request& request, const JudgedAnswer& answer) const override {
    if (!answer.whole) return std::nullopt;
    if (answer.weights == nullptr || answer.weights->rows == 0) return Judgement::silent("nothing was learned yet");
    return Judgement{.score = answer.weights->score(features_of(request, answer.response))};
  }
};

}  // namespace

std::unique_ptr<const Judge> make_learned_judge() { return std::make_unique<LearnedJudge>(); }

}  // namespace weir
