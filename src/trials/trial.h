// What experiments observe, one record each. Values. Shares and scores are kept as parts per million; money is
// micro-dollars, times are microseconds. Nothing here holds words of a prompt or an answer but KeptTexts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// One request that two models answered: the one in question (`tested`) and the one it is compared with.
struct ComparedSide {
  std::string model;
  bool ok = true;
  int64_t score = 0;  // ppm
  int64_t cost = 0;
  int64_t duration_us = 0;
  int64_t first_token_us = 0;  // 0 = came whole
};

enum class Vote : uint8_t { none, tested, reference, tie };

struct Comparison {
  int64_t number = 0;  // of its row
  std::string experiment;
  std::string route;
  std::string task;     // "" = not estimated
  std::string request;  // id of the caller's
  int64_t time_us = 0;
  int64_t share = 0;  // of the tested model when the request came; ppm
  ComparedSide tested;
  ComparedSide reference;
  bool tested_answered = false;  // the caller got the tested model's answer
  Vote vote = Vote::none;        // by hand
};

// The words of one comparison, kept only where the experiment says so.
struct KeptTexts {
  std::string question;
  std::string tested;
  std::string reference;
  int64_t until_us = 0;
};

// One answer of an arm of an A/B experiment or a canary.
struct ArmOutcome {
  std::string experiment;
  std::string arm;  // model id; the others of a canary: `others`
  std::string task;
  std::string request;
  int64_t time_us = 0;
  bool ok = true;
  int64_t score = -1;  // ppm; -1 = not scored
  int64_t cost = 0;
  int64_t duration_us = 0;
};

// A change of a share, with its reason.
struct ShareMove {
  int64_t number = 0;
  std::string experiment;
  std::string task;
  int64_t time_us = 0;
  int64_t from = 0;
  int64_t to = 0;
  std::string state;  // canary: growing, done, rolled_back; any: stopped, running
  std::string reason;
  bool by_hand = false;
};

}  // namespace weir
