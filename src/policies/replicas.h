// Replicas: models that are the same wherever they run, and which of them is asked first. A conversation goes back to
// the one that has read its beginning, which then need not be read again, as long as that one is about as quick as the
// quickest and has not much more to do than its share: rendezvous hashing with bounded load (Mirrokni, Thorup,
// Zadimoghaddam: Consistent Hashing with Bounded Loads). So a replica that comes or goes moves only the conversations
// that were or will be its own, and nothing has to be remembered. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir {

struct Replica {
  std::string_view id;
  int64_t wait_ms = 0;   // for a slot
  int64_t whole_ms = 0;  // an answer like this one takes so long; 0 = not known
  int64_t first_ms = 0;  // of that, until the first content: what is saved where the beginning is known; 0 = not known
  int64_t load_ms = 0;   // its server has to load the model first
  int64_t busy = 0;      // requests that it works on or that wait for it
  int64_t slots = 0;     // 0 = not known
};

// Places in `replicas`, the one to ask first first. `conversation`: a hash of what a conversation begins with; nullopt:
// the request is none.
[[nodiscard]] std::vector<std::size_t> order_replicas(std::span<const Replica> replicas,
                                                      std::optional<uint64_t> conversation);

// How many requests one may have, the new one included: a quarter more than its share of all.
[[nodiscard]] int64_t most_busy(int64_t all_busy, int64_t share, int64_t all_shares);

}  // namespace weir
