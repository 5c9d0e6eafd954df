// Cascade: one request whose route asks the next model after a poor answer. Knows who is judged, gathers what judges
// cannot know by themselves (samples, a model's word), remembers the answer that was not good enough, in case the
// better model has none, and says in words what happened. Asks and writes nothing to the client itself: that is the
// Relay's. Loop thread only; lives as long as its request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/escalation.h"
#include "judges/judge.h"
#include "lessons/lesson.h"
#include "pipeline/request_context.h"

namespace weir {

// An answer that was not good enough.
struct Draft {
  uint32_t model = 0;
  std::size_t place = 0;  // of its attempt
  double score = 0;
  std::string content_type;  // of a whole answer; "" = JSON
  std::string bytes;         // as the client would have got it, all of it
  bool stream = false;
  Usage usage;
  std::vector<std::string> changed;  // as RequestContext::changed
};

// A beginning with such a score need not be waited for to its end.
inline constexpr double worthless = 0.25;

class Cascade {
 public:
  explicit Cascade(RequestContext& context) : context_(context) {}

  // Answers are judged at all. `others_follow`: somebody better is left to be asked.
  [[nodiscard]] bool judges() const;
  // The answer of this candidate is held back until it is judged.
  [[nodiscard]] bool holds(bool others_follow) const { return others_follow && judges(); }
  // `model` is to be asked for the log-probabilities of its tokens, which the caller did not ask for.
  [[nodiscard]] bool wants_logprobs(uint32_t model) const;
  // It refused the request with them: once more without. It will be left alone with them when that helped.
  void drop_logprobs() { logprobs_refused_ = true; }
  void answered(uint32_t model);
  [[nodiscard]] bool asked_without_logprobs() const { return logprobs_refused_; }

  // The beginning of a stream: the score that lets it go; nullopt: hold on. Never a poor one but for what cannot get
  // better.
  [[nodiscard]] std::optional<Score> look(const Response& so_far);
  // All of it, with what has to be asked; `own_slot`: of the server that gave the answer.
  net::Task<Score> judge(uint32_t model, const Response& answer, net::Cancellation& cancellation);
  // By what needs nobody else: for the answer of the last candidate, which is given anyway.
  [[nodiscard]] Score judge_alone(const Response& answer) const;

  // Not good enough? Remembers the score for the share; once per answer.
  [[nodiscard]] bool is_poor(const Score& score);
  // Notes a judged answer for the ledger and for the reason.
  void note(uint32_t model, std::size_t place, const Score& score, bool poor);
  void keep_draft(Draft draft, const Response& answer);
  // Of the answer that the client gets.
  void note_given(uint32_t model, const Response& answer, const Score& score);
  [[nodiscard]] const std::optional<Draft>& draft() const { return draft_; }
  [[nodiscard]] std::optional<Draft> take_draft() { return std::exchange(draft_, std::nullopt); }
  // The better model failed, so that the draft is given.
  void note_failure(std::string_view model, const Error& error);

  // `reason` of the plan with what happened put into it.
  [[nodiscard]] std::string reason_with_notes(std::string reason) const;
  // Hands over what this request taught, where its route keeps that. At the request's end.
  void keep_lesson();

 private:
  [[nodiscard]] const Escalation& rules() const { return *context_.plan.escalate; }
  [[nodiscard]] JudgedAnswer judged(const Response& answer) const;
  net::Task<std::vector<Response>> samples(uint32_t model, net::Cancellation& cancellation);
  net::Task<std::optional<std::string>> opinion(uint32_t answered_by, const Response& answer,
                                                net::Cancellation& cancellation);
  [[nodiscard]] bool wants(bool JudgeInfo::*what) const;

  RequestContext& context_;
  std::optional<Draft> draft_;
  std::vector<std::string> notes_;  // before the last part of the reason
  std::string given_note_;          // behind it
  bool logprobs_refused_ = false;
  double threshold_ = 0;
  Lesson lesson_;
};

// The body of an answer in OpenAI's form without the log-probabilities of its choices, which the caller did not ask
// for: their values become null. Valid JSON in, valid JSON out.
[[nodiscard]] std::string without_logprobs(std::string_view body);

}  // namespace weir
