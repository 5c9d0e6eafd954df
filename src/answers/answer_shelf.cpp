#include "answers/answer_shelf.h"

#include <cstring>
#include <utility>
#include <vector>

namespace weir {
namespace {

// Of a list's and a map's node, two shared values, the owner's texts, the allocator's rounding.
constexpr std::size_t entry_bytes = 400;

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

void AnswerShelf::keep(const AnswerKey& key, std::shared_ptr<const std::string> answer, int64_t good_until_us,
                       AnswerOwner owner) {
  auto whose = std::make_shared<const AnswerOwner>(std::move(owner));
  const std::lock_guard lock(mutex_);
  if (const auto known = places_.find(key); known != places_.end()) take_out(known->second);
  const auto size = size_of(*answer);
  if (size > most_bytes_ / 4) return;
  bytes_ += size;
  entries_.push_front(
      {.key = key, .answer = std::move(answer), .good_until_us = good_until_us, .owner = std::move(whose)});
  places_.emplace(key, entries_.begin());
  make_room();
}

std::size_t AnswerShelf::forget(const std::function<bool(const AnswerOwner& owner)>& theirs) {
  std::vector<std::pair<AnswerKey, std::shared_ptr<const AnswerOwner>>> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(entries_.size());
    for (const auto& entry : entries_) all.emplace_back(entry.key, entry.owner);
  }
  std::erase_if(all, [&](const auto& one) { return !theirs(*one.second); });
  const std::lock_guard lock(mutex_);
  std::size_t gone = 0;
  for (const auto& [key, owner] : all) {
    const auto known = places_.find(key);
    // Another's by now: kept anew meanwhile.
    if (known == places_.end() || known->second->owner != owner) continue;
    take_out(known->second);
    ++gone;
  }
  return gone;
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
