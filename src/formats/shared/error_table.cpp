#include "formats/shared/error_table.h"

#include <array>
#include <charconv>
#include <span>

namespace weir {
namespace {

// A phrase, and one that must follow it within a sentence's length ("" = none).
struct Sign {
  std::string_view words;
  std::string_view then = {};
};
constexpr std::size_t sentence = 200;

bool found(std::string_view said, const Sign& sign) {
  for (auto at = said.find(sign.words); at != std::string_view::npos; at = said.find(sign.words, at + 1)) {
    if (sign.then.empty()) return true;
    const auto rest = said.substr(at + sign.words.size(), sentence);
    if (rest.find(sign.then) != std::string_view::npos) return true;
  }
  return false;
}

// Which statuses a row is asked for. 0 (no status) belongs to all of them.
enum class Where : uint8_t {
  refused,         // 400, 403, 404, 413, 422: the answers that may speak of the request
  refused_or_500,  // the same, and 500: some servers answer it to whatever they cannot do
  any_4xx,
  any_4xx_or_5xx,
  not_authorized,  // any 4xx but 429
};

bool asks(Where where, int status) {
  const bool client = status >= 400 && status < 500;
  const bool refused = status == 400 || status == 403 || status == 404 || status == 413 || status == 422;
  switch (where) {
    case Where::refused:
      return status == 0 || refused;
    case Where::refused_or_500:
      return status == 0 || refused || status == 500 || status == 501;
    case Where::any_4xx:
      return status == 0 || client;
    case Where::any_4xx_or_5xx:
      return status == 0 || status >= 400;
    case Where::not_authorized:
      return status == 0 || (client && status != 429);
  }
  return false;
}

// More tokens in one request than the account has in a minute: waiting does not help, another provider may.
constexpr Sign too_large_for_tier[] = {
    {"request too large for", "tokens per min"},  // OpenAI 429 `rate_limit_exceeded`, Groq 413 `tokens`
    {"request too large for", "tpm"},
    {"tokens_limit_reached"},                    // GitHub Models 413
    {"request body too large for", "max size"},  // the same, older
    {"request_too_large"},                       // Anthropic 413
    {"payload too large"},
};
// The prompt does not fit; each from the server's source or an answer seen (docs/compatibility.md).
constexpr Sign overflow[] = {
    {"context_length_exceeded"},          // OpenAI, Groq, Together
    {"exceed_context_size"},              // llama-server
    {"maximum context length"},           // OpenAI, vLLM, DeepSeek, OpenRouter
    {"maximum model length"},             // vLLM
    {"max_model_len"},                    // vLLM
    {"context window"},                   // Anthropic, LM Studio
    {"available context size"},           // llama-server
    {"greater than the context length"},  // LM Studio
    {"exceeds the context"},
    {"context the overflows"},  // LM Studio
    {"max context length"},
    {"maximum input length"},                  // SGLang, Fireworks
    {"input length exceeds"},                  // Ollama
    {"longer than the model's context"},       // SGLang
    {"prompt is too long"},                    // Anthropic
    {"prompt too long"},                       // Ollama
    {"prompt contains", "tokens, too large"},  // Mistral: "… and is too large for model with … maximum context length"
    {"too large for model with"},
    {"reduce the length of the messages"},  // Groq
    {"`inputs` must have less than"},       // TGI
    {"`inputs` tokens + `max_new_tokens` must be"},
    {"input token count"},     // Gemini
    {"exceed context limit"},  // Anthropic
    {"context limit"},
    {"input is too long for requested model"},  // Bedrock
    {"too many input tokens"},                  // Bedrock
    {"too many tokens:"},                       // Cohere
    {"range of input length should be"},        // DashScope
    {"prompt length exceeds"},                  // xAI: "maximum prompt length"
    {"maximum prompt length"},
    {"string_above_max_length"},           // OpenAI
    {"model_max_prompt_tokens_exceeded"},  // Copilot
};
constexpr Sign content[] = {
    {"content_filter"},                // OpenAI, Azure
    {"content_policy_violation"},      // OpenAI
    {"responsibleaipolicyviolation"},  // Azure
    {"content management policy"},     // Azure
    {"moderation_blocked"},            // OpenAI
    {"prohibited_content"},            // Gemini
    {"flagged"},                       // OpenRouter, OpenAI
    {"content exists risk"},           // DeepSeek
    {"data_inspection_failed"},        // DashScope
    {"datainspectionfailed"},
    {"usage policy"},  // OpenAI: "violating our usage policy"
    {"usage policies"},
    {"blocked by content"},
    {"guardrail", "interven"},  // Bedrock
    {"safety system"},          // OpenAI
    {"high risk", "rejected"},  // Moonshot: "The request was rejected because it was considered high risk"
    {"rejected", "high risk"},
};
// Our key, or what it may do: nothing that the caller did.
constexpr Sign credential[] = {
    {"incorrect api key"},  // OpenAI 401, xAI 400
    {"invalid api key"},    // Groq, Together, Perplexity
    {"invalid_api_key"},
    {"invalidapikey"},      // DashScope
    {"api key not valid"},  // Gemini 400
    {"api_key_invalid"},
    {"api key expired"},  // Gemini 400
    {"api key is invalid"},
    {"api key not found"},  // Gemini 400
    {"api key is missing"},
    {"api key is required"},
    {"missing api key"},
    {"no api key"},            // Cohere
    {"invalid api token"},     // Cohere
    {"invalid x-api-key"},     // Anthropic
    {"authentication_error"},  // Anthropic
    {"authentication failed"},
    {"authentication fails"},         // DeepSeek
    {"invalid authentication"},       // Moonshot
    {"no auth credentials"},          // OpenRouter
    {"invalid credentials"},          // Hugging Face
    {"unrecognizedclientexception"},  // Bedrock
    {"expiredtokenexception"},
    {"ssl certificate"},  // nginx, which answers 400 where a client shows none or a wrong one
    {"security token included in the request"},
    {"unsupported_country_region_territory"},  // OpenAI 403
    {"user location is not supported"},        // Gemini 400
};
constexpr Sign account[] = {
    {"insufficient_quota"},  // OpenAI 429
    {"billing_hard_limit"},  // OpenAI
    {"billing_not_active"},
    {"account_deactivated"},
    {"insufficient balance"},  // DeepSeek 402
    {"insufficient_balance"},
    {"insufficient credits"},          // OpenRouter 402
    {"requires more credits"},         // OpenRouter 402
    {"insufficient account balance"},  // SiliconFlow
    {"credit balance is too low"},     // Anthropic 400
    {"usage limits"},                  // Anthropic 400: "You have reached your specified API usage limits"
    {"spend_limit_reached"},           // Anthropic 429, 400: `enforced_…`, `contract_…`, `linked_organization_…`
    {"billing_unavailable"},           // Anthropic: `linked_organization_billing_unavailable`
    {"run out of credits"},            // xAI 403/429
    {"used all available credits"},    // xAI
    {"monthly spending limit"},        // xAI, Together
    {"exceeded your monthly included credits"},  // Hugging Face 402
    {"arrearage"},                               // DashScope 400
    {"account is in good standing"},
    {"payment required"},
    {"余额不足"},  // Zhipu 429
    {"欠费"},
};
// Retired, unknown, not deployed, not loaded: our configuration, not the request.
constexpr Sign no_model[] = {
    {"model_not_found"},       // OpenAI, Groq; one-api with 503
    {"model_decommissioned"},  // Groq 400
    {"model_deprecated"},
    {"model_not_supported"},  // Hugging Face router 400
    {"model_not_available"},
    {"model_not_loaded"},  // LM Studio
    {"model_not_active"},
    {"invalid_model"},  // Mistral 400
    {"unknown_model"},  // GitHub Models
    {"unavailable_model"},
    {"modelnotfound"},  // Fireworks, DashScope
    {"model_offline"},
    {"deploymentnotfound"},      // Azure
    {"invalidendpointormodel"},  // Volcengine
    {"model not found"},
    {"model not exist"},   // DeepSeek 400, DashScope
    {"no models loaded"},  // LM Studio 404/400
    {"model is not loaded"},
    {"model unloaded"},     // LM Studio
    {"model has crashed"},  // LM Studio
    {"failed to load model"},
    {"unknown model"},
    {"invalid model"},                  // Mistral: "Invalid model: x"; Bedrock: "invalid model identifier"
    {"model identifier is invalid"},    // Bedrock 400
    {"with on-demand throughput isn"},  // Bedrock 400: it wants an inference profile in the place of the model
    {"unsupported model"},
    {"not a valid model"},        // OpenRouter 400
    {"no available channel"},     // one-api, new-api
    {"no endpoints found for"},   // OpenRouter
    {"model", "does not exist"},  // OpenAI, vLLM, Together
    {"model", "doesn't exist"},
    {"model", "decommissioned"},       // Groq
    {"model", "has been deprecated"},  // OpenAI
    {"model", "is deprecated"},
    {"model", "has been retired"},
    {"model", "was retired"},
    {"model", "has been shut down"},
    {"model", "has been removed"},
    {"model", "no longer available"},  // Gemini
    {"model", "no longer supported"},
    {"model", "end of its life"},  // Bedrock 404
    {"model", "end of life"},
    {"model", "is not loaded"},
    {"model", "not loaded"},
    {"model", "is not available"},
    {"model", "isn't available"},
    {"model", "not found, try pulling"},  // Ollama
    {"model", "' not found"},             // Ollama, Gemini
    {"model", "` not found"},
    {"model", "\" not found"},
    {"models/", "is not found"},  // Gemini
};
// A model without eyes, or without hands: only what speaks of the model, and not of one request, stands here. Each is
// also a row of `cannot`.
constexpr Sign no_images[] = {
    {"image input is not supported"},  // llama-server 500
    {"does not support image"},        // vLLM, Groq
    {"support image input"},           // OpenRouter 404
    {"does not support vision"},
    {"images are not supported"},
    {"not a multimodal model"},  // vLLM
    {"is not multimodal"},
    {"missing data required for image input"},  // Ollama 500
    {"image input modality is not enabled"},    // Gemini
};
constexpr Sign no_tools[] = {
    {"does not support tool"},      // Ollama 400
    {"does not support function"},  // Fireworks, Mistral
    {"tools are not supported"},
    {"tools is not supported"},
    {"support tool use"},                    // OpenRouter 404
    {"requires --enable-auto-tool-choice"},  // vLLM
    {"requires --jinja"},                    // llama-server
    {"function calling is not enabled"},     // Gemini
};
// What this model or server cannot take and another may.
constexpr Sign cannot[] = {
    {"does not support tool"},      // Ollama 400
    {"does not support function"},  // Fireworks, Mistral
    {"tool use is not supported"},
    {"tool calling is not supported"},  // Groq
    {"tool calls are not supported"},
    {"tools are not supported"},
    {"tools is not supported"},
    {"support tool use"},  // OpenRouter 404: "No endpoints found that support tool use"
    {"function calling is not"},
    {"function calling with a response mime type"},  // Gemini 2.5
    {"penalty is not enabled"},                      // Gemini
    {"input modality is not enabled"},               // Gemini
    {"developer instruction is not enabled"},        // Gemini, of Gemma
    {"logprobs is not enabled"},                     // Gemini
    {"multiple candidates is not enabled"},          // Gemini
    {"requires --enable-auto-tool-choice"},          // vLLM
    {"requires --jinja"},                            // llama-server: "tools param requires --jinja flag"
    {"unsupported tool type"},                       // llama-server 500
    {"support image input"},                         // OpenRouter 404; Anthropic; "does not support image input"
    {"does not support image"},
    {"does not support vision"},
    {"does not support multimodal"},
    {"does not support audio"},
    {"does not support file"},
    {"image input is not supported"},                   // llama-server 500
    {"audio input is not supported"},                   // llama-server 500
    {"image_url is only supported by certain models"},  // OpenAI
    {"images are not supported"},
    {"not a multimodal model"},  // vLLM
    {"is not multimodal"},
    {"at most 0 image(s)"},                     // vLLM
    {"mmproj"},                                 // llama-server
    {"missing data required for image input"},  // Ollama 500
    {"unknown variant `image_url`"},            // DeepSeek 400
    {"doesn't support the model"},              // Bedrock: "This action doesn't support the model that you provided"
    {"model does not support"},                 // many: "This model does not support …"
    {"model doesn't support"},
    {"model", "does not support chat"},      // Ollama
    {"does not support generate"},           // Ollama
    {"does not support embed"},              // Ollama
    {"does not support thinking"},           // Ollama
    {"server does not support embeddings"},  // llama-server 501
    {"failed to parse grammar"},             // llama-server 500/400
    {"failed to initialize samplers"},       // llama-server
    {"json schema conversion failed"},       // llama-server
    {"unable to generate parser"},           // llama-server: a chat template it cannot work with
};
constexpr Sign rate[] = {{"rate_limit"},       {"rate limit"},    {"too many requests"},  {"rate-limited"},
                         {"rate limited"},     {"throttling"},    {"resource_exhausted"}, {"tokens per min"},
                         {"requests per min"}, {"quota exceeded"}};
constexpr Sign request_itself[] = {{"invalid_request"},  {"bad_request"},         {"badrequest"},
                                   {"invalid_argument"}, {"validationexception"}, {"unprocessable"}};

struct Row {
  ErrorCode code;
  Where where;
  std::span<const Sign> signs;
};
// The first row that fits counts.
constexpr Row rows[] = {
    {ErrorCode::upstream_too_large, Where::any_4xx, too_large_for_tier},
    {ErrorCode::context_overflow, Where::refused_or_500, overflow},
    {ErrorCode::content_filtered, Where::refused, content},
    {ErrorCode::upstream_auth, Where::not_authorized, credential},
    {ErrorCode::upstream_auth, Where::any_4xx, account},
    {ErrorCode::unsupported, Where::refused_or_500, cannot},
    {ErrorCode::upstream_no_model, Where::any_4xx_or_5xx, no_model},
};

// The number that follows `word` at once; -1 when none does.
int64_t number_behind(std::string_view said, std::string_view word) {
  for (auto at = said.find(word); at != std::string_view::npos; at = said.find(word, at + 1)) {
    const auto rest = said.substr(at + word.size());
    int64_t number = -1;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), number).ec == std::errc{}) return number;
  }
  return -1;
}

// "Limit 30000, Requested 45000": more than the whole minute's, whatever was used before.
bool asks_for_more_than_a_minute(std::string_view said) {
  if (said.find("tokens per min") == std::string_view::npos && said.find("tpm") == std::string_view::npos) return false;
  const auto limit = number_behind(said, "limit ");
  return limit > 0 && number_behind(said, "requested ") > limit;
}

ErrorCode by_status(int status) {
  switch (status) {
    case 400:
    case 415:
    case 416:
    case 422:
      return ErrorCode::upstream_rejected;
    case 401:
    case 402:
    case 403:
    case 407:
    case 451:
      return ErrorCode::upstream_auth;
    case 404:
    case 405:
    case 410:
      return ErrorCode::upstream_no_model;
    case 413:
    case 414:
    case 431:
      return ErrorCode::upstream_too_large;
    case 408:
    case 504:
      return ErrorCode::upstream_timeout;
    case 409:
    case 424:
    case 425:
    case 499:
      return ErrorCode::upstream_server_error;
    case 429:
      return ErrorCode::upstream_rate_limited;
    case 498:
      return ErrorCode::content_filtered;  // Cohere: a token that is denied
    default:
      // Another 4xx speaks of how the provider is asked, not of what: the next one may be asked rightly.
      return status >= 500 ? ErrorCode::upstream_server_error : ErrorCode::upstream_malformed;
  }
}

bool any_of(std::string_view said, std::span<const Sign> signs) {
  return std::any_of(signs.begin(), signs.end(), [&](const Sign& sign) { return found(said, sign); });
}

}  // namespace

Ability lacking_ability(std::string_view said) {
  if (any_of(said, no_images)) return Ability::images;
  return any_of(said, no_tools) ? Ability::tools : Ability::none;
}

ErrorCode meaning_of(int status, std::string_view said, std::string_view param) {
  const bool limited = status == 0 || status == 413 || status == 429;
  if (limited && asks_for_more_than_a_minute(said)) return ErrorCode::upstream_too_large;
  for (const auto& row : rows) {
    if (asks(row.where, status) && any_of(said, row.signs)) return row.code;
  }
  if (param == "model" && (status == 400 || status == 422)) return ErrorCode::upstream_no_model;
  if (status != 0) return by_status(status);
  // Inside a stream there is no status: words have to do.
  if (any_of(said, rate)) return ErrorCode::upstream_rate_limited;
  if (any_of(said, request_itself)) return ErrorCode::upstream_rejected;
  return ErrorCode::upstream_server_error;
}

}  // namespace weir
