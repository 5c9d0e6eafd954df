#include "server/key_watch.h"

#include <chrono>

#include "pipeline/worker.h"

namespace weir {
namespace {

constexpr std::chrono::milliseconds look_every{200};
constexpr int64_t failures_between_reports = 300;  // a minute

}  // namespace

KeyWatch::KeyWatch(KeyRing& keys, Store& store, Logger log) : keys_(keys), store_(store), log_(std::move(log)) {
  thread_ = std::thread([this] { loop(); });
}

KeyWatch::~KeyWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void KeyWatch::loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_every, [this] { return stopping_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

// The keys that are known stay in force while they cannot be read.
void KeyWatch::look() {
  const auto changed = keys_.reload_if_changed(store_, wall_clock_us());
  if (!changed) {
    if (failures_++ % failures_between_reports == 0) {
      log_.error("keys cannot be read; those known so far stay in force", {{"why", changed.error().message}});
    }
    return;
  }
  if (std::exchange(failures_, 0) != 0) log_.info("keys are read again");
  if (*changed) log_.info("keys changed", {{"in_use", keys_.active().size()}});
}

}  // namespace weir
