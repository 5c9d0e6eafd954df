// StreamEvent: one step of a streamed answer in canonical form. A provider turns each framed event of its wire format
// into zero or more of these; a dialect turns each into bytes for the client. Owning values; made and used on one
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/response.h"

namespace weir {

struct StreamEvent {
  enum class Kind : uint8_t {
    lifecycle,  // role, created, ping: no content; held back until the first delta
    text,       // `text` is the next piece of choice `index`
    reasoning,  // `text` is the next piece of reasoning
    refusal,    // `text` is the next piece of a refusal
    tool_call,  // `tool` is (a piece of) tool call number `tool_index`: id and name in the first piece, arguments in
                // all
    finish,     // choice `index` ended with `finish`
    usage,      // `usage` is the whole answer's
    error,      // the provider reports `error` inside the stream
    done,       // the provider says that nothing follows ([DONE], Ollama's done: true)
  };

  Kind kind = Kind::lifecycle;
  int64_t index = 0;
  std::string text;
  int64_t tool_index = 0;
  AnswerToolCall tool;
  std::string logprobs;  // raw JSON in OpenAI's form, with a text event; "" when absent
  FinishReason finish = FinishReason::none;
  Usage usage;
  Error error;

  // Is this what a client waits for (first-token time, end of the held-back phase)?
  [[nodiscard]] bool is_content() const {
    return kind == Kind::text || kind == Kind::reasoning || kind == Kind::refusal || kind == Kind::tool_call;
  }
};

// What the adapters remember between the events of one stream. A provider and a dialect may share one: the provider
// writes id, model, created, next_tool_index, usage, usage_seen and finish; the dialect reads those and writes the
// rest.
struct StreamState {
  std::string id;
  std::string model;
  int64_t created = 0;
  int64_t next_tool_index = 0;
  bool role_sent = false;   // of choice 0
  uint64_t roles_sent = 0;  // bit per choice, the first 64
  bool usage_due = false;   // `usage` is to be shown to the client before the end
  Usage usage;              // the latest the provider said, also in the middle of the stream
  bool usage_seen = false;
  FinishReason finish = FinishReason::none;
};

}  // namespace weir
