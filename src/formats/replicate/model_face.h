// The model side of Replicate: predictions of official models (OWNER/NAME), of a version (OWNER/NAME:VERSION, or the
// version alone) and of deployments (deployments/OWNER/NAME), as jobs that are created, asked after and cancelled. Pure
// functions; safe from any thread. Wire format: Replicate's OpenAPI document.
//
// What a model takes and gives is its own affair: models of words get `prompt`, `system_prompt` and the usual settings,
// models of pictures `prompt`, `num_outputs`, `width`, `height`, `aspect_ratio` and every field that the caller adds.
// Addresses in an answer are never followed: questions go to the provider's own `url` with the prediction's id, so that
// the credential reaches nobody else. For the same reason its streams, which another host has, are not used: a client
// that asks for a stream is told what was written so far with each question.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/format.h"

namespace weir::replicate {

inline constexpr std::string_view name = "replicate";

[[nodiscard]] const ModelFace& face();

// Path, credential and body of a prediction.
[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target);
// `input` of it. unsupported, with the place, for what such a model cannot be told.
[[nodiscard]] Status write_words_input(json::Writer& writer, const Request& request);
[[nodiscard]] Status write_picture_input(json::Writer& writer, const Request& request);

// A field of the caller's that has no other place: it becomes an input of the model.
[[nodiscard]] bool is_model_input(std::string_view key);

[[nodiscard]] std::unique_ptr<Job> make_job(const Request& request, const Target& target);
// `tail` below the base URL, with the credential.
[[nodiscard]] HttpRequest question(const ProviderSettings& provider, std::string method, std::string_view tail);

// Where a model's predictions are created, and the version that has to be named there ("" = none).
struct Where {
  std::string tail;
  std::string_view version;
};
[[nodiscard]] Result<Where> where(std::string_view model);

// An id as Replicate gives them: nothing in it may lead elsewhere, as it becomes a part of a path.
[[nodiscard]] bool is_prediction_id(std::string_view id);

// A prediction that has succeeded.
[[nodiscard]] Result<Response> read_prediction(const json::Object& prediction, Operation operation);

}  // namespace weir::replicate
