// The model side of ComfyUI: a workflow (workflow.h) is filled in and queued as a job; its history is asked until it is
// done, and its pictures are fetched one by one. Its websocket tells those who want a stream how far it is, and shows
// what there is of the picture; the history is the truth. Pure functions; safe from any thread. Wire format: the local
// server's paths (/prompt, /history, /queue, /view, /upload/image, /interrupt, /ws).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/format.h"
#include "formats/shared/picture_request.h"

namespace weir::comfyui {

inline constexpr std::string_view name = "comfyui";

[[nodiscard]] const ModelFace& face();

// The upload of the first file, where there is one, else the prompt.
[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target);
[[nodiscard]] std::unique_ptr<Job> make_job(const Request& request, const Target& target);
// What went wrong, with the node at fault.
[[nodiscard]] Error classify(const HttpResponse& response);
// Of a history entry whose run failed.
[[nodiscard]] Error failed_run(const json::Object& entry);

// Requests of a job. `tail` is the path below the base URL.
[[nodiscard]] HttpRequest question(const ProviderSettings& provider, std::string method, std::string tail);
[[nodiscard]] HttpRequest upload(const ProviderSettings& provider, const GivenPicture& picture, std::string_view kind,
                                 uint64_t unique);
[[nodiscard]] HttpRequest prompt(const ProviderSettings& provider, std::string_view graph, std::string_view id);
// A UUID and a seed out of the attempt's number.
[[nodiscard]] std::string job_id(uint64_t unique);
[[nodiscard]] int64_t job_seed(uint64_t unique);
[[nodiscard]] const std::string* workflow_of(const Target& target);

}  // namespace weir::comfyui
