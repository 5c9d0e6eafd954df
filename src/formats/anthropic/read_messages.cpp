// The nested parts of a request body: the system text, messages and their content blocks.
#include <fmt/format.h>

#include "formats/anthropic/request_reader.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/signature.h"

namespace weir::anthropic {

// The message that the next block belongs to. Results of tools are messages of their own, and so is what the user says
// between and behind them.
Message& RequestReader::turn(Role role) {
  if (message_ == nullptr || message_->role != role || role == Role::tool) {
    message_ = &request_.messages.emplace_back();
    message_->role = role;
  }
  return *message_;
}

Part& RequestReader::add(Part::Kind kind, const json::Object& object) {
  auto& part = message_->parts.emplace_back();
  part.kind = kind;
  if (Element cache; object.at_key("cache_control").get(cache) == simdjson::SUCCESS) part.cache = cache.is_object();
  return part;
}

void RequestReader::add_text(std::string_view text) {
  message_->parts.emplace_back().text = text;
  count(text);
}

void RequestReader::only_here(const Element& value, const Place& place, std::string_view type) {
  auto& part = message_->parts.emplace_back();
  part.kind = Part::Kind::foreign;
  part.raw = value;
  only_here(place, fmt::format("content of type '{}'", type));
}

bool RequestReader::system(const Element& value, const Place& place) {
  message_ = &front_.emplace_back();
  message_->role = Role::system;
  const bool good = content(value, place, Role::system);
  if (front_.back().parts.empty()) front_.pop_back();
  return good;
}

bool RequestReader::messages(const Element& value, const Place& place) {
  json::Array list;
  if (!read(value, place, list)) return false;
  if (list.size() == 0) return fail(place, "Invalid 'messages': the array is empty; at least one message is needed.");
  has_messages_ = true;
  request_.messages.reserve(list.size() + 1);
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !message(object, here)) return false;
  }
  return true;
}

bool RequestReader::message(const json::Object& object, const Place& place) {
  std::string_view role_name;
  if (!need(object, "role", place, role_name)) return false;
  Role role = Role::user;
  if (role_name == "assistant") {
    role = Role::assistant;
  } else if (role_name == "system") {
    role = Role::system;
  } else if (role_name != "user") {
    const Place here{.outer = &place, .key = "role"};
    return fail(here,
                fmt::format("Invalid value for '{}': '{}'. Supported values are: 'user', 'assistant' and 'system'.",
                            to_string(here), role_name));
  }
  const Place here{.outer = &place, .key = "content"};
  Element value;
  if (object.at_key("content").get(value) != simdjson::SUCCESS || value.is_null()) return missing(here);
  message_ = nullptr;
  json::Array list;
  const bool results_only = role == Role::user && value.get(list) == simdjson::SUCCESS && list.size() != 0;
  if (!results_only) turn(role);  // also one without a block
  return content(value, here, role);
}

bool RequestReader::content(const Element& value, const Place& place, Role role) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    add_text(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of blocks", value);
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !block(object, element, here, role)) return false;
  }
  return true;
}

bool RequestReader::block(const json::Object& object, const Element& value, const Place& place, Role role) {
  std::string_view type;
  if (!need(object, "type", place, type)) return false;
  const bool result = type == "tool_result";
  if (result && role == Role::user) return result_block(object, place);
  if (role != Role::system) turn(role);
  if (type == "text") return text_block(object, place);
  if (role == Role::assistant && type == "thinking") return thinking_block(object, place);
  if (role == Role::assistant && type == "redacted_thinking") return redacted_block(object, place);
  if (role == Role::assistant && type == "tool_use") return call_block(object, place);
  if (role != Role::system && type == "image") return image_block(object, place);
  if (role != Role::system && type == "document") return document_block(object, place);
  if (result || type == "thinking" || type == "redacted_thinking" || type == "tool_use" || role == Role::system) {
    const Place here{.outer = &place, .key = "type"};
    return fail(
        here, fmt::format("Invalid value for '{}': a block of type '{}' does not stand here.", to_string(here), type));
  }
  only_here(value, place, type);
  return true;
}

bool RequestReader::text_block(const json::Object& object, const Place& place) {
  auto& part = add(Part::Kind::text, object);
  Element citations;
  if (object.at_key("citations").get(citations) == simdjson::SUCCESS && !citations.is_null()) {
    json::Array list;
    if (citations.get(list) != simdjson::SUCCESS || list.size() != 0) leave_out("citations");
  }
  if (!need(object, "text", place, part.text)) return false;
  count(part.text);
  return true;
}

bool RequestReader::thinking_block(const json::Object& object, const Place& place) {
  auto& part = add(Part::Kind::thinking, object);
  part.cache = false;
  if (!need(object, "thinking", place, part.text) || !may(object, "signature", place, part.signature)) return false;
  count(part.text);
  return true;
}

bool RequestReader::redacted_block(const json::Object& object, const Place& place) {
  auto& part = add(Part::Kind::thinking, object);
  part.cache = false;
  std::string_view data;
  if (!need(object, "data", place, data)) return false;
  // One that another format's model made was shown here with its maker's name, and is no seal of this format.
  const bool ours = signature_for(data, format_name, format_name) == data;
  part.signature = ours ? request_.keep(mark_redacted(data)) : data;
  if (data.starts_with(call_seal_mark)) call_seal_ = data.substr(call_seal_mark.size());
  return true;
}

bool RequestReader::call_block(const json::Object& object, const Place& place) {
  auto& part = add(Part::Kind::tool_call, object);
  const Place input_place{.outer = &place, .key = "input"};
  Element input;
  if (!need(object, "id", place, part.id) || !need(object, "name", place, part.name)) return false;
  if (object.at_key("input").get(input) != simdjson::SUCCESS) return missing(input_place);
  if (!input.is_object()) return wrong_type(input_place, "an object", input);
  part.text = request_.keep(simdjson::minify(input));
  part.signature = std::exchange(call_seal_, {});
  count(part.name);
  count(part.text);
  return true;
}

bool RequestReader::result_block(const json::Object& object, const Place& place) {
  auto& message = turn(Role::tool);
  if (!need(object, "tool_use_id", place, message.tool_call_id) || !may(object, "is_error", place, message.is_error))
    return false;
  Element value;
  if (object.at_key("content").get(value) == simdjson::SUCCESS && !value.is_null() &&
      !result_content(value, Place{.outer = &place, .key = "content"})) {
    return false;
  }
  Element cache;
  const bool cached = object.at_key("cache_control").get(cache) == simdjson::SUCCESS && cache.is_object();
  if (cached && !message_->parts.empty()) message_->parts.back().cache = true;
  return true;
}

bool RequestReader::result_content(const Element& value, const Place& place) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    add_text(text);
    return true;
  }
  json::Array list;
  if (value.get(list) != simdjson::SUCCESS) return wrong_type(place, "a string or an array of blocks", value);
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    std::string_view type;
    if (!read(element, here, object) || !need(object, "type", here, type)) return false;
    bool good = true;
    if (type == "text") {
      good = text_block(object, here);
    } else if (type == "image") {
      good = image_block(object, here);
    } else if (type == "document") {
      good = document_block(object, here);
    } else {
      only_here(element, here, type);
    }
    if (!good) return false;
  }
  return true;
}

bool RequestReader::media_source(const json::Object& source, const Place& place, std::string_view type, Media& media) {
  if (type == "base64") {
    return need(source, "media_type", place, media.mime) && need(source, "data", place, media.data);
  }
  if (type == "url") return need(source, "url", place, media.url);
  if (type == "file") {
    only_here(place, "a file that its provider keeps");
    return need(source, "file_id", place, media.file);
  }
  only_here(place, fmt::format("a source of type '{}'", type));
  return true;
}

bool RequestReader::image_block(const json::Object& object, const Place& place) {
  auto& part = add(Part::Kind::media, object);
  request_.has_images = true;
  part.media.kind = Media::Kind::image;
  const Place source_place{.outer = &place, .key = "source"};
  json::Object source;
  std::string_view type;
  return need(object, "source", place, source) && need(source, "type", source_place, type) &&
         media_source(source, source_place, type, part.media);
}

bool RequestReader::document_block(const json::Object& object, const Place& place) {
  const Place source_place{.outer = &place, .key = "source"};
  const Place citations_place{.outer = &place, .key = "citations"};
  json::Object source;
  json::Object citations;
  std::string_view type;
  std::string_view title;
  std::string_view context;
  bool cited = false;
  if (!need(object, "source", place, source) || !need(source, "type", source_place, type) ||
      !may(object, "title", place, title) || !may(object, "context", place, context) ||
      !may(object, "citations", place, citations)) {
    return false;
  }
  if (Element given; object.at_key("citations").get(given) == simdjson::SUCCESS && given.is_object()) {
    if (!may(citations, "enabled", citations_place, cited)) return false;
    if (cited) only_here(citations_place, "citations");
  }
  // What the model is told of the document, but not to quote: a text before it, where there is no such field.
  if (!context.empty()) add_text(context);
  if (type == "text" || type == "content") {
    if (!document_text(source, source_place, title)) return false;
    Element cache;
    const bool cached = object.at_key("cache_control").get(cache) == simdjson::SUCCESS && cache.is_object();
    if (cached && !message_->parts.empty()) message_->parts.back().cache = true;
    return true;
  }
  auto& part = add(Part::Kind::media, object);
  part.media.kind = Media::Kind::document;
  part.media.name = title;
  if (!media_source(source, source_place, type, part.media)) return false;
  if (type == "url") part.media.mime = "application/pdf";
  return true;
}

// A document that is a text, or consists of blocks: what the model reads of it.
bool RequestReader::document_text(const json::Object& source, const Place& place, std::string_view title) {
  if (!title.empty()) add_text(title);
  std::string_view text;
  Element value;
  if (source.at_key("data").get(value) == simdjson::SUCCESS) {
    if (!need(source, "data", place, text)) return false;
    add_text(text);
    return true;
  }
  if (source.at_key("content").get(value) != simdjson::SUCCESS)
    return missing(Place{.outer = &place, .key = "content"});
  return result_content(value, Place{.outer = &place, .key = "content"});
}

}  // namespace weir::anthropic
