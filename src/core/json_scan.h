// Over JSON text as bytes, before or without parsing it: where strings end, and where plain lists of numbers do. Inside
// `core` only; pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::json {

// First `"` or `\` at or after `at`.
inline const char* find_quote_or_backslash(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && *at != '"' && *at != '\\') ++at;
  return at;
}

// `at` is behind the opening quote; returns the closing one, or `end` when there is none.
inline const char* closing_quote(const char* at, const char* end) {
  for (;;) {
    at = find_quote_or_backslash(at, end);
    if (at >= end || *at == '"') return at;
    at = end - at > 2 ? at + 2 : end;
  }
}

inline const char* skip_blanks(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
  return at;
}

// Numbers of an array, one behind the other. Only such count as JSON surely has and every reader takes as they stand:
// no exponent, at most 18 digits on either side of the point.
struct NumberRun {
  std::size_t count = 0;
  const char* end = nullptr;  // behind the last one
  // One that can stand for all of them: the first that is no integer, else the first.
  const char* example_begin = nullptr;
  const char* example_end = nullptr;
  bool integers = true;
};
// `at` is where an element of an array begins.
[[nodiscard]] NumberRun number_run(const char* at, const char* end);

// Lists shorter than this are read number by number.
inline constexpr std::size_t long_run = 64;

}  // namespace weir::json
