// OpenAI's forms → whisper.cpp's, and its answers back.
#include <fmt/format.h>

#include <algorithm>

#include "formats/shared/errors.h"
#include "formats/shared/multipart.h"
#include "formats/shared/translation.h"
#include "formats/whispercpp/model_face.h"

namespace weir::whispercpp {
namespace {

std::string_view said_in_form(const Request& request, std::string_view key) {
  std::string_view text;
  if (!request.document) return {};
  if (request.document->root()[key].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string_view answer_form(const Request& request) {
  const auto said = said_in_form(request, "response_format");
  return said.empty() ? std::string_view("json") : said;
}

bool wants_words(const Request& request) {
  const auto fields = read_form(request.form, form_boundary(request.form_type));
  return fields && std::any_of(fields->begin(), fields->end(), [](const FormField& field) {
           return field.name.starts_with("timestamp_granularities") && field.value == "word";
         });
}

class FormWriter {
 public:
  FormWriter(std::string_view boundary, std::string& out) : boundary_(boundary), out_(out) {}

  void text(std::string_view key, std::string_view value) {
    out_ += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", boundary_, key);
    out_.append(value).append("\r\n");
  }
  void file(const FormField& field) {
    out_ += fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: {}"
        "\r\n\r\n",
        boundary_, field.file_name.empty() ? "audio" : field.file_name,
        field.type.empty() ? "application/octet-stream" : field.type);
    out_.append(field.value).append("\r\n");
  }
  void end() { out_ += fmt::format("--{}--\r\n", boundary_); }

 private:
  std::string_view boundary_;
  std::string& out_;
};

Status check(const Request& request) {
  if (request.form.empty())
    return failure(unsupported("whisper.cpp's server takes a sound in a form (multipart/form-data) only.", "file"));
  if (request.stream) return failure(unsupported("whisper.cpp's server gives a transcript whole.", "stream"));
  const auto form = answer_form(request);
  for (const std::string_view known : {"json", "text", "srt", "vtt", "verbose_json"}) {
    if (form == known) return {};
  }
  return failure(
      unsupported(fmt::format("whisper.cpp's server gives json, text, srt, vtt and verbose_json, not '{}'.", form),
                  "response_format"));
}

Status write_field(FormWriter& writer, const FormField& field) {
  if (field.name == "file") {
    writer.file(field);
  } else if (field.name.starts_with("include")) {
    return failure(unsupported("whisper.cpp's server tells no log probabilities in OpenAI's form.", "include"));
  } else if (field.name == "chunking_strategy" && field.value != "auto") {
    return failure(unsupported("whisper.cpp's server cuts a sound in its own way.", "chunking_strategy"));
  } else if (field.is_file) {
    return failure(unsupported("whisper.cpp's server takes one file, `file`.", std::string(field.name)));
  } else if (field.name != "model" && field.name != "stream" && field.name != "chunking_strategy" &&
             !field.name.starts_with("timestamp_granularities")) {
    writer.text(field.name, field.value);  // OpenAI's names, or its own: `beam_size`, `vad`
  }
  return {};
}

// OpenAI's words stand beside the segments, these stand in them.
void write_words(json::Writer& writer, const json::Object& said) {
  json::Array segments;
  writer.key("words").begin_array();
  if (said["segments"].get(segments) == simdjson::SUCCESS) {
    for (const auto segment : segments) {
      json::Array words;
      if (segment["words"].get(words) != simdjson::SUCCESS) continue;
      for (const auto word : words) writer.value(word);
    }
  }
  writer.end_array();
}

}  // namespace

Result<HttpRequest> write_request(const Request& request, const Target& target) {
  if (auto good = check(request); !good) return failure(std::move(good.error()));
  const auto boundary = form_boundary(request.form_type);
  const auto fields = read_form(request.form, boundary);
  if (!fields) return failure(fields.error());
  HttpRequest http{.path = "/inference"};
  http.headers.add("Content-Type", request.form_type);
  add_bearer(target.provider, http.headers);
  http.body.reserve(request.form.size() + 512);
  FormWriter writer(boundary, http.body);
  for (const auto& field : *fields) {
    if (auto written = write_field(writer, field); !written) return failure(std::move(written.error()));
  }
  if (request.endpoint == "/audio/translations") writer.text("translate", "true");
  // Otherwise the language is looked for a second time.
  if (answer_form(request) == "verbose_json") writer.text("no_language_probabilities", "true");
  writer.end();
  return http;
}

Result<Response> read_answer(const Request& request, std::string body) {
  Response response{.operation = request.operation};
  const auto form = answer_form(request);
  const bool json = form == "json" || form == "verbose_json";
  json::Document document;
  json::Object said;
  const bool is_object =
      body.starts_with('{') && document.parse_copy(body) && document.root().get(said) == simdjson::SUCCESS;
  if (is_object && is_error_body(said)) return failure(classify_body(document.root(), 0));
  if (json && (!is_object || said["text"].error() != simdjson::SUCCESS))
    return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it is no transcript.");
  if (form == "text") response.content_type = "text/plain; charset=utf-8";  // it says that it is HTML
  if (form == "verbose_json" && wants_words(request)) {
    json::Writer writer(response.raw);
    writer.begin_object();
    for (const auto member : said) {
      if (member.key != "words") writer.key(member.key).value(member.value);
    }
    write_words(writer, said);
    writer.end_object();
  } else {
    response.raw = std::move(body);
  }
  return response;
}

// Its error handler puts plain words in the place of what it had to say, and 404 in that of most codes.
Error classify(const HttpResponse& response) {
  auto error = classify_response(response);
  if (response.status == 404) {
    error = {.code = ErrorCode::upstream_no_model,
             .message =
                 "whisper.cpp's server answered 404: it has no /inference, or could not do what was asked and "
                 "does not say why."};
  }
  return error;
}

}  // namespace weir::whispercpp
