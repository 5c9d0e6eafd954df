// Messages in canonical form → `systemInstruction` and `contents`. All that the model said in one turn stands in one
// content, because its calls are sealed together; all results of that turn in one content of the user, before what the
// user says next.
#include <algorithm>

#include <fmt/format.h>

#include "formats/gemini/body_writer.h"
#include "formats/gemini/names.h"
#include "formats/shared/signature.h"
#include "formats/shared/translation.h"

namespace weir::gemini {
namespace {

using Kind = Part::Kind;

bool is_system(const Message& message) { return message.role == Role::system || message.role == Role::developer; }

std::string place_of(std::size_t message, std::size_t part) {
  return fmt::format("messages[{}].content[{}]", message, part);
}

struct Beginning {
  std::string_view base64;
  std::string_view mime;
};
// How files of a kind begin, in base64.
constexpr std::array beginnings = {
    Beginning{"iVBORw0KGgo", "image/png"}, Beginning{"/9j/", "image/jpeg"},        Beginning{"R0lGOD", "image/gif"},
    Beginning{"UklGR", "image/webp"},      Beginning{"JVBERi", "application/pdf"}, Beginning{"SUQz", "audio/mp3"},
    Beginning{"T2dnUw", "audio/ogg"},      Beginning{"ZkxhQw", "audio/flac"},
};

std::string_view mime_of(const Media& media) {
  if (!media.mime.empty()) return media.mime;
  if (media.kind == Media::Kind::audio && media.data.starts_with("UklGR")) return "audio/wav";
  for (const auto& one : beginnings) {
    if (media.data.starts_with(one.base64)) return one.mime;
  }
  switch (media.kind) {
    case Media::Kind::image:
      return "image/png";
    case Media::Kind::audio:
      return "audio/wav";
    case Media::Kind::video:
      return "video/mp4";
    case Media::Kind::document:
      break;
  }
  return "application/pdf";
}

// Inline only: what Google's servers fetch themselves are files that were given to Google before.
Status write_media(json::Writer& writer, const Media& media, std::string place) {
  if (media.data.empty()) {
    return failure(
        unsupported("Gemini takes media inline: give it as base64, or as a `data:` URL in base64.", std::move(place)));
  }
  writer.begin_object().key("inlineData").begin_object().key("mimeType").value(mime_of(media));
  writer.key("data").value(media.data).end_object().end_object();
  return {};
}

}  // namespace

BodyWriter::BodyWriter(const Request& request, const Target& target, std::string& out)
    : request_(request), traits_(traits_of(target.model.name)), writer_(out) {
  // What stands in front of the conversation. A word of the system's in the middle of it keeps its place, as the
  // user's; so does one where there is nothing else, as contents may not be empty.
  if (!traits_.takes_system) return;
  const auto& messages = request.messages;
  const auto first = std::find_if_not(messages.begin(), messages.end(), is_system);
  if (first != messages.end()) instructions_ = static_cast<std::size_t>(first - messages.begin());
}

Status BodyWriter::system() {
  bool any = false;
  for (std::size_t i = 0; i < instructions_; ++i) {
    const auto& parts = request_.messages[i].parts;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (!is_text(parts[k])) {
        return failure(unsupported("Gemini takes only text as an instruction of the system.", place_of(i, k)));
      }
      if (parts[k].text.empty()) continue;
      if (!std::exchange(any, true)) writer_.key("systemInstruction").begin_object().key("parts").begin_array();
      text(parts[k].text);
    }
  }
  if (any) writer_.end_array().end_object();
  return {};
}

Status BodyWriter::contents(std::string_view prefill) {
  writer_.key("contents").begin_array();
  for (std::size_t i = instructions_; i < request_.messages.size(); ++i) {
    if (auto written = message(i); !written) return written;
  }
  if (!prefill.empty()) {
    if (open_ != "model") close();
    open("model");
    text(prefill);
  }
  close();
  if (!any_contents_) {
    open("user");
    text("");
    close();
  }
  writer_.end_array();
  return {};
}

Status BodyWriter::message(std::size_t index) {
  const auto& message = request_.messages[index];
  if (message.role == Role::tool) {
    if (!results_) close();
    open("user");
    results_ = true;
    return result(index);
  }
  const std::string_view role = message.role == Role::assistant ? "model" : "user";
  if (open_ != "model" || role != "model") close();
  for (std::size_t k = 0; k < message.parts.size(); ++k) {
    const auto& part = message.parts[k];
    if (is_text(part) && part.text.empty()) continue;
    if (role == "model" && part.kind != Kind::media) {
      model_part(part);
    } else {
      open(role);
      if (auto written = user_part(index, k); !written) return written;
    }
  }
  return {};
}

void BodyWriter::open(std::string_view role) {
  if (!open_.empty()) return;
  writer_.begin_object().key("role").value(role).key("parts").begin_array();
  open_ = role;
  any_contents_ = true;
}

void BodyWriter::close() {
  if (open_.empty()) return;
  if (!after_.empty()) writer_.raw(std::exchange(after_, {}));
  writer_.end_array().end_object();
  open_ = {};
  results_ = false;
  called_ = false;
}

void BodyWriter::text(std::string_view words) { writer_.begin_object().key("text").value(words).end_object(); }

Status BodyWriter::user_part(std::size_t message, std::size_t index) {
  const auto& part = request_.messages[message].parts[index];
  if (is_text(part)) {
    text(part.text);
    return {};
  }
  if (part.kind == Kind::media) return write_media(writer_, part.media, place_of(message, index));
  return failure(
      unsupported("Gemini takes text and media from a user; this part is neither.", place_of(message, index)));
}

void BodyWriter::model_part(const Part& part) {
  const auto seal = signature_for(part.signature, request_.format, "gemini");
  // A thought without words is the seal of what the model said otherwise, or another provider's.
  if (part.kind == Kind::thinking && part.text.empty() && seal.empty()) return;
  open("model");
  if (part.kind == Kind::tool_call) {
    call(part, seal);
  } else if (part.kind == Kind::thinking) {
    writer_.begin_object().key("text").value(part.text);
    if (!part.text.empty()) writer_.key("thought").boolean(true);
    if (!seal.empty()) writer_.key("thoughtSignature").value(seal);
    writer_.end_object();
  } else {
    text(part.text);
  }
}

// Of calls made at once only the first is sealed.
void BodyWriter::call(const Part& part, std::string_view seal) {
  writer_.begin_object().key("functionCall").begin_object().key("name").value(part.name).key("args");
  write_arguments(writer_, part.text);
  if (!part.id.empty()) writer_.key("id").value(part.id);
  writer_.end_object();
  const bool first = !std::exchange(called_, true);
  if (!seal.empty()) {
    writer_.key("thoughtSignature").value(seal);
  } else if (traits_.wants_seals && first) {
    writer_.key("thoughtSignature").value(no_seal);
  }
  writer_.end_object();
}

Status BodyWriter::result(std::size_t index) {
  const auto& message = request_.messages[index];
  const auto name = tool_name_of(request_, index);
  if (name.empty()) {
    return failure(unsupported(
        "Gemini wants the name of the function that a result is of, and the call is not in the conversation.",
        fmt::format("messages[{}].tool_call_id", index)));
  }
  std::string media;
  json::Writer writer(media);
  for (std::size_t k = 0; k < message.parts.size(); ++k) {
    const auto& part = message.parts[k];
    if (is_text(part)) continue;
    if (part.kind != Kind::media) {
      return failure(unsupported("Gemini takes text and media as a result; this part is neither.", place_of(index, k)));
    }
    if (auto written = write_media(writer, part.media, place_of(index, k)); !written) return written;
  }
  std::string buffer;
  writer_.begin_object().key("functionResponse").begin_object();
  if (!message.tool_call_id.empty()) writer_.key("id").value(message.tool_call_id);
  writer_.key("name").value(name).key("response").begin_object();
  writer_.key(message.is_error ? "error" : "output").value(message.plain_text(buffer)).end_object();
  if (!media.empty() && traits_.takes_media_in_results) {
    writer_.key("parts").begin_array().raw(media).end_array();
  } else if (!media.empty()) {
    after_.append(after_.empty() ? "" : ",").append(media);
  }
  writer_.end_object().end_object();
  return {};
}

}  // namespace weir::gemini
