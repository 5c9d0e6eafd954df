// Conversations in the Responses format: what `previous_response_id` stands for, and what the paths of kept answers
// give. Pure functions; safe from any thread. Wire format: OpenAI's OpenAPI description (`/responses/{response_id}`,
// `ResponseItemList`).
//
// A request that goes on from an earlier answer is that conversation's items, the output of each of its answers among
// them, and then its own. Instructions and tools are each request's own and are not carried over. Two things of an
// output do not go back as they came: thoughts of which only their provider knows more than an id, since whoever
// answers now may be another; and then the ids of what stood beside them, which that provider would only take together
// with the thoughts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/conversation_face.h"

namespace weir::responses {

inline constexpr std::string_view kept_path = "/v1/responses/*";
inline constexpr std::string_view input_items_path = "/v1/responses/*/input_items";
inline constexpr std::string_view cancel_path = "/v1/responses/*/cancel";

[[nodiscard]] const ConversationFace& conversations();

// `object` with that member, in its place or as the last one. All of it valid JSON.
[[nodiscard]] std::string with_member(std::string_view object, std::string_view key, std::string_view value);
// A kept answer as the stream that it could have been: each text in one piece. Of its events those behind number
// `starting_after` (-1: all).
[[nodiscard]] std::string replay(std::string_view answer, int64_t starting_after);

// The items of an answer's output as they are sent back. `answer`: valid JSON.
[[nodiscard]] std::vector<std::string> items_to_send_back(std::string_view answer);
// An item of a request as lists show it: with an id, a type, and its content as parts. `made_id`: for one without.
[[nodiscard]] std::string shown_item(std::string_view item, std::string_view made_id);
// `items`: each as JSON, in the order in which they were said. invalid_request.
[[nodiscard]] Result<std::string> list_items(std::vector<std::string> items, std::string_view query);

}  // namespace weir::responses
