// A workflow from its upload to the pictures it made.
#include <fmt/format.h>

#include <algorithm>

#include "core/base64.h"
#include "formats/comfyui/model_face.h"
#include "formats/comfyui/workflow.h"
#include "formats/job_progress.h"
#include "formats/shared/picture_events.h"
#include "formats/shared/query.h"

namespace weir::comfyui {
namespace {

constexpr int64_t poll_ms = 500;
constexpr int look_into_queue_every = 8;  // empty histories: does the server still know the job?
constexpr std::size_t longest_id = 128;
constexpr std::size_t most_pictures = 128;
constexpr std::size_t most_bytes = 64 * 1024 * 1024;  // of all pictures, as base64

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

bool is_job_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_in(const json::Object& queue, std::string_view list, std::string_view id) {
  json::Array jobs;
  if (queue.at_key(list).get(jobs) != simdjson::SUCCESS) return false;
  return std::any_of(jobs.begin(), jobs.end(), [&](const json::Element& job) {
    json::Array entry;
    std::string_view one;
    return job.get(entry) == simdjson::SUCCESS && entry.at(1).get(one) == simdjson::SUCCESS && one == id;
  });
}

// The path of a picture that a node saved; "" for what is none.
std::string view_path(const json::Object& image) {
  const auto file = json::string_or(image, "filename");
  if (file.empty()) return {};
  return fmt::format("/view?filename={}&subfolder={}&type={}", percent_encoded(file),
                     percent_encoded(json::string_or(image, "subfolder")),
                     percent_encoded(json::string_or(image, "type", "output")));
}

// Those that were saved; where none were, the previews.
std::vector<std::string> pictures_of(const json::Object& outputs) {
  std::vector<std::string> saved;
  std::vector<std::string> shown;
  for (const auto node : outputs) {
    json::Array images;
    if (node.value["images"].get(images) != simdjson::SUCCESS) continue;
    for (const auto element : images) {
      json::Object image;
      if (element.get(image) != simdjson::SUCCESS) continue;
      auto& list = json::string_or(image, "type", "output") == "output" ? saved : shown;
      auto path = view_path(image);
      if (!path.empty() && list.size() < most_pictures) list.push_back(std::move(path));
    }
  }
  return saved.empty() ? shown : saved;
}

class Run final : public Job, public JobProgress {
 public:
  Run(PictureRequest asked, const Target& target)
      : asked_(std::move(asked)),
        texts_{std::string(asked_.prompt), std::string(asked_.negative_prompt), std::string(asked_.sampler)},
        provider_(target.provider),
        model_(target.model),
        workflow_(workflow_of(target)),
        unique_(target.unique),
        id_(job_id(target.unique)),
        stage_(asked_.images.empty() ? Stage::queued : Stage::image) {
    // It may outlive its request.
    asked_.prompt = texts_[0];
    asked_.negative_prompt = texts_[1];
    asked_.sampler = texts_[2];
  }

  Result<std::optional<NextStep>> then(HttpResponse answer) override {
    if (stage_ == Stage::pictures) return picture(answer.body);
    json::Document document;
    json::Object said;
    if (!document.parse(std::move(answer.body)) || document.root().get(said) != simdjson::SUCCESS)
      return malformed("it is no JSON object");
    switch (stage_) {
      case Stage::image:
      case Stage::mask:
        return uploaded(said);
      case Stage::queued:
        return queued(said);
      case Stage::history:
        return history(said);
      case Stage::queue:
        return queue(said);
      case Stage::pictures:
        break;
    }
    return malformed("it came too late");
  }

  Result<Response> answer() override { return std::move(response_); }
  std::vector<StreamEvent> news() override { return std::exchange(news_, {}); }
  // The job's id is its client's too (prompt()), so that nothing of others' comes there.
  std::optional<HttpRequest> listen() const override {
    return question(provider_, "GET", "/ws?clientId=" + job_id(unique_));
  }
  void heard(Form form, std::string_view bytes) override {
    if (form == Form::text) return told(bytes);
    preview(bytes);
  }

  std::vector<HttpRequest> cancel() const override {
    if (!asked_for_ || over_) return {};
    std::vector<HttpRequest> words;
    auto& unqueue = words.emplace_back(question(provider_, "POST", "/queue"));
    unqueue.headers.add("Content-Type", "application/json");
    json::Writer(unqueue.body).begin_object().key("delete").begin_array().value(id_).end_array().end_object();
    // Servers that know no ids here stop whatever runs: only where it is known to be ours.
    if (!confirmed_) return words;
    auto& interrupt = words.emplace_back(question(provider_, "POST", "/interrupt"));
    interrupt.headers.add("Content-Type", "application/json");
    json::Writer(interrupt.body).begin_object().key("prompt_id").value(id_).end_object();
    return words;
  }

 private:
  enum class Stage : uint8_t { image, mask, queued, history, queue, pictures };

  // `progress` of the node that runs: of several samplers each begins anew, and what is told only grows.
  void told(std::string_view text) {
    json::Document document;
    json::Object event;
    json::Object data;
    if (!document.parse_copy(text) || document.root().get(event) != simdjson::SUCCESS ||
        json::string_or(event, "type") != "progress" || event["data"].get(data) != simdjson::SUCCESS) {
      return;
    }
    double value = 0;
    double most = 0;
    json::read_if(data["value"], value);
    json::read_if(data["max"], most);
    const double part = most > 0 ? value / most : 0;
    if (part <= part_ || part >= 1) return;
    part_ = part;
    news_.push_back(progress_event(part));
  }

  // A number of 32 bits, big end first, says what it is: 1, a picture behind another number for its format; 4, one
  // behind what is told of it.
  void preview(std::string_view bytes) {
    const auto number = [&](std::size_t at) {
      uint32_t read = 0;
      for (std::size_t i = 0; i < 4; ++i) read = read << 8U | static_cast<unsigned char>(bytes[at + i]);
      return read;
    };
    constexpr std::size_t heads = 8;
    if (bytes.size() <= heads || shown_ >= asked_.previews) return;
    const auto kind = number(0);
    if (kind != 1 && kind != 4) return;
    const auto skipped = heads + (kind == 4 ? std::size_t{number(4)} : 0);
    if (skipped >= bytes.size()) return;
    const auto picture = bytes.substr(skipped);
    if (picture_type(picture).empty()) return;
    news_.push_back(preview_event(shown_++, encode_base64(picture)));
  }

  NextStep ask_history(int64_t after_ms) {
    stage_ = Stage::history;
    return NextStep{.ask = question(provider_, "GET", "/history/" + id_), .after_ms = after_ms};
  }

  Result<std::optional<NextStep>> uploaded(const json::Object& said) {
    const auto file = json::string_or(said, "name");
    if (file.empty()) return malformed("it names no uploaded file");
    const auto folder = json::string_or(said, "subfolder");
    const auto path = folder.empty() ? std::string(file) : fmt::format("{}/{}", folder, file);
    (stage_ == Stage::image ? image_ : mask_) = path;
    if (stage_ == Stage::image && asked_.mask) {
      stage_ = Stage::mask;
      return NextStep{.ask = upload(provider_, *asked_.mask, "mask", unique_)};
    }
    const Filling filling{.model = model_.name, .seed = job_seed(unique_), .image = image_, .mask = mask_};
    const auto graph = fill_workflow(*workflow_, asked_, filling);
    if (!graph) return failure(graph.error());
    asked_.images.clear();
    asked_.mask.reset();
    stage_ = Stage::queued;
    asked_for_ = true;
    return NextStep{.ask = prompt(provider_, *graph, id_)};
  }

  Result<std::optional<NextStep>> queued(const json::Object& said) {
    const auto id = json::string_or(said, "prompt_id");
    if (!is_job_id(id)) return malformed("it has no usable `prompt_id`");
    id_ = id;
    asked_for_ = true;
    confirmed_ = true;
    return ask_history(poll_ms);
  }

  // `{}` until it is done, and the same for a job that nobody knows.
  Result<std::optional<NextStep>> history(const json::Object& said) {
    json::Object entry;
    if (said.at_key(id_).get(entry) != simdjson::SUCCESS) {
      if (missing_) return lost();
      if (++empty_ % look_into_queue_every != 0) return ask_history(poll_ms);
      stage_ = Stage::queue;
      return NextStep{.ask = question(provider_, "GET", "/queue")};
    }
    over_ = true;
    json::Object status;
    const bool told = entry["status"].get(status) == simdjson::SUCCESS;
    bool completed = true;
    if (told) json::read_if(status["completed"], completed);
    if (told && (!completed || json::string_or(status, "status_str", "success") != "success"))
      return failure(failed_run(entry));
    json::Object outputs;
    if (entry["outputs"].get(outputs) == simdjson::SUCCESS) paths_ = pictures_of(outputs);
    if (paths_.empty()) return malformed("the workflow has made no picture: does it hold a node that saves one?");
    std::reverse(paths_.begin(), paths_.end());
    return next_picture();
  }

  Result<std::optional<NextStep>> queue(const json::Object& said) {
    // Between the queue and the history there is a moment in which it is in neither.
    missing_ = !is_in(said, "queue_running", id_) && !is_in(said, "queue_pending", id_);
    return ask_history(poll_ms);
  }

  Result<std::optional<NextStep>> lost() {
    over_ = true;
    return failure(ErrorCode::upstream_server_error,
                   "ComfyUI does not know the job any more: it was started anew, or somebody cleared its queue.");
  }

  Result<std::optional<NextStep>> next_picture() {
    stage_ = Stage::pictures;
    auto ask = question(provider_, "GET", paths_.back());
    paths_.pop_back();
    return NextStep{.ask = std::move(ask)};
  }

  Result<std::optional<NextStep>> picture(const std::string& bytes) {
    const auto type = picture_type(bytes);
    if (type.empty()) return malformed("a picture of it is none");
    auto base64 = encode_base64(bytes);
    bytes_ += base64.size();
    if (bytes_ > most_bytes) return malformed("its pictures are too large");
    if (asked_.wants_url) {
      response_.pictures.push_back({.url = fmt::format("data:{};base64,{}", type, base64)});
    } else {
      response_.pictures.push_back({.data = std::move(base64)});
    }
    const auto place = static_cast<int64_t>(response_.pictures.size()) - 1;
    news_.push_back(picture_event(place, response_.pictures.back()));
    if (paths_.empty()) return std::optional<NextStep>();
    return next_picture();
  }

  PictureRequest asked_;
  std::array<std::string, 3> texts_;
  const ProviderSettings& provider_;
  const ModelSettings& model_;
  const std::string* const workflow_;
  const uint64_t unique_;
  std::string id_;
  std::string image_;
  std::string mask_;
  std::vector<std::string> paths_;  // of pictures still to fetch, the next one last
  Response response_{.operation = Operation::image};
  std::vector<StreamEvent> news_;
  double part_ = 0;    // that was done when it was last told
  int64_t shown_ = 0;  // previews
  std::size_t bytes_ = 0;
  int empty_ = 0;           // histories
  Stage stage_;             // of what was asked last
  bool missing_ = false;    // it was not in the queue
  bool asked_for_ = false;  // the graph was sent
  bool confirmed_ = false;  // the server named it
  bool over_ = false;       // nothing runs any more
};

}  // namespace

std::unique_ptr<Job> make_job(const Request& request, const Target& target) {
  auto asked = read_picture_request(request, PictureLimits::by_server);
  return asked ? std::make_unique<Run>(std::move(*asked), target) : nullptr;
}

}  // namespace weir::comfyui
