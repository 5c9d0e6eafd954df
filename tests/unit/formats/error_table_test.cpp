// What providers really answer → what follows from it. Bodies as their servers, their documentation or their users'
// reports give them; names and keys changed.
#include <gtest/gtest.h>

#include "formats/shared/error_table.h"
#include "formats/shared/errors.h"

namespace weir {
namespace {

using enum ErrorCode;

struct Answer {
  std::string_view vendor;
  int status;
  std::string_view body;
  ErrorCode meaning;
  std::string_view said = {};  // a part of the message that must be kept
};

constexpr Answer model_is_gone[] = {
    {"openai", 404,
     R"({"error":{"message":"The model `gpt-4-32k` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
     upstream_no_model, "has been deprecated"},
    {"openai", 404,
     R"({"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
     upstream_no_model},
    {"openai", 400,
     R"({"error":{"message":"invalid model ID","type":"invalid_request_error","param":null,"code":null}})",
     upstream_no_model},
    {"groq", 400,
     R"({"error":{"message":"The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported.","type":"invalid_request_error","code":"model_decommissioned"}})",
     upstream_no_model, "decommissioned"},
    {"deepseek", 400,
     R"({"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
     upstream_no_model, "Model Not Exist"},
    {"mistral", 400,
     R"({"object":"error","message":"Invalid model: mistral-huge","type":"invalid_model","param":null,"code":"1500"})",
     upstream_no_model, "mistral-huge"},
    {"vllm", 404,
     R"({"object":"error","message":"The model `llama` does not exist.","type":"NotFoundError","param":null,"code":404})",
     upstream_no_model},
    {"vllm", 404,
     R"({"error":{"message":"The model `llama` does not exist.","type":"NotFoundError","param":"model","code":404}})",
     upstream_no_model},
    {"together", 404,
     R"({"id":"x","error":{"message":"Unable to access model x. Please visit https://api.together.ai/models","type":"invalid_request_error","param":null,"code":"model_not_available"}})",
     upstream_no_model},
    {"openrouter", 400, R"({"error":{"message":"foo/bar is not a valid model ID","code":400},"user_id":"u"})",
     upstream_no_model, "foo/bar is not a valid model ID"},
    {"openrouter", 404, R"({"error":{"message":"No endpoints found for foo/bar.","code":404}})", upstream_no_model},
    {"gemini", 404,
     R"([{"error":{"code":404,"message":"models/gemini-1.0-pro is not found for API version v1main, or is not supported for generateContent.","status":"NOT_FOUND"}}])",
     upstream_no_model},
    {"anthropic", 404, R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-2.1"}})",
     upstream_no_model, "model: claude-2.1"},
    {"hugging face", 400,
     R"({"error":{"message":"The requested model 'x' is not supported by any provider you have enabled.","type":"invalid_request_error","param":"model","code":"model_not_supported"}})",
     upstream_no_model},
    {"fireworks", 404,
     R"({"error":{"object":"error","type":"invalid_request_error","code":"NOT_FOUND","message":"Model not found, inaccessible, and/or not deployed"}})",
     upstream_no_model},
    {"azure", 404,
     R"({"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}})",
     upstream_no_model},
    {"azure", 410, R"({"error":{"code":"410","message":"The model version has reached its end of life."}})",
     upstream_no_model},
    {"lm studio", 404,
     R"({"error":{"message":"No models loaded. Please load a model in the developer page or use the `lms load` command.","type":"invalid_request_error","param":"model","code":"model_not_found"}})",
     upstream_no_model, "No models loaded"},
    {"lm studio", 400, R"({"error":"Model unloaded."})", upstream_no_model, "Model unloaded."},
    {"ollama", 404, R"({"error":"model 'qwen9' not found"})", upstream_no_model, "model 'qwen9' not found"},
    {"one-api", 503,
     R"({"error":{"message":"No available channel for model gpt-9 under group default (distributor).","type":"new_api_error","code":"model_not_found"}})",
     upstream_no_model},
    {"dashscope", 404,
     R"({"error":{"message":"The model `qwen-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"},"request_id":"r"})",
     upstream_no_model},
    {"bedrock", 400, R"({"message":"The provided model identifier is invalid."})", upstream_no_model},
    {"bedrock", 404,
     R"({"message":"This model version has reached the end of its life. Please refer to the AWS documentation"})",
     upstream_no_model},
    {"github models", 400,
     R"({"error":{"code":"unknown_model","message":"Unknown model: gpt-9","details":"Unknown model: gpt-9"}})",
     upstream_no_model},
    {"a proxy", 405, "Method Not Allowed", upstream_no_model},
    {"a proxy", 410, "", upstream_no_model},
};

constexpr Answer cannot_do_that[] = {
    {"ollama", 400, R"({"error":"registry.ollama.ai/library/small:4b does not support tools"})", unsupported,
     "does not support tools"},
    {"ollama", 400,
     R"({"error":{"message":"registry.ollama.ai/library/small:4b does not support tools","type":"api_error","param":null,"code":null}})",
     unsupported},
    {"openrouter", 404,
     R"({"error":{"message":"No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs","code":404}})",
     unsupported},
    {"openrouter", 404, R"({"error":{"message":"No endpoints found that support image input","code":404}})",
     unsupported},
    {"vllm", 400,
     R"({"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400})",
     unsupported},
    {"vllm", 400,
     R"({"error":{"message":"meta-llama/x is not a multimodal model","type":"BadRequestError","param":null,"code":400}})",
     unsupported},
    {"vllm", 400,
     R"({"object":"error","message":"At most 0 image(s) may be provided in one prompt.","type":"BadRequestError","code":400})",
     unsupported},
    {"llama-server", 500,
     R"({"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}})",
     unsupported},
    {"llama-server", 500,
     R"({"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}})", unsupported},
    {"llama-server", 400,
     R"({"error":{"code":400,"message":"Failed to parse grammar","type":"invalid_request_error"}})", unsupported},
    {"deepseek", 400,
     R"({"error":{"message":"Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text` at line 1 column 90","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
     unsupported},
    {"groq", 400,
     R"({"error":{"message":"This model does not support response format `json_schema`.","type":"invalid_request_error","param":"response_format"}})",
     unsupported},
    {"openai", 400,
     R"({"error":{"message":"Invalid content type. image_url is only supported by certain models.","type":"invalid_request_error","param":"messages.[0].content.[1].type","code":null}})",
     unsupported},
};

constexpr Answer our_credential_or_account[] = {
    {"xai", 400,
     R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: tk***yz. You can obtain an API key from the console."})",
     upstream_auth},
    {"openai", 401,
     R"({"error":{"message":"Incorrect API key provided: sk-proj-********abcd. You can find your API key at https://platform.openai.com.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
     upstream_auth},
    {"gemini", 400,
     R"([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}])",
     upstream_auth},
    {"gemini", 400,
     R"({"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}})",
     upstream_auth},
    {"gemini", 400,
     R"({"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}})",
     upstream_auth},
    {"openai", 403,
     R"({"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}})",
     upstream_auth},
    {"openai", 429,
     R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
     upstream_auth},
    {"anthropic", 400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}})",
     upstream_auth},
    {"anthropic", 401, R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})",
     upstream_auth},
    {"deepseek", 402,
     R"({"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}})",
     upstream_auth},
    {"openrouter", 402,
     R"({"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}})", upstream_auth},
    {"dashscope", 400,
     R"({"code":"Arrearage","message":"Access denied, please make sure your account is in good standing.","request_id":"r"})",
     upstream_auth},
    {"zhipu", 429, R"({"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}})", upstream_auth},
    {"cohere", 401, R"({"message":"invalid api token"})", upstream_auth},
    {"cloudflare", 400,
     R"({"success":false,"errors":[{"code":10000,"message":"Authentication error: invalid api token"}],"result":null})",
     upstream_auth},
    {"a legal block", 451, "Unavailable For Legal Reasons", upstream_auth},
};

constexpr Answer too_much[] = {
    {"openai", 429,
     R"({"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 45000.","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
     upstream_too_large, "Requested 45000"},
    {"groq", 413,
     R"({"error":{"message":"Request too large for model `llama` in organization `o` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 9137, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}})",
     upstream_too_large},
    {"github models", 413,
     R"({"error":{"code":"tokens_limit_reached","message":"Request body too large for gpt-4o model. Max size: 8000 tokens."}})",
     upstream_too_large},
    {"anthropic", 413,
     R"({"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})",
     upstream_too_large},
    {"nginx", 413, "<html><head><title>413 Request Entity Too Large</title></head></html>", upstream_too_large},
    {"openai", 429,
     R"({"error":{"message":"Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 25000, Requested 8000. Please try again in 6s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
     upstream_rate_limited, "try again in 6s"},
    {"gemini", 429,
     R"([{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED"}}])",
     upstream_rate_limited},
    {"openrouter", 429,
     R"({"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"meta/llama:free is temporarily rate-limited upstream.","provider_name":"X"}}})",
     upstream_rate_limited, "temporarily rate-limited"},
};

constexpr Answer does_not_fit[] = {
    {"openai", 400,
     R"({"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
     context_overflow, "128000"},
    {"vllm", 400,
     R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"BadRequestError","param":null,"code":400})",
     context_overflow},
    {"sglang", 400,
     R"({"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","code":400})",
     context_overflow},
    {"mistral", 400,
     R"({"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","code":"3051"})",
     context_overflow},
    {"xai", 400,
     R"({"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 140000 tokens."})",
     context_overflow},
    {"bedrock", 400, R"({"message":"Input is too long for requested model."})", context_overflow},
    {"anthropic", 400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}})",
     context_overflow},
    {"openrouter", 400,
     R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens.\",\"type\":\"invalid_request_error\"}}","provider_name":"X"}}})",
     context_overflow, "8192"},
    {"litellm", 400,
     R"({"error":{"message":"litellm.BadRequestError: OpenAIException - {'error': {'message': 'context window is 4096', 'type': 'invalid', 'code': None}}","type":null,"param":null,"code":"400"}})",
     context_overflow},
};

constexpr Answer the_request_itself[] = {
    {"openai", 400,
     R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})",
     upstream_rejected, "'temperature'"},
    {"openai", 400,
     R"({"error":{"message":"Invalid 'max_tokens': integer below minimum value.","type":"invalid_request_error","param":"max_tokens","code":"integer_below_min_value"}})",
     upstream_rejected},
    {"mistral", 422,
     R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","user"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","param":null,"code":null})",
     upstream_rejected, "body.user: Extra inputs are not permitted"},
    {"fastapi", 422, R"({"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]})",
     upstream_rejected, "body.messages: field required"},
    {"tabbyapi", 422, R"({"detail":{"error":{"message":"temperature must be a number","trace":null}}})",
     upstream_rejected, "temperature must be a number"},
    {"a list", 400, R"({"errors":["top_p must be below 1","n must be 1"]})", upstream_rejected,
     "top_p must be below 1; n must be 1"},
    {"rfc 9457", 400, R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown field: foo"})",
     upstream_rejected, "Unknown field: foo"},
    {"a message", 400, R"({"message":"bad schema"})", upstream_rejected, "bad schema"},
    {"plain text", 400, "stop must be a string", upstream_rejected, "stop must be a string"},
    {"azure", 400,
     R"({"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400}})",
     content_filtered},
    {"openrouter", 403, R"({"error":{"message":"Input was flagged","code":403,"metadata":{"reasons":["violence"]}}})",
     content_filtered},
    {"deepseek", 400,
     R"({"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
     content_filtered},
    {"dashscope", 400,
     R"({"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."}})",
     content_filtered},
};

constexpr Answer the_server[] = {
    {"anthropic", 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     upstream_server_error, "Overloaded"},
    {"hugging face", 503, R"({"error":"Model x is currently loading","estimated_time":20.0})", upstream_server_error,
     "currently loading"},
    {"bedrock", 424, R"({"message":"The model returned the following errors: x"})", upstream_server_error},
    {"cloudflare", 520, "<html><title>520</title></html>", upstream_server_error},
    {"a gateway's page", 400,
     "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>", upstream_malformed,
     "plain HTTP request"},
    {"a firewall", 418, "", upstream_malformed},
    {"a proxy", 426, "Upgrade Required", upstream_malformed},
};

void check(std::span<const Answer> answers) {
  for (const auto& answer : answers) {
    SCOPED_TRACE(fmt::format("{} {} {}", answer.vendor, answer.status, answer.body));
    const auto error = classify_response({.status = answer.status, .body = std::string(answer.body)});
    EXPECT_EQ(to_string(error.code), to_string(answer.meaning));
    EXPECT_NE(error.message.find(answer.said), std::string::npos) << error.message;
  }
}

TEST(error_table, a_model_that_is_gone_is_our_configuration) { check(model_is_gone); }
TEST(error_table, what_this_model_cannot_do_another_may) { check(cannot_do_that); }
TEST(error_table, our_credential_and_account_are_not_the_callers) { check(our_credential_or_account); }
TEST(error_table, more_than_a_tier_takes_is_no_reason_to_wait) { check(too_much); }
TEST(error_table, a_prompt_that_does_not_fit_has_a_code_of_its_own) { check(does_not_fit); }
TEST(error_table, what_speaks_of_the_request_goes_to_the_caller) { check(the_request_itself); }
TEST(error_table, what_speaks_of_the_server_does_not) { check(the_server); }

TEST(error_table, words_are_read_beside_the_status_that_they_came_with) {
  struct Case {
    int status;
    std::string said;
    std::string_view param;
    ErrorCode meaning;
  };
  for (const auto& one : {
           Case{401, "invalid api key", "", upstream_auth},
           Case{429, "too many requests for this invalid api key", "", upstream_rate_limited},
           Case{429, "tokens per min (tpm): limit 30000, requested 45000", "", upstream_too_large},
           Case{429, "tokens per min (tpm): limit 30000, used 29000, requested 2000", "", upstream_rate_limited},
           Case{422, "maximum context length", "", context_overflow},
           Case{409, "maximum context length", "", upstream_server_error},
           Case{500, "maximum context length", "", context_overflow},
           Case{503, "maximum context length", "", upstream_server_error},
           Case{400, "wrong", "model", upstream_no_model},
           Case{422, "wrong", "model", upstream_no_model},
           Case{403, "wrong", "model", upstream_auth},
           Case{500, "wrong", "model", upstream_server_error},
           Case{400, "the model is not available", "", upstream_no_model},
           Case{400, "model" + std::string(300, 'x') + "is not available", "", upstream_rejected},
       }) {
    EXPECT_EQ(to_string(meaning_of(one.status, one.said, one.param)), to_string(one.meaning))
        << one.status << " " << one.said;
  }
}

TEST(error_table, a_status_may_stand_in_the_body) {
  for (const auto& [body, meaning] : {std::pair{R"({"error":{"message":"x","code":504}})", upstream_timeout},
                                      {R"({"error":{"message":"x","code":429}})", upstream_rate_limited},
                                      {R"({"title":"x","status":404})", upstream_no_model},
                                      {R"({"error":{"message":"x","code":1004}})", upstream_server_error}}) {
    EXPECT_EQ(to_string(classify_text(body).code), to_string(meaning)) << body;
  }
}

TEST(error_table, the_words_are_found_wherever_they_stand) {
  for (const auto& [body, words] :
       {std::pair{R"({"error":true,"message":"no such thing"})", "no such thing"},
        {R"({"error":{"error":true,"message":"no such thing"}})", "no such thing"},
        {R"({"base_resp":{"status_code":2013,"status_msg":"no such thing"}})", "no such thing"},
        {R"({"fault":{"faultstring":"no such thing"}})", "no such thing"},
        {R"({"errors":[{"message":"no such"},{"message":"thing"}]})", "no such; thing"},
        {R"({"detail":[{"loc":["body","n"],"msg":"too many"},{"loc":["body"],"msg":"odd"}]})",
         "body.n: too many; body: odd"}}) {
    EXPECT_EQ(classify_text(body).message, words) << body;
  }
}

TEST(error_table, follows_from_the_meaning) {
  for (const auto code : {upstream_no_model, upstream_auth, upstream_too_large, unsupported, context_overflow}) {
    EXPECT_TRUE(rule_of(code).fall_back) << to_string(code);
    EXPECT_FALSE(rule_of(code).retry_same) << to_string(code);
  }
  for (const auto code : {upstream_rejected, content_filtered}) EXPECT_FALSE(rule_of(code).fall_back);
}

// The words decide where there is no status: inside a stream, or in an answer that says 200.
TEST(error_table, the_same_words_mean_the_same_without_a_status) {
  for (const auto& answers : {std::span<const Answer>(model_is_gone), std::span<const Answer>(does_not_fit),
                              std::span<const Answer>(our_credential_or_account)}) {
    for (const auto& answer : answers) {
      if (answer.status == 404 || answer.status >= 402 || !answer.body.starts_with('{')) continue;
      EXPECT_EQ(to_string(classify_text(answer.body).code), to_string(answer.meaning)) << answer.body;
    }
  }
}

TEST(error_table, a_caller_never_reads_pieces_of_our_key) {
  for (const auto& answer : our_credential_or_account) {
    const auto error = classify_response({.status = answer.status, .body = std::string(answer.body)});
    EXPECT_EQ(error.message.find("***"), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace weir
