// Response: a whole answer in canonical form. `raw` is the provider's body, with what its format's clients are
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
  std::string signature;  // as Part::signature; "" for most
};

// A piece of an answer, in the order in which it was said.
struct AnswerPart {
  using Kind = Part::Kind;  // text, refusal, thinking, tool_call
  Kind kind = Kind::text;
  std::string text;       // text, refusal, thinking
  std::string signature;  // thinking: as Part::signature
  AnswerToolCall call;    // tool_call
};

struct Choice {
  int64_t index = 0;
  std::vector<AnswerPart> parts;
  std::string logprobs;  // raw JSON in OpenAI's form; "" when absent
  FinishReason finish = FinishReason::none;
  std::string stop_sequence;  // the one it stopped at, where the provider says
  bool has_other = false;     // content that has no canonical form (audio, images): only in `raw`

  // All texts of that kind, one behind the other.
  [[nodiscard]] std::string text(Part::Kind kind = Part::Kind::text) const;
  [[nodiscard]] bool has(Part::Kind kind) const;
  // Appends to the last part where that is of the same kind (and a thought not sealed yet), else adds one.
  void add_text(Part::Kind kind, std::string_view text);
  void add_call(AnswerToolCall call);
  // Seals the thought that came last; where there is none, a thought that nobody can read.
  void add_signature(std::string_view signature);
};

// One document of a rerank, best first.
struct Ranked {
  int64_t index = 0;  // of the request's documents
  double score = 0;
};

// One picture of an answer.
struct Picture {
  std::string data;  // its bytes in base64; "" = it is at `url`
  std::string url;   // http(s), or a `data:` URL
};

struct Response {
  Operation operation = Operation::chat;
  std::string id;
  std::string model;    // as the provider names it
  int64_t created = 0;  // seconds since the epoch; 0: not said
  std::vector<Choice> choices;
  std::vector<std::vector<float>> embeddings;
  std::vector<Ranked> ranking;
  std::vector<Picture> pictures;
  Usage usage;
  bool passed_on = false;  // it says that another's machine gave it, not the one that was asked
  std::string raw;
  std::string content_type;  // of `raw`, where that is no JSON: sound, subtitles; "" = JSON
};

}  // namespace weir
