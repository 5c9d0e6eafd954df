// Feedback: what somebody thought of an answer later (`POST /v1/feedback`), by the request's id. Kept in the ledger;
// the last one of a request counts. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace weir {

struct Feedback {
  std::string request_id;
  int64_t time_us = 0;  // when it came, since the epoch
  double score = 0;     // 0 (bad) to 1 (good)
  std::string comment;  // short; "" = none
  std::string key_id;   // who gave it; "" without keys
};

// A request's body: `{request_id, score: 0..1 | "up" | "down", comment?, better_answer?}`.
struct FeedbackWish {
  Feedback feedback;
  std::string better_answer;
};
// invalid_json, invalid_request with the field at fault.
[[nodiscard]] Result<FeedbackWish> read_feedback(std::string body);
// `{"score": 1, "time": …, "comment"?: …}`
void append_feedback(json::Writer& out, const Feedback& feedback);

}  // namespace weir
