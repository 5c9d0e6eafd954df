// The model side of whisper.cpp's own server: POST /inference with a form, for transcripts and translations. The forms
// are OpenAI's with a few other words, and so are the answers. Pure functions; safe from any thread. Wire format: the
// server's source (examples/server).
#pragma once

#include <string>
#include <string_view>

#include "formats/format.h"

namespace weir::whispercpp {

inline constexpr std::string_view name = "whispercpp";

[[nodiscard]] const ModelFace& face();

[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target);
[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body);
[[nodiscard]] Error classify(const HttpResponse& response);

}  // namespace weir::whispercpp
