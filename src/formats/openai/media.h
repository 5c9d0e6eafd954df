// What is asked in OpenAI's format beside words: pictures, speech, transcripts, moderation. Servers that speak this
// format get the caller's own body, JSON or a form with files in it, with the model's name in its place, and what they
// answer goes back as it came. Servers of pictures that speak another format read the request with
// shared/picture_request.h, and what they make is written here. Wire format: OpenAI's API reference (images, audio,
// moderations). Pure functions; safe from any thread.
#pragma once

#include <memory>
#include <string>

#include "formats/format.h"

namespace weir::openai_media {

inline constexpr OperationSet operations =
    set_of(Operation::image, Operation::speech, Operation::transcription, Operation::moderation);

// The paths that clients ask at.
[[nodiscard]] std::span<const PathPattern> paths();
[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);

// Pictures that a provider of another format made.
[[nodiscard]] std::string write_pictures(const Response& response);
[[nodiscard]] std::unique_ptr<EventWriter> make_writer(const Request& request);

// The model side.
[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target);
[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body);
[[nodiscard]] std::unique_ptr<EventReader> make_reader();

}  // namespace weir::openai_media
