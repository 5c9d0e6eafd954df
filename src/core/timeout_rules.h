// Timeout rules: how long an attempt waits for its provider, as pure functions. What the config says counts; where it
// says nothing, the limits differ by zone (a machine of ours may read a long prompt slowly), by the form of the answer
// (one that comes whole is silent until it is complete), by whether another candidate could answer meanwhile, and by
// signs of life: before the first content of a stream every byte (the head, a comment, a role) starts the silence anew.
// Any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/slot_rules.h"
#include "core/snapshot.h"

namespace weir {

enum class AskedForm : uint8_t { whole, stream };

// What is known of an attempt before it begins.
struct Awaited {
  ZoneKind zone = ZoneKind::cloud;
  AskedForm form = AskedForm::stream;
  Turn turn = Turn::last;
  OnStreamFailure on_stream_failure = OnStreamFailure::end;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;   // that the caller allows; 0 = it did not say
  int64_t usual_first_ms = 0;  // to the first token of this model, as measured; 0 = not known
};

struct Waits {
  int64_t head_ms = 0;     // for the response head
  int64_t silence_ms = 0;  // stream: between signs of life before the first content; whole: for the first of the body
  int64_t content_ms = 0;  // stream: for the first content, signs of life or not
  int64_t idle_ms = 0;     // between two pieces after that
};

namespace timeout_rules {

// A token of the prompt is read in so many microseconds, at worst.
[[nodiscard]] constexpr int64_t prompt_ms(const Awaited& of) {
  return std::max<int64_t>(of.input_tokens, 0) * (of.zone == ZoneKind::local ? 10'000 : 1'000) / 1'000;
}

[[nodiscard]] constexpr int64_t stream_silence_ms(const Awaited& of) {
  const bool local = of.zone == ZoneKind::local;
  if (of.turn == Turn::last) return (local ? 300'000 : 120'000) + prompt_ms(of);
  constexpr int64_t bearable = 20'000;  // for somebody who looks at a screen
  constexpr int64_t longest_habit = 120'000;
  return std::max(bearable, std::min(4 * of.usual_first_ms, longest_habit)) + prompt_ms(of);
}

[[nodiscard]] constexpr int64_t whole_ms(const Awaited& of, int64_t total_ms) {
  if (of.turn == Turn::last) return total_ms;
  const int64_t writing = std::max<int64_t>(of.output_tokens, 0) * (of.zone == ZoneKind::local ? 100 : 20);
  return (of.zone == ZoneKind::local ? 300'000 : 60'000) + prompt_ms(of) + writing;
}

[[nodiscard]] constexpr int64_t idle_ms(const Awaited& of) {
  const int64_t usual = of.zone == ZoneKind::local ? 60'000 : 30'000;
  // Where another goes on with what was said, the reader need not wait so long for it.
  return of.on_stream_failure == OnStreamFailure::resume && of.turn == Turn::others_follow ? usual / 2 : usual;
}

}  // namespace timeout_rules

[[nodiscard]] constexpr Waits waits_for(const Timeouts& said, const Awaited& of) {
  const auto otherwise = [](int64_t value, int64_t rule) { return value > 0 ? value : rule; };
  if (of.form == AskedForm::whole) {
    const auto answer = otherwise(said.first_byte, timeout_rules::whole_ms(of, said.total));
    return {.head_ms = answer,
            .silence_ms = answer,
            .content_ms = answer,
            .idle_ms = otherwise(said.idle, timeout_rules::idle_ms(of))};
  }
  const auto silence = otherwise(said.first_token, std::max(timeout_rules::stream_silence_ms(of), said.first_byte));
  const auto with_life = std::max<int64_t>(of.turn == Turn::last ? 600'000 : 120'000, silence);
  return {.head_ms = otherwise(said.first_byte, silence),
          .silence_ms = silence,
          .content_ms = otherwise(said.first_token, with_life),
          .idle_ms = otherwise(said.idle, timeout_rules::idle_ms(of))};
}

}  // namespace weir
