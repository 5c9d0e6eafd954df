#include "admission/slots.h"

#include <algorithm>

#include "core/slot_rules.h"

namespace weir {
namespace {

// The state word: three counts of 21 bits. While somebody waits, only holders of the lock change it: the lock-free
// paths of try_acquire and release apply only when `waiting` is 0. That is what makes a lost wake-up impossible.
constexpr int field_bits = 21;
constexpr uint64_t field_max = (1U << field_bits) - 1;
constexpr uint64_t one_held = 1;
constexpr uint64_t one_waiting = uint64_t{1} << field_bits;

constexpr int64_t one_batch_in = 8;

constexpr uint64_t held_of(uint64_t state) { return state & field_max; }
constexpr uint64_t waiting_of(uint64_t state) { return (state >> field_bits) & field_max; }
constexpr uint64_t capacity_of(uint64_t state) { return state >> (2 * field_bits); }
constexpr bool has_free(uint64_t state) { return held_of(state) < capacity_of(state); }

constexpr uint64_t capacity_field(int64_t capacity) {
  const uint64_t bounded = capacity <= 0 ? field_max : std::min(static_cast<uint64_t>(capacity), field_max);
  return bounded << (2 * field_bits);
}

constexpr int64_t queue_limit_of(const SlotSettings& settings) {
  return std::min(waiting_limit(settings.queue_limit), static_cast<int64_t>(field_max));
}

}  // namespace

SlotLease& SlotLease::operator=(SlotLease&& other) noexcept {
  if (this != &other) {
    release();
    slots_ = std::exchange(other.slots_, nullptr);
  }
  return *this;
}

void SlotLease::release() {
  if (Slots* slots = std::exchange(slots_, nullptr)) slots->release();
}

void SlotLease::release_after(int64_t used_us) {
  if (slots_ != nullptr) slots_->record_use(used_us);
  release();
}

SlotWaiter::~SlotWaiter() {
  if (!cancel()) take().release();
}

bool SlotWaiter::cancel() {
  if (slots_ == nullptr || !slots_->leave(*this)) return false;
  slots_ = nullptr;
  return true;
}

SlotLease SlotWaiter::take() {
  if (slots_ == nullptr || !slots_->hand_over(*this)) return {};
  return SlotLease(std::exchange(slots_, nullptr));
}

Slots::Slots(SlotSettings settings)
    : state_(capacity_field(settings.capacity)), queue_limit_(queue_limit_of(settings)) {}

Slots::~Slots() = default;

SlotLease Slots::try_acquire() {
  uint64_t seen = state_.load(std::memory_order_relaxed);
  while (waiting_of(seen) == 0 && has_free(seen)) {
    if (state_.compare_exchange_weak(seen, seen + one_held, std::memory_order_acquire, std::memory_order_relaxed)) {
      return SlotLease(this);
    }
  }
  return {};
}

void Slots::release() {
  uint64_t seen = state_.load(std::memory_order_relaxed);
  while (waiting_of(seen) == 0) {
    if (state_.compare_exchange_weak(seen, seen - one_held, std::memory_order_release, std::memory_order_relaxed))
      return;
  }
  const std::lock_guard lock(mutex_);
  state_.fetch_sub(one_held, std::memory_order_acq_rel);
  admit_waiting();
}

SlotEntry Slots::enqueue(SlotWaiter& waiter, std::string_view caller, Urgency urgency) {
  const std::lock_guard lock(mutex_);
  uint64_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    const bool free = waiting_of(seen) == 0 && has_free(seen);
    // One body that is larger than all that may wait still may, alone.
    const bool heavy = waiting_bytes_ > 0 && waiting_bytes_ + waiter.bytes_ > waiting_bytes_limit;
    if (!free && (heavy || waiting_of(seen) >= static_cast<uint64_t>(queue_limit_))) {
      ++refused_full_;
      return SlotEntry::full;
    }
    const uint64_t wanted = seen + (free ? one_held : one_waiting);
    if (!state_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel, std::memory_order_relaxed)) continue;
    waiter.slots_ = this;
    waiter.has_slot_ = free;
    if (free) return SlotEntry::granted;
    push(waiter, caller, urgency);
    return SlotEntry::queued;
  }
}

bool Slots::leave(SlotWaiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (waiter.caller_ == nullptr) return false;
  unlink(waiter);
  state_.fetch_sub(one_waiting, std::memory_order_acq_rel);
  ++left_queue_;
  return true;
}

bool Slots::hand_over(SlotWaiter& waiter) {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiter.has_slot_, false);
}

void Slots::admit_waiting() {
  for (uint64_t seen = state_.load(std::memory_order_relaxed); waiting_of(seen) > 0 && has_free(seen);
       seen = state_.load(std::memory_order_relaxed)) {
    state_.fetch_add(one_held - one_waiting, std::memory_order_acq_rel);
    auto& turn = line(next_urgency()).turn;
    SlotWaiter& next = *turn->first;
    turn = turn->next;  // the caller that comes next; unlink sees to it when this was the last one
    unlink(next);
    next.has_slot_ = true;
    ++granted_after_wait_;
    next.granted_();
  }
}

// Nobody waits for ever: of so many, one is of those who can wait.
Urgency Slots::next_urgency() {
  if (line(Urgency::batch).turn == nullptr) {
    before_batch_ = 0;
    return Urgency::interactive;
  }
  if (line(Urgency::interactive).turn != nullptr && ++before_batch_ < one_batch_in) return Urgency::interactive;
  before_batch_ = 0;
  return Urgency::batch;
}

void Slots::push(SlotWaiter& waiter, std::string_view caller, Urgency urgency) {
  auto& [callers, turn] = line(urgency);
  auto found = callers.find(caller);
  if (found == callers.end()) {
    found = callers.emplace(std::string(caller), Caller{}).first;
    Caller& added = found->second;
    added.name = found->first;
    added.urgency = urgency;
    if (turn == nullptr) {
      added.next = added.previous = turn = &added;
    } else {  // at the end of the ring: just before whose turn it is
      added.next = turn;
      added.previous = turn->previous;
      added.previous->next = turn->previous = &added;
    }
  }
  if (urgency == Urgency::batch) batch_waiting_.fetch_add(1, std::memory_order_relaxed);
  Caller& queue = found->second;
  waiting_bytes_ += waiter.bytes_;
  waiter.caller_ = &queue;
  waiter.next_ = nullptr;
  waiter.previous_ = queue.last;
  (queue.last != nullptr ? queue.last->next_ : queue.first) = &waiter;
  queue.last = &waiter;
}

void Slots::unlink(SlotWaiter& waiter) {
  Caller& queue = *std::exchange(waiter.caller_, nullptr);
  waiting_bytes_ -= waiter.bytes_;
  (waiter.previous_ != nullptr ? waiter.previous_->next_ : queue.first) = waiter.next_;
  (waiter.next_ != nullptr ? waiter.next_->previous_ : queue.last) = waiter.previous_;
  if (queue.urgency == Urgency::batch) batch_waiting_.fetch_sub(1, std::memory_order_relaxed);
  if (queue.first != nullptr) return;
  auto& [callers, turn] = line(queue.urgency);
  if (queue.next == &queue) {
    turn = nullptr;
  } else {
    queue.next->previous = queue.previous;
    queue.previous->next = queue.next;
    if (turn == &queue) turn = queue.next;
  }
  callers.erase(callers.find(queue.name));
}

void Slots::record_use(int64_t used_us) {
  // Two loops may overwrite each other's update: one sample less in an average.
  const int64_t average = average_use_us_.load(std::memory_order_relaxed);
  average_use_us_.store(next_average_use_us(average, used_us), std::memory_order_relaxed);
}

int64_t Slots::expected_wait_ms(Urgency urgency) const {
  const uint64_t seen = state_.load(std::memory_order_relaxed);
  if (waiting_of(seen) == 0 && has_free(seen)) return 0;
  const auto behind = urgency == Urgency::interactive ? batch_waiting_.load(std::memory_order_relaxed) : 0;
  return expected_slot_wait_ms(std::max<int64_t>(static_cast<int64_t>(waiting_of(seen)) - behind, 0),
                               static_cast<int64_t>(capacity_of(seen)),
                               average_use_us_.load(std::memory_order_relaxed));
}

int64_t Slots::load() const {
  const uint64_t seen = state_.load(std::memory_order_relaxed);
  return static_cast<int64_t>(held_of(seen) + waiting_of(seen));
}

int64_t Slots::held() const { return static_cast<int64_t>(held_of(state_.load(std::memory_order_relaxed))); }

void Slots::configure(SlotSettings settings) {
  const std::lock_guard lock(mutex_);
  queue_limit_ = queue_limit_of(settings);
  constexpr uint64_t without_capacity = (uint64_t{1} << (2 * field_bits)) - 1;
  uint64_t seen = state_.load(std::memory_order_relaxed);
  while (!state_.compare_exchange_weak(seen, (seen & without_capacity) | capacity_field(settings.capacity),
                                       std::memory_order_acq_rel, std::memory_order_relaxed)) {
  }
  admit_waiting();
}

SlotStats Slots::stats() const {
  const std::lock_guard lock(mutex_);
  const uint64_t seen = state_.load(std::memory_order_relaxed);
  const uint64_t capacity = capacity_of(seen);
  return SlotStats{
      .capacity = capacity == field_max ? 0 : static_cast<int64_t>(capacity),
      .held = static_cast<int64_t>(held_of(seen)),
      .waiting = static_cast<int64_t>(waiting_of(seen)),
      .granted_after_wait = granted_after_wait_,
      .refused_full = refused_full_,
      .left_queue = left_queue_,
      .average_use_us = average_use_us_.load(std::memory_order_relaxed),
  };
}

}  // namespace weir
