// Requests, answers and errors of /sdapi/v1.
#include <fmt/format.h>

#include <algorithm>

#include "core/base64.h"
#include "formats/automatic1111/model_face.h"
#include "formats/job_progress.h"
#include "formats/shared/errors.h"
#include "formats/shared/picture_events.h"
#include "formats/shared/picture_request.h"
#include "formats/shared/translation.h"

namespace weir::automatic1111 {
namespace {

// One request is the whole job. How far the server is, another tells: of whatever it does, which is one job at a time.
class Painting final : public Job, public JobProgress {
 public:
  Painting(const PictureRequest& asked, const ProviderSettings& provider)
      : n_(asked.n), wants_url_(asked.wants_url), previews_(asked.previews), provider_(provider) {}

  Result<std::optional<NextStep>> then(HttpResponse answer) override {
    over_ = true;
    auto read = read_answer(std::move(answer.body), n_, wants_url_);
    if (!read) return failure(std::move(read.error()));
    response_ = std::move(*read);
    for (const auto& picture : response_.pictures)
      news_.push_back(picture_event(static_cast<int64_t>(news_.size()), picture));
    return std::optional<NextStep>();
  }
  Result<Response> answer() override { return std::move(response_); }
  std::vector<HttpRequest> cancel() const override {
    if (over_) return {};
    HttpRequest interrupt{.path = "/sdapi/v1/interrupt"};
    add_credential(provider_, interrupt.headers);
    return {std::move(interrupt)};
  }

  std::optional<HttpRequest> look() const override {
    HttpRequest http{.method = "GET", .path = "/sdapi/v1/progress"};
    http.path += previews_ > shown_ ? "?skip_current_image=false" : "?skip_current_image=true";
    add_credential(provider_, http.headers);
    return http;
  }
  void seen(HttpResponse answer) override;
  std::vector<StreamEvent> news() override { return std::exchange(news_, {}); }

 private:
  const int64_t n_;
  const bool wants_url_;
  const int64_t previews_;
  const ProviderSettings& provider_;
  Response response_;
  std::vector<StreamEvent> news_;
  std::string last_preview_;
  int64_t shown_ = 0;  // previews
  double part_ = 0;    // that was done when it was last told
  bool over_ = false;
};

void Painting::seen(HttpResponse answer) {
  json::Document document;
  json::Object told;
  if (!document.parse(std::move(answer.body)) || document.root().get(told) != simdjson::SUCCESS) return;
  double part = 0;
  json::read_if(told["progress"], part);
  if (part > part_ && part < 1) {
    part_ = part;
    news_.push_back(progress_event(part));
  }
  // It is null until there is one, and the same until there is another.
  const auto image = json::string_or(told, "current_image");
  if (image.empty() || shown_ >= previews_ || part <= 0 || image == last_preview_) return;
  auto picture = picture_of_base64(image, false);
  if (!picture) return;
  last_preview_ = image;
  news_.push_back(preview_event(shown_++, std::move(picture->data)));
}

void write_settings(json::Writer& writer, const PictureRequest& asked) {
  const auto number = [&](std::string_view key, const auto& value) {
    if (value) writer.key(key).value(*value);
  };
  writer.key("prompt").value(asked.prompt);
  if (!asked.negative_prompt.empty()) writer.key("negative_prompt").value(asked.negative_prompt);
  number("width", asked.width);
  number("height", asked.height);
  number("seed", asked.seed);
  number("steps", asked.steps);
  number("cfg_scale", asked.cfg_scale);
  if (!asked.sampler.empty()) writer.key("sampler_name").value(asked.sampler);
  // One behind the other: a batch of them at once may not fit into the card.
  writer.key("n_iter").value(asked.n).key("batch_size").value(1);
}

// What is wrong, among the fields of one error: `error` is the name of an exception, the words stand beside it.
std::string words_of(const json::Object& said) {
  for (const std::string_view key : {"errors", "detail", "error", "message"}) {
    const auto words = json::string_or(said, key);
    if (!words.empty()) return std::string(words);
  }
  return {};
}

}  // namespace

void add_credential(const ProviderSettings& provider, Headers& headers) {
  if (provider.api_key.find(':') == std::string::npos) return add_bearer(provider, headers);
  headers.add("Authorization", "Basic " + encode_base64(provider.api_key));
  add_extra_headers(provider, headers);
}

Result<HttpRequest> write_request(const Request& request, const Target& target) {
  const auto asked = read_picture_request(request, PictureLimits::by_server);
  if (!asked) return failure(asked.error());
  if (asked->images.size() > 1) return failure(unsupported("This server changes one picture at a time.", "image"));
  // OpenAI's masks are open where the picture is to change, these are white there.
  if (asked->mask) return failure(unsupported("A mask means something else to this server.", "mask"));
  const bool changes = !asked->images.empty();
  if (asked->strength && !changes) return failure(unsupported("Only a change has a strength.", "strength"));
  HttpRequest http{.path = changes ? "/sdapi/v1/img2img" : "/sdapi/v1/txt2img"};
  http.headers.add("Content-Type", "application/json");
  add_credential(target.provider, http.headers);
  json::Writer writer(http.body);
  writer.begin_object();
  write_settings(writer, *asked);
  if (changes) writer.key("init_images").begin_array().value(encode_base64(asked->images.front().bytes)).end_array();
  if (asked->strength) writer.key("denoising_strength").value(*asked->strength);
  if (target.model.name != loaded_model) {
    writer.key("override_settings").begin_object();
    writer.key("sd_model_checkpoint").value(target.model.name).end_object();
    // Left loaded: to load the one before anew takes longer than a picture.
    writer.key("override_settings_restore_afterwards").boolean(false);
  }
  writer.end_object();
  return http;
}

Result<Response> read_answer(std::string body, int64_t n, bool wants_url) {
  json::Document document;
  json::Object answer;
  json::Array images;
  if (!document.parse(std::move(body)) || document.root().get(answer) != simdjson::SUCCESS)
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it is no JSON object.");
  if (answer["images"].get(images) != simdjson::SUCCESS || images.size() == 0) {
    const auto words = words_of(answer);
    if (!words.empty()) return failure(classify_text(words));
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it has no `images`.");
  }
  Response response{.operation = Operation::image};
  for (const auto image : images) {
    // Extensions add what they worked with (a map of edges, a grid) behind the pictures.
    if (static_cast<int64_t>(response.pictures.size()) == n) break;
    std::string_view base64;
    if (image.get(base64) != simdjson::SUCCESS)
      return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: a picture of it is no text.");
    if (const auto comma = base64.find(','); base64.starts_with("data:") && comma != std::string_view::npos)
      base64.remove_prefix(comma + 1);
    auto picture = picture_of_base64(base64, wants_url);
    if (!picture) return failure(std::move(picture.error()));
    response.pictures.push_back(std::move(*picture));
  }
  return response;
}

std::unique_ptr<Job> make_job(const Request& request, const Target& target) {
  const auto asked = read_picture_request(request, PictureLimits::by_server);
  return asked ? std::make_unique<Painting>(*asked, target.provider) : nullptr;
}

Error classify(const HttpResponse& response) {
  json::Document document;
  json::Object said;
  if (!document.parse_copy(response.body) || document.root().get(said) != simdjson::SUCCESS)
    return classify_response(response);
  const auto words = words_of(said);
  if (response.status == 404 && words == "Not Found") {
    return {.code = ErrorCode::upstream_no_model,
            .message = "The server has no /sdapi/v1: it must be started with --api.",
            .http_status = 0};
  }
  if (words.empty()) return classify_response(response);
  const bool sampler = words.find("ampler") != std::string::npos;
  HttpResponse shaped{.status = sampler && response.status < 500 ? 400 : response.status, .headers = response.headers};
  json::Writer(shaped.body).begin_object().key("message").value(words).end_object();
  return classify_response(shaped);
}

}  // namespace weir::automatic1111
