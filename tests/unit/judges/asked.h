// Requests and answers for the judges' tests: read as a client's, in OpenAI's format, and made by hand.
#pragma once

#include <gtest/gtest.h>

#include "core/json.h"
#include "judges/judge.h"

namespace weir::test {

// A request with these members besides `model`; views into `memory`, which outlives it.
inline Request asking(std::string_view question, std::string_view instructions = {}) {
  Request request;
  if (!instructions.empty()) {
    Message system{.role = Role::system};
    system.parts.push_back({.text = request.keep(std::string(instructions))});
    request.messages.push_back(std::move(system));
  }
  Message user{.role = Role::user};
  user.parts.push_back({.text = request.keep(std::string(question))});
  request.messages.push_back(std::move(user));
  return request;
}

inline Response saying(std::string_view text, FinishReason finish = FinishReason::stop) {
  Response response;
  auto& choice = response.choices.emplace_back();
  if (!text.empty()) choice.add_text(Part::Kind::text, text);
  choice.finish = finish;
  return response;
}

inline Response calling(std::string_view name, std::string_view arguments) {
  Response response;
  auto& choice = response.choices.emplace_back();
  choice.add_call({.id = "call_1", .name = std::string(name), .arguments = std::string(arguments), .signature = {}});
  choice.finish = FinishReason::tool_calls;
  return response;
}

inline Judgement judged(std::string_view judge, const Request& request, const JudgedAnswer& answer) {
  const auto judgement = find_judge(judge)->judge(request, answer);
  EXPECT_TRUE(judgement) << "a whole answer is always judged";
  return judgement.value_or(Judgement{});
}

inline Judgement judged(std::string_view judge, const Request& request, const Response& response) {
  return judged(judge, request, JudgedAnswer{.response = response});
}

}  // namespace weir::test
