// The nested parts of a request body: messages, images, tool calls.
#include <algorithm>
#include <array>

#include "core/base64.h"
#include "formats/ollama/request_reader.h"

namespace weir::ollama_client {
namespace {

// Images come as bare base64; what they are, their first bytes say. "" = nobody knows.
std::string_view type_of_image(std::string_view data) {
  using namespace std::string_view_literals;
  struct Magic {
    std::string_view bytes;
    std::string_view mime;
  };
  constexpr std::array magics = {Magic{"\x89PNG"sv, "image/png"}, Magic{"\xff\xd8\xff"sv, "image/jpeg"},
                                 Magic{"GIF8"sv, "image/gif"},    Magic{"BM"sv, "image/bmp"},
                                 Magic{"II*\0"sv, "image/tiff"},  Magic{"MM\0*"sv, "image/tiff"}};
  const auto first = decode_base64(data.substr(0, 16));
  if (!first) return {};
  const std::string_view begin = *first;
  if (begin.starts_with("RIFF") && begin.substr(8, 4) == "WEBP") return "image/webp";
  const auto* const found =
      std::find_if(magics.begin(), magics.end(), [&](const Magic& magic) { return begin.starts_with(magic.bytes); });
  return found == magics.end() ? std::string_view() : found->mime;
}

Media image_of(std::string_view data) {
  if (data.starts_with("data:")) return media_of_url(data, Media::Kind::image);
  return {.kind = Media::Kind::image, .mime = type_of_image(data), .data = data};
}

}  // namespace

bool RequestReader::messages(const Element& value, const Place& place, std::string_view) {
  json::Array list;
  if (!read(value, place, list)) return false;
  request_.messages.reserve(list.size());
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index++};
    json::Object object;
    if (!read(element, here, object) || !message(object, here)) return false;
  }
  return true;
}

// The members of a message have no order, what a model says has one: it thinks, speaks, calls. Images stand before the
// text that speaks of them, as Ollama puts them.
bool RequestReader::message(const json::Object& object, const Place& place) {
  auto& message = request_.messages.emplace_back();
  bool has_role = false;
  std::vector<Part> pictures;
  std::vector<Part> calls;
  std::optional<std::string_view> thinking;
  std::optional<std::string_view> content;
  for (const auto member : object) {
    const auto& value = member.value;
    const Place here{.outer = &place, .key = member.key};
    bool good = true;
    if (member.key == "role") {
      good = role(value, here, message.role);
      has_role = true;
    } else if (value.is_null()) {
      continue;
    } else if (member.key == "content") {
      good = read(value, here, content);
    } else if (member.key == "thinking") {
      good = read(value, here, thinking);
    } else if (member.key == "images") {
      good = this->pictures(value, here, pictures);
    } else if (member.key == "tool_calls") {
      good = tool_calls(value, here, calls);
    } else if (member.key == "tool_name" || (member.key == "name" && message.name.empty())) {
      good = read(value, here, message.name);
    } else if (member.key == "tool_call_id") {
      good = read(value, here, message.tool_call_id);
    } else {
      leave_out(here);
    }
    if (!good) return false;
  }
  if (!has_role) return missing(Place{.outer = &place, .key = "role"});
  const auto add = [&](Part::Kind kind, std::string_view text) {
    message.parts.push_back({.kind = kind, .text = text});
    count(text);
  };
  if (thinking && !thinking->empty()) add(Part::Kind::thinking, *thinking);
  message.parts.insert(message.parts.end(), pictures.begin(), pictures.end());
  if (content && (!content->empty() || (calls.empty() && pictures.empty()))) add(Part::Kind::text, *content);
  message.parts.insert(message.parts.end(), calls.begin(), calls.end());
  if (message.role == Role::tool) find_call(message);
  return true;
}

bool RequestReader::role(const Element& value, const Place& place, Role& out) {
  std::string_view name;
  if (!read(value, place, name)) return false;
  constexpr std::array<std::pair<std::string_view, Role>, 5> roles = {{{"system", Role::system},
                                                                       {"user", Role::user},
                                                                       {"assistant", Role::assistant},
                                                                       {"tool", Role::tool},
                                                                       {"developer", Role::developer}}};
  for (const auto& [known, role] : roles) {
    if (name != known) continue;
    out = role;
    return true;
  }
  return fail(place,
              fmt::format("Invalid value for '{}': '{}'. Supported values are: 'system', 'user', 'assistant' and "
                          "'tool'.",
                          to_string(place), name));
}

bool RequestReader::pictures(const Element& value, const Place& place, std::vector<Part>& out) {
  std::vector<std::string_view> list;
  if (!texts(value, place, Alone::refused, list)) return false;
  for (const auto data : list) {
    Part part;
    part.kind = Part::Kind::media;
    part.media = image_of(data);
    out.push_back(part);
    request_.has_images = true;
  }
  return true;
}

bool RequestReader::tool_calls(const Element& value, const Place& place, std::vector<Part>& out) {
  json::Array list;
  if (!read(value, place, list)) return false;
  open_calls_.clear();
  std::size_t index = 0;
  for (const auto element : list) {
    const Place here{.outer = &place, .key = {}, .index = index};
    json::Object object;
    if (!read(element, here, object) || !tool_call(object, here, out.emplace_back())) return false;
    auto& call = out.back();
    if (call.id.empty()) call.id = request_.keep(fmt::format("call_{}_{}", request_.messages.size() - 1, index));
    open_calls_.push_back({.id = call.id, .name = call.name});
    ++index;
  }
  return true;
}

bool RequestReader::tool_call(const json::Object& object, const Place& place, Part& out) {
  out.kind = Part::Kind::tool_call;
  if (Element id; object.at_key("id").get(id) == simdjson::SUCCESS && !id.is_null()) {
    if (!read(id, Place{.outer = &place, .key = "id"}, out.id)) return false;
  }
  const Place inner{.outer = &place, .key = "function"};
  Element value;
  json::Object function;
  if (object.at_key("function").get(value) != simdjson::SUCCESS) return missing(inner);
  if (!read(value, inner, function)) return false;
  const Place name_place{.outer = &inner, .key = "name"};
  if (function.at_key("name").get(value) != simdjson::SUCCESS) return missing(name_place);
  if (!read(value, name_place, out.name)) return false;
  out.text = "{}";
  if (function.at_key("arguments").get(value) == simdjson::SUCCESS && !value.is_null()) {
    // An object; a text with one in it comes from other formats' clients.
    if (value.is_object()) {
      out.text = request_.keep(simdjson::minify(value));
    } else if (value.get(out.text) != simdjson::SUCCESS) {
      return wrong_type(Place{.outer = &inner, .key = "arguments"}, "an object", value);
    }
  }
  count(out.name);
  count(out.text);
  return true;
}

// By its id, else by the tool's name, else in order: to the first call that has no result yet.
void RequestReader::find_call(Message& result) {
  const auto answers = [&](const OpenCall& call) {
    return result.tool_call_id.empty() ? result.name.empty() || call.name == result.name
                                       : call.id == result.tool_call_id;
  };
  const auto found = std::find_if(open_calls_.begin(), open_calls_.end(), answers);
  if (found == open_calls_.end()) return;
  result.tool_call_id = found->id;
  if (result.name.empty()) result.name = found->name;
  open_calls_.erase(found);
}

}  // namespace weir::ollama_client
