// Requests for pictures, sound and moderation: read for what rules, guards and limits must know, forwarded as bytes.
#include <fmt/format.h>

#include <algorithm>

#include "core/sound_length.h"
#include "formats/openai/client_face.h"
#include "formats/openai/media.h"
#include "formats/openai/model_face.h"
#include "formats/shared/form_json.h"
#include "formats/shared/multipart.h"
#include "formats/shared/picture_request.h"
#include "formats/shared/place.h"

namespace weir::openai_media {
namespace {

constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v1/images/generations", .operation = Operation::image},
    PathPattern{.method = "POST", .path = "/v1/images/edits", .operation = Operation::image},
    PathPattern{.method = "POST", .path = "/v1/images/variations", .operation = Operation::image},
    PathPattern{.method = "POST", .path = "/v1/audio/speech", .operation = Operation::speech},
    PathPattern{.method = "POST", .path = "/v1/audio/transcriptions", .operation = Operation::transcription},
    PathPattern{.method = "POST", .path = "/v1/audio/translations", .operation = Operation::transcription},
    PathPattern{.method = "POST", .path = "/v1/moderations", .operation = Operation::moderation},
};

class BodyReader : public FieldReader {
 public:
  explicit BodyReader(Request& request) : request_(request) {}

  bool read_body() {
    json::Object root;
    if (request_.document->root().get(root) != simdjson::SUCCESS) {
      error_ = {.code = ErrorCode::invalid_request,
                .message = fmt::format("The body must be a JSON object, but it is {}.",
                                       json::type_name(request_.document->root()))};
      return false;
    }
    request_.document->survey();
    bool has_model = false;
    for (const auto member : root) {
      const Place place{.key = member.key};
      if (member.value.is_null()) continue;
      if (member.key == "model") {
        if (std::exchange(has_model, true)) return fail(place, "Duplicate parameter: 'model' is given twice.");
        if (!read(member.value, place, request_.model)) return false;
      } else if (!field(member.key, member.value, place)) {
        return false;
      }
    }
    return !request_.model.empty() || missing(Place{.key = "model"});
  }

 private:
  bool field(std::string_view key, const json::Element& value, const Place& place) {
    if (key == "stream") return boolean(value, place);
    if (key == "n") return count(value, place);
    if (key == "prompt" || key == "input" || key == "instructions") return texts(value, place);
    // Named to who is answered by a server of another format that does not take it (picture_request.h).
    if (request_.operation == Operation::image && !is_picture_field(key)) request_.left_out.push_back(key);
    return true;
  }
  // Forms have no types: `true`.
  bool boolean(const json::Element& value, const Place& place) {
    std::string_view text;
    if (!form() || value.get(text) != simdjson::SUCCESS) return read(value, place, request_.stream);
    request_.stream = text == "true" || text == "1";
    return true;
  }
  bool count(const json::Element& value, const Place& place) {
    std::string_view text;
    if (form() && value.get(text) == simdjson::SUCCESS) {
      const auto read = std::from_chars(text.data(), text.data() + text.size(), request_.n);
      if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return wrong_type(place, "a number", value);
    } else if (!read(value, place, request_.n)) {
      return false;
    }
    const bool good = request_.n >= 1 && request_.n <= 128;
    return good || fail(place, fmt::format("Invalid 'n': {} is not between 1 and 128.", request_.n));
  }
  bool texts(const json::Element& value, const Place& place) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) {
      request_.inputs.push_back(text);
      request_.text_bytes += text.size();
      return true;
    }
    json::Array list;
    if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array", value);
    for (const auto element : list) {
      if (element.get(text) != simdjson::SUCCESS) continue;  // a moderation of pictures: read by the guards
      request_.inputs.push_back(text);
      request_.text_bytes += text.size();
    }
    return true;
  }
  [[nodiscard]] bool form() const { return !request_.form.empty(); }

  Request& request_;
};

Status take_form(Asked& asked, Request& request) {
  const auto boundary = form_boundary(asked.content_type);
  auto fields = read_form(asked.body, boundary);
  if (!fields) return failure(std::move(fields.error()));
  for (const auto& field : *fields) {
    if (field.name == "model" && !field.is_file) {
      if (request.form_model_end != 0)
        return failure(Error{.code = ErrorCode::invalid_request,
                             .message = "Duplicate parameter: 'model' is given twice.",
                             .param = "model"});
      request.form_model_begin = static_cast<std::size_t>(field.value.data() - asked.body.data());
      request.form_model_end = request.form_model_begin + field.value.size();
    }
  }
  request.document = nullptr;
  request.has_images = request.operation == Operation::image;
  if (request.operation == Operation::transcription) {
    for (const auto& field : *fields) {
      if (field.name == "file") request.sound_ms = std::max(request.sound_ms, sound_length_ms(field.value));
    }
  }
  auto json = form_as_json(*fields, request.operation == Operation::transcription ? FormOf::sound : FormOf::picture);
  request.form = std::move(asked.body);
  request.form_type = form_type_with(boundary);
  asked.body = std::move(json);
  return {};
}

}  // namespace

std::span<const PathPattern> paths() { return patterns; }

Result<Request> read_request(Asked asked, json::DocumentPool& pool) {
  Request request;
  request.operation = asked.operation;
  request.format = openai_dialect::name;
  request.carried = std::move(asked.carried);
  for (const auto& pattern : patterns) {
    if (pattern.path == asked.path) request.endpoint = pattern.path.substr(std::string_view("/v1").size());
  }
  if (!form_boundary(asked.content_type).empty()) {
    if (auto taken = take_form(asked, request); !taken) return failure(std::move(taken.error()));
  }
  request.document = pool.take();
  if (auto parsed = request.document->parse_request(std::move(asked.body)); !parsed)
    return failure(std::move(parsed.error()));
  BodyReader reader(request);
  if (!reader.read_body()) return failure(reader.take_error());
  return request;
}

Result<HttpRequest> write_request(const Request& request, const Target& target) {
  HttpRequest http{.path = openai_provider::path_for(target.provider, request.endpoint, target.model.name)};
  const bool form = !request.form.empty();
  http.headers.add("Content-Type", form ? request.form_type : std::string("application/json"));
  if (request.stream) http.headers.add("Accept", "text/event-stream");
  openai_provider::add_credential(target.provider, http.headers);
  if (form) {
    const std::vector<json::Splice> model{
        {.begin = request.form_model_begin, .end = request.form_model_end, .with = target.model.name}};
    http.body = json::apply(request.form, model);
    return http;
  }
  std::string name;
  json::append_string(name, target.model.name);
  for (const auto& field : request.fields()) {
    if (field.key != "model") continue;
    http.body = json::apply(request.document->text(),
                            {{.begin = field.value_begin, .end = field.value_end, .with = std::move(name)}});
    break;
  }
  return http;
}

}  // namespace weir::openai_media
