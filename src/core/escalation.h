// Escalation: what a rule says of answers that are not good enough: who judges them, and from which score on the next
// candidate is asked. Made by `config/`, read by policies (who carries it into the plan) and the pipeline. A value;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

struct Escalation {
  std::vector<std::string> judges;      // entries of judges.def; the lowest of their scores counts
  double below = 0.7;                   // an answer with a lower score is not good enough
  std::optional<double> share;          // 0 to 1: in place of `below`: so many of the answers are to be escalated
  std::optional<uint32_t> model;        // index of the model that is asked as a judge
  int64_t judge_ms = 10'000;            // longest wait for a judge that has to be asked: samples, a model
  int64_t samples = 3;                  // answers that are compared, the first one among them
  int64_t decide_after = 0;             // tokens of a stream that are enough to judge it by; 0 = what each judge needs
  std::size_t most_held = 1024 * 1024;  // bytes of a stream that are held back; beyond it the stream is let go
  std::size_t line = 0;                 // of the config file
};

// `below 0.7 by structural, confidence`
[[nodiscard]] std::string describe(const Escalation& escalation);

}  // namespace weir
