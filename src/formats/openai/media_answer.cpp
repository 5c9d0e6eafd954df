// Answers of image, sound and moderation servers: passed on as they came, read for what they cost.
#include <cmath>

#include "formats/openai/media.h"
#include "formats/openai/model_face.h"
#include "formats/shared/errors.h"

namespace weir::openai_media {
namespace {

// Images and transcripts count `input_tokens`, as the Responses API does; sound has none.
// Thousandths of a picture or of a second, where the answer tells how many; 0 where it does not.
int64_t units_in(const json::Object& object, Operation operation) {
  constexpr double most = 1e9;
  double seconds = 0;
  json::Array pictures;
  if (operation == Operation::image && object.at_key("data").get(pictures) == simdjson::SUCCESS)
    return static_cast<int64_t>(pictures.size()) * 1'000;
  if (operation != Operation::transcription) return 0;
  json::read_if(object.at_key("duration"), seconds);
  json::read_if(object.at_pointer("/usage/seconds"), seconds);
  return seconds > 0 && seconds < most ? std::llround(seconds * 1'000) : 0;
}

Usage usage_in(const json::Object& object) {
  json::Object usage;
  if (object.at_key("usage").get(usage) != simdjson::SUCCESS) return {};
  return openai_provider::read_usage(usage);
}

class Reader final : public EventReader {
 public:
  Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) override {
    state_.forwarding.way = Forwarding::Way::as_it_came;
    if (event.data == "[DONE]") {
      out.push_back({.kind = StreamEvent::Kind::done});
      return {};
    }
    if (auto parsed = scratch.parse_copy(event.data); !parsed) {
      return failure(ErrorCode::upstream_malformed, "A stream event is no JSON: " + parsed.error().message);
    }
    json::Object object;
    if (scratch.root().get(object) != simdjson::SUCCESS) return {};
    if (is_error_body(object)) {
      out.push_back({.kind = StreamEvent::Kind::error, .error = classify_body(scratch.root(), 0)});
      state_.forwarding.way = Forwarding::Way::from_events;
      return {};
    }
    out.push_back({.kind = StreamEvent::Kind::other});
    const auto usage = usage_in(object);
    if (usage.known) {
      state_.usage = usage;
      out.push_back({.kind = StreamEvent::Kind::usage, .usage = usage});
    }
    const auto type = json::string_or(object, "type");
    if (type.ends_with(".completed") || type.ends_with(".done"))
      out.push_back({.kind = StreamEvent::Kind::finish, .finish = FinishReason::stop});
    return {};
  }
};

}  // namespace

Result<Response> read_answer(const Request& request, std::string body) {
  Response response{.operation = request.operation};
  json::Document document;
  json::Object object;
  const bool is_json = body.starts_with('{') && document.parse_copy(body);
  if (is_json && document.root().get(object) == simdjson::SUCCESS) {
    if (is_error_body(object)) return failure(classify_body(document.root(), 0));
    response.usage = usage_in(object);
    response.usage.units = units_in(object, request.operation);
    response.created = json::int_or(object, "created");
  } else if (request.operation == Operation::image || request.operation == Operation::moderation) {
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it is no JSON object.");
  }
  response.raw = std::move(body);
  return response;
}

std::unique_ptr<EventReader> make_reader() { return std::make_unique<Reader>(); }

}  // namespace weir::openai_media
