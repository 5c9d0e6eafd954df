// The model side of Amazon Bedrock's Converse and ConverseStream: blocks that are tagged unions, tools whose ids are
// narrow, media inline only, and answers in Amazon's binary event stream. Pure functions; safe from any thread. Wire
// format: the service model `bedrock-runtime` of 2023-09-30 as botocore has it.
//
// A credential with a colon in it, `ACCESS_KEY_ID:SECRET[:SESSION_TOKEN]`, signs each request (sigv4.h); another one is
// a bearer token. Left out, because Converse has no place for them and they are hints: seed and penalties; top_k where
// the model's maker has no name for it; sampling beside thoughts and for models that refuse it; thoughts and their
// effort where the model cannot be told, where a tool is forced, or where the turn that is going on has lost its seals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"
#include "formats/bedrock/model_family.h"
#include "formats/format.h"

namespace weir::bedrock {

inline constexpr std::string_view name = "bedrock";

// The model side of this format.
[[nodiscard]] const ModelFace& face();

// unsupported, with the place, for what Converse cannot take.
[[nodiscard]] Result<std::string> write_body(const Request& request, std::string_view model, std::string_view prefill);

// Path, credential and body. upstream_auth where the credential is no credential.
[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill);
// The signature once more, where there is one: the body was changed since.
[[nodiscard]] Status sign_again(HttpRequest& http, const Target& target);
// `bedrock-runtime.REGION.amazonaws.com`, also by its FIPS, dual-stack and private names; us-east-1 where it is none.
[[nodiscard]] std::string_view region_of(std::string_view host);

// `system` and `messages`, each with its key.
[[nodiscard]] Status write_conversation(json::Writer& writer, const Request& request, const ModelFamily& family,
                                        std::string_view prefill);
// Converse wants the tools declared where the conversation has used any.
[[nodiscard]] bool has_tool_turns(const Request& request);

[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
[[nodiscard]] std::unique_ptr<EventReader> stream_reader(const Request& request);

// Shared by whole answers and streams.
[[nodiscard]] Usage read_usage(const json::Object& usage);
[[nodiscard]] ServiceTier read_tier(const json::Object& holder);  // `serviceTier.type`
[[nodiscard]] Result<FinishReason> read_finish(std::string_view reason);

// Thoughts that Bedrock gives encrypted have no text and a seal of their own kind.
inline constexpr std::string_view redacted_mark = "redacted.";

[[nodiscard]] Error classify(const HttpResponse& response);
// An exception or error inside a stream: `type` as the stream names it, `data` its payload.
[[nodiscard]] Error classify_in_stream(std::string_view type, std::string_view data);

}  // namespace weir::bedrock
