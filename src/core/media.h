// Media: an image, a sound, a video or a document inside a request, wherever a wire format puts it. Views into the
// request's document, or into texts that the request keeps. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

struct Media {
  enum class Kind : uint8_t { image, audio, video, document };
  Kind kind = Kind::image;
  std::string_view mime;    // `image/png`; "" = not said
  std::string_view data;    // in base64; "" = it is not in the request
  std::string_view url;     // where it is otherwise: http(s), or a `data:` URL that is not base64
  std::string_view file;    // ... or the id under which a provider keeps it: means nothing to another
  std::string_view name;    // of the file, where one is said
  std::string_view detail;  // of an image, how closely to look: `low`, `high`, `auto`; "" = not said
};

// `url`: http(s) or `data:…;base64,…`, which is taken apart.
[[nodiscard]] Media media_of_url(std::string_view url, Media::Kind kind);
// The other way: its address, or a `data:` URL ("" for one that only has a file's id).
[[nodiscard]] std::string url_of(const Media& media);
// By its media type: `audio/wav`. What nobody knows is a document.
[[nodiscard]] Media::Kind kind_of_mime(std::string_view mime);

}  // namespace weir
