// The content of messages and of tools' results in the Responses format: a text, or parts.
#include <fmt/format.h>

#include "formats/responses/request_reader.h"

namespace weir::responses {
namespace {

std::string_view sound_type(std::string_view format) {
  if (format == "mp3") return "audio/mpeg";
  if (format == "flac") return "audio/flac";
  if (format == "ogg" || format == "opus") return "audio/ogg";
  if (format == "aac") return "audio/aac";
  if (format == "m4a") return "audio/mp4";
  if (format == "webm") return "audio/webm";
  return "audio/wav";
}

// Base64 of `%PDF-`: the only kind of file that every provider takes, and clients name it by its ending at most.
bool is_pdf(std::string_view base64) { return base64.starts_with("JVBERi0"); }

}  // namespace

bool RequestReader::content(const Element& value, const Place& place, std::vector<Part>& parts) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    parts.emplace_back().text = text;
    count(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of parts", value);
  parts.reserve(parts.size() + list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    if (!part(element, Place{.outer = &place, .key = {}, .index = index++}, parts.emplace_back())) return false;
  }
  return true;
}

bool RequestReader::part(const Element& value, const Place& place, Part& out) {
  json::Object object;
  std::string_view type;
  if (!read(value, place, object) || !needed(object, "type", place, type)) return false;
  if (Element mark; object.at_key("prompt_cache_breakpoint").get(mark) == simdjson::SUCCESS) {
    out.cache = mark.is_object();
  }
  if (type == "input_text" || type == "output_text") return text_part(object, "text", place, out);
  if (type == "refusal") return text_part(object, "refusal", place, out);
  if (type == "input_image") return image(object, place, out);
  if (type == "input_file") return file(object, place, out);
  if (type == "input_audio") return sound(object, place, out);
  out.kind = Part::Kind::foreign;
  out.raw = value;
  only_here(place, fmt::format("content of type '{}'", type));
  return true;
}

bool RequestReader::text_part(const json::Object& object, std::string_view key, const Place& place, Part& out) {
  out.kind = key == "refusal" ? Part::Kind::refusal : Part::Kind::text;
  if (!needed(object, key, place, out.text)) return false;
  count(out.text);
  // Where an earlier answer got a text from: what the model itself is shown of it stands in the text.
  json::Array notes;
  if (object.at_key("annotations").get(notes) == simdjson::SUCCESS && notes.size() != 0) {
    leave_out(Place{.outer = &place, .key = "annotations"});
  }
  return true;
}

bool RequestReader::image(const json::Object& object, const Place& place, Part& out) {
  out.kind = Part::Kind::media;
  request_.has_images = true;
  std::string_view url;
  std::string_view id;
  std::string_view detail;
  if (!allowed(object, "image_url", place, url) || !allowed(object, "file_id", place, id) ||
      !allowed(object, "detail", place, detail)) {
    return false;
  }
  if (url.empty() && id.empty()) return missing(Place{.outer = &place, .key = "image_url"});
  out.media = media_of_url(url, Media::Kind::image);
  out.media.detail = detail;
  out.media.file = id;
  if (url.empty()) only_here(Place{.outer = &place, .key = "file_id"}, "a file that its provider keeps");
  return true;
}

bool RequestReader::file(const json::Object& object, const Place& place, Part& out) {
  out.kind = Part::Kind::media;
  std::string_view data;
  std::string_view url;
  std::string_view id;
  std::string_view name;
  if (!allowed(object, "file_data", place, data) || !allowed(object, "file_url", place, url) ||
      !allowed(object, "file_id", place, id) || !allowed(object, "filename", place, name) ||
      !allowed(object, "detail", place, out.media.detail)) {
    return false;
  }
  if (data.empty() && url.empty() && id.empty()) return missing(Place{.outer = &place, .key = "file_data"});
  const auto detail = out.media.detail;
  if (data.empty() || data.starts_with("data:")) {
    out.media = media_of_url(data.empty() ? url : data, Media::Kind::document);
    if (!out.media.mime.empty()) out.media.kind = kind_of_mime(out.media.mime);
    if (out.media.kind == Media::Kind::image) request_.has_images = true;
  } else {
    out.media = {.kind = Media::Kind::document, .mime = is_pdf(data) ? "application/pdf" : "", .data = data};
  }
  out.media.name = name;
  out.media.file = id;
  out.media.detail = detail;
  if (data.empty() && url.empty())
    only_here(Place{.outer = &place, .key = "file_id"}, "a file that its provider keeps");
  return true;
}

bool RequestReader::sound(const json::Object& object, const Place& place, Part& out) {
  out.kind = Part::Kind::media;
  const Place here{.outer = &place, .key = "input_audio"};
  Element value;
  json::Object inner;
  std::string_view data;
  std::string_view format;
  if (object.at_key("input_audio").get(value) != simdjson::SUCCESS) return missing(here);
  if (!read(value, here, inner) || !needed(inner, "data", here, data) || !allowed(inner, "format", here, format)) {
    return false;
  }
  out.media = {.kind = Media::Kind::audio, .mime = sound_type(format), .data = data};
  return true;
}

}  // namespace weir::responses
