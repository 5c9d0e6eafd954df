// A prediction from its creation to its output.
#include <fmt/format.h>

#include <algorithm>

#include "formats/job_progress.h"
#include "formats/replicate/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/picture_events.h"
#include "formats/shared/token_count.h"

namespace weir::replicate {
namespace {

constexpr int64_t poll_ms = 500;  // as the official client does
constexpr std::size_t most_pictures = 128;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

enum class State : uint8_t { running, succeeded, ended_badly, unknown };
State state_of(std::string_view status) {
  if (status == "starting" || status == "processing") return State::running;
  if (status == "succeeded") return State::succeeded;
  if (status == "failed" || status == "canceled" || status == "aborted") return State::ended_badly;
  return State::unknown;
}

// Why a prediction gave nothing. Its `error` is the model's own words.
Error failed_as(const json::Object& prediction) {
  const auto status = json::string_or(prediction, "status");
  if (status != "failed") {
    return {.code = ErrorCode::upstream_server_error,
            .message =
                fmt::format("The prediction was {} at Replicate, for it took too long or somebody stopped it.", status),
            .provider_code = std::string(status)};
  }
  const auto said = json::string_or(prediction, "error");
  auto error = classify_text(said.empty() ? "The prediction failed at Replicate without saying why." : said);
  std::string words(said);
  std::transform(words.begin(), words.end(), words.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (words.find("nsfw") != std::string::npos || words.find("(e005)") != std::string::npos)
    error.code = ErrorCode::content_filtered;
  error.provider_code = "failed";
  return error;
}

// Words come whole, or in pieces that belong together.
Status add_words(const json::Element& output, Choice& choice) {
  std::string_view text;
  if (output.get(text) == simdjson::SUCCESS) {
    choice.add_text(Part::Kind::text, text);
    return {};
  }
  json::Array pieces;
  if (output.get(pieces) != simdjson::SUCCESS) return malformed("its output is neither a text nor a list of texts");
  for (const auto piece : pieces) {
    if (piece.get(text) != simdjson::SUCCESS) return malformed("a piece of its output is no text");
    if (!text.empty()) choice.add_text(Part::Kind::text, text);
  }
  return {};
}

Status add_picture(const json::Element& output, std::vector<Picture>& pictures) {
  std::string_view url;
  const bool good = output.get(url) == simdjson::SUCCESS &&
                    (url.starts_with("https://") || url.starts_with("http://") || url.starts_with("data:image/"));
  if (!good) return malformed("a picture of it is no address");
  if (pictures.size() >= most_pictures) return malformed("it has more pictures than anybody asks for");
  pictures.push_back({.url = std::string(url)});
  return {};
}

Status add_pictures(const json::Element& output, std::vector<Picture>& pictures) {
  json::Array list;
  if (output.get(list) != simdjson::SUCCESS) return add_picture(output, pictures);
  for (const auto element : list) {
    if (auto added = add_picture(element, pictures); !added) return added;
  }
  if (pictures.empty()) return malformed("it has no picture");
  return {};
}

// Models of words count for themselves.
Usage usage_of(const json::Object& prediction) {
  json::Object metrics;
  Usage usage;
  json::Element input;
  json::Element output;
  if (prediction["metrics"].get(metrics) != simdjson::SUCCESS ||
      metrics["input_token_count"].get(input) != simdjson::SUCCESS ||
      metrics["output_token_count"].get(output) != simdjson::SUCCESS) {
    return usage;
  }
  const auto read = read_token_count(input);
  const auto written = read_token_count(output);
  usage.input = read.value;
  usage.output = written.value;
  usage.known = !read.doubtful && !written.doubtful;
  return usage;
}

// What it has written so far. Models that write piece by piece give a list that grows; others say nothing until they
// are done.
std::string words_so_far(const json::Object& prediction) {
  json::Element output;
  Choice choice;
  if (prediction["output"].get(output) != simdjson::SUCCESS || output.is_null() || !add_words(output, choice))
    return {};
  return choice.text();
}

class Prediction final : public Job, public JobProgress {
 public:
  Prediction(const Request& request, const Target& target)
      : operation_(request.operation), provider_(target.provider) {}

  Result<std::optional<NextStep>> then(HttpResponse answer) override {
    json::Document document;
    json::Object prediction;
    if (!document.parse(std::move(answer.body)) || document.root().get(prediction) != simdjson::SUCCESS)
      return malformed("it is no JSON object");
    const auto id = json::string_or(prediction, "id");
    if (!is_prediction_id(id)) return malformed("it has no usable `id`");
    if (id_.empty()) id_ = id;
    if (id != id_) return malformed("it is about another prediction");
    if (operation_ == Operation::chat) hear(prediction);
    switch (state_of(json::string_or(prediction, "status"))) {
      case State::running:
        return NextStep{.ask = question(provider_, "GET", "/predictions/" + id_), .after_ms = poll_ms};
      case State::succeeded: {
        over_ = true;
        auto read = read_prediction(prediction, operation_);
        if (!read) return failure(std::move(read.error()));
        response_ = std::move(*read);
        for (const auto& picture : response_.pictures)
          news_.push_back(picture_event(static_cast<int64_t>(news_.size()), picture));
        return std::optional<NextStep>();
      }
      case State::ended_badly:
        over_ = true;
        return failure(failed_as(prediction));
      case State::unknown:
        break;
    }
    return malformed("its `status` is none that a prediction has");
  }

  Result<Response> answer() override { return std::move(response_); }
  std::vector<StreamEvent> news() override { return std::exchange(news_, {}); }

  std::vector<HttpRequest> cancel() const override {
    if (over_ || id_.empty()) return {};
    return {question(provider_, "POST", fmt::format("/predictions/{}/cancel", id_))};
  }

 private:
  // Whatever goes on behind what was heard before; a text that begins anew is not one that grows.
  void hear(const json::Object& prediction) {
    auto words = words_so_far(prediction);
    if (words.size() <= heard_.size() || !words.starts_with(heard_)) return;
    news_.push_back({.kind = StreamEvent::Kind::text, .text = words.substr(heard_.size())});
    heard_ = std::move(words);
  }

  const Operation operation_;
  const ProviderSettings& provider_;
  std::string id_;
  std::string heard_;  // of the words
  std::vector<StreamEvent> news_;
  Response response_;
  bool over_ = false;
};

}  // namespace

bool is_prediction_id(std::string_view id) {
  constexpr std::size_t longest_id = 128;
  return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<Response> read_prediction(const json::Object& prediction, Operation operation) {
  Response response{.operation = operation};
  json::Element output;
  if (prediction["output"].get(output) != simdjson::SUCCESS || output.is_null())
    return malformed("it has succeeded without an output");
  response.id = json::string_or(prediction, "id");
  response.model = json::string_or(prediction, "model");
  response.usage = usage_of(prediction);
  if (operation == Operation::image) {
    if (auto added = add_pictures(output, response.pictures); !added) return failure(std::move(added.error()));
    return response;
  }
  auto& choice = response.choices.emplace_back();
  if (auto added = add_words(output, choice); !added) return failure(std::move(added.error()));
  choice.finish = FinishReason::stop;
  return response;
}

std::unique_ptr<Job> make_job(const Request& request, const Target& target) {
  return std::make_unique<Prediction>(request, target);
}

}  // namespace weir::replicate
