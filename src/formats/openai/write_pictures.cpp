// Pictures that a provider of another format made, whole and as a stream: `image_generation.partial_image` and
// `.completed`, for /images/edits `image_edit.…`. Between them `….in_progress` with the part that is done, from 0 to 1,
// where the server tells it: OpenAI has no event for that, and its clients pass over what they do not know.
#include <fmt/format.h>

#include "core/base64.h"
#include "formats/openai/client_face.h"
#include "formats/openai/media.h"
#include "formats/shared/picture_events.h"
#include "formats/shared/picture_request.h"

namespace weir::openai_media {
namespace {

using Kind = StreamEvent::Kind;

// As the caller asked for it, in a form or in JSON.
std::string_view asked_for(const Request& request, std::string_view key) {
  json::Object root;
  if (request.document->root().get(root) != simdjson::SUCCESS) return "auto";
  return json::string_or(root, key, "auto");
}

std::string_view format_of(std::string_view base64) {
  constexpr std::size_t head = 64;
  const auto begin = decode_base64(base64.substr(0, std::min(head, base64.size() / 4 * 4)));
  const auto type = begin ? picture_type(*begin) : std::string_view();
  return type.starts_with("image/") ? type.substr(6) : "png";
}

class Writer final : public EventWriter {
 public:
  explicit Writer(const Request& request)
      : request_(request), family_(request.endpoint == "/images/edits" ? "image_edit" : "image_generation") {}

  void begin(const StreamHead& head) override { created_ = head.created; }

  void write(const StreamEvent& event, std::string& out) override {
    if (event.kind == Kind::error) return fail(event.error, out);
    const auto step = picture_step(event);
    if (!step) return;
    switch (*step) {
      case PictureStep::progress:
        return in_progress(event, out);
      case PictureStep::preview:
        return picture(event, "partial_image", out);
      case PictureStep::done:
        return picture(event, "completed", out);
    }
  }

  void passed(const FramedEvent&, std::span<const StreamEvent>) override {}
  void end(std::string&) override {}

  void fail(const Error& error, std::string& out) override {
    out += "event: error\ndata: ";
    json::Writer writer(out);
    writer.begin_object().key("type").value("error");
    openai_dialect::write_error(writer, error);
    writer.end_object();
    out += "\n\n";
  }

 private:
  json::Writer open(std::string_view name, std::string& out) const {
    const auto type = fmt::format("{}.{}", family_, name);
    out.append("event: ").append(type).append("\ndata: ");
    json::Writer writer(out);
    writer.begin_object().key("type").value(type);
    return writer;
  }

  void in_progress(const StreamEvent& event, std::string& out) const {
    auto writer = open("in_progress", out);
    writer.key("created_at").value(created_).key("progress").raw(event.text).end_object();
    out += "\n\n";
  }

  void picture(const StreamEvent& event, std::string_view name, std::string& out) const {
    auto writer = open(name, out);
    const bool address = is_address(event);
    writer.key(address ? "url" : "b64_json").value(event.text);
    writer.key("created_at").value(created_);
    for (const std::string_view key : {"size", "quality", "background"})
      writer.key(key).value(asked_for(request_, key));
    writer.key("output_format").value(address ? "png" : format_of(event.text));
    if (name == "completed") {
      write_usage(writer);
    } else {
      writer.key("partial_image_index").value(event.index);
    }
    writer.end_object();
    out += "\n\n";
  }

  // Such servers count no tokens.
  static void write_usage(json::Writer& writer) {
    writer.key("usage").begin_object();
    for (const std::string_view key : {"total_tokens", "input_tokens", "output_tokens"}) writer.key(key).value(0);
    writer.key("input_tokens_details").begin_object();
    for (const std::string_view key : {"text_tokens", "image_tokens"}) writer.key(key).value(0);
    writer.end_object().end_object();
  }

  const Request& request_;
  const std::string_view family_;
  int64_t created_ = 0;
};

}  // namespace

std::string write_pictures(const Response& response) {
  std::size_t bytes = 256;
  for (const auto& picture : response.pictures) bytes += picture.data.size() + picture.url.size() + 32;
  std::string out;
  out.reserve(bytes);
  json::Writer writer(out);
  writer.begin_object().key("created").value(response.created).key("data").begin_array();
  for (const auto& picture : response.pictures) {
    writer.begin_object();
    if (picture.data.empty()) {
      writer.key("url").value(picture.url);
    } else {
      writer.key("b64_json").value(picture.data);
    }
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request); }

}  // namespace weir::openai_media
