// The walk over a JSON text that is known to be valid: its tokens in order, without recursion and without a copy. For
// json.cpp, json_survey.cpp and nobody else. Pure; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "core/json.h"
#include "core/json_bulk.h"
#include "core/json_scan.h"

namespace weir::json {

enum class Byte : uint8_t { skip, quote, open, close, colon, comma, number, word };

inline constexpr std::array<Byte, 256> byte_classes = [] {
  std::array<Byte, 256> table{};
  table['"'] = Byte::quote;
  table['{'] = table['['] = Byte::open;
  table['}'] = table[']'] = Byte::close;
  table[':'] = Byte::colon;
  table[','] = Byte::comma;
  table['-'] = Byte::number;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = Byte::number;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = Byte::word;
  return table;
}();

inline const char* skip_run(const char* at, const char* end) {
  while (at != end) {
    const char c = *at;
    const bool inside =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
    if (!inside) break;
    ++at;
  }
  return at;
}

enum class StringIs : uint8_t { key, value };

// Whether the string that ended before `at` is followed by a colon.
inline bool is_key_before(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
  return at < end && *at == ':';
}

// Walks the tokens of a valid JSON text whose root is an object, without recursion. `sink` gets
// string(text, what it is), number(text), open() and close() of objects and arrays, and field(field) for the top level.
// A long list of numbers is given as one number(), with the commas in it: a view for each would take eight times the
// memory of `1,1,1`.
template <typename Sink>
void walk(std::string_view text, Sink&& sink) {
  const char* const base = text.data();
  const char* const end = base + text.size();
  const char* at = base;
  std::size_t depth = 0;
  bool after_colon = false;
  const char* last_end = base;  // of the last token: values end there, blanks behind them are not theirs
  Field field;
  bool open_field = false;
  const auto close_field = [&] {
    if (!open_field) return;
    field.value_end = static_cast<std::size_t>(last_end - base);
    sink.field(field);
    open_field = false;
  };
  const auto begin_value = [&](const char* where) {
    if (depth == 1 && after_colon) field.value_begin = static_cast<std::size_t>(where - base);
  };
  while (at < end) {
    switch (byte_classes[static_cast<unsigned char>(*at)]) {
      case Byte::skip:
        ++at;
        break;
      case Byte::quote: {
        const char* const close = closing_quote(at + 1, end);
        if (close >= end) return;
        begin_value(at);
        const std::string_view inside(at + 1, static_cast<std::size_t>(close - at - 1));
        const bool is_key = !after_colon && is_key_before(close + 1, end);
        const auto resolved = sink.string(inside, is_key ? StringIs::key : StringIs::value);
        if (depth == 1 && !after_colon) {
          field = Field{.key = resolved, .key_begin = static_cast<std::size_t>(at - base)};
          open_field = true;
        }
        after_colon = false;
        at = last_end = close + 1;
        break;
      }
      case Byte::open:
        begin_value(at);
        ++depth;
        sink.open();
        after_colon = false;
        last_end = ++at;
        break;
      case Byte::close:
        if (depth == 1) {
          close_field();
          return;
        }
        --depth;
        sink.close();
        last_end = ++at;
        break;
      case Byte::colon:
        after_colon = true;
        ++at;
        break;
      case Byte::comma:
        if (depth == 1) close_field();
        ++at;
        break;
      case Byte::number:
      case Byte::word: {
        begin_value(at);
        if (!after_colon) {
          if (const auto run = number_run(at, end); run.count >= long_run) {
            sink.number(std::string_view(at, static_cast<std::size_t>(run.end - at)));
            at = last_end = run.end;
            break;
          }
        }
        const char* const stop = skip_run(at, end);
        if (byte_classes[static_cast<unsigned char>(*at)] == Byte::number) {
          sink.number(std::string_view(at, static_cast<std::size_t>(stop - at)));
        }
        after_colon = false;
        at = last_end = stop;
        break;
      }
    }
  }
}

// `at` is on the first byte of a value; returns the byte behind its last one.
inline const char* skip_value(const char* at, const char* end) {
  std::size_t depth = 0;
  while (at < end) {
    switch (byte_classes[static_cast<unsigned char>(*at)]) {
      case Byte::quote:
        at = closing_quote(at + 1, end) + 1;
        break;
      case Byte::open:
        ++depth;
        ++at;
        continue;
      case Byte::close:
        --depth;
        ++at;
        break;
      case Byte::number:
      case Byte::word:
        at = skip_run(at, end);
        break;
      default:
        ++at;
        continue;
    }
    if (depth == 0) return std::min(at, end);
  }
  return end;
}

inline const char* skip_to_token(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == ',')) ++at;
  return at;
}

}  // namespace weir::json
