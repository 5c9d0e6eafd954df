// Request: what a client asks, in one canonical form that every client face reads into and every model face writes
// from. It belongs to no wire format: parts stand in the order in which they were said, and what only one format can
// carry is named in `foreign`, so that it is refused elsewhere and never lost. The caller's body stays beside it, so
// that a provider of the same wire format gets the very bytes, with only the named fields spliced.
//
// All string_views point into `document` or into what keep() holds; a Request is moved, never copied, and is used by
// one thread at a time.
#pragma once

#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/media.h"
#include "core/operation.h"

namespace weir {

enum class Role : uint8_t { system, developer, user, assistant, tool };

struct Part {
  enum class Kind : uint8_t {
    text,
    refusal,
    thinking,  // what a model thought before it spoke; without text and with a signature: sealed by its provider
    media,
    tool_call,  // of an assistant
    foreign,    // what only the format it came in can carry: also named in Request::foreign
  };
  Kind kind = Kind::text;
  std::string_view text;       // text, refusal, thinking: the text; tool_call: its arguments as JSON, maybe broken
  std::string_view id;         // tool_call; "" where the format gives none
  std::string_view name;       // tool_call
  std::string_view signature;  // thinking, tool_call: the provider's seal, to be sent back as it came. Read it with
                               // signature_for() (formats/shared/signature.h): it means nothing to another provider.
  Media media;
  json::Element raw;   // foreign: the whole part, as the client sent it
  bool cache = false;  // the prompt up to and with this part is worth keeping in a cache
};

// A result of a tool is a message of its own, of role `tool`, whose parts are what the tool said. A format that puts
// several into one turn joins them again when it writes.
struct Message {
  Role role = Role::user;
  std::vector<Part> parts;        // empty: content was null or absent
  std::string_view name;          // of the speaker; role tool: of the tool, where it is said
  std::string_view tool_call_id;  // role tool
  bool is_error = false;          // role tool: the tool failed

  [[nodiscard]] bool has_calls() const;
  // All texts one behind the other. Memory of `buffer` only where there is more than one.
  [[nodiscard]] std::string_view plain_text(std::string& buffer) const;
};

struct Tool {
  std::string_view name;
  std::string_view description;
  std::optional<json::Value> parameters;  // a JSON Schema
  std::optional<bool> strict;
  bool cache = false;  // as Part::cache
};

struct ToolChoice {
  enum class Mode : uint8_t {
    unset,
    automatic,
    any,  // some tool must be called
    none,
    named,    // the tool `name` must be called
    foreign,  // said in a way that only its own format has: also in Request::foreign
  };
  Mode mode = Mode::unset;
  std::string_view name;
};

enum class ResponseFormat : uint8_t { text, json_object, json_schema };

// Something that only the caller's own format can carry. Candidates of other formats are refused with it (unsupported).
struct Foreign {
  std::string place;  // `messages[2].content[0]`, `tools[1]`
  std::string what;   // `a tool of type 'web_search'`
};

// What a rerank asks.
struct Rerank {
  std::string_view query;
  std::vector<std::string_view> documents;
  std::optional<int64_t> top_n;
  bool return_documents = false;
};

struct Request {
  Operation operation = Operation::chat;
  std::string_view format;  // static name of the wire format that it came in
  json::DocumentPool::Handle document;
  std::vector<std::pair<std::string, std::string>> carried;  // header lines that the same format is sent too

  std::string_view model;
  // Which of its format's several ways to ask for this it came by, where that shapes the answer: Ollama's `generate`;
  // "" = the usual one. A static name; only that format's faces read it.
  std::string_view variant;
  bool stream = false;
  bool include_usage = false;  // the caller wants the usage event

  std::string_view method = "POST";  // files and batches: static, as the client said it
  // Pictures, sound, moderation, files: below the API's version, `/images/edits`; with a form in place of JSON, the
  // form, what it is, and where in it the model's name stands. `document` then holds its fields as JSON.
  std::string_view endpoint;
  std::string form;
  std::string form_type;
  std::size_t form_model_begin = 0;
  std::size_t form_model_end = 0;

  int64_t sound_ms = 0;  // transcription: how long its sound is; 0 = not known

  std::vector<Message> messages;         // chat
  std::vector<std::string_view> inputs;  // embedding: texts; completion, image: prompts; speech, moderation: texts
  bool inputs_are_tokens = false;        // embedding / completion given as token ids: `inputs` is empty
  Rerank rerank;
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  std::optional<bool> parallel_tool_calls;
  ResponseFormat response_format = ResponseFormat::text;
  std::optional<json::Value> json_schema;  // the schema itself
  std::string_view json_schema_name;
  std::optional<bool> json_schema_strict;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<int64_t> top_k;
  std::optional<double> presence_penalty;
  std::optional<double> frequency_penalty;
  std::optional<int64_t> max_tokens;  // max_completion_tokens wins over max_tokens
  std::optional<int64_t> seed;
  std::optional<int64_t> top_logprobs;
  std::optional<int64_t> dimensions;       // embedding
  std::string_view reasoning_effort;       // none minimal low medium high xhigh max; "" when absent
  std::optional<int64_t> thinking_tokens;  // to think with, at most; 0 = not to think, -1 = as many as it likes
  std::optional<bool> show_thinking;       // thoughts are wanted in the answer
  std::vector<std::string_view> stop;
  bool logprobs = false;
  int64_t n = 1;
  int64_t best_of = 1;            // completion: so many are generated (and paid), `n` of them given
  int64_t prompts = 1;            // completion, embedding: how many, in whatever form
  std::string_view suffix;        // completion: what comes behind the gap to fill
  bool wants_base64 = false;      // embedding: encoding_format base64
  std::string_view task;          // embedding: what for, as Cohere's and Gemini's clients say it: `search_query`
  std::string_view answer_shape;  // where a format has several for one operation: its client face's own word for one

  std::vector<Foreign> foreign;
  // Fields of the caller's that change nothing of the answer and are not sent to another format: named in the answer's
  // x-weir-left-out.
  std::vector<std::string_view> left_out;

  bool has_images = false;
  std::size_t text_bytes = 0;  // of all texts that count as prompt

  // Top-level fields of document->text().
  [[nodiscard]] const std::vector<json::Field>& fields() const { return document->fields(); }
  // Every string and number the body carries, keys included, in document order. This is what guards read: nothing that
  // is sent can be missing here.
  [[nodiscard]] const std::vector<std::string_view>& texts() const { return document->texts(); }
  // Memory for a body that is made of this one: as DocumentPool::spare_text().
  [[nodiscard]] std::string spare_text() const;
  // Holds a text that was made for this request; the view lives as long as it does.
  [[nodiscard]] std::string_view keep(std::string text) { return kept_.emplace_front(std::move(text)); }

  // An upper-half estimate of the prompt's tokens where no tokenizer is at hand: bytes / 3.6, + 4 per message, + what
  // images, files and sounds take (core/media_tokens.h). Meant for routing and reservations, never for billing a
  // provider's real count.
  [[nodiscard]] int64_t estimated_input_tokens() const;
  // Of these: files and sounds. Rougher than the rest.
  [[nodiscard]] int64_t estimated_media_tokens() const;

 private:
  std::forward_list<std::string> kept_;
};

// How a message's parts are spread over a format's fields.
[[nodiscard]] inline bool is_text(const Part& part) {
  return part.kind == Part::Kind::text || part.kind == Part::Kind::refusal;
}

}  // namespace weir
