// Credentials: the keys of one provider, and which of them to use. Requests are spread by weight, smoothly (a weight of
// 3 beside 1 gives a a b a); a key that was limited or refused rests while the others go on, and where all rest the one
// that has to for the shortest time is used. Shared by all event loops; lock-free; any thread. Time is passed in, in
// milliseconds of any steady clock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/snapshot.h"

namespace weir {

class Credentials {
 public:
  static constexpr std::size_t most = 32;

  // Keys that `before` had too go on resting. Null: nothing is known of them.
  explicit Credentials(const ProviderSettings& provider, const Credentials* before = nullptr);

  // 0: the provider has one key or none, and there is nothing to choose.
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  // The provider's settings with that key as its `api_key`.
  [[nodiscard]] const ProviderSettings& with(std::size_t index) const { return keys_[index].provider; }

  // The next by weight of those that do not rest.
  [[nodiscard]] std::size_t next(int64_t now_ms);
  // The first that does not rest, without taking a turn: for questions of our own.
  [[nodiscard]] std::size_t any(int64_t now_ms) const;

  // It was limited (429), for so long where the provider said it (0 = it did not); refused (401, 403); answered.
  void limited(std::size_t index, int64_t for_ms, int64_t now_ms);
  void refused(std::size_t index, int64_t now_ms);
  void answered(std::size_t index, int64_t now_ms);

  [[nodiscard]] std::size_t resting(int64_t now_ms) const;
  [[nodiscard]] bool all_rest(int64_t now_ms) const { return resting(now_ms) == keys_.size(); }
  // How long until the first of those that were limited is back; 0 = none of them rests for that.
  [[nodiscard]] int64_t limited_ms(int64_t now_ms) const;

 private:
  struct State {
    std::atomic<int64_t> limited_until_ms{0};
    std::atomic<int64_t> refused_until_ms{0};
    std::atomic<int64_t> limits_in_row{0};
    std::atomic<int64_t> refusals_in_row{0};

    [[nodiscard]] int64_t rests_ms(int64_t now_ms) const;
  };
  struct Key {
    ProviderSettings provider;
    std::shared_ptr<State> state;
  };

  [[nodiscard]] std::size_t soonest(int64_t now_ms) const;

  std::vector<Key> keys_;
  std::vector<uint8_t> turns_;  // whose turn it is, over and over
  std::atomic<uint64_t> turn_{0};
};

}  // namespace weir
