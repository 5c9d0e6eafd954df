// OpenAI's files and batches: kept by one provider, under its own ids, and passed on to it as they came. A form's file
// that is text is read by the guards like any other text; one that is not, is a file that nobody can read. Which model
// of the configuration stands for the provider's storage, the query says (`?model=ID`), or it is the first that serves
// `files` or `batches`. Wire format: OpenAI's API reference (files, batches). Pure functions; safe from any thread.
#pragma once

#include <span>
#include <string>

#include "formats/format.h"

namespace weir::openai_files {

inline constexpr OperationSet operations = set_of(Operation::file, Operation::batch);

// The paths that clients ask at.
[[nodiscard]] std::span<const PathPattern> paths();
// Request::model may be empty: it is for the gateway to choose then.
[[nodiscard]] Result<Request> read_request(Asked asked, json::DocumentPool& pool);

// The model side.
[[nodiscard]] HttpRequest write_request(const Request& request, const Target& target);
[[nodiscard]] Result<Response> read_answer(const Request& request, std::string body);

}  // namespace weir::openai_files
