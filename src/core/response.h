// ChatResponse: a whole answer in canonical form. `raw` is the provider's body, with what its format's clients are
// promised put right; it is forwarded when provider and client speak the same wire format, and empty when only the
// canonical form can be sent. Owning values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/usage.h"

namespace weir {

enum class FinishReason : uint8_t { none, stop, length, tool_calls, content_filter };
[[nodiscard]] std::string_view to_string(FinishReason reason);  // OpenAI's spelling; "" for none

struct AnswerToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON text
};

struct Choice {
  int64_t index = 0;
  std::string text;
  std::string reasoning;
  std::string refusal;
  std::vector<AnswerToolCall> tool_calls;
  std::string logprobs;  // raw JSON in OpenAI's form; "" when absent
  FinishReason finish = FinishReason::none;
  bool has_other = false;  // content that has no canonical form (audio, images): only in `raw`
};

struct ChatResponse {
  Operation operation = Operation::chat;
  std::string id;
  std::string model;    // as the provider names it
  int64_t created = 0;  // seconds since the epoch; 0: not said
  std::vector<Choice> choices;
  std::vector<std::vector<float>> embeddings;
  Usage usage;
  bool passed_on = false;  // it says that another's machine gave it, not the one that was asked
  std::string raw;
};

}  // namespace weir
