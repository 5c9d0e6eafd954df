// The model side of Text Generation Inference's own API, for texts that go on (`/v1/completions` of the clients). Its
// chat API is OpenAI's: kind `tgi`. Pure functions; safe from any thread. Wire format: TGI's OpenAPI description.
//
//   POST /generate         {inputs, parameters}: the whole answer at once
//   POST /generate_stream  an event a token, `generated_text` and `details` with the last; there is no [DONE]
//
// How many tokens the prompt had, only the stream says. A temperature of 0 is `do_sample: false`: 0 itself is refused
// there, as are `top_p: 1`, a negative seed and more than four stop sequences.
#pragma once

#include <memory>
#include <string>

#include "formats/format.h"

namespace weir::tgi {

[[nodiscard]] Result<std::string> write_body(const Request& request);
[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool);
[[nodiscard]] std::unique_ptr<EventReader> make_reader();
[[nodiscard]] const ModelFace& face();

// `eos_token`, `length`, `stop_sequence`.
[[nodiscard]] FinishReason finish_of(std::string_view reason);

}  // namespace weir::tgi
