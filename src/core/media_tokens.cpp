#include "core/media_tokens.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr int deepest = 16;
constexpr std::size_t shortest_payload = 256;     // of base64 that does not say what it is
constexpr int64_t tokens_of_a_reference = 4'096;  // a file's id or address: nobody knows how large it is

// Bytes for a token, in tenths. A page of a PDF takes some 30 KB and 1,500 tokens; a second of speech 8 KB and 32.
constexpr int64_t of_text = 36;
constexpr int64_t of_document = 200;
constexpr int64_t of_sound = 2'500;

int64_t at_rate(std::size_t bytes, int64_t tenths_a_token) {
  return static_cast<int64_t>(bytes) * 10 / tenths_a_token + 1;
}

// What the first bytes of known kinds look like in base64: RIFF (WAV), ID3 and a bare frame (MP3), Ogg, FLAC.
constexpr std::array<std::string_view, 6> sounds = {"UklGR", "SUQz", "//uQ", "//vQ", "T2dn", "ZkxhQ"};

int64_t tokens_of_payload(std::string_view type, std::string_view base64) {
  const auto bytes = base64.size() / 4 * 3;
  if (type.starts_with("image/")) return tokens_per_image;
  if (type.starts_with("audio/") || type.starts_with("video/")) return at_rate(bytes, of_sound);
  if (type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml")) return at_rate(bytes, of_text);
  const bool sounds_like =
      std::any_of(sounds.begin(), sounds.end(), [&](auto start) { return base64.starts_with(start); });
  return at_rate(bytes, sounds_like ? of_sound : of_document);
}

bool is_base64(std::string_view text) {
  if (text.size() < shortest_payload) return false;
  const auto start = text.substr(0, shortest_payload);
  return std::all_of(start.begin(), start.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' ||
           c == '-' || c == '_' || c == '\r' || c == '\n';
  });
}

int64_t tokens_of_text(std::string_view text) {
  if (text.starts_with("data:")) {
    const auto comma = text.find(',');
    if (comma != std::string_view::npos) {
      const auto type = text.substr(5, std::min(comma, text.find(';')) - 5);
      return tokens_of_payload(type, text.substr(comma + 1));
    }
  }
  if (is_base64(text)) return tokens_of_payload({}, text);
  return at_rate(text.size(), of_text);
}

int64_t tokens_of(const json::Element& element, int depth) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return tokens_of_text(text);
  int64_t sum = 0;
  json::Object object;
  json::Array array;
  if (depth >= deepest) return 0;
  if (element.get(object) == simdjson::SUCCESS) {
    for (const auto member : object) {
      const bool reference = member.key == "file_id" || member.key == "file_url" || member.key == "url";
      std::string_view value;
      const bool elsewhere = reference && member.value.get(value) == simdjson::SUCCESS && !value.starts_with("data:");
      sum += elsewhere ? tokens_of_a_reference : tokens_of(member.value, depth + 1);
    }
  } else if (element.get(array) == simdjson::SUCCESS) {
    for (const auto item : array) sum += tokens_of(item, depth + 1);
  }
  return sum;
}

}  // namespace

int64_t media_tokens(const Part& part) {
  if (part.kind == Part::Kind::foreign) return tokens_of(part.raw, 0);
  if (part.kind != Part::Kind::media) return 0;
  const auto& media = part.media;
  // An image address that holds something else is measured as what it holds.
  const bool picture = media.kind == Media::Kind::image && (media.mime.empty() || media.mime.starts_with("image/"));
  if (picture && !(media.data.empty() && media.url.starts_with("data:"))) return tokens_per_image;
  if (media.data.empty() && media.url.starts_with("data:")) return tokens_of_text(media.url);
  if (media.data.empty()) return tokens_of_a_reference;
  if (!media.mime.empty()) return tokens_of_payload(media.mime, media.data);
  const auto type = media.kind == Media::Kind::audio ? "audio/*" : "application/*";
  return media.kind == Media::Kind::document ? tokens_of_payload({}, media.data) : tokens_of_payload(type, media.data);
}

}  // namespace weir
