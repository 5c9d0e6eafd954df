// What both sides of Anthropic's format share: names of ends, ids and names within the alphabet that the format allows,
// and the two kinds of sealed thoughts. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/request.h"
#include "core/response.h"

namespace weir::anthropic {

inline constexpr std::string_view format_name = "anthropic";

// A thought that its provider seals whole comes as `redacted_thinking {data}`, one that it only does not show as
// `thinking {thinking: "", signature}`: in canonical form both are a signature without a text. So the first kind is
// marked; no signature of the second kind has a dot in it.
[[nodiscard]] std::string mark_redacted(std::string_view data);
[[nodiscard]] bool is_redacted(std::string_view seal);
// The seal of a tool call of another format's model has no place of its own here: it is shown as a sealed thought
// before the call, and comes back as one.
inline constexpr std::string_view call_seal_mark = "weir.call.";
// Without the mark. Precondition: is_redacted().
[[nodiscard]] std::string_view redacted_data(std::string_view seal);

// Ids of calls and names of tools are of [a-zA-Z0-9_-] here, elsewhere they may be anything (`functions.get:0`). One
// that is not is spelt within that alphabet, the same way each time, and differently from every other.
[[nodiscard]] std::string spell(std::string_view id);
// The tool of the request that is spelt so; `spelt` itself where none is.
[[nodiscard]] std::string_view unspell(std::string_view spelt, const Request& request);

// Anthropic's agents send a thought back only to the model of the very name that answered: so an answer bears the name
// that was asked for. `body` with the text of its member `holder`.`model` (top-level `model` where `holder` is "") put
// in order; "" = it needs no change. Precondition: valid JSON whose root is an object.
[[nodiscard]] std::string named_as_asked(std::string_view body, std::string_view holder, std::string_view name);

// `end_turn`, `tool_use` …
[[nodiscard]] std::string_view stop_reason(FinishReason finish, bool stop_sequence);
// The other way; none for "" and null.
[[nodiscard]] FinishReason finish_of(std::string_view stop_reason);

}  // namespace weir::anthropic
