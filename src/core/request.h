// ChatRequest: what a client asks, in one canonical form that every dialect decodes into and every provider encodes
// from. Also carries completions and embeddings (`operation`). The caller's body stays beside it, so that a provider of
// the same wire format gets the very bytes, with only the named fields spliced.
//
// All string_views point into `document`; a ChatRequest is moved, never copied, and is used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace weir {

enum class Operation : uint8_t { chat, completion, embedding };
[[nodiscard]] std::string_view to_string(Operation operation);
// What a model serves that takes it: `chat`, `completions`, `embeddings`.
[[nodiscard]] std::string_view service_name(Operation operation);

enum class Role : uint8_t { system, developer, user, assistant, tool };

struct ContentPart {
  enum class Kind : uint8_t { text, image_url, refusal, other };
  Kind kind = Kind::text;
  std::string_view text;  // text and refusal: the text; image_url: an http(s) or `data:` URL
  json::Element raw;      // the whole part, as the client sent it; only set for `other`
};

struct ToolCall {
  std::string_view id;
  std::string_view name;
  std::string_view arguments;  // JSON in a string, as OpenAI sends it; may be no valid JSON
};

struct Message {
  Role role = Role::user;
  std::vector<ContentPart> parts;  // empty: content was null or absent
  std::string_view name;
  std::string_view reasoning;     // assistant turns that carry `reasoning_content` / `reasoning`
  std::string_view tool_call_id;  // role tool
  std::vector<ToolCall> tool_calls;
};

struct Tool {
  std::string_view name;
  std::string_view description;
  std::optional<json::Element> parameters;  // a JSON Schema
};

enum class ResponseFormat : uint8_t { text, json_object, json_schema };

struct ChatRequest {
  Operation operation = Operation::chat;
  std::string_view dialect;  // static name of the dialect that decoded it
  json::DocumentPool::Handle document;

  std::string_view model;
  bool stream = false;
  bool include_usage = false;  // the caller wants the usage event

  std::vector<Message> messages;         // chat
  std::vector<std::string_view> inputs;  // embedding: texts; completion: prompts
  bool inputs_are_tokens = false;        // embedding / completion given as token ids: `inputs` is empty
  std::vector<Tool> tools;
  bool has_other_tools = false;  // of kinds beside functions: only the same wire format can carry them
  std::string_view tool_choice;  // raw JSON; "" when absent
  std::optional<bool> parallel_tool_calls;
  ResponseFormat response_format = ResponseFormat::text;
  std::optional<json::Element> json_schema;  // the schema itself
  std::string_view json_schema_name;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> presence_penalty;
  std::optional<double> frequency_penalty;
  std::optional<int64_t> max_tokens;  // max_completion_tokens wins over max_tokens
  std::optional<int64_t> seed;
  std::optional<int64_t> top_logprobs;
  std::optional<int64_t> dimensions;  // embedding
  std::string_view reasoning_effort;  // "" when absent
  std::vector<std::string_view> stop;
  bool logprobs = false;
  int64_t n = 1;
  int64_t best_of = 1;        // completion: so many are generated (and paid), `n` of them given
  int64_t prompts = 1;        // completion, embedding: how many, in whatever form
  std::string_view suffix;    // completion: what comes behind the gap to fill
  bool wants_base64 = false;  // embedding: encoding_format base64

  bool has_images = false;
  std::size_t text_bytes = 0;  // of all texts that count as prompt

  // Top-level fields of document->text().
  [[nodiscard]] const std::vector<json::Field>& fields() const { return document->fields(); }
  // Every string and number the body carries, keys included, in document order. This is what guards read: nothing that
  // is sent can be missing here.
  [[nodiscard]] const std::vector<std::string_view>& texts() const { return document->texts(); }
  // Memory for a body that is made of this one: as DocumentPool::spare_text().
  [[nodiscard]] std::string spare_text() const;

  // An upper-half estimate of the prompt's tokens where no tokenizer is at hand: bytes / 3.6, + 4 per message, + what
  // images, files and sounds take (core/media_tokens.h). Meant for routing and reservations, never for billing a
  // provider's real count.
  [[nodiscard]] int64_t estimated_input_tokens() const;
  // Of these: files and sounds. Rougher than the rest.
  [[nodiscard]] int64_t estimated_media_tokens() const;
};

}  // namespace weir
