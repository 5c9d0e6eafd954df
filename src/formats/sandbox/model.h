// The model side of the sandbox, as a pure function: request in, a script of bytes and delays out. A server that plays
// the script lives elsewhere. The answers are sentences that say loudly that no model was asked. Safe from any thread.
//
// A request scripts faults through a field of its own, `sandbox`: settings for every sandbox model, or per model name:
//   {"sandbox": {"status": 503, "retry_after": 1}}
//   {"sandbox": {"sandbox-local": {"cut_after": 3}}}
// | setting                                        | effect                                                     |
// |------------------------------------------------|------------------------------------------------------------|
// | `status`, `retry_after` (s), `html`            | an error answer with that status; as an HTML page          |
// | `head_ms`, `first_token_ms`, `token_ms`        | delays instead of the persona's                            |
// | `cut_after`: k, `stall_after`: k               | after k events the connection closes, or nothing more comes |
// | `malformed_at`: k, `error_at`: k               | event k (from 1) is broken JSON, or an error object        |
// | `omit_done`                                    | no `[DONE]`                                                |
// | `say`, `finish`                                | the text of the answer; its finish_reason                  |
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"

namespace weir {

struct SandboxPersona {
  std::string_view model;      // its name: `sandbox-local`
  std::string_view place;      // in its answers: `local`, `cloud`
  int64_t head_ms = 0;         // from the request to the head
  int64_t first_token_ms = 0;  // from the head to the first token
  int64_t token_ms = 0;        // between two tokens
  bool thorough = false;       // answers at length
};

// The local stand-in (slower, terse) and the cloud one, in this order.
[[nodiscard]] std::span<const SandboxPersona> sandbox_personas();

struct SandboxStep {
  int64_t delay_ms = 0;  // before the bytes
  std::string bytes;     // a piece of the body
};

struct SandboxReply {
  enum class End : uint8_t {
    complete,  // the body ends as HTTP says
    cut,       // the connection closes in the middle
    stall,     // nothing more comes until the other side leaves
  };
  int status = 200;
  Headers headers;
  int64_t head_delay_ms = 0;
  std::vector<SandboxStep> steps;
  End end = End::complete;
};

// `request`: POST …/chat/completions, …/completions, …/embeddings or GET …/models, as a client of an OpenAI server
// sends it.
[[nodiscard]] SandboxReply sandbox_reply(const HttpRequest& request, const SandboxPersona& persona);

}  // namespace weir
