// Judge: is this answer good enough? A pure function of a request and its answer, from 0 (useless) to 1 (nothing found
// against it). It says nothing of what follows: that is the pipeline's. What it cannot know by itself (samples of the
// same model, the word of another one) is gathered by the pipeline, as `info` says, and given to it. Safe from any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/response.h"

namespace weir {

struct JudgeWeights;  // weights.h

struct JudgeInfo {
  std::string_view name;
  std::string_view description;
  bool wants_logprobs = false;  // of the tokens, from whoever can give them
  bool wants_samples = false;   // further answers of the same model to the same request
  bool asks_model = false;      // another model is asked what it thinks of the answer (model_judge.h)
};

// An answer, or what is there of it by now.
struct JudgedAnswer {
  const Response& response;
  bool whole = true;                      // nothing follows
  int64_t decide_after = 0;               // tokens that are enough to judge by, as the config says; 0 = not said
  std::span<const Response> samples;      // further answers to the same request; empty where none came
  std::optional<std::string> opinion;     // what the model said that was asked; nullopt = nothing came
  const JudgeWeights* weights = nullptr;  // of the learned judge; null = it has learned nothing yet
};

struct Judgement {
  double score = 1;   // 0 to 1; negative: it can say nothing of this answer
  std::string fault;  // what was found, in a few words: `empty`, `a refusal`; "" = nothing

  [[nodiscard]] bool knows() const { return score >= 0; }
  [[nodiscard]] static Judgement silent(std::string why) { return {.score = -1, .fault = std::move(why)}; }
};

class Judge {
 public:
  virtual ~Judge() = default;
  [[nodiscard]] virtual JudgeInfo info() const = 0;
  // nullopt: it needs more of the answer, all of it where no more is said. Never for a whole one.
  [[nodiscard]] virtual std::optional<Judgement> judge(const Request& request, const JudgedAnswer& answer) const = 0;
};

// All entries of judges.def, in that order; nullptr when the name is none.
[[nodiscard]] std::vector<JudgeInfo> judge_infos();
[[nodiscard]] const Judge* find_judge(std::string_view name);

// Of several judges: the lowest score of those that know one, and what they found. nullopt as long as one of them
// needs more of the answer and none has found fault with it that is below `enough`.
struct Score {
  double value = -1;  // negative: nobody could say anything
  std::string found;  // `structural: a refusal; confidence: …`
};
[[nodiscard]] std::optional<Score> judge_by_all(std::span<const std::string> judges, const Request& request,
                                                const JudgedAnswer& answer, double enough);

}  // namespace weir
