// The model side of AUTOMATIC1111's stable-diffusion-webui (`/sdapi/v1`), as Forge, SD.Next and stable-diffusion.cpp's
// server speak it too: pictures from a text, and changed ones. One request is one job: the server answers when it is
// done, one after the other, and is stopped by a word that names no job. Pure functions; safe from any thread. Wire
// format: the names, types and defaults of its fields in the server's source.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "formats/format.h"

namespace weir::automatic1111 {

inline constexpr std::string_view name = "automatic1111";

[[nodiscard]] const ModelFace& face();

// A model of this name is whatever the server has loaded.
inline constexpr std::string_view loaded_model = "default";

[[nodiscard]] Result<HttpRequest> write_request(const Request& request, const Target& target);
[[nodiscard]] Result<Response> read_answer(std::string body, int64_t n, bool wants_url);
[[nodiscard]] std::unique_ptr<Job> make_job(const Request& request, const Target& target);
[[nodiscard]] Error classify(const HttpResponse& response);
// `USER:PASSWORD` as Basic, anything else as a bearer token.
void add_credential(const ProviderSettings& provider, Headers& headers);

}  // namespace weir::automatic1111
