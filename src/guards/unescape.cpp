#include "guards/unescape.h"

#include <algorithm>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "guards/characters.h"

namespace weir::guards {
namespace {

struct Escape {
  char32_t value = 0;
  std::size_t size = 0;  // bytes it takes; 0: none here
  bool is_byte = false;  // `%E2`: a byte, not a character
};

struct Hex {
  char32_t value = 0;
  std::size_t size = 0;
};

Hex read_hex(std::string_view text, std::size_t at, std::size_t most) {
  Hex hex;
  while (hex.size < most && at + hex.size < text.size() && is_hex(text[at + hex.size])) {
    hex.value = hex.value * 16 + static_cast<char32_t>(hex_value(text[at + hex.size]));
    ++hex.size;
  }
  return hex;
}

Escape read_backslash(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return {};
  const char kind = text[at + 1];
  if (kind == '/' || kind == '"' || kind == '\\') {
    return {.value = static_cast<unsigned char>(kind), .size = 2};
  }
  if (kind == 'n' || kind == 'r' || kind == 't') return {.value = ' ', .size = 2};
  if (kind == 'x') {
    const Hex hex = read_hex(text, at + 2, 2);
    return hex.size == 2 ? Escape{.value = hex.value, .size = 4} : Escape{};
  }
  if (kind != 'u') return {};
  const Hex hex = read_hex(text, at + 2, 4);
  if (hex.size != 4) return {};
  const bool high = hex.value >= 0xD800 && hex.value < 0xDC00;
  if (high && text.substr(at + 6, 2) == "\\u") {
    const Hex low = read_hex(text, at + 8, 4);
    if (low.size == 4 && low.value >= 0xDC00 && low.value < 0xE000) {
      return {.value = 0x10000 + ((hex.value - 0xD800) << 10U) + (low.value - 0xDC00), .size = 12};
    }
  }
  return {.value = hex.value, .size = 6};
}

Escape read_entity(std::string_view text, std::size_t at) {
  struct Named {
    std::string_view name;
    char32_t value;
  };
  static constexpr Named named[] = {{"&commat;", '@'}, {"&period;", '.'}, {"&nbsp;", 0xA0}, {"&amp;", '&'},
                                    {"&quot;", '"'},   {"&lowbar;", '_'}, {"&colon;", ':'}, {"&hyphen;", '-'}};
  if (at + 1 >= text.size()) return {};
  const char first = text[at + 1];
  if (first != '#' && !is_alpha(first)) return {};
  if (first == '#') {
    const bool hex = at + 2 < text.size() && to_lower(text[at + 2]) == 'x';
    std::size_t end = at + (hex ? 3 : 2);
    char32_t value = 0;
    std::size_t digits = 0;
    for (; end < text.size() && digits < 8 && (hex ? is_hex(text[end]) : is_digit(text[end])); ++end, ++digits) {
      value = value * (hex ? 16 : 10) + static_cast<char32_t>(hex_value(text[end]));
    }
    if (digits == 0 || end >= text.size() || text[end] != ';') return {};
    return {.value = value, .size = end + 1 - at};
  }
  for (const Named& entity : named) {
    if (first == entity.name[1] && text.substr(at, entity.name.size()) == entity.name)
      return {.value = entity.value, .size = entity.name.size()};
  }
  return {};
}

Escape read_escape(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '\\':
      return read_backslash(text, at);
    case '&':
      return read_entity(text, at);
    case '%': {
      const Hex hex = read_hex(text, at + 1, 2);
      return hex.size == 2 ? Escape{.value = hex.value, .size = 3, .is_byte = true} : Escape{};
    }
    default:
      return {};
  }
}

}  // namespace

std::size_t find_escape_mark(std::string_view text, std::size_t from) {
  std::size_t at = from;
#if defined(__SSE2__)
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i percent = _mm_set1_epi8('%');
  const __m128i ampersand = _mm_set1_epi8('&');
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, backslash),
                                      _mm_or_si128(_mm_cmpeq_epi8(block, percent), _mm_cmpeq_epi8(block, ampersand)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
  }
#endif
  while (at < text.size() && text[at] != '\\' && text[at] != '%' && text[at] != '&') ++at;
  return std::min(at, text.size());
}

bool is_escape(std::string_view text, std::size_t at) {
  // `\n`, `\"` and their like alone hide nothing that guards miss: they cost no second reading. A quote that is escaped
  // twice and more hides where a value begins.
  if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] != 'u' && text[at + 1] != 'x' && text[at + 1] != '/') {
    return text.substr(at).starts_with(R"(\\\")");
  }
  return read_escape(text, at).size != 0;
}

namespace {

// Appends [begin, end) of the text.
void append_unescaped(std::string_view text, std::size_t begin, std::size_t end, Unescaped& out) {
  for (std::size_t at = begin; at < end;) {
    const std::size_t next = std::min(end, find_escape_mark(text, at));
    out.text.append(text, at, next - at);
    at = next;
    if (at == end) break;
    const Escape escape = read_escape(text, at);
    if (escape.size == 0) {
      out.text.push_back(text[at++]);
      continue;
    }
    if (escape.is_byte) {
      out.text.push_back(static_cast<char>(escape.value));
    } else {
      append_utf8(out.text, escape.value);
    }
    at += escape.size;
    out.shifts.push_back({.begin = out.text.size(), .original = at});
  }
}

}  // namespace

Unescaped unescape(std::string_view text) {
  Unescaped out;
  out.text.reserve(text.size());
  append_unescaped(text, 0, text.size(), out);
  return out;
}

Unescaped unescape_around(std::string_view text, std::size_t before, std::size_t after) {
  Unescaped out;
  std::size_t read = 0;
  for (std::size_t at = find_escape_mark(text, 0); at < text.size();) {
    if (!is_escape(text, at)) {
      at = find_escape_mark(text, at + 1);
      continue;
    }
    std::size_t begin = at - std::min(at - read, before);
    while (begin > read && !is_space(text[begin - 1])) --begin;
    std::size_t last = at;  // escape of this piece
    while (at < text.size() && at - last <= after) {
      if (is_escape(text, at)) last = at;
      at = find_escape_mark(text, at + 1);
    }
    std::size_t end = std::min(text.size(), last + after);
    while (end < text.size() && !is_space(text[end])) ++end;
    if (begin > read) out.text += "\n\x1F\n";
    out.shifts.push_back({.begin = out.text.size(), .original = begin});
    append_unescaped(text, begin, end, out);
    read = end;
    at = find_escape_mark(text, std::max(at, end));
  }
  return out;
}

std::size_t Unescaped::original(std::size_t at) const {
  const auto after = std::upper_bound(shifts.begin(), shifts.end(), at,
                                      [](std::size_t place, const Shift& shift) { return place < shift.begin; });
  if (after == shifts.begin()) return at;
  const Shift& shift = *std::prev(after);
  return shift.original + (at - shift.begin);
}

}  // namespace weir::guards
