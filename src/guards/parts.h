// Parts: the guards of a GuardSet with what says where each is called: tables by byte, by digits, by word. Made at
// config load; immutable then, and read by passes (pass.h) of any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "guards/exceptions.h"
#include "guards/guard.h"
#include "guards/listed.h"
#include "guards/literal_index.h"
#include "guards/number.h"
#include "guards/scan.h"

namespace weir::guards {

struct Parts {
  explicit Parts(const GuardSettings& settings);

  struct Entry {
    std::unique_ptr<Guard> guard;
    GuardInfo info;
  };
  static constexpr std::size_t most_digits = 32;  // as many or more: the same guards are asked

  std::vector<Entry> entries;
  // Of each entry, for short: asked far more often than the guard is called.
  std::array<Triggers::ByteFits, 64> byte_fits{};
  std::array<Triggers::NumberFits, 64> number_fits{};
  // Sets of guards; bit = index in `entries`.
  using ByFollower = std::array<uint64_t, 256>;  // by the byte behind a trigger, 0 where the text ends
  std::vector<ByFollower> by_followers;
  static constexpr uint8_t no_trigger = 255;
  std::array<uint8_t, 256> by_byte{};                 // its index in `by_followers`
  std::array<uint64_t, most_digits + 1> by_digits{};  // by how many digits a number has from a group on
  LayoutBeginnings within;                            // of all guards together
  std::vector<std::size_t> by_stretch;
  std::vector<std::size_t> by_run;
  LiteralIndex literals;  // words of guards and, as of the guard behind the last one, of headers of tables
  Exceptions exceptions{{}, Confidence::low};
  ByteSet special;
  BlockScan scan_block = nullptr;
  ClassSet possible = 0;  // all classes that any of the guards can find

  [[nodiscard]] const ByFollower* followers(char byte) const {
    const uint8_t index = by_byte[static_cast<unsigned char>(byte)];
    return index == no_trigger ? nullptr : &by_followers[index];
  }
  [[nodiscard]] uint64_t wanting(std::size_t digits) const { return by_digits[std::min(digits, most_digits)]; }
  [[nodiscard]] bool all_found(const Findings& found) const { return (possible & ~found.certain()) == 0; }

  // Whether it is one of the usual texts of requests in which nothing is found.
  [[nodiscard]] bool known_clean(std::string_view text) const;
  template <typename IsClean>
  void learn_clean(IsClean is_clean) {
    for_usual_texts([&](std::string_view text) {
      if (is_clean(text)) know_clean(text);
    });
  }

 private:
  // What most bodies hold besides what people wrote: names of fields and their usual values. Whether they are clean is
  // found out at config load, so that they need not be read each time.
  static constexpr std::string_view usual_texts =
      "model messages role content system user assistant developer tool name type text image_url url detail "
      "temperature top_p max_tokens max_completion_tokens stream stop seed n input prompt encoding_format float base64 "
      "tools function description parameters properties object string required tool_choice auto tool_calls "
      "tool_call_id arguments id json_schema json_object response_format stream_options include_usage "
      "presence_penalty frequency_penalty";

  template <typename Visit>
  static void for_usual_texts(Visit visit) {
    each_listed(usual_texts, visit, ' ');
  }
  void add_triggers(std::size_t index);
  void add_headers();
  void know_clean(std::string_view text);

  std::array<std::string_view, 256> clean_;  // from usual_slot on
};

}  // namespace weir::guards
