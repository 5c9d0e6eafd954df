#include "answers/answer_shelf.h"

#include <cstring>

namespace weir {
namespace {

constexpr std::size_t entry_bytes = 256;  // of a list's and a map's node, a shared text, the allocator's rounding

std::size_t size_of(const std::string& answer) { return answer.size() + entry_bytes; }

}  // namespace

std::size_t AnswerShelf::Spread::operator()(const AnswerKey& key) const {
  std::size_t start = 0;
  std::memcpy(&start, key.data(), sizeof start);
  return start;
}

std::shared_ptr<const std::string> AnswerShelf::find(const AnswerKey& key, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const auto known = places_.find(key);
  if (known == places_.end()) return nullptr;
  const auto place = known->second;
  if (place->good_until_us <= now_us) {
    take_out(place);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, place);
  return place->answer;
}

void AnswerShelf::keep(const AnswerKey& key, std::shared_ptr<const std::string> answer, int64_t good_until_us) {
  const std::lock_guard lock(mutex_);
  if (const auto known = places_.find(key); known != places_.end()) take_out(known->second);
  const auto size = size_of(*answer);
  if (size > most_bytes_ / 4) return;
  bytes_ += size;
  entries_.push_front({.key = key, .answer = std::move(answer), .good_until_us = good_until_us});
  places_.emplace(key, entries_.begin());
  make_room();
}

void AnswerShelf::resize(std::size_t most_bytes) {
  const std::lock_guard lock(mutex_);
  most_bytes_ = most_bytes;
  make_room();
}

AnswerShelf::Stats AnswerShelf::stats() const {
  const std::lock_guard lock(mutex_);
  return {.answers = entries_.size(), .bytes = bytes_, .dropped = dropped_};
}

void AnswerShelf::take_out(Place place) {
  bytes_ -= size_of(*place->answer);
  places_.erase(place->key);
  entries_.erase(place);
}

void AnswerShelf::make_room() {
  while (bytes_ > most_bytes_) {
    take_out(std::prev(entries_.end()));
    ++dropped_;
  }
}

}  // namespace weir
