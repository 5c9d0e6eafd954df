#include "formats/bedrock/media_block.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "formats/shared/translation.h"

namespace weir::bedrock {
namespace {

struct Format {
  std::string_view mime;
  std::string_view name;
};
constexpr std::array images = {Format{"image/png", "png"}, Format{"image/jpeg", "jpeg"}, Format{"image/jpg", "jpeg"},
                               Format{"image/gif", "gif"}, Format{"image/webp", "webp"}};
constexpr std::array documents = {
    Format{"application/pdf", "pdf"},
    Format{"text/csv", "csv"},
    Format{"application/msword", "doc"},
    Format{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    Format{"application/vnd.ms-excel", "xls"},
    Format{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    Format{"text/html", "html"},
    Format{"text/plain", "txt"},
    Format{"text/markdown", "md"}};
constexpr std::array sounds = {
    Format{"audio/mpeg", "mp3"},  Format{"audio/mp3", "mp3"},       Format{"audio/wav", "wav"},
    Format{"audio/x-wav", "wav"}, Format{"audio/wave", "wav"},      Format{"audio/opus", "opus"},
    Format{"audio/aac", "aac"},   Format{"audio/x-aac", "x-aac"},   Format{"audio/flac", "flac"},
    Format{"audio/ogg", "ogg"},   Format{"audio/mp4", "mp4"},       Format{"audio/m4a", "m4a"},
    Format{"audio/x-m4a", "m4a"}, Format{"audio/webm", "webm"},     Format{"audio/pcm", "pcm"},
    Format{"audio/mpga", "mpga"}, Format{"audio/x-matroska", "mka"}};
constexpr std::array videos = {
    Format{"video/mp4", "mp4"},        Format{"video/webm", "webm"}, Format{"video/quicktime", "mov"},
    Format{"video/x-matroska", "mkv"}, Format{"video/mpeg", "mpeg"}, Format{"video/mpg", "mpg"},
    Format{"video/x-ms-wmv", "wmv"},   Format{"video/x-flv", "flv"}, Format{"video/3gpp", "three_gp"}};

// How a kind of medium is told, and how much of it one turn may hold.
struct Kind {
  std::string_view key;
  std::string_view what;
  std::span<const Format> formats;
  std::size_t most_bytes = 0;  // 0 = nothing is said
  int most = 0;
};
constexpr std::size_t megabyte = 1024 * 1024;

Kind kind_of(Media::Kind kind) {
  switch (kind) {
    case Media::Kind::image:
      return {.key = "image", .what = "images", .formats = images, .most_bytes = megabyte * 15 / 4, .most = 20};
    case Media::Kind::audio:
      return {.key = "audio", .what = "sounds", .formats = sounds};
    case Media::Kind::video:
      return {.key = "video", .what = "videos", .formats = videos};
    case Media::Kind::document:
      return {.key = "document", .what = "documents", .formats = documents, .most_bytes = megabyte * 9 / 2, .most = 5};
  }
  return {};
}

std::string_view format_of(std::string_view mime, const Kind& kind) {
  mime = mime.substr(0, mime.find(';'));
  for (const auto& format : kind.formats) {
    if (format.mime == mime) return format.name;
  }
  return {};
}

std::string list_of(const Kind& kind) {
  std::string out;
  std::string_view last;
  for (const auto& format : kind.formats) {
    if (format.name != last) out += fmt::format("{}{}", out.empty() ? "" : ", ", format.name);
    last = format.name;
  }
  return out;
}

}  // namespace

Status MediaWriter::check(const Media& media, const std::string& place) {
  const auto kind = kind_of(media.kind);
  if (media.data.empty()) {
    return failure(unsupported(fmt::format("Bedrock takes {} inline only, in base64.", kind.what), place));
  }
  if (format_of(media.mime, kind).empty()) {
    return failure(unsupported(fmt::format("Bedrock takes {} as {}, and not as '{}'.", kind.what, list_of(kind),
                                           media.mime.empty() ? std::string_view("(not said)") : media.mime),
                               place));
  }
  if (kind.most_bytes != 0 && media.data.size() / 4 * 3 > kind.most_bytes + 2) {
    return failure(unsupported(fmt::format("Bedrock takes {} of {:.2f} MB at most.", kind.what,
                                           static_cast<double>(kind.most_bytes) / megabyte),
                               place));
  }
  auto& count = media.kind == Media::Kind::image ? images_ : documents_;
  if (kind.most != 0 && ++count > kind.most) {
    return failure(unsupported(fmt::format("Bedrock takes {} {} in a turn at most.", kind.most, kind.what), place));
  }
  return {};
}

// Letters, digits, single blanks, hyphens, brackets of two kinds; no two of the same name in one request.
std::string MediaWriter::document_name(std::string_view wanted) {
  constexpr std::size_t longest = 180;
  wanted = wanted.substr(0, wanted.rfind('.'));
  std::string name;
  for (const char c : wanted.substr(0, longest)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                       c == '(' || c == ')' || c == '[' || c == ']';
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != ' ') {
      name += ' ';
    }
  }
  if (name.ends_with(' ')) name.pop_back();
  if (name.empty()) name = "document";
  const auto taken = [&](const std::string& one) {
    return std::find(names_.begin(), names_.end(), one) != names_.end();
  };
  auto own = name;
  for (int number = 2; taken(own); ++number) own = fmt::format("{} {}", name, number);
  names_.push_back(own);
  return own;
}

Status MediaWriter::write(const Media& media, MediaHolder holder, const std::string& place) {
  const auto kind = kind_of(media.kind);
  if (holder == MediaHolder::tool_result && media.kind == Media::Kind::audio) {
    return failure(unsupported("Bedrock takes no sounds in a tool's result.", place));
  }
  if (auto fits = check(media, place); !fits) return fits;
  writer_.begin_object().key(kind.key).begin_object().key("format").value(format_of(media.mime, kind));
  if (media.kind == Media::Kind::document) writer_.key("name").value(document_name(media.name));
  writer_.key("source").begin_object().key("bytes").value(media.data).end_object().end_object().end_object();
  return {};
}

}  // namespace weir::bedrock
