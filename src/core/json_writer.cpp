#include <array>
#include <charconv>
#include <cmath>

#include "core/json.h"

namespace weir::json {
namespace {

// 0: copied as it is; 'u': \u00XX; 0xff: not ASCII, checked; anything else: the letter behind the backslash.
constexpr std::array<unsigned char, 256> escapes = [] {
  std::array<unsigned char, 256> table{};
  for (unsigned c = 0; c < 0x20; ++c) table[c] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  for (unsigned c = 0x80; c < 0x100; ++c) table[c] = 0xff;
  return table;
}();

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{}) out.append(digits.data(), end);
}

bool continues(std::string_view text, std::size_t at, unsigned low, unsigned high) {
  if (at >= text.size()) return false;
  const auto c = static_cast<unsigned char>(text[at]);
  return c >= low && c <= high;
}

}  // namespace

// Unicode 15, table 3-7.
std::size_t utf8_sequence_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(text, 1, 0x80, 0xbf) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;
    return continues(text, 1, low, high) && continues(text, 2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    const bool whole =
        continues(text, 1, low, high) && continues(text, 2, 0x80, 0xbf) && continues(text, 3, 0x80, 0xbf);
    return whole ? 4 : 0;
  }
  return 0;
}

void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;  // begin of the run that is copied as it is
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    const auto escape = escapes[c];
    if (escape == 0) {
      ++at;
      continue;
    }
    if (escape == 0xff) {
      const auto length = utf8_sequence_length(text.substr(at));
      if (length != 0) {
        at += length;
        continue;
      }
    }
    out.append(text, plain, at - plain);
    if (escape == 0xff) {
      out += "\xEF\xBF\xBD";
    } else {
      out += '\\';
      out += static_cast<char>(escape);
      if (escape == 'u') {
        out += "00";
        out += hex[c >> 4];
        out += hex[c & 15];
      }
    }
    plain = ++at;
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

void Writer::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Writer& Writer::begin_object() {
  separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

Writer& Writer::end_object() {
  out_ += '}';
  comma_ = true;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

Writer& Writer::end_array() {
  out_ += ']';
  comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_string(out_, name);
  out_ += ':';
  comma_ = false;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  append_string(out_, text);
  return *this;
}

Writer& Writer::value(int64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

Writer& Writer::value(uint64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

Writer& Writer::value(float number) {
  if (!std::isfinite(number)) return null();
  separate();
  append_number(out_, number);
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  append_number(out_, number);
  return *this;
}

Writer& Writer::boolean(bool truth) {
  separate();
  out_ += truth ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  out_ += "null";
  return *this;
}

Writer& Writer::value(const Element& element) {
  separate();
  out_ += simdjson::minify(element);
  return *this;
}

Writer& Writer::value(const Value& value) {
  return value.element() != nullptr ? this->value(*value.element()) : raw(value.text());
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

std::string Value::to_string() const { return parsed_ ? std::string(simdjson::minify(element_)) : std::string(text_); }

}  // namespace weir::json
