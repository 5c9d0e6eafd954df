// The keys of `escalate` and `keep_lessons`. As document.h, which includes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/document_base.h"
#include "core/escalation.h"
#include "core/lesson_rules.h"

namespace weir::config {

struct EscalateDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> below;  // ten-thousandths
  std::optional<int64_t> share;  // parts per million
  Texts judges;
  Text model;
  int64_t samples = Escalation{}.samples;
  int64_t wait_ms = Escalation{}.judge_ms;
  std::optional<int64_t> decide_after;
  std::size_t hold_bytes = Escalation{}.most_held;
};

struct LessonsDoc {
  const yaml::Node* at = nullptr;
  int64_t keep_ms = LessonRules{}.keep_ms;
  std::size_t most_bytes = LessonRules{}.most_bytes;
  bool good = LessonRules{}.good;
};

// From judges.def.
[[nodiscard]] std::vector<std::string_view> judge_names();

template <typename V>
void fields(V& v, EscalateDoc& d) {
  v.number("below", d.below, Decimal{.digits = 4, .least = 0, .most = 10'000},
           {"An answer with a lower score, 0 to 1, is not good enough: the next candidate is asked.", "0.7", "0.7"});
  v.share("share", d.share,
          {"In place of `below`: so many of the answers are escalated, those with the lowest scores of late.", "15%",
           "by `below`"});
  v.texts("judges", d.judges,
          {.text = "Who gives the score; of several, the lowest counts.",
           .example = "[structural, confidence]",
           .otherwise = "[structural]",
           .choices = judge_names()});
  v.text("model", d.model,
         {"The model that the judge `model` asks. It is asked only where the request may go.", "grader", "none"});
  v.integer("samples", d.samples, Range{2, 9},
            {"How many answers of the same model the judge `agreement` compares, the first one among them.", "5"});
  v.duration("wait", d.wait_ms,
             {"Longest wait for a judge that has to ask a model; after it the answer is given unjudged.", "5s"});
  v.integer("decide_after", d.decide_after, Range{8, 100'000},
            {"Tokens of a stream after which it is judged and let go. Without it `structural` lets a good stream go "
             "after 64 tokens, and the others hold all of it back.",
             "64", "as each judge needs"});
  v.size("hold", d.hold_bytes,
         {"So much of a stream is held back at most; a longer one is let go as it is.", "256KiB"});
}

template <typename V>
void fields(V& v, LessonsDoc& d) {
  v.duration("keep", d.keep_ms, {"How long a lesson is kept.", "90d"});
  v.size("most", d.most_bytes, {"All lessons of the route, at most; beyond it the oldest go.", "1GiB"});
  v.flag("good", d.good,
         {"Keep judged answers that were good enough too, not only those that were escalated.", "true"});
}

}  // namespace weir::config
