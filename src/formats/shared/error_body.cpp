#include "formats/shared/error_body.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/json_mend.h"

namespace weir {
namespace {

constexpr int deepest = 4;  // errors inside errors

// Text of a value: a string as it is, anything else as JSON.
std::string text_of(const json::Element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  return value.is_null() ? std::string() : simdjson::minify(value);
}

bool find(const json::Object& object, std::string_view key, json::Element& out) {
  return object.at_key(key).get(out) == simdjson::SUCCESS && !out.is_null();
}

bool is_http_error(int64_t number) { return number >= 400 && number <= 599; }

void read_code(const json::Object& object, ErrorWords& words) {
  json::Element code;
  for (const std::string_view name : {"code", "error_code", "errorCode", "__type"}) {
    if (!words.code.empty() || !find(object, name, code)) continue;
    words.code = text_of(code);
    int64_t number = 0;
    json::read_if(code, number);
    if (words.code.size() == 3) std::from_chars(words.code.data(), words.code.data() + 3, number);  // "429"
    if (is_http_error(number)) words.status = static_cast<int>(number);
  }
  json::Element type;
  for (const std::string_view name : {"type", "error_type"}) {
    if (words.type.empty() && find(object, name, type)) words.type = text_of(type);
  }
  // Azure, in two spellings: what its own services behind it say.
  for (const std::string_view name : {"innererror", "inner_error"}) {
    json::Object within;
    if (!words.type.empty() || object.at_key(name).get(within) != simdjson::SUCCESS) continue;
    words.type = json::string_or(within, "code");
  }
  json::Element status;
  std::string name;
  if (find(object, "status", status)) {  // Gemini: a name; RFC 9457: a number
    int64_t number = 0;
    if (status.get(number) == simdjson::SUCCESS) {
      if (is_http_error(number)) words.status = static_cast<int>(number);
    } else {
      name = text_of(status);
    }
  }
  if (words.code.empty() || words.status != 0) {
    if (!words.type.empty()) {
      words.code = words.type;
    } else if (!name.empty()) {
      words.code = std::move(name);
    }
  }
  if (words.param.empty()) words.param = json::string_or(object, "param");
  json::Object details;
  if (object.at_key("details").get(details) == simdjson::SUCCESS) words.detail = json::string_or(details, "error_code");
}

void read_object(const json::Object& object, ErrorWords& words, int depth);

// A text, an object with one, or a list of either.
void read_message(const json::Element& value, ErrorWords& words, int depth) {
  json::Object object;
  json::Array list;
  if (depth < deepest && value.get(object) == simdjson::SUCCESS) {
    read_object(object, words, depth + 1);
    if (words.message.empty() && object.size() != 0) words.message = simdjson::minify(value);
  } else if (value.get(list) == simdjson::SUCCESS) {
    for (const auto entry : list) {
      ErrorWords one;
      read_message(entry, one, depth + 1);
      if (!words.message.empty() && !one.message.empty()) words.message += "; ";
      words.message += one.message;
      if (words.code.empty()) words.code = std::move(one.code);
      if (words.type.empty()) words.type = std::move(one.type);
    }
  } else {
    words.message = text_of(value);
  }
}

// FastAPI: `{"loc": ["body", "x"], "msg": "…"}`.
bool read_place(const json::Object& object, ErrorWords& words) {
  json::Array location;
  json::Element what;
  if (object.at_key("loc").get(location) != simdjson::SUCCESS || !find(object, "msg", what)) return false;
  std::string place;
  for (const auto part : location) place += (place.empty() ? "" : ".") + text_of(part);
  words.message = fmt::format("{}{}{}", place, place.empty() ? "" : ": ", text_of(what));
  return true;
}

void read_object(const json::Object& object, ErrorWords& words, int depth) {
  if (read_place(object, words)) return;
  json::Element value;
  for (const std::string_view name : {"error", "message", "detail", "errors", "msg", "Message", "error_msg",
                                      "error_message", "errorMessage", "status_msg", "faultstring", "title"}) {
    if (!words.message.empty() || !find(object, name, value)) continue;
    bool truth = false;
    if (value.get(truth) == simdjson::SUCCESS) continue;  // `"error": true`: the words stand beside it
    read_message(value, words, depth);
  }
  read_code(object, words);
  // A marketplace's error holds the one of whom it asked (OpenRouter: `metadata.raw`).
  json::Object metadata;
  if (object.at_key("metadata").get(metadata) == simdjson::SUCCESS && find(metadata, "raw", value)) {
    words.inner = text_of(value);
  }
}

// Some put the body of another error into a message, as text.
void read_nested(ErrorWords& words, int depth) {
  auto& nested = words.inner.empty() ? words.message : words.inner;
  const auto begin = nested.find('{');
  if (begin == std::string::npos && !words.inner.empty()) {
    words.message += ": " + words.inner;
    return;
  }
  if (depth >= deepest || begin == std::string::npos || begin > 200) return;
  json::Document document;
  const auto text = std::string_view(nested).substr(begin);
  if (!document.parse_copy(text.substr(0, text.rfind('}') + 1))) {
    const auto mended = json::mend(text);  // as Python prints it
    if (!mended.usable || !document.parse_copy(mended.text)) return;
  }
  ErrorWords inner;
  read_message(document.root(), inner, depth + 1);
  if (inner.message.empty() || inner.message.front() == '{') return;
  const bool whole = begin == 0 || &nested == &words.inner;
  if (!inner.code.empty() && (words.code.empty() || words.status != 0)) words.code = inner.code;
  if (words.type.empty()) words.type = inner.type;
  if (words.param.empty()) words.param = inner.param;
  words.inner = inner.message;
  if (whole && words.message != inner.message) {
    words.message = begin == 0 && &nested == &words.message ? inner.message : words.message + ": " + inner.message;
  }
}

// The error of something that failed, told as that thing: a response, a choice, the last delta of a stream.
void read_held_error(const json::Object& object, ErrorWords& words) {
  json::Element error;
  for (const std::string_view place : {"/response/error", "/delta/error", "/choices/0/error"}) {
    if (words.message.empty() && object.at_pointer(place).get(error) == simdjson::SUCCESS && !error.is_null())
      read_message(error, words, 0);
  }
}

}  // namespace

std::string ErrorWords::haystack() const {
  std::string out = code + " " + type + " " + detail + " " + message + " " + inner;
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

ErrorWords read_error_words(json::Element body) {
  ErrorWords words;
  json::Array list;
  if (body.get(list) == simdjson::SUCCESS && list.size() != 0) body = list.at(0).value_unsafe();
  json::Object object;
  if (body.get(object) != simdjson::SUCCESS) {
    words.message = text_of(body);
    return words;
  }
  json::Element error;
  const bool wrapped = find(object, "error", error);
  if (wrapped) {
    read_message(error, words, 0);
    ErrorWords outer;
    read_code(object, outer);
    if (words.code.empty()) words.code = outer.code;
    if (words.type.empty()) words.type = outer.type;
    if (words.status == 0) words.status = outer.status;
  }
  bool truth = false;
  if (!wrapped || (error.get(truth) == simdjson::SUCCESS && truth)) {
    words = ErrorWords{};
    read_object(object, words, 0);
  }
  json::Element base;
  if (words.message.empty() && find(object, "base_resp", base)) read_message(base, words, 0);  // MiniMax
  if (words.message.empty() && find(object, "fault", base)) read_message(base, words, 0);      // Apigee
  if (words.message.empty()) read_held_error(object, words);
  read_nested(words, 0);
  return words;
}

bool says_error(const json::Object& answer) {
  constexpr std::string_view names[] = {"detail",        "message",      "errors", "error_msg",
                                        "error_message", "errorMessage", "msg",    "base_resp"};
  return std::any_of(answer.begin(), answer.end(), [&](const auto field) {
    return std::find(std::begin(names), std::end(names), field.key) != std::end(names);
  });
}

}  // namespace weir
