// Credentials: the keys of one provider, and which of them to use. Requests are spread by weight, smoothly (a weight of
// 3 beside 1 gives a a b a); a key that was refused rests while the others go on, one that was limited rests for the
// model that it was limited for (providers count by model), and where all rest the one that has to for the shortest
// time is used. `model`: any number that stands for a model's name, the same at every call. Shared by all event loops;
// lock-free; any thread. Time is passed in, in milliseconds of any steady clock.
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
  [[nodiscard]] std::size_t next(int64_t now_ms, uint64_t model = 0);
  // The first that does not rest, without taking a turn: for questions of our own.
  [[nodiscard]] std::size_t any(int64_t now_ms, uint64_t model = 0) const;

  // It was limited (429), for so long where the provider said it (0 = it did not); refused (401, 403); answered.
  void limited(std::size_t index, int64_t for_ms, int64_t now_ms, uint64_t model = 0);
  void refused(std::size_t index, int64_t now_ms);
  void answered(std::size_t index, int64_t now_ms, uint64_t model = 0);

  // Of which model ever.
  [[nodiscard]] std::size_t resting(int64_t now_ms) const;
  [[nodiscard]] bool all_rest(int64_t now_ms, uint64_t model = 0) const;
  // How long until the first of those that were limited is back; 0 = none of them rests for that.
  [[nodiscard]] int64_t limited_ms(int64_t now_ms, uint64_t model = 0) const;

 private:
  // Beyond so many models that were ever limited, some share their rest.
  static constexpr std::size_t most_limits = 64;
  struct Limit {
    std::atomic<uint64_t> model{0};  // + 1; 0 = nobody's yet
    std::atomic<int64_t> until_ms{0};
    std::atomic<int64_t> in_row{0};
  };
  struct State {
    std::array<Limit, most_limits> limits;
    std::atomic<int64_t> refused_until_ms{0};
    std::atomic<int64_t> refusals_in_row{0};

    // Its place among the limits; `claim`: made its own where it has none.
    enum class Place : uint8_t { find, claim };
    [[nodiscard]] Limit* limit_of(uint64_t model, Place place);
    [[nodiscard]] int64_t rests_ms(int64_t now_ms, uint64_t model);
    [[nodiscard]] bool rests(int64_t now_ms) const;
  };
  struct Key {
    ProviderSettings provider;
    std::shared_ptr<State> state;
  };

  [[nodiscard]] std::size_t soonest(int64_t now_ms, uint64_t model) const;

  std::vector<Key> keys_;
  std::vector<uint8_t> turns_;  // whose turn it is, over and over
  std::atomic<uint64_t> turn_{0};
};

}  // namespace weir
