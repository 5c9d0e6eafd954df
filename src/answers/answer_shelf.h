// AnswerShelf: answers of one route in memory, by their keys: at most so many bytes, of which those that were not used
// for the longest time go first; none is given out after its time. Safe from any thread; a small mutex, held for a
// look-up.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "answers/answer_key.h"
#include "answers/answer_owner.h"

namespace weir {

class AnswerShelf {
 public:
  struct Stats {
    std::size_t answers = 0;
    std::size_t bytes = 0;  // with what an entry takes beside its answer
    uint64_t dropped = 0;   // to make room
  };

  explicit AnswerShelf(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Null: there is none, or none that is still good at `now_us`.
  [[nodiscard]] std::shared_ptr<const std::string> find(const AnswerKey& key, int64_t now_us);
  // In place of an older one. What is larger than a quarter of the shelf is not put there.
  void keep(const AnswerKey& key, std::shared_ptr<const std::string> answer, int64_t good_until_us,
            AnswerOwner owner = {});
  // Takes out all answers of those for whom `theirs` is true, which is asked without the lock; how many.
  std::size_t forget(const std::function<bool(const AnswerOwner& owner)>& theirs);
  void resize(std::size_t most_bytes);
  [[nodiscard]] Stats stats() const;

 private:
  struct Entry {
    AnswerKey key;
    std::shared_ptr<const std::string> answer;
    int64_t good_until_us = 0;
    std::shared_ptr<const AnswerOwner> owner;
  };
  struct Spread {
    std::size_t operator()(const AnswerKey& key) const;  // SHA-256 spreads already
  };
  using Place = std::list<Entry>::iterator;

  void take_out(Place place);
  void make_room();

  mutable std::mutex mutex_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  uint64_t dropped_ = 0;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<AnswerKey, Place, Spread> places_;
};

}  // namespace weir
