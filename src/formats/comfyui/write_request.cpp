// The requests that a job at ComfyUI consists of.
#include <fmt/format.h>

#include <algorithm>

#include "formats/comfyui/model_face.h"
#include "formats/comfyui/workflow.h"
#include "formats/shared/translation.h"

namespace weir::comfyui {
namespace {

constexpr uint64_t mix_first = 0x9e3779b97f4a7c15;
constexpr uint64_t mix_second = 0xbf58476d1ce4e5b9;

// One number out of another, without a pattern that shows.
uint64_t mixed(uint64_t number) {
  number = (number + mix_first) * mix_second;
  return number ^ (number >> 31);
}

std::string_view suffix_of(std::string_view type) {
  if (type == "image/jpeg") return "jpg";
  if (type == "image/webp") return "webp";
  if (type == "image/gif") return "gif";
  return "png";
}

Result<PictureRequest> checked(const Request& request, const Target& target) {
  auto asked = read_picture_request(request, PictureLimits::by_server);
  if (!asked) return asked;
  const auto* const workflow = workflow_of(target);
  if (workflow == nullptr) {
    return failure(unsupported(
        fmt::format("{} has no `workflow`: name a file with one in the config.", target.model.id), "model"));
  }
  if (auto good = has_place_for(*workflow, *asked); !good) return failure(std::move(good.error()));
  return asked;
}

}  // namespace

const std::string* workflow_of(const Target& target) {
  return target.model.workflow ? target.model.workflow.get() : target.provider.workflow.get();
}

std::string job_id(uint64_t unique) {
  const auto high = mixed(unique);
  const auto low = mixed(high);
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | (low >> 50), low & 0xffffffffffff);
}

int64_t job_seed(uint64_t unique) {
  constexpr uint64_t exact_in_a_double = (uint64_t{1} << 53) - 1;
  return static_cast<int64_t>(mixed(mixed(unique) + 1) & exact_in_a_double);
}

HttpRequest question(const ProviderSettings& provider, std::string method, std::string tail) {
  HttpRequest http{.method = std::move(method), .path = std::move(tail)};
  add_bearer(provider, http.headers);
  return http;
}

HttpRequest upload(const ProviderSettings& provider, const GivenPicture& picture, std::string_view kind,
                   uint64_t unique) {
  auto http = question(provider, "POST", "/upload/image");
  // Not in the bytes: nobody can know it before they were sent.
  auto boundary = fmt::format("weir-{}", job_id(unique));
  while (picture.bytes.find(boundary) != std::string::npos) boundary += 'x';
  http.headers.add("Content-Type", "multipart/form-data; boundary=" + boundary);
  const auto type = picture.type.empty() ? std::string_view("application/octet-stream") : picture.type;
  http.body = fmt::format(
      "--{0}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"weir-{1}-{2}.{3}\"\r\nContent-Type: "
      "{4}\r\n\r\n",
      boundary, kind, job_id(unique), suffix_of(type), type);
  http.body += picture.bytes;
  http.body +=
      fmt::format("\r\n--{0}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\ninput\r\n--{0}--\r\n", boundary);
  return http;
}

HttpRequest prompt(const ProviderSettings& provider, std::string_view graph, std::string_view id) {
  auto http = question(provider, "POST", "/prompt");
  http.headers.add("Content-Type", "application/json");
  json::Writer writer(http.body);
  writer.begin_object().key("prompt").raw(graph);
  // Without a client a repeated graph is answered out of the cache, with nothing.
  writer.key("client_id").value(id).key("prompt_id").value(id).end_object();
  return http;
}

Result<HttpRequest> write_request(const Request& request, const Target& target) {
  const auto asked = checked(request, target);
  if (!asked) return failure(asked.error());
  if (!asked->images.empty()) return upload(target.provider, asked->images.front(), "image", target.unique);
  const Filling filling{.model = target.model.name, .seed = job_seed(target.unique), .image = {}, .mask = {}};
  const auto graph = fill_workflow(*workflow_of(target), *asked, filling);
  if (!graph) return failure(graph.error());
  return prompt(target.provider, *graph, job_id(target.unique));
}

}  // namespace weir::comfyui
