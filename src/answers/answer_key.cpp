#include "answers/answer_key.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

namespace weir {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Each thing with its length before it, so that no two sequences run into the same bytes.
class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("OpenSSL has no SHA-256");
  }
  Hash& text(std::string_view text) {
    number(static_cast<int64_t>(text.size()));
    add(text.data(), text.size());
    return *this;
  }
  Hash& number(int64_t number) {
    add(&number, sizeof number);
    return *this;
  }
  Hash& number(double number) {
    if (number == 0) number = 0;  // no negative zero
    add(&number, sizeof number);
    return *this;
  }
  Hash& truth(bool truth) { return number(int64_t{truth ? 1 : 0}); }
  template <typename T>
  Hash& maybe(const std::optional<T>& value) {
    truth(value.has_value());
    if constexpr (std::is_same_v<T, bool>) {
      if (value) truth(*value);
    } else {
      if (value) number(*value);
    }
    return *this;
  }
  [[nodiscard]] AnswerKey take() {
    AnswerKey key{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(context_.get(), key.data(), &size) != 1) key = {};
    return key;
  }

 private:
  void add(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Fields at the top of a body that change nothing of an answer's content.
constexpr std::array<std::string_view, 10> labels = {"stream",
                                                     "stream_options",
                                                     "user",
                                                     "metadata",
                                                     "store",
                                                     "service_tier",
                                                     "keep_alive",
                                                     "safety_identifier",
                                                     "prompt_cache_key",
                                                     "prompt_cache_retention"};

// Names that the readers of all formats take into the canonical form, wherever they stand. One that is missing here
// only makes keys differ that need not.
constexpr std::array<std::string_view, 77> canonical = {"model",
                                                        "messages",
                                                        "system",
                                                        "prompt",
                                                        "suffix",
                                                        "input",
                                                        "instructions",
                                                        "contents",
                                                        "parts",
                                                        "role",
                                                        "content",
                                                        "type",
                                                        "text",
                                                        "name",
                                                        "id",
                                                        "call_id",
                                                        "tool_calls",
                                                        "tool_call_id",
                                                        "tool_use_id",
                                                        "function",
                                                        "arguments",
                                                        "tools",
                                                        "functions",
                                                        "description",
                                                        "parameters",
                                                        "strict",
                                                        "input_schema",
                                                        "functionDeclarations",
                                                        "tool_choice",
                                                        "parallel_tool_calls",
                                                        "temperature",
                                                        "top_p",
                                                        "presence_penalty",
                                                        "frequency_penalty",
                                                        "max_tokens",
                                                        "max_completion_tokens",
                                                        "max_output_tokens",
                                                        "maxOutputTokens",
                                                        "num_predict",
                                                        "seed",
                                                        "logprobs",
                                                        "top_logprobs",
                                                        "stop",
                                                        "stop_sequences",
                                                        "stopSequences",
                                                        "n",
                                                        "best_of",
                                                        "dimensions",
                                                        "encoding_format",
                                                        "generationConfig",
                                                        "options",
                                                        "systemInstruction",
                                                        "topP",
                                                        "image_url",
                                                        "url",
                                                        "detail",
                                                        "source",
                                                        "media_type",
                                                        "data",
                                                        "inlineData",
                                                        "mimeType",
                                                        "functionCall",
                                                        "functionResponse",
                                                        "args",
                                                        "response",
                                                        "is_error",
                                                        "cache_control",
                                                        "signature",
                                                        "reasoning_effort",
                                                        "refusal",
                                                        "query",
                                                        "documents",
                                                        "top_n",
                                                        "return_documents",
                                                        "presencePenalty",
                                                        "frequencyPenalty",
                                                        "tool_name"};

// Fields whose value the canonical form holds whole, whatever is in it.
constexpr std::array<std::string_view, 6> held_whole = {"parameters", "input_schema", "arguments",
                                                        "args",       "response",     "cache_control"};

// Something in it is not in the canonical form. `depth` 0: the value of a field at the top.
bool has_more(const json::Element& value, int depth) {
  if (json::Array list; value.get(list) == simdjson::SUCCESS) {
    return std::any_of(list.begin(), list.end(), [&](const json::Element& one) { return has_more(one, depth + 1); });
  }
  json::Object object;
  if (value.get(object) != simdjson::SUCCESS) return false;
  return std::any_of(object.begin(), object.end(), [&](const auto& member) {
    if (!contains(canonical, member.key)) return true;
    // The input of a tool is one of the arguments; that of a conversation stands at the top.
    if (contains(held_whole, member.key) || member.key == "input") return false;
    return has_more(member.value, depth + 1);
  });
}

void add_written(Hash& hash, const Request& request) {
  const auto text = std::string_view(request.document->text());
  const bool all = !request.foreign.empty() || request.inputs_are_tokens || request.document->left_out() > 0 ||
                   request.response_format == ResponseFormat::json_schema;
  std::size_t at = 0;
  json::Object root;
  if (request.document->root().get(root) != simdjson::SUCCESS) return;
  bool said_format = false;
  for (const auto member : root) {
    const auto& range = request.fields()[at++];
    if (contains(labels, member.key) || (member.key == "model" && member.value.is_string())) continue;
    if (!all && contains(canonical, member.key) && !has_more(member.value, 0)) continue;
    if (!std::exchange(said_format, true)) hash.text(request.format).text(request.endpoint);
    hash.text(member.key).text(text.substr(range.value_begin, range.value_end - range.value_begin));
  }
  hash.truth(said_format);
}

class CallNumbers {
 public:
  int64_t operator()(std::string_view id) {
    if (id.empty()) return -1;
    const auto known = std::find(ids_.begin(), ids_.end(), id);
    if (known != ids_.end()) return known - ids_.begin();
    ids_.push_back(id);
    return static_cast<int64_t>(ids_.size()) - 1;
  }

 private:
  std::vector<std::string_view> ids_;
};

void add_media(Hash& hash, const Media& media) {
  hash.number(static_cast<int64_t>(media.kind)).text(media.mime).text(media.data).text(media.url);
  hash.text(media.file).text(media.name).text(media.detail);
}

void add_messages(Hash& hash, const Request& request) {
  CallNumbers calls;
  hash.number(static_cast<int64_t>(request.messages.size()));
  for (const auto& message : request.messages) {
    hash.number(static_cast<int64_t>(message.role)).text(message.name).number(calls(message.tool_call_id));
    hash.truth(message.is_error).number(static_cast<int64_t>(message.parts.size()));
    for (const auto& part : message.parts) {
      hash.number(static_cast<int64_t>(part.kind)).text(part.text).number(calls(part.id)).text(part.name);
      hash.text(part.signature);
      if (part.kind == Part::Kind::media) add_media(hash, part.media);
    }
  }
}

void add_texts(Hash& hash, const std::vector<std::string_view>& texts) {
  hash.number(static_cast<int64_t>(texts.size()));
  for (const auto text : texts) hash.text(text);
}

void add_value(Hash& hash, const std::optional<json::Value>& value) {
  hash.truth(value.has_value());
  if (value) hash.text(value->to_string());
}

void add_tools(Hash& hash, const Request& request) {
  hash.number(static_cast<int64_t>(request.tools.size()));
  for (const auto& tool : request.tools) {
    hash.text(tool.name).text(tool.description).maybe(tool.strict);
    add_value(hash, tool.parameters);
  }
  hash.number(static_cast<int64_t>(request.tool_choice.mode)).text(request.tool_choice.name);
  hash.maybe(request.parallel_tool_calls);
}

void add_settings(Hash& hash, const Request& request) {
  hash.number(static_cast<int64_t>(request.response_format)).text(request.json_schema_name);
  hash.maybe(request.json_schema_strict);
  add_value(hash, request.json_schema);
  hash.maybe(request.temperature).maybe(request.top_p).maybe(request.top_k);
  hash.maybe(request.presence_penalty).maybe(request.frequency_penalty).maybe(request.max_tokens);
  hash.maybe(request.seed).maybe(request.top_logprobs).maybe(request.dimensions);
  hash.text(request.reasoning_effort).maybe(request.thinking_tokens).maybe(request.show_thinking);
  add_texts(hash, request.stop);
  hash.truth(request.logprobs).number(request.n).number(request.best_of).number(request.prompts);
  hash.text(request.suffix).text(request.task);
}

}  // namespace

std::optional<AnswerKey> answer_key(const Request& request, const AskedBy& by) {
  const bool of_words = request.operation == Operation::chat || request.operation == Operation::completion ||
                        request.operation == Operation::embedding || request.operation == Operation::rerank;
  if (!of_words || !request.form.empty() || !request.document) return std::nullopt;
  Hash hash;
  hash.text("weir answer 1").text(by.key_id).text(by.route).text(by.classes);
  hash.number(static_cast<int64_t>(request.operation)).truth(request.inputs_are_tokens);
  for (const auto& [name, value] : request.carried) {
    if (name != "anthropic-version") hash.text(name).text(value);  // says how an answer is written, not what is in it
  }
  add_messages(hash, request);
  add_texts(hash, request.inputs);
  hash.text(request.rerank.query).maybe(request.rerank.top_n).truth(request.rerank.return_documents);
  add_texts(hash, request.rerank.documents);
  add_tools(hash, request);
  add_settings(hash, request);
  add_written(hash, request);
  return hash.take();
}

bool is_sampled(const Request& request) {
  if (request.operation != Operation::chat && request.operation != Operation::completion) return false;
  return !request.seed && request.temperature.value_or(1) > 0;
}

}  // namespace weir
