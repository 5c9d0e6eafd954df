// The shape of a text as numbers, each about 0 to 10: how long, how many numbers, which signs, which words that tell
// how much there is to think about. Internal to text_features.cpp and its tests. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "routing/text_features.h"

namespace weir::routing {

struct ReadText {
  std::string_view text;   // as written
  std::string_view lower;  // lower case; the same length
  const std::vector<std::string_view>& words;
  std::size_t bytes = 0;  // of the whole text, of which `text` may be a part
};

// Lower case of ASCII and of the letters of Latin-1 in UTF-8; other bytes stay.
[[nodiscard]] std::string lower_case(std::string_view text);
// Words (letters, digits, apostrophes and all bytes beyond ASCII) and each other sign by itself, without spaces.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view lower);
[[nodiscard]] std::array<float, shape_count> shape_of(const ReadText& read);

}  // namespace weir::routing
