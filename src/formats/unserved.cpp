#include "formats/unserved.h"

#include <array>

#include <fmt/format.h>

#include "formats/format.h"
#include "formats/openai/client_face.h"

namespace weir {
namespace {

using enum ErrorShape;

constexpr std::string_view chat = "POST /v1/chat/completions";
constexpr std::string_view responses = "POST /v1/responses, with previous_response_id,";
constexpr std::string_view completions = "POST /v1/completions";
constexpr std::string_view embeddings = "POST /v1/embeddings";
constexpr std::string_view nothing;

// The first line that fits counts: what is special stands before what is general.
constexpr std::array table = {
    UnservedPath{"", "/v1/messages/*", anthropic, "Anthropic's message batches", nothing},
    UnservedPath{"POST", "/v1/complete", anthropic, "Anthropic's text completions", chat},
    UnservedPath{"", "/anthropic/*", anthropic, "this part of Anthropic's API", nothing},

    UnservedPath{"POST", "/v1/responses/compact", openai, "OpenAI's compaction of conversations", nothing},
    UnservedPath{"", "/v1/conversations", openai, "OpenAI's conversations, for it keeps none", responses},
    UnservedPath{"", "/v1/conversations/*", openai, "OpenAI's conversations, for it keeps none", responses},
    UnservedPath{"", "/v1/videos", openai, "OpenAI's videos", nothing},
    UnservedPath{"", "/v1/videos/*", openai, "OpenAI's videos", nothing},
    UnservedPath{"", "/v1/realtime", openai, "OpenAI's realtime sessions", chat},
    UnservedPath{"", "/v1/realtime/*", openai, "OpenAI's realtime sessions", chat},
    UnservedPath{"", "/v1/uploads", openai, "OpenAI's uploads", nothing},
    UnservedPath{"", "/v1/uploads/*", openai, "OpenAI's uploads", nothing},
    UnservedPath{"", "/v1/fine_tuning/*", openai, "OpenAI's fine-tuning", nothing},
    UnservedPath{"", "/v1/vector_stores", openai, "OpenAI's vector stores", nothing},
    UnservedPath{"", "/v1/vector_stores/*", openai, "OpenAI's vector stores", nothing},
    UnservedPath{"", "/v1/assistants", openai, "OpenAI's assistants", chat},
    UnservedPath{"", "/v1/assistants/*", openai, "OpenAI's assistants", chat},
    UnservedPath{"", "/v1/threads", openai, "OpenAI's threads", chat},
    UnservedPath{"", "/v1/threads/*", openai, "OpenAI's threads", chat},
    UnservedPath{"POST", "/v1/fim/completions", openai, "Mistral's fill-in-the-middle", completions},

    UnservedPath{"", "/v1beta/*", gemini, "this part of Gemini's API", nothing},
    UnservedPath{"", "/v1beta1/*", gemini, "this part of Vertex AI's API", nothing},
    UnservedPath{"", "/v1/projects/*", gemini, "this part of Vertex AI's API", nothing},
    UnservedPath{"", "/v1/publishers/*", gemini, "this part of Vertex AI's API", nothing},

    UnservedPath{"", "/api/v0/*", ollama, "LM Studio's own format", chat},
    UnservedPath{"", "/api/v1/*", ollama, "LM Studio's own format", chat},
    UnservedPath{"", "/api/*", ollama, "this part of Ollama's API", nothing},
    UnservedPath{"POST", "/generate", ollama, "TGI's own format", chat},
    UnservedPath{"POST", "/generate_stream", ollama, "TGI's own format", chat},

    UnservedPath{"", "/v2/*", cohere, "this part of Cohere's API", nothing},
    UnservedPath{"POST", "/v1/chat", cohere, "Cohere's chat", chat},
    UnservedPath{"POST", "/v1/generate", cohere, "Cohere's generate", chat},
    UnservedPath{"POST", "/v1/embed", cohere, "Cohere's embed", embeddings},
    UnservedPath{"POST", "/v1/classify", cohere, "Cohere's classify", nothing},
    UnservedPath{"POST", "/v1/tokenize", cohere, "Cohere's tokenize", nothing},

    UnservedPath{"POST", "/model/*/converse", bedrock, "Bedrock's Converse", chat},
    UnservedPath{"POST", "/model/*/converse-stream", bedrock, "Bedrock's ConverseStream", chat},
    UnservedPath{"POST", "/model/*/invoke", bedrock, "Bedrock's InvokeModel", chat},
    UnservedPath{"POST", "/model/*/invoke-with-response-stream", bedrock, "Bedrock's InvokeModel", chat},
};

}  // namespace

const UnservedPath* find_unserved(std::string_view method, std::string_view path) {
  const UnservedPath* other = nullptr;
  for (const auto& line : table) {
    if (!match_pattern(line.path, path)) continue;
    if (line.method.empty() || line.method == method) return &line;
    if (other == nullptr) other = &line;
  }
  return other;
}

Error unserved_error(const UnservedPath& unserved) {
  auto message = fmt::format("Weir does not serve {} ({}{}{}). ", unserved.what, unserved.method,
                             unserved.method.empty() ? "" : " ", unserved.path);
  if (unserved.instead.empty()) {
    message += "GET /v1/models says what each model here serves, in OpenAI's format.";
  } else {
    message += fmt::format("Use {} with a client of OpenAI's format; its base URL ends in /v1.", unserved.instead);
  }
  return {.code = ErrorCode::not_found, .message = std::move(message)};
}

std::string write_unserved_error(const UnservedPath& unserved, const Error& error) {
  return unserved.shape == ErrorShape::openai ? openai_dialect::write_error(error)
                                              : write_error_as(unserved.shape, error);
}

}  // namespace weir
