#include "policies/replicas.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/stable_hash.h"

namespace weir {
namespace {

// Higher is nearer; of a replica with twice the share twice as often the highest (weighted rendezvous).
double nearness(uint64_t conversation, const Replica& replica, int64_t share) {
  const auto mixed = stirred(conversation ^ fnv1a(replica.id)) >> 11U;
  const auto unit = (static_cast<double>(mixed) + 0.5) / 9007199254740992.0;  // 2^53
  return static_cast<double>(share) / -std::log(unit);
}

}  // namespace

int64_t most_busy(int64_t all_busy, int64_t share, int64_t all_shares) {
  const auto wanted = (all_busy + 1) * share * 5;
  const auto parts = all_shares * 4;
  return (wanted + parts - 1) / parts;
}

std::vector<std::size_t> order_replicas(std::span<const Replica> replicas, std::optional<uint64_t> conversation) {
  const auto count = replicas.size();
  const bool all_have_slots =
      std::all_of(replicas.begin(), replicas.end(), [](const auto& one) { return one.slots > 0; });
  std::vector<int64_t> shares;
  int64_t all_shares = 0;
  int64_t all_busy = 0;
  int64_t usual_ms = 0;  // of the quickest: what is not known yet is worth finding out
  for (const auto& one : replicas) {
    shares.push_back(all_have_slots ? one.slots : 1);
    all_shares += shares.back();
    all_busy += one.busy;
    if (one.whole_ms > 0 && (usual_ms == 0 || one.whole_ms < usual_ms)) usual_ms = one.whole_ms;
  }
  std::vector<int64_t> expected_ms;
  std::vector<bool> has_room;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& one = replicas[i];
    expected_ms.push_back(one.wait_ms + one.load_ms + (one.whole_ms > 0 ? one.whole_ms : usual_ms));
    has_room.push_back(one.busy + 1 <= most_busy(all_busy, shares[i], all_shares));
  }
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  // How long a wait will be is a guess: a free slot is none.
  const auto is_free = [&](std::size_t i) { return replicas[i].wait_ms == 0; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (has_room[a] != has_room[b]) return bool{has_room[a]};
    if (is_free(a) != is_free(b)) return is_free(a);
    if (expected_ms[a] != expected_ms[b]) return expected_ms[a] < expected_ms[b];
    return replicas[a].busy * shares[b] < replicas[b].busy * shares[a];
  });
  if (!conversation || count < 2) return order;
  const auto best_ms = expected_ms[order.front()];
  const auto read_anew_ms = replicas[order.front()].first_ms;
  std::optional<std::size_t> home;
  double nearest = -1;
  for (std::size_t i = 0; i < count; ++i) {
    const bool quick = expected_ms[i] <= best_ms + best_ms / 4 + std::min(replicas[i].first_ms, read_anew_ms);
    if (!has_room[i] || !quick || is_free(i) != is_free(order.front())) continue;
    const auto near = nearness(*conversation, replicas[i], shares[i]);
    if (near > nearest) {
      nearest = near;
      home = i;
    }
  }
  if (home) {
    const auto place = std::find(order.begin(), order.end(), *home);
    std::rotate(order.begin(), place, place + 1);
  }
  return order;
}

}  // namespace weir
