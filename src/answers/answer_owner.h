// AnswerOwner: whose a kept answer is, so that it can be forgotten. A value.
#pragma once

#include <string>

namespace weir {

struct AnswerOwner {
  std::string request_id;
  std::string key_id;  // "" = without keys
};

}  // namespace weir
