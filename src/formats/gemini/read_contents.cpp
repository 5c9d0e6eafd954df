// `contents` and `systemInstruction` of a body in Gemini's format → messages. Calls have no ids there, or may lack
// them: they get some that are the same whenever the same conversation is sent, and results find their call by id, else
// by the function's name, in order.
#include <cstring>

#include <fmt/format.h>

#include "formats/gemini/request_reader.h"

namespace weir::gemini {
namespace {

using Kind = Part::Kind;

// What of a part only says something about its content.
constexpr std::array<std::string_view, 6> about = {"thought",         "thoughtSignature", "videoMetadata",
                                                   "mediaResolution", "partMetadata",     "mediaProcessing"};

template <typename Names>
bool is_one_of(std::string_view key, const Names& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return is_named(key, name); });
}

}  // namespace

bool RequestReader::system(const Element& value, const Place& place) {
  auto& message = request_.messages.emplace_back();
  message.role = Role::system;
  std::string_view plain;
  if (value.get(plain) == simdjson::SUCCESS) {
    message.parts.push_back({.text = plain});
    count(plain);
  } else {
    role_ = Role::system;
    in_turn_ = true;
    json::Object object;
    Element list;
    if (!read(value, place, object)) return false;
    if (find(object, "parts", list) && !parts(list, Place{.outer = &place, .key = "parts"})) return false;
  }
  // It comes first, wherever it stands in the body.
  if (request_.messages.back().parts.empty()) {
    request_.messages.pop_back();
    return true;
  }
  std::rotate(request_.messages.begin(), request_.messages.end() - 1, request_.messages.end());
  if (!in_pieces_.empty()) in_pieces_.insert(in_pieces_.begin(), false);
  return true;
}

bool RequestReader::contents(const Element& value, const Place& place) {
  role_ = Role::system;  // of nothing before
  return each(value, place, [this](const Element& one, const Place& here) { return content(one, here); });
}

bool RequestReader::content(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  Element said;
  std::string_view name = "user";
  const Place role_place{.outer = &place, .key = "role"};
  if (find(object, "role", said) && !read(said, role_place, name)) return false;
  const bool model = name == "model";
  if (!model && name != "user" && name != "function" && name != "tool" && !name.empty()) {
    return fail(role_place, fmt::format("Invalid value for '{}': '{}'. Please use a valid role: user, model.",
                                        to_string(role_place), name));
  }
  // A stream's history comes back in the pieces in which it went out: one turn of the model.
  const bool goes_on = model && role_ == Role::assistant && in_turn_;
  role_ = model ? Role::assistant : Role::user;
  in_turn_ = goes_on;
  if (goes_on) {
    in_pieces_.resize(request_.messages.size(), false);
    in_pieces_.back() = true;
  }
  const auto before = request_.messages.size();
  Element list;
  if (find(object, "parts", list) && !parts(list, Place{.outer = &place, .key = "parts"})) return false;
  if (request_.messages.size() == before && !in_turn_) turn();
  return true;
}

// The message that parts are added to.
Message& RequestReader::turn() {
  if (!in_turn_) {
    request_.messages.emplace_back().role = role_;
    in_turn_ = true;
  }
  return request_.messages.back();
}

bool RequestReader::parts(const Element& value, const Place& place) {
  return each(value, place, [this](const Element& one, const Place& here) { return part(one, here); });
}

bool RequestReader::part(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  thought_ = false;
  signature_ = {};
  std::string_view kind;
  Element inner;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (member.key == "thought") {
      if (!read(member.value, here, thought_)) return false;
    } else if (is_named(member.key, "thoughtSignature")) {
      std::string_view text;
      if (!read(member.value, here, text)) return false;
      signature_ = seal(text);
    } else if (is_named(member.key, "videoMetadata")) {
      foreign(here, "a part of a video");
    } else if (!is_one_of(member.key, about)) {
      if (!kind.empty())
        return fail(place, fmt::format("'{}' holds both '{}' and '{}'.", to_string(place), kind, member.key));
      kind = member.key;
      inner = member.value;
    }
  }
  const Place here{.outer = &place, .key = kind};
  if (kind.empty()) {
    if (signature_.empty() && !thought_) return fail(place, fmt::format("'{}' has no data in it.", to_string(place)));
    if (!signature_.empty()) turn().parts.push_back({.kind = Kind::thinking, .signature = signature_});
    return true;
  }
  if (kind == "text") return text(inner, here);
  if (role_ == Role::system) {
    turn().parts.push_back({.kind = Kind::foreign, .raw = value});
    return foreign(here, "an instruction that is no text");
  }
  if (is_named(kind, "functionCall")) return call(inner, here);
  if (is_named(kind, "functionResponse")) return result(inner, here);
  const bool blob_like = is_named(kind, "inlineData");
  if (blob_like || is_named(kind, "fileData")) {
    Media media;
    const auto foreign_before = request_.foreign.size();
    if (!(blob_like ? blob(inner, here, media) : file(inner, here, media, value))) return false;
    if (request_.foreign.size() == foreign_before) add_media(media);
    return true;
  }
  turn().parts.push_back({.kind = Kind::foreign, .raw = value});
  return foreign(here, fmt::format("a part of kind '{}'", kind));
}

bool RequestReader::text(const Element& value, const Place& place) {
  std::string_view words;
  if (!read(value, place, words)) return false;
  count(words);
  auto& parts = turn().parts;
  if (thought_) {
    const bool goes_on = !parts.empty() && parts.back().kind == Kind::thinking && parts.back().signature.empty();
    if (goes_on) {  // in the pieces of a stream, put into one content
      in_pieces_.resize(request_.messages.size(), false);
      in_pieces_.back() = true;
    }
    parts.push_back({.kind = Kind::thinking, .text = words, .signature = signature_});
  } else if (!words.empty() || role_ != Role::assistant) {
    parts.push_back({.kind = Kind::text, .text = words});
  } else if (!signature_.empty()) {
    parts.push_back({.kind = Kind::thinking, .signature = signature_});  // the end of a stream: only the seal counts
  }
  return true;
}

void RequestReader::add_media(const Media& media) {
  Part part{.kind = Kind::media};
  part.media = media;
  turn().parts.push_back(part);
  request_.has_images = request_.has_images || media.kind == Media::Kind::image;
}

bool RequestReader::blob(const Element& value, const Place& place, Media& media) {
  json::Object object;
  if (!read(value, place, object)) return false;
  bool has_data = false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (is_named(member.key, "mimeType")) {
      if (!read(member.value, here, media.mime)) return false;
    } else if (member.key == "data") {
      if (!read(member.value, here, media.data)) return false;
      has_data = true;
    } else if (is_named(member.key, "displayName")) {
      if (!read(member.value, here, media.name)) return false;
    }
  }
  if (!has_data) return missing(Place{.outer = &place, .key = "data"});
  if (is_url_base64(media.data)) media.data = request_.keep(usual_base64(media.data));
  media.kind = kind_of_mime(media.mime);
  return true;
}

// A file that Google keeps means nothing to others; an address on the web does.
bool RequestReader::file(const Element& value, const Place& place, Media& media, const Element& whole) {
  json::Object object;
  if (!read(value, place, object)) return false;
  Element uri;
  const Place uri_place{.outer = &place, .key = "fileUri"};
  if (!find(object, "fileUri", uri)) return missing(uri_place);
  if (!read(uri, uri_place, media.url)) return false;
  media.mime = text_of(object, "mimeType");
  media.name = text_of(object, "displayName");
  const auto host = std::string_view(media.url).substr(0, media.url.find('/', 8));
  const bool video_site =
      host.find("youtube.com") != std::string_view::npos || host.find("youtu.be") != std::string_view::npos;
  media.kind = video_site ? Media::Kind::video : kind_of_mime(media.mime);
  const bool on_the_web = media.url.starts_with("https://") || media.url.starts_with("http://");
  if (on_the_web && host.find("googleapis.com") == std::string_view::npos) return true;
  turn().parts.push_back({.kind = Kind::foreign, .raw = whole});
  return foreign(place, "a file that Google keeps");
}

bool RequestReader::call(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  Part part{.kind = Kind::tool_call, .text = "{}", .signature = signature_};
  bool named = false;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (member.key == "name") {
      if (!read(member.value, here, part.name)) return false;
      named = true;
    } else if (member.key == "id") {
      if (!read(member.value, here, part.id)) return false;
    } else if (member.key == "args") {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      part.text = request_.keep(simdjson::minify(member.value));
    }
  }
  if (!named) return missing(Place{.outer = &place, .key = "name"});
  if (role_ != Role::assistant) {
    turn().parts.push_back({.kind = Kind::foreign, .raw = value});
    return foreign(place, "a call that the model did not make");
  }
  if (part.id.empty()) part.id = request_.keep(fmt::format("weir-call-{}", ++made_ids_));
  count(part.name);
  count(part.text);
  auto& known = calls_.emplace_back(Call{.id = part.id});
  call_by_id_[part.id] = &known;
  calls_by_name_[part.name].push_back(&known);
  turn().parts.push_back(part);
  return true;
}

// The id of the call that a result is for.
std::string_view RequestReader::call_answered_by(std::string_view id, std::string_view name) {
  if (!id.empty()) {
    if (const auto known = call_by_id_.find(id); known != call_by_id_.end()) known->second->answered = true;
    return id;
  }
  auto& waiting = calls_by_name_[name];
  while (!waiting.empty() && waiting.front()->answered) waiting.pop_front();
  if (waiting.empty()) return request_.keep(fmt::format("weir-call-{}", ++made_ids_));
  waiting.front()->answered = true;
  return waiting.front()->id;
}

bool RequestReader::result(const Element& value, const Place& place) {
  json::Object object;
  if (!read(value, place, object)) return false;
  Message message{.role = Role::tool};
  std::string_view id;
  bool named = false;
  Element pieces;
  for (const auto member : object) {
    if (member.value.is_null()) continue;
    const Place here{.outer = &place, .key = member.key};
    if (member.key == "name") {
      if (!read(member.value, here, message.name)) return false;
      named = true;
    } else if (member.key == "id") {
      if (!read(member.value, here, id)) return false;
    } else if (member.key == "response") {
      if (!member.value.is_object()) return wrong_type(here, "an object", member.value);
      result_text(member.value, message);
    } else if (member.key == "parts") {
      pieces = member.value;
    } else if (is_named(member.key, "willContinue")) {
      bool truth = false;
      if (!read(member.value, here, truth)) return false;
      if (truth) foreign(here, "a result of which more follows");
    }
  }
  if (!named) return missing(Place{.outer = &place, .key = "name"});
  if (find(object, "parts", pieces) && !result_parts(pieces, Place{.outer = &place, .key = "parts"}, message)) {
    return false;
  }
  message.tool_call_id = call_answered_by(id, message.name);
  request_.messages.push_back(std::move(message));
  in_turn_ = false;
  return true;
}

// `output` is what the function gave, `error` why it could not; without either, all of it is the output.
void RequestReader::result_text(const Element& value, Message& message) {
  json::Object object;
  if (value.get(object) != simdjson::SUCCESS) return;
  auto given = value;
  if (object.size() == 1) {
    const auto only = *object.begin();
    message.is_error = only.key == "error";
    if (message.is_error || only.key == "output") given = only.value;
  }
  std::string_view words;
  if (given.get(words) != simdjson::SUCCESS) words = request_.keep(simdjson::minify(given));
  count(words);
  message.parts.push_back({.kind = Kind::text, .text = words});
}

bool RequestReader::result_parts(const Element& value, const Place& place, Message& message) {
  return each(value, place, [&](const Element& one, const Place& here) {
    json::Object object;
    if (!read(one, here, object)) return false;
    Element data;
    Part part{.kind = Kind::media};
    if (find(object, "inlineData", data)) {
      if (!blob(data, Place{.outer = &here, .key = "inlineData"}, part.media)) return false;
      request_.has_images = request_.has_images || part.media.kind == Media::Kind::image;
    } else {
      part.kind = Kind::foreign;
      part.raw = one;
      foreign(here, "a part of a result that is not inline");
    }
    message.parts.push_back(part);
    return true;
  });
}

// A seal of another provider's comes back in base64.
std::string_view RequestReader::seal(std::string_view text) {
  if (auto seal = unwrapped_seal(text)) return request_.keep(std::move(*seal));
  return text;
}

// Texts that a stream had cut.
void RequestReader::join_pieces(Message& message) {
  std::vector<Part> joined;
  std::string pieces;
  bool open = false;  // the last of `joined` is made of `pieces`
  const auto close = [&] {
    if (open) joined.back().text = request_.keep(std::exchange(pieces, {}));
    open = false;
  };
  for (const auto& part : message.parts) {
    const bool said = part.kind == Kind::text || part.kind == Kind::thinking;
    const bool goes_on = said && !joined.empty() && joined.back().kind == part.kind &&
                         joined.back().signature.empty() &&
                         !(part.kind == Kind::thinking && part.text.empty() && joined.back().text.empty());
    if (!goes_on) {
      close();
      joined.push_back(part);
      continue;
    }
    if (!std::exchange(open, true)) pieces = joined.back().text;
    pieces += part.text;
    joined.back().signature = part.signature;
  }
  close();
  message.parts = std::move(joined);
}

}  // namespace weir::gemini
