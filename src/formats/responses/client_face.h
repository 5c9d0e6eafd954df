// The client side of OpenAI's Responses format. What is read here comes whole: of a request that goes on from an
// earlier answer, conversation.h has put in what was said before. Pure functions; safe from any thread. Wire format:
// OpenAI's OpenAPI description (`CreateResponse`, `Response`, `ResponseStreamEvent`) and what its SDKs insist on.
//
// What the model says comes as items. Thoughts are `reasoning` items, with a summary of all that is known of them;
// calls are `function_call` items, or `custom_tool_call` where the tool was declared so. Ids of items are made of the
// answer's, with a mark that tells them from a provider's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "formats/format.h"

namespace weir::responses {

inline constexpr std::string_view wire_name = "responses";

[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);
[[nodiscard]] std::string write_response(const Response& response, const Request& request);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);
[[nodiscard]] const ClientFace& client();

}  // namespace weir::responses
