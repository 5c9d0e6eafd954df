// Which form an answer has, told by its first bytes and not by what its head claims or what was asked; and the reading
// of a whole answer in whichever form. Pure functions; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "formats/format.h"

namespace weir {

enum class AnswerForm : uint8_t {
  undecided,  // more bytes are needed
  events,     // server-sent events
  json,       // a JSON value, or one on each line
  text,       // a page, or plain words: an error
};
[[nodiscard]] AnswerForm form_of(std::string_view begin);

// A 2xx answer to a request that asked for a whole one. Events become one answer (with `raw` empty); words an error.
[[nodiscard]] Result<Response> decode_answer(const ModelFace& model, const Request& request, std::string body,
                                             json::DocumentPool& pool);

// An answer that came as one, where a stream was asked: its JSON, or its words as an error.
[[nodiscard]] Result<Response> decode_instead_of_stream(const ModelFace& model, const Request& request,
                                                        std::string body, json::DocumentPool& pool);

// The provider says that it is well, and gives nothing: no text, no call, no tokens.
[[nodiscard]] bool says_nothing(const Response& response);
// upstream_malformed in place of an answer of a model of words that is that.
[[nodiscard]] Result<Response> unless_silent(Result<Response> response);

}  // namespace weir
