// Slots: how many requests a provider works on at once, for a local server that does N at a time, and the fair queue in
// front of it: interactive requests before those that can wait, and of each round-robin over callers, first come first
// served within a caller. One Slots per provider id, shared by all event loops; every function may be called from any
// thread. Taking and giving back a slot is one atomic operation and no lock while nobody waits. There is no clock and
// no timer inside: the caller's own timer calls `SlotWaiter::cancel` at its deadline.
//
// Ownership: the Slots outlives its leases and waiters. A waiter belongs to the one that waits; `cancel` and the
// destructor leave the queue, and once either has returned the Slots never touches the waiter again.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

class Slots;

// Who can wait (`batch`) is let in after who cannot, but for one in some: so that nobody waits for ever.
enum class Urgency : uint8_t { interactive, batch };

// One slot, held. Gives it back when destroyed; movable; empty when it holds none.
class SlotLease {
 public:
  SlotLease() = default;
  SlotLease(SlotLease&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
  SlotLease& operator=(SlotLease&& other) noexcept;
  SlotLease(const SlotLease&) = delete;
  SlotLease& operator=(const SlotLease&) = delete;
  ~SlotLease() { release(); }

  explicit operator bool() const { return slots_ != nullptr; }
  void release();
  // Gives back, and tells how long the slot was used: feeds `expected_wait_ms`.
  void release_after(int64_t used_us);

 private:
  friend class Slots;
  friend class SlotWaiter;
  explicit SlotLease(Slots* slots) : slots_(slots) {}
  Slots* slots_ = nullptr;
};

// One place in the queue. Neither movable nor reusable while queued.
class SlotWaiter {
 public:
  // `granted` runs at most once, on the thread that gave the slot back, with the queue's lock held: it may only hand
  // over to an event loop, and must not call into the Slots.
  // `bytes`: what waits with it in memory, its body above all.
  explicit SlotWaiter(std::function<void()> granted, int64_t bytes = 0) : granted_(std::move(granted)), bytes_(bytes) {}
  ~SlotWaiter();  // leaves the queue; gives back a slot that was granted and not taken
  SlotWaiter(const SlotWaiter&) = delete;
  SlotWaiter& operator=(const SlotWaiter&) = delete;

  // True: it was waiting and no longer is; `granted` never runs. False: it was not waiting (any more); if it was
  // granted, `granted` has already returned and `take` has the slot. Exactly one of the two wins.
  bool cancel();
  // The slot, once granted; an empty lease otherwise.
  [[nodiscard]] SlotLease take();

 private:
  friend class Slots;
  // The waiters of one caller, oldest first, and the caller's place in the ring of all that wait.
  struct Caller {
    std::string_view name;  // of the map's key
    SlotWaiter* first = nullptr;
    SlotWaiter* last = nullptr;
    Caller* next = nullptr;
    Caller* previous = nullptr;
    Urgency urgency = Urgency::interactive;
  };
  std::function<void()> granted_;
  int64_t bytes_ = 0;
  Slots* slots_ = nullptr;    // where it waits or was granted; touched by the waiting side alone
  Caller* caller_ = nullptr;  // set while queued; this and the rest are guarded by the queue's lock
  SlotWaiter* next_ = nullptr;
  SlotWaiter* previous_ = nullptr;
  bool has_slot_ = false;
};

struct SlotSettings {
  int64_t capacity = 0;     // 0 = no limit
  int64_t queue_limit = 0;  // 0 = bounded by bytes and by those who look at `expected_wait_ms`
};

enum class SlotEntry : uint8_t {
  granted,  // at once: `SlotWaiter::take` has it, the callback does not run
  queued,
  full,  // queue_limit requests wait already, or as many bytes as may
};

struct SlotStats {
  int64_t capacity = 0;  // 0 = no limit
  int64_t held = 0;      // may exceed capacity for a while after a resize
  int64_t waiting = 0;
  uint64_t granted_after_wait = 0;
  uint64_t refused_full = 0;
  uint64_t left_queue = 0;  // by cancel: deadline passed or client gone
  int64_t average_use_us = 0;
};

class Slots {
 public:
  explicit Slots(SlotSettings settings);
  ~Slots();
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // A slot if one is free and nobody waits for it; otherwise an empty lease. Never blocks.
  [[nodiscard]] SlotLease try_acquire();
  // For when try_acquire gave none. `caller` is whom to be fair to: the key id. `waiter` is fresh, or was granted and
  // taken.
  [[nodiscard]] SlotEntry enqueue(SlotWaiter& waiter, std::string_view caller, Urgency urgency = Urgency::interactive);

  // How long a request that came now would wait: 0 while a slot is free, else (waiting + 1) × average use / capacity,
  // where the average is an EWMA over `release_after` (weight 1/8 for the newest). 0 until something was measured.
  // Those that can wait are not ahead of an interactive one.
  [[nodiscard]] int64_t expected_wait_ms(Urgency urgency = Urgency::interactive) const;
  // Requests that are being worked on now or that wait. Lock-free.
  [[nodiscard]] int64_t load() const;
  // Requests that are being worked on now. Lock-free.
  [[nodiscard]] int64_t held() const;

  // New settings take effect at once: more capacity admits those who wait; less is reached as leases come back.
  void configure(SlotSettings settings);
  [[nodiscard]] SlotStats stats() const;

 private:
  friend class SlotLease;
  friend class SlotWaiter;
  using Caller = SlotWaiter::Caller;

  void release();
  void record_use(int64_t used_us);
  bool leave(SlotWaiter& waiter);
  bool hand_over(SlotWaiter& waiter);
  // With the lock held:
  void admit_waiting();
  void push(SlotWaiter& waiter, std::string_view caller, Urgency urgency);
  [[nodiscard]] Urgency next_urgency();
  void unlink(SlotWaiter& waiter);

  // held, waiting and capacity in one word, so that "is one free, does nobody wait, take it" is one compare-and-swap.
  std::atomic<uint64_t> state_;
  std::atomic<int64_t> average_use_us_{0};
  std::atomic<int64_t> batch_waiting_{0};

  mutable std::mutex mutex_;  // guards everything below; taken only by those who wait, and by those who wake them
  int64_t queue_limit_ = 0;
  int64_t waiting_bytes_ = 0;
  struct Line {
    std::map<std::string, Caller, std::less<>> callers;  // those who wait
    Caller* turn = nullptr;                              // ring of callers: whose turn it is
  };
  [[nodiscard]] Line& line(Urgency urgency) { return lines_[static_cast<std::size_t>(urgency)]; }
  std::array<Line, 2> lines_;
  int64_t before_batch_ = 0;  // interactive ones that were let in since batch began to wait
  uint64_t granted_after_wait_ = 0;
  uint64_t refused_full_ = 0;
  uint64_t left_queue_ = 0;
};

}  // namespace weir
