// in_turns: work that takes long (the guards' reading of a large request, a redaction), done in pieces on an event loop
// that serves others between them. Loop thread only.
#pragma once

#include <chrono>
#include <cstddef>

#include "net/turn_end.h"

namespace weir {

// Until `work.advance(bytes)` says that all is done; no longer than some milliseconds at a time. `work` outlives it.
template <typename Work>
net::Task<void> in_turns(net::EventLoop& loop, Work& work) {
  constexpr std::size_t bytes_between_looks_at_the_clock = 8 * 1024;
  constexpr std::chrono::milliseconds longest_turn{2};
  auto began = std::chrono::steady_clock::now();
  while (!work.advance(bytes_between_looks_at_the_clock)) {
    if (std::chrono::steady_clock::now() - began < longest_turn) continue;
    co_await net::NextTurn{loop};
    began = std::chrono::steady_clock::now();
  }
}

}  // namespace weir
