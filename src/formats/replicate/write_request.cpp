// A Request → the creation of a prediction.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "core/base64.h"
#include "formats/replicate/model_face.h"
#include "formats/shared/form_json.h"
#include "formats/shared/picture_request.h"
#include "formats/shared/translation.h"

namespace weir::replicate {
namespace {

// For a quick answer with the first one, no longer: until it comes, the prediction has no name to be cancelled by.
constexpr std::string_view hold = "wait=2";
constexpr int64_t shortest_life_s = 5;  // that `Cancel-After` may say

bool is_segment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

// The ratios that models have names for.
std::string_view usual_ratio(int64_t width, int64_t height) {
  constexpr std::array<std::string_view, 11> names = {"1:1", "16:9", "9:16", "3:2",  "2:3", "4:3",
                                                      "3:4", "4:5",  "5:4",  "21:9", "9:21"};
  const auto common = std::gcd(width, height);
  const auto ratio = fmt::format("{}:{}", width / common, height / common);
  const auto* const found = std::find(names.begin(), names.end(), ratio);
  return found == names.end() ? std::string_view() : *found;
}

std::string data_url(const GivenPicture& picture) {
  const auto type = picture.type.empty() ? std::string_view("application/octet-stream") : picture.type;
  return fmt::format("data:{};base64,{}", type, encode_base64(picture.bytes));
}

// What OpenAI's request says in its own way.
bool is_translated(std::string_view key) {
  constexpr std::array<std::string_view, 14> names = {
      "model", "prompt",  "n",      "size",        "stream",     "response_format", "image",
      "mask",  "image[]", "images", "input_image", "input_file", part_header_key,   "partial_images"};
  return std::find(names.begin(), names.end(), key) != names.end();
}

// A form's numbers are texts; models refuse those.
void write_plain(json::Writer& writer, const json::Element& value, bool form) {
  std::string_view text;
  json::Document document;
  const bool is_text = form && value.get(text) == simdjson::SUCCESS;
  if (is_text && document.parse_copy(text) && (document.root().is_number() || document.root().is_bool())) {
    writer.value(document.root());
  } else {
    writer.value(value);
  }
}

}  // namespace

Result<Where> where(std::string_view model) {
  constexpr std::string_view deployments = "deployments/";
  const auto whole = model;
  const bool deployed = model.starts_with(deployments);
  if (deployed) model.remove_prefix(deployments.size());
  const auto colon = model.find(':');
  const auto path = model.substr(0, colon);
  const auto slash = path.find('/');
  const bool named =
      slash != std::string_view::npos && is_segment(path.substr(0, slash)) && is_segment(path.substr(slash + 1));
  constexpr std::size_t version_letters = 64;
  const bool versioned = named && colon != std::string_view::npos && is_segment(model.substr(colon + 1));
  if (!deployed && (versioned || (model.size() == version_letters && is_segment(model))))
    return Where{.tail = "/predictions", .version = model};
  if (named && colon == std::string_view::npos)
    return Where{.tail = fmt::format("/{}/{}/predictions", deployed ? "deployments" : "models", path), .version = {}};
  return failure(
      unsupported(fmt::format("'{}' is no name of a model at Replicate: OWNER/NAME, OWNER/NAME:VERSION, a version or "
                              "deployments/OWNER/NAME.",
                              whole),
                  "model"));
}

// Hints to OpenAI's own service say nothing to a model; everything else may be an input of it.
bool is_model_input(std::string_view key) {
  constexpr std::array<std::string_view, 9> hints = {"user",
                                                     "metadata",
                                                     "store",
                                                     "service_tier",
                                                     "safety_identifier",
                                                     "prompt_cache_key",
                                                     "stream_options",
                                                     "prompt_cache_retention",
                                                     "parallel_tool_calls"};
  return key.find_first_of(".[") == std::string_view::npos && std::find(hints.begin(), hints.end(), key) == hints.end();
}

Status write_picture_input(json::Writer& writer, const Request& request) {
  const auto asked = read_picture_request(request, PictureLimits::by_model);
  if (!asked) return failure(asked.error());
  if (request.document->left_out() > 0)
    return failure(unsupported("Replicate is sent no long lists of numbers.", "prompt"));
  json::Object root;
  json::read_if(request.document->root(), root);
  bool says_format = false;
  for (const auto member : root) {
    says_format = says_format || member.key == "response_format";
    if (member.value.is_null() || is_translated(member.key) || !is_model_input(member.key)) continue;
    writer.key(member.key);
    write_plain(writer, member.value, !request.form.empty());
  }
  if (says_format && !asked->wants_url) {
    return failure(unsupported(
        "Replicate gives addresses of pictures, not their bytes: ask with response_format 'url'.", "response_format"));
  }
  if (!asked->prompt.empty()) writer.key("prompt").value(asked->prompt);
  if (asked->n != 1) writer.key("num_outputs").value(asked->n);
  if (asked->width) {
    writer.key("width").value(*asked->width).key("height").value(*asked->height);
    const auto ratio = usual_ratio(*asked->width, *asked->height);
    if (!ratio.empty() && root["aspect_ratio"].error() != simdjson::SUCCESS) writer.key("aspect_ratio").value(ratio);
  }
  if (asked->images.size() > 1) return failure(unsupported("Replicate's models change one picture.", "image"));
  if (!asked->images.empty()) writer.key("image").value(data_url(asked->images.front()));
  // OpenAI's masks are open where the picture is to change, those of most models are black there.
  if (asked->mask) return failure(unsupported("A mask means something else to Replicate's models.", "mask"));
  return {};
}

HttpRequest question(const ProviderSettings& provider, std::string method, std::string_view tail) {
  HttpRequest http{.method = std::move(method), .path = provider.url.path.empty() ? "/v1" : ""};
  http.path += tail;
  add_bearer(provider, http.headers);
  return http;
}

Result<HttpRequest> write_request(const Request& request, const Target& target) {
  const auto at = where(target.model.name);
  if (!at) return failure(at.error());
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  if (!at->version.empty()) writer.key("version").value(at->version);
  writer.key("input").begin_object();
  const auto written =
      request.operation == Operation::image ? write_picture_input(writer, request) : write_words_input(writer, request);
  if (!written) return failure(written.error());
  writer.end_object().end_object();
  auto http = question(target.provider, "POST", at->tail);
  http.headers.add("Content-Type", "application/json");
  // Who wants a stream waits for pieces, not for the whole.
  if (!request.stream) http.headers.add("Prefer", std::string(hold));
  // Should nobody be left to cancel it.
  const auto life_s = std::max(target.provider.timeouts.total / 1000, shortest_life_s);
  http.headers.add("Cancel-After", fmt::format("{}s", life_s));
  http.body = std::move(body);
  return http;
}

}  // namespace weir::replicate
