// The English words of seed phrases (BIP-39), 2,048 in all, parted by spaces: those of them that other texts use
// least, by which phrases are noticed (all but one in twenty), and the rest.
#pragma once

#include <string_view>

namespace weir::guards {

struct SeedWords {
  std::string_view rare;
  std::string_view others;
};

[[nodiscard]] SeedWords seed_words();

}  // namespace weir::guards
