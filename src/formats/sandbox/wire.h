// What the sandbox decided to answer, and how it is put into bytes: between sandbox_model.cpp and sandbox_reply.cpp
// only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/response.h"
#include "formats/sandbox/model.h"

namespace weir {

// The request's `sandbox` field.
struct SandboxScript {
  std::optional<int64_t> status, retry_after, head_ms, first_token_ms, token_ms;
  std::optional<int64_t> cut_after, stall_after, malformed_at, error_at;
  bool html = false;
  bool omit_done = false;
  std::string say;
  std::string finish;
};

struct SandboxAnswer {
  bool chat = true;
  bool stream = false;
  bool include_usage = false;
  bool logprobs = false;
  int64_t choices = 1;
  std::string id;
  std::string model;
  std::vector<std::string> tokens;    // the text, cut as it is streamed
  std::vector<AnswerToolCall> calls;  // instead of text
  std::string finish = "stop";
  Usage usage;
};

[[nodiscard]] SandboxReply render_answer(const SandboxAnswer& answer, const SandboxScript& script,
                                         const SandboxPersona& persona);
[[nodiscard]] SandboxReply render_embeddings(const std::vector<std::string_view>& inputs, int64_t dimensions,
                                             bool packed, const SandboxScript& script, const SandboxPersona& persona);
[[nodiscard]] SandboxReply render_models(const SandboxPersona& persona);
[[nodiscard]] SandboxReply render_error(int status, std::string_view message, const SandboxScript& script,
                                        const SandboxPersona& persona);

// About four bytes a token, as for English.
[[nodiscard]] int64_t sandbox_tokens(std::size_t bytes);

}  // namespace weir
