// StreamEvent: one step of a streamed answer in canonical form. The model side's EventReader turns each framed event of
// its wire format into zero or more of these; the client side's EventWriter turns each into bytes for the client. Where
// one block of an answer ends and the next begins follows from the kinds: a writer that needs it opens and closes
// blocks when the kind, or the number of the tool call, changes, and after a signature. Owning values; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/response.h"
#include "core/text_halves.h"

namespace weir {

struct StreamEvent {
  enum class Kind : uint8_t {
    lifecycle,  // role, created, ping: no content; held back until the first delta
    text,       // `text` is the next piece of choice `index`
    reasoning,  // `text` is the next piece of a thought
    signature,  // `text` seals the thought that came before (Part::signature) and ends it; without one before it, it
                // is a thought that nobody can read
    refusal,    // `text` is the next piece of a refusal
    tool_call,  // `tool` is (a piece of) tool call number `tool_index`: id and name in the first piece, arguments in
                // all
    other,      // content that has no canonical form (audio, images): only the same wire format can carry it
    finish,     // choice `index` ended with `finish`; `text`: the stop sequence, where one is said
    usage,      // `usage` is the whole answer's
    error,      // the provider reports `error` inside the stream
    done,       // the provider says that nothing follows ([DONE], message_stop, Ollama's done: true)
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
    return kind == Kind::text || kind == Kind::reasoning || kind == Kind::signature || kind == Kind::refusal ||
           kind == Kind::tool_call || kind == Kind::other;
  }
};

// A tool call that has begun in a stream: which one of the provider's it is, and which one the client sees.
struct OpenToolCall {
  int64_t choice = 0;
  int64_t theirs = 0;  // `index` as the provider counts
  int64_t index = 0;   // within the choice, from 0
  std::string id;      // as the provider named it; "" when it did not
  std::string name;
};

// Half a character at the end of a piece of text: its other half comes with a later event.
struct OpenHalf {
  StreamEvent::Kind kind = StreamEvent::Kind::text;
  int64_t choice = 0;
  int64_t tool_index = 0;
  HalfJoiner joiner;
};

// How an event's bytes may go on to a client that speaks the provider's format: what such a client is promised (usage
// once, last and only if asked; tool calls with index, id and arguments as a string …) holds for them too.
struct Forwarding {
  enum class Way : uint8_t {
    as_it_came,
    rewritten,    // `text` is the event's data: everything it had, with what was wrong put right
    from_events,  // its data cannot be used: the client's EventWriter writes it anew
  };
  bool wanted = false;       // by the relay: the bytes are to go on
  bool usage_asked = false;  // by the relay: the client wants the usage
  std::string id;            // by the relay: the answer's id and time where the provider gives none
  int64_t created = 0;
  Way way = Way::as_it_came;
  std::string text;   // without usage, and without its finish where it carries content beside it
  std::string usage;  // the usage as an event of its own, for the end of the stream; "" when it had none
};

// What is known of one upstream stream while it is read, and what its reader remembers between its events.
struct StreamState {
  std::string id;
  std::string model;
  int64_t created = 0;
  int64_t next_tool_index = 0;
  Usage usage;  // the latest the provider said, also in the middle of the stream
  bool usage_seen = false;
  ServiceTier tier = ServiceTier::standard;  // that the provider said it served the stream with
  FinishReason finish = FinishReason::none;
  bool passed_on = false;  // as in Response
  std::vector<OpenToolCall> tools;
  std::vector<OpenHalf> halves;
  Forwarding forwarding;
};

}  // namespace weir
