// What is asked of a server of pictures that speaks a format of its own: OpenAI's image requests (JSON, or a form with
// files in it) as one value, with the fields that such servers know beside OpenAI's (`negative_prompt`, `seed`,
// `steps`, `sampler`, `cfg_scale`, `strength`). Views into the request. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"

namespace weir {

struct GivenPicture {
  std::string bytes;
  std::string type;  // media type, by its first bytes; "" = unknown ones
};

struct PictureRequest {
  std::string_view prompt;
  std::string_view negative_prompt;
  std::string_view sampler;
  int64_t n = 1;
  std::optional<int64_t> width;  // both or none
  std::optional<int64_t> height;
  std::optional<int64_t> seed;
  std::optional<int64_t> steps;
  std::optional<double> cfg_scale;
  std::optional<double> strength;  // of a change, from 0 to 1
  bool wants_url = false;
  int64_t previews = 0;              // of a stream: pictures to show before it is done, at most
  std::vector<GivenPicture> images;  // to be changed; empty for /images/generations
  std::optional<GivenPicture> mask;
};

// What a server's own program fixes, or the model that is asked decides.
enum class PictureLimits : uint8_t { by_server, by_model };

// invalid_request for what nobody could make; unsupported, with its place, for what is none of the above:
// variations, files by id, and by_server a transparent background and an output format other than PNG. Its own fields
// are read by_server only.
[[nodiscard]] Result<PictureRequest> read_picture_request(const Request& request, PictureLimits limits);
// Is the field one that every server of pictures is sent, or that it is refused with?
[[nodiscard]] bool is_picture_field(std::string_view key);
// Is it one of those beside OpenAI's?
[[nodiscard]] bool is_picture_extra(std::string_view key);

// `image/png`, told by the first bytes; "" for what is no picture.
[[nodiscard]] std::string_view picture_type(std::string_view bytes);
// A picture for the answer, out of base64, in the form that was asked for. upstream_malformed when it is none.
[[nodiscard]] Result<Picture> picture_of_base64(std::string_view base64, bool wants_url);

}  // namespace weir
