// Canonical form → a body in Anthropic's format: the system text and the turns. Turns alternate: what one side says in
// several messages is one turn, and results of tools stand before all else in theirs.
#include <fmt/format.h>

#include "core/base64.h"
#include "formats/anthropic/request_writer.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/signature.h"
#include "formats/shared/translation.h"

namespace weir::anthropic {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

bool is_system(const Message& message) { return message.role == Role::system || message.role == Role::developer; }

std::string place_of(std::size_t message, std::size_t part) {
  return fmt::format("messages[{}].content[{}]", message, part);
}

// By the first bytes of what it is, where nobody says.
std::string_view image_type(const Media& media) {
  if (media.mime == "image/jpg") return "image/jpeg";
  if (!media.mime.empty()) return media.mime;
  if (media.data.starts_with("/9j/")) return "image/jpeg";
  if (media.data.starts_with("R0lGOD")) return "image/gif";
  if (media.data.starts_with("UklGR")) return "image/webp";
  return "image/png";
}

bool is_taken(std::string_view type) {
  return type == "image/png" || type == "image/jpeg" || type == "image/gif" || type == "image/webp";
}

bool is_address(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

}  // namespace

// System texts between the turns: in place where the model takes them so, else at the front with the others.
bool RequestWriter::is_hoisted(std::size_t index) const {
  return index < leading_ || (is_system(request_.messages[index]) && !traits_.later_systems);
}

// Anthropic's API refuses empty texts and blank ones.
bool RequestWriter::is_said(std::string_view text) const {
  return traits_.claude ? text.find_first_not_of(blanks) != std::string_view::npos : !text.empty();
}

void RequestWriter::cache_mark(bool cache) {
  if (!cache) return;
  if (marks_over_ > 0) {
    --marks_over_;
    return;
  }
  writer_.key("cache_control").begin_object().key("type").value("ephemeral").end_object();
}

Status RequestWriter::system() {
  const auto& messages = request_.messages;
  // Somebody must be asked something.
  const bool only = leading_ == messages.size() && leading_ > 0;
  if (only) --leading_;
  std::vector<const Part*> texts;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_hoisted(i) || (only && i == leading_)) continue;
    for (std::size_t k = 0; k < messages[i].parts.size(); ++k) {
      const auto& part = messages[i].parts[k];
      if (!is_text(part)) return failure(unsupported("The system text is a text here.", place_of(i, k)));
      if (is_said(part.text)) texts.push_back(&part);
    }
  }
  if (texts.empty()) return {};
  writer_.key("system");
  if (texts.size() == 1 && !texts.front()->cache) {
    writer_.value(texts.front()->text);
    return {};
  }
  writer_.begin_array();
  for (const auto* one : texts) {
    writer_.begin_object().key("type").value("text").key("text").value(one->text);
    cache_mark(one->cache);
    writer_.end_object();
  }
  writer_.end_array();
  return {};
}

Status RequestWriter::messages() {
  writer_.key("messages").begin_array();
  for (std::size_t at = leading_; at < request_.messages.size();) {
    const auto next = turn(at);
    if (!next) return failure(next.error());
    at = *next;
  }
  prefill();
  end_message();
  writer_.end_array();
  return {};
}

Result<std::size_t> RequestWriter::turn(std::size_t begin) {
  const auto& messages = request_.messages;
  const bool assistant = messages[begin].role == Role::assistant;
  auto end = begin;
  while (end < messages.size() && (messages[end].role == Role::assistant) == assistant) ++end;
  auto written = assistant ? assistant_turn(begin, end) : user_turn(begin, end);
  if (!written) return failure(std::move(written.error()));
  return end;
}

Status RequestWriter::user_turn(std::size_t begin, std::size_t end) {
  const auto& messages = request_.messages;
  end_message();
  role_ = "user";
  for (auto i = begin; i < end; ++i) {
    if (messages[i].role != Role::tool) continue;
    if (auto written = result(i); !written) return written;
  }
  for (auto i = begin; i < end; ++i) {
    const bool later_system = is_system(messages[i]) && i > leading_;
    if (messages[i].role == Role::tool || (later_system && is_hoisted(i))) continue;
    const std::string_view role = later_system ? "system" : "user";
    if (role != role_) end_message();
    role_ = role;
    for (std::size_t k = 0; k < messages[i].parts.size(); ++k) {
      if (auto written = part(i, k); !written) return written;
    }
  }
  return {};
}

Status RequestWriter::assistant_turn(std::size_t begin, std::size_t end) {
  end_message();
  role_ = "assistant";
  for (auto i = begin; i < end; ++i) {
    for (std::size_t k = 0; k < request_.messages[i].parts.size(); ++k) {
      if (auto written = part(i, k); !written) return written;
    }
  }
  return {};
}

// What was said and is to be continued. It may not end with blanks.
void RequestWriter::prefill() {
  if (prefill_.empty()) return;
  if (role_ != "assistant") end_message();
  role_ = "assistant";
  const auto said = traits_.claude ? prefill_.substr(0, prefill_.find_last_not_of(blanks) + 1) : prefill_;
  text(said, false);
}

void RequestWriter::begin_block(std::string_view type) {
  if (!message_open_) writer_.begin_object().key("role").value(role_).key("content").begin_array();
  message_open_ = true;
  writer_.begin_object().key("type").value(type);
}

void RequestWriter::end_message() {
  if (message_open_) writer_.end_array().end_object();
  message_open_ = false;
}

Status RequestWriter::result(std::size_t index) {
  const auto& message = request_.messages[index];
  begin_block("tool_result");
  writer_.key("tool_use_id").value(call_ids_.of_result(index));
  const bool words = message.parts.size() == 1 && message.parts.front().kind == Part::Kind::text;
  if (words && is_said(message.parts.front().text)) {
    writer_.key("content").value(message.parts.front().text);
  } else if (!words && !message.parts.empty()) {
    writer_.key("content").begin_array();
    for (std::size_t k = 0; k < message.parts.size(); ++k) {
      if (auto written = part(index, k); !written) return written;
    }
    writer_.end_array();
  }
  if (message.is_error) writer_.key("is_error").boolean(true);
  cache_mark(words && message.parts.front().cache);
  writer_.end_object();
  return {};
}

Status RequestWriter::part(std::size_t index, std::size_t at) {
  const auto& message = request_.messages[index];
  const auto& part = message.parts[at];
  const bool stands_here =
      is_text(part) || (part.kind == Part::Kind::media ? !is_system(message) : message.role == Role::assistant);
  if (!stands_here) {
    return failure(unsupported("Anthropic's format has no place for such a part here.", place_of(index, at)));
  }
  switch (part.kind) {
    case Part::Kind::text:
    case Part::Kind::refusal: {
      const bool last = index + 1 == request_.messages.size() && at + 1 == message.parts.size();
      const bool trim = last && message.role == Role::assistant && traits_.claude;
      text(trim ? part.text.substr(0, part.text.find_last_not_of(blanks) + 1) : part.text, part.cache);
      return {};
    }
    case Part::Kind::thinking:
      thought(part);
      return {};
    case Part::Kind::tool_call:
      begin_block("tool_use");
      writer_.key("id").value(call_ids_.of_call(index, at)).key("name").value(spell(part.name)).key("input");
      write_arguments(writer_, part.text);
      cache_mark(part.cache);
      writer_.end_object();
      return {};
    case Part::Kind::media:
      return part.media.kind == Media::Kind::image ? image(part, place_of(index, at))
                                                   : document(part, place_of(index, at));
    case Part::Kind::foreign:
      break;
  }
  return failure(unsupported("Anthropic's format has no place for this part.", place_of(index, at)));
}

void RequestWriter::text(std::string_view text, bool cache) {
  if (!is_said(text)) return;
  begin_block("text");
  writer_.key("text").value(text);
  cache_mark(cache);
  writer_.end_object();
}

// Thoughts without the seal of Anthropic's own models are refused by those.
void RequestWriter::thought(const Part& part) {
  const auto seal = signature_for(part.signature, request_.format, format_name);
  if (seal.empty() && (traits_.claude || part.text.empty())) return;
  if (part.text.empty() && is_redacted(seal)) {
    begin_block("redacted_thinking");
    writer_.key("data").value(redacted_data(seal)).end_object();
    return;
  }
  begin_block("thinking");
  writer_.key("thinking").value(part.text).key("signature").value(seal).end_object();
}

Status RequestWriter::image(const Part& part, const std::string& place) {
  const auto& media = part.media;
  const auto type = image_type(media);
  if (media.data.empty() && !is_address(media.url))
    return failure(unsupported("Anthropic's format takes images inline in base64 or by their web address.", place));
  if (!media.data.empty() && !is_taken(type)) {
    return failure(
        unsupported(fmt::format("Anthropic's format takes PNG, JPEG, GIF and WebP images, not '{}'.", type), place));
  }
  begin_block("image");
  writer_.key("source").begin_object();
  if (media.data.empty()) {
    writer_.key("type").value("url").key("url").value(media.url);
  } else {
    writer_.key("type").value("base64").key("media_type").value(type).key("data").value(media.data);
  }
  writer_.end_object();
  cache_mark(part.cache);
  writer_.end_object();
  return {};
}

Status RequestWriter::document(const Part& part, const std::string& place) {
  const auto& media = part.media;
  constexpr std::string_view pdf = "application/pdf";
  const bool is_document = media.kind == Media::Kind::document;
  const bool address = media.data.empty() && is_address(media.url) && (media.mime.empty() || media.mime == pdf);
  const bool bytes =
      !media.data.empty() && (media.mime == pdf || (media.mime.empty() && media.data.starts_with("JVBERi")));
  const auto words = is_document && media.mime.starts_with("text/") ? decode_base64(media.data) : std::nullopt;
  if (!is_document || (!address && !bytes && !words)) {
    return failure(
        unsupported("Anthropic's format takes images, PDFs inline or by their web address, and texts.", place));
  }
  begin_block("document");
  writer_.key("source").begin_object();
  if (words) {
    writer_.key("type").value("text").key("media_type").value("text/plain").key("data").value(*words);
  } else if (bytes) {
    writer_.key("type").value("base64").key("media_type").value(pdf).key("data").value(media.data);
  } else {
    writer_.key("type").value("url").key("url").value(media.url);
  }
  writer_.end_object();
  if (!media.name.empty()) writer_.key("title").value(media.name);
  cache_mark(part.cache);
  writer_.end_object();
  return {};
}

}  // namespace weir::anthropic
