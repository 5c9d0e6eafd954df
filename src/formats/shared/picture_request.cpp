#include "formats/shared/picture_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/base64.h"
#include "formats/shared/form_json.h"
#include "formats/shared/multipart.h"
#include "formats/shared/translation.h"

namespace weir {
namespace {

constexpr int64_t longest_side = 16'384;
constexpr std::array<std::string_view, 17> plain_fields = {
    "model",      "prompt",    "n",          "size",          "stream",        "response_format",
    "image",      "image[]",   "images",     "mask",          "input_image",   "output_format",
    "background", "variation", "input_file", part_header_key, "partial_images"};
constexpr std::array<std::string_view, 8> extra_fields = {
    "negative_prompt", "seed", "steps", "sampler", "sampler_name", "cfg_scale", "strength", "denoising_strength"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tl::unexpected<Error> invalid(std::string_view key, std::string_view what) {
  return failure(Error{.code = ErrorCode::invalid_request,
                       .message = fmt::format("Invalid '{}': {}.", key, what),
                       .param = std::string(key)});
}

// Of base64, with its padding.
bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

template <typename T>
bool parse_number(std::string_view text, T& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && std::isfinite(static_cast<double>(out));
}

class Reader {
 public:
  Reader(const Request& request, PictureLimits limits) : request_(request), limits_(limits) {}

  Result<PictureRequest> read() {
    asked_.n = request_.n;
    if (!request_.document) return invalid("body", "there is none");
    if (request_.endpoint == "/images/variations") {
      return failure(unsupported("This provider makes no variations of a picture.", "image"));
    }
    json::Object root;
    if (request_.document->root().get(root) != simdjson::SUCCESS) return invalid("body", "it is no object");
    for (const auto member : root) {
      if (member.value.is_null()) continue;
      if (auto taken = field(member.key, member.value); !taken) return failure(std::move(taken.error()));
    }
    if (!request_.form.empty()) {
      if (auto taken = files(); !taken) return failure(std::move(taken.error()));
    }
    if (request_.endpoint == "/images/edits" && asked_.images.empty()) return invalid("image", "there is none");
    if (request_.endpoint != "/images/edits") {
      if (!asked_.images.empty()) return invalid("image", "only /v1/images/edits takes one");
      if (asked_.prompt.empty()) return invalid("prompt", "there is none");
    }
    return std::move(asked_);
  }

 private:
  Status field(std::string_view key, const json::Element& value) {
    if (key == "prompt") return text(key, value, asked_.prompt);
    if (key == "size") return size(value);
    if (key == "images") return given(value);
    if (key == "partial_images") return previews(value);
    return limits_ == PictureLimits::by_server ? own_field(key, value) : promise(key, value);
  }

  Status own_field(std::string_view key, const json::Element& value) {
    if (key == "negative_prompt") return text(key, value, asked_.negative_prompt);
    if (key == "sampler" || key == "sampler_name") return text(key, value, asked_.sampler);
    if (key == "seed") return number(key, value, asked_.seed);
    if (key == "steps") return number(key, value, asked_.steps);
    if (key == "cfg_scale") return number(key, value, asked_.cfg_scale);
    if (key == "strength" || key == "denoising_strength") return number(key, value, asked_.strength);
    return promise(key, value);
  }

  // What changes the picture in a way that nothing here can promise.
  Status promise(std::string_view key, const json::Element& value) {
    std::string_view said;
    const bool is_text = value.get(said) == simdjson::SUCCESS;
    if (key == "response_format") {
      if (said != "url" && said != "b64_json") return invalid(key, "it is neither url nor b64_json");
      asked_.wants_url = said == "url";
    } else if (limits_ == PictureLimits::by_model && (key == "output_format" || key == "background")) {
      return {};
    } else if (key == "output_format" && said != "png") {
      return failure(unsupported("This provider makes PNG, or what its own settings say.", std::string(key)));
    } else if (key == "background" && (!is_text || said == "transparent")) {
      return failure(unsupported("This provider makes no transparent background.", std::string(key)));
    } else if ((key == "image" || key == "image[]" || key == "mask") && request_.form.empty()) {
      return failure(unsupported("Pictures come in a form, or in `images` as data: URLs.", std::string(key)));
    }
    return {};
  }

  static Status text(std::string_view key, const json::Element& value, std::string_view& out) {
    if (value.get(out) != simdjson::SUCCESS) return invalid(key, "it is no string");
    return {};
  }

  // Forms have no types: their numbers are texts.
  template <typename T>
  static Status number(std::string_view key, const json::Element& value, std::optional<T>& out) {
    T number{};
    std::string_view said;
    const bool read =
        value.get(said) == simdjson::SUCCESS ? parse_number(said, number) : value.get(number) == simdjson::SUCCESS;
    if (!read) return invalid(key, "it is no number");
    out = number;
    return {};
  }

  Status size(const json::Element& value) {
    std::string_view said;
    if (value.get(said) != simdjson::SUCCESS) return invalid("size", "it is no string");
    if (said == "auto") return {};
    const auto cross = said.find('x');
    int64_t width = 0;
    int64_t height = 0;
    const bool good = cross != std::string_view::npos && parse_number(said.substr(0, cross), width) &&
                      parse_number(said.substr(cross + 1), height) && width > 0 && height > 0 &&
                      width <= longest_side && height <= longest_side;
    if (!good) return invalid("size", "it is not like 1024x768");
    asked_.width = width;
    asked_.height = height;
    return {};
  }

  Status previews(const json::Element& value) {
    constexpr int64_t most = 3;
    std::optional<int64_t> asked;
    if (auto read = number("partial_images", value, asked); !read) return read;
    if (*asked < 0 || *asked > most) return invalid("partial_images", "it is not from 0 to 3");
    asked_.previews = *asked;
    return {};
  }

  // `images` of a JSON body: data: URLs, or objects with one.
  Status given(const json::Element& value) {
    json::Array list;
    if (value.get(list) != simdjson::SUCCESS) return invalid("images", "it is no array");
    std::size_t index = 0;
    for (const auto element : list) {
      const auto place = fmt::format("images[{}]", index++);
      std::string_view url;
      if (element.get(url) != simdjson::SUCCESS && element["image_url"].get(url) != simdjson::SUCCESS) {
        return failure(unsupported("Pictures are taken as data: URLs only, not by the id of a file.", place));
      }
      const auto media = media_of_url(url, Media::Kind::image);
      const auto bytes = media.data.empty() ? std::nullopt : decode_base64(media.data);
      if (!bytes) return failure(unsupported("Pictures are taken as data: URLs with base64 only.", place));
      asked_.images.push_back({.bytes = *bytes, .type = std::string(picture_type(*bytes))});
    }
    return {};
  }

  Status files() {
    const auto fields = read_form(request_.form, form_boundary(request_.form_type));
    if (!fields) return failure(fields.error());
    for (const auto& field : *fields) {
      if (!field.is_file) continue;
      GivenPicture picture{.bytes = std::string(field.value), .type = std::string(picture_type(field.value))};
      if (field.name == "mask") {
        asked_.mask = std::move(picture);
      } else if (field.name == "image" || field.name == "image[]") {
        asked_.images.push_back(std::move(picture));
      } else {
        return failure(unsupported("This provider takes files as `image` and `mask` only.", std::string(field.name)));
      }
    }
    return {};
  }

  const Request& request_;
  const PictureLimits limits_;
  PictureRequest asked_;
};

}  // namespace

Result<PictureRequest> read_picture_request(const Request& request, PictureLimits limits) {
  return Reader(request, limits).read();
}

bool is_picture_field(std::string_view key) { return is_one_of(plain_fields, key); }

bool is_picture_extra(std::string_view key) { return is_one_of(extra_fields, key); }

std::string_view picture_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF8")) return "image/gif";
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return "image/webp";
  if (bytes.size() >= 12 && bytes.substr(4, 8) == "ftypavif") return "image/avif";
  return {};
}

Result<Picture> picture_of_base64(std::string_view base64, bool wants_url) {
  constexpr std::size_t head = 64;
  const auto begin = decode_base64(base64.substr(0, std::min(head, base64.size() / 4 * 4)));
  const auto type = begin ? picture_type(*begin) : std::string_view();
  const bool letters = std::all_of(base64.begin(), base64.end(), is_letter);
  if (type.empty() || !letters) {
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: a picture of it is none.");
  }
  if (wants_url) return Picture{.url = fmt::format("data:{};base64,{}", type, base64)};
  return Picture{.data = std::string(base64)};
}

}  // namespace weir
