#include "formats/unserved.h"

#include <array>

#include <fmt/format.h>

#include "core/json.h"
#include "formats/openai/client_face.h"

namespace weir {
namespace {

using enum ErrorShape;

constexpr std::string_view chat = "POST /v1/chat/completions";
constexpr std::string_view completions = "POST /v1/completions";
constexpr std::string_view embeddings = "POST /v1/embeddings";
constexpr std::string_view models = "GET /v1/models";
constexpr std::string_view nothing;

// The first line that fits counts: what is special stands before what is general.
constexpr std::array table = {
    UnservedPath{"POST", "/v1/messages", anthropic, "Anthropic's Messages", chat},
    UnservedPath{"POST", "/v1/messages/count_tokens", anthropic, "Anthropic's token counting", nothing},
    UnservedPath{"", "/v1/messages/*", anthropic, "Anthropic's message batches", nothing},
    UnservedPath{"POST", "/v1/complete", anthropic, "Anthropic's text completions", chat},
    UnservedPath{"", "/anthropic/*", anthropic, "Anthropic's format", chat},

    UnservedPath{"POST", "/v1/responses", openai, "OpenAI's Responses", chat},
    UnservedPath{"", "/v1/responses/*", openai, "OpenAI's Responses", chat},
    UnservedPath{"", "/v1/conversations", openai, "OpenAI's conversations", chat},
    UnservedPath{"", "/v1/conversations/*", openai, "OpenAI's conversations", chat},
    UnservedPath{"POST", "/v1/images/*", openai, "OpenAI's images", nothing},
    UnservedPath{"POST", "/v1/audio/*", openai, "OpenAI's audio", nothing},
    UnservedPath{"", "/v1/videos", openai, "OpenAI's videos", nothing},
    UnservedPath{"", "/v1/videos/*", openai, "OpenAI's videos", nothing},
    UnservedPath{"", "/v1/realtime", openai, "OpenAI's realtime sessions", chat},
    UnservedPath{"", "/v1/realtime/*", openai, "OpenAI's realtime sessions", chat},
    UnservedPath{"POST", "/v1/moderations", openai, "OpenAI's moderations", nothing},
    UnservedPath{"", "/v1/files", openai, "OpenAI's files", nothing},
    UnservedPath{"", "/v1/files/*", openai, "OpenAI's files", nothing},
    UnservedPath{"", "/v1/uploads", openai, "OpenAI's uploads", nothing},
    UnservedPath{"", "/v1/uploads/*", openai, "OpenAI's uploads", nothing},
    UnservedPath{"", "/v1/batches", openai, "OpenAI's batches", nothing},
    UnservedPath{"", "/v1/batches/*", openai, "OpenAI's batches", nothing},
    UnservedPath{"", "/v1/fine_tuning/*", openai, "OpenAI's fine-tuning", nothing},
    UnservedPath{"", "/v1/vector_stores", openai, "OpenAI's vector stores", nothing},
    UnservedPath{"", "/v1/vector_stores/*", openai, "OpenAI's vector stores", nothing},
    UnservedPath{"", "/v1/assistants", openai, "OpenAI's assistants", chat},
    UnservedPath{"", "/v1/assistants/*", openai, "OpenAI's assistants", chat},
    UnservedPath{"", "/v1/threads", openai, "OpenAI's threads", chat},
    UnservedPath{"", "/v1/threads/*", openai, "OpenAI's threads", chat},
    UnservedPath{"POST", "/v1/fim/completions", openai, "Mistral's fill-in-the-middle", completions},

    UnservedPath{"POST", "/v1beta/models/*:generateContent", gemini, "Gemini's generateContent", chat},
    UnservedPath{"POST", "/v1beta/models/*:streamGenerateContent", gemini, "Gemini's streamGenerateContent", chat},
    UnservedPath{"POST", "/v1beta/models/*:countTokens", gemini, "Gemini's token counting", nothing},
    UnservedPath{"POST", "/v1beta/models/*:embedContent", gemini, "Gemini's embedContent", embeddings},
    UnservedPath{"POST", "/v1beta/models/*:batchEmbedContents", gemini, "Gemini's batchEmbedContents", embeddings},
    UnservedPath{"GET", "/v1beta/models", gemini, "Gemini's list of models", models},
    UnservedPath{"GET", "/v1beta/models/*", gemini, "Gemini's models", models},
    UnservedPath{"", "/v1beta/*", gemini, "Gemini's format", chat},
    UnservedPath{"POST", "/v1/models/*:generateContent", gemini, "Gemini's generateContent", chat},
    UnservedPath{"POST", "/v1/models/*:streamGenerateContent", gemini, "Gemini's streamGenerateContent", chat},
    UnservedPath{"POST", "/v1/models/*:countTokens", gemini, "Gemini's token counting", nothing},
    UnservedPath{"POST", "/v1/models/*:embedContent", gemini, "Gemini's embedContent", embeddings},
    UnservedPath{"POST", "/v1/models/*:batchEmbedContents", gemini, "Gemini's batchEmbedContents", embeddings},
    UnservedPath{"", "/v1beta1/*", gemini, "Vertex AI's format", chat},
    UnservedPath{"", "/v1/projects/*", gemini, "Vertex AI's format", chat},
    UnservedPath{"", "/v1/publishers/*", gemini, "Vertex AI's format", chat},

    UnservedPath{"POST", "/api/chat", ollama, "Ollama's chat", chat},
    UnservedPath{"POST", "/api/generate", ollama, "Ollama's generate", completions},
    UnservedPath{"POST", "/api/embed", ollama, "Ollama's embed", embeddings},
    UnservedPath{"POST", "/api/embeddings", ollama, "Ollama's embeddings", embeddings},
    UnservedPath{"GET", "/api/tags", ollama, "Ollama's list of models", models},
    UnservedPath{"POST", "/api/show", ollama, "Ollama's model details", "GET /v1/models/ID"},
    UnservedPath{"GET", "/api/ps", ollama, "Ollama's list of running models", models},
    UnservedPath{"GET", "/api/version", ollama, "Ollama's version", nothing},
    UnservedPath{"", "/api/v0/*", ollama, "LM Studio's own format", chat},
    UnservedPath{"", "/api/v1/*", ollama, "LM Studio's own format", chat},
    UnservedPath{"", "/api/*", ollama, "Ollama's format", chat},
    UnservedPath{"POST", "/generate", ollama, "TGI's own format", chat},
    UnservedPath{"POST", "/generate_stream", ollama, "TGI's own format", chat},

    UnservedPath{"POST", "/v2/chat", cohere, "Cohere's chat", chat},
    UnservedPath{"POST", "/v2/embed", cohere, "Cohere's embed", embeddings},
    UnservedPath{"POST", "/v2/rerank", cohere, "reranking", nothing},
    UnservedPath{"", "/v2/*", cohere, "Cohere's format", chat},
    UnservedPath{"POST", "/v1/chat", cohere, "Cohere's chat", chat},
    UnservedPath{"POST", "/v1/generate", cohere, "Cohere's generate", chat},
    UnservedPath{"POST", "/v1/embed", cohere, "Cohere's embed", embeddings},
    UnservedPath{"POST", "/v1/rerank", cohere, "reranking", nothing},
    UnservedPath{"POST", "/rerank", cohere, "reranking", nothing},
    UnservedPath{"POST", "/v1/classify", cohere, "Cohere's classify", nothing},
    UnservedPath{"POST", "/v1/tokenize", cohere, "Cohere's tokenize", nothing},

    UnservedPath{"POST", "/model/*/converse", bedrock, "Bedrock's Converse", chat},
    UnservedPath{"POST", "/model/*/converse-stream", bedrock, "Bedrock's ConverseStream", chat},
    UnservedPath{"POST", "/model/*/invoke", bedrock, "Bedrock's InvokeModel", chat},
    UnservedPath{"POST", "/model/*/invoke-with-response-stream", bedrock, "Bedrock's InvokeModel", chat},
};

bool fits(std::string_view pattern, std::string_view path) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path;
  if (!path.starts_with(pattern.substr(0, star))) return false;
  const auto rest = pattern.substr(star + 1);
  path.remove_prefix(star);
  return path.size() > rest.size() && path.ends_with(rest);
}

// What a status is called, in the words of each format.
struct StatusName {
  int status;
  std::string_view anthropic;
  std::string_view gemini;
  std::string_view bedrock;
};
constexpr std::array status_names = {
    StatusName{400, "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"},
    StatusName{401, "authentication_error", "UNAUTHENTICATED", "UnrecognizedClientException"},
    StatusName{403, "permission_error", "PERMISSION_DENIED", "AccessDeniedException"},
    StatusName{404, "not_found_error", "NOT_FOUND", "ResourceNotFoundException"},
    StatusName{405, "invalid_request_error", "UNIMPLEMENTED", "ValidationException"},
    StatusName{413, "request_too_large", "INVALID_ARGUMENT", "ValidationException"},
    StatusName{429, "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"},
    StatusName{500, "api_error", "INTERNAL", "InternalServerException"},
    StatusName{503, "overloaded_error", "UNAVAILABLE", "ServiceUnavailableException"},
    StatusName{504, "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"},
};

const StatusName& name_of(int status) {
  const StatusName* general = &status_names.front();
  for (const auto& one : status_names) {
    if (one.status == status) return one;
    if (one.status == 500 && status > 500) general = &one;
  }
  return *general;
}

}  // namespace

const UnservedPath* find_unserved(std::string_view method, std::string_view path) {
  const UnservedPath* other = nullptr;
  for (const auto& line : table) {
    if (!fits(line.path, path)) continue;
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

std::string encode_error_as(ErrorShape shape, const Error& error) {
  if (shape == ErrorShape::openai) return openai_dialect::encode_error(error);
  const auto& name = name_of(error.status());
  std::string body;
  json::Writer out(body);
  out.begin_object();
  switch (shape) {
    case ErrorShape::anthropic:
      out.key("type").value("error").key("error").begin_object();
      out.key("type").value(name.anthropic).key("message").value(error.message).end_object();
      break;
    case ErrorShape::gemini:
      out.key("error").begin_object().key("code").value(error.status());
      out.key("message").value(error.message).key("status").value(name.gemini).end_object();
      break;
    case ErrorShape::ollama:
      out.key("error").value(error.message);
      break;
    case ErrorShape::bedrock:
      out.key("__type").value(name.bedrock).key("message").value(error.message);
      break;
    case ErrorShape::openai:
    case ErrorShape::cohere:
      out.key("message").value(error.message);
      break;
  }
  out.end_object();
  return body;
}

}  // namespace weir
