#include "formats/gemini/names.h"

#include <algorithm>

#include "core/base64.h"

namespace weir::gemini {
namespace {

constexpr std::string_view mark = "weir.";
constexpr std::string_view packed_mark = "d2Vpci";  // how base64 of it begins

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals(std::string_view text, std::string_view capitals) {
  return text.size() == capitals.size() &&
         std::equal(text.begin(), text.end(), capitals.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

bool is_named(std::string_view key, std::string_view camel) {
  std::size_t at = 0;
  for (const char c : camel) {
    if (at == key.size()) return false;
    if (key[at] == '_' && lower(c) != c) {
      ++at;
      if (at == key.size() || key[at] != lower(c)) return false;
    } else if (key[at] != c) {
      return false;
    }
    ++at;
  }
  return at == key.size();
}

bool find(const json::Object& object, std::string_view camel, json::Element& out) {
  for (const auto member : object) {
    if (!is_named(member.key, camel) || member.value.is_null()) continue;
    out = member.value;
    return true;
  }
  return false;
}

std::string_view text_of(const json::Object& object, std::string_view camel, std::string_view otherwise) {
  json::Element value;
  if (find(object, camel, value)) json::read_if(value, otherwise);
  return otherwise;
}

std::optional<std::size_t> enumerator_of(const json::Element& value, std::span<const std::string_view> names) {
  std::string_view text;
  int64_t number = 0;
  if (value.get(text) == simdjson::SUCCESS) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (equals(text, names[i])) return i;
    }
  } else if (value.get(number) == simdjson::SUCCESS && number >= 0 && static_cast<std::size_t>(number) < names.size()) {
    return static_cast<std::size_t>(number);
  }
  return std::nullopt;
}

bool is_url_base64(std::string_view text) {
  return text.find('-') != std::string_view::npos || text.find('_') != std::string_view::npos;
}

std::string usual_base64(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '-', '+');
  std::replace(out.begin(), out.end(), '_', '/');
  return out;
}

std::string wrapped_seal(std::string_view seal) {
  return seal.starts_with(mark) ? encode_base64(seal) : std::string(seal);
}

std::optional<std::string> unwrapped_seal(std::string_view text) {
  if (!text.starts_with(packed_mark)) return std::nullopt;
  auto seal = decode_base64(usual_base64(text));
  return seal && seal->starts_with(mark) ? std::move(seal) : std::nullopt;
}

}  // namespace weir::gemini
