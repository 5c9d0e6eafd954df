#include "core/media.h"

namespace weir {

Media media_of_url(std::string_view url, Media::Kind kind) {
  constexpr std::string_view scheme = "data:";
  constexpr std::string_view packed = ";base64";
  Media media{.kind = kind};
  const auto comma = url.find(',');
  const auto head = url.substr(0, comma == std::string_view::npos ? 0 : comma);
  if (!url.starts_with(scheme) || !head.ends_with(packed)) {
    media.url = url;
    return media;
  }
  // `data:image/png;charset=x;base64`: only the type says what it is.
  const auto described = head.substr(scheme.size(), head.size() - scheme.size() - packed.size());
  media.mime = described.substr(0, described.find(';'));
  media.data = url.substr(comma + 1);
  return media;
}

std::string url_of(const Media& media) {
  if (media.data.empty()) return std::string(media.url);
  std::string_view mime = media.mime;
  if (mime.empty()) mime = media.kind == Media::Kind::image ? "image/png" : "application/octet-stream";
  std::string url;
  url.reserve(mime.size() + media.data.size() + 16);
  url.append("data:").append(mime).append(";base64,").append(media.data);
  return url;
}

Media::Kind kind_of_mime(std::string_view mime) {
  if (mime.starts_with("image/")) return Media::Kind::image;
  if (mime.starts_with("audio/")) return Media::Kind::audio;
  if (mime.starts_with("video/")) return Media::Kind::video;
  return Media::Kind::document;
}

}  // namespace weir
