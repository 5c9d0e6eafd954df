// Lesson: what one judged request taught: what was asked, what the first model answered, what the better one did, and
// what judges thought of both. Made only where the route keeps lessons. Values.
#pragma once

#include <cstdint>
#include <string>

#include "core/request.h"
#include "core/response.h"
#include "judges/features.h"

namespace weir {

struct Lesson {
  std::string request_id;
  int64_t time_us = 0;  // since the epoch
  std::string route;
  std::string key_id;
  std::string classes;  // `personal,secret`
  std::string task;
  std::string messages;  // JSON: in OpenAI's form, `[{"role", "content", "tool_calls"?}]`
  std::string tools;     // JSON, in OpenAI's form; "" = none
  std::string first_model;
  std::string first_answer;  // JSON: a message in OpenAI's form
  double first_score = -1;
  std::string better_model;  // "" = the first answer was given
  std::string better_answer;
  double better_score = -1;
  Features features{};  // of the first answer
  int64_t keep_ms = 0;  // and how much of the route's, as LessonRules has it
  int64_t most_bytes = 0;

  [[nodiscard]] std::size_t bytes() const {
    return messages.size() + tools.size() + first_answer.size() + better_answer.size() + 200;
  }
};

// The conversation, the tools and an answer as they stand in training data.
[[nodiscard]] std::string lesson_messages(const Request& request);
[[nodiscard]] std::string lesson_tools(const Request& request);
[[nodiscard]] std::string lesson_answer(const Response& response);

}  // namespace weir
