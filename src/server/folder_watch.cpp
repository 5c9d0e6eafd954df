#include "server/folder_watch.h"

#include <chrono>

#include "pipeline/worker.h"

namespace weir {
namespace {

constexpr std::chrono::milliseconds look_every{200};
constexpr int64_t failures_between_reports = 300;  // a minute

}  // namespace

FolderWatch::FolderWatch(KeyRing& keys, Store& store, Forgetter forgetter, Logger log)
    : keys_(keys), store_(store), forgetter_(std::move(forgetter)), log_(std::move(log)) {
  thread_ = std::thread([this] { loop(); });
}

FolderWatch::~FolderWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void FolderWatch::loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_every, [this] { return stopping_; })) {
    lock.unlock();
    look_at_keys();
    look_at_forgotten();
    lock.lock();
  }
}

// The keys that are known stay in force while they cannot be read.
void FolderWatch::look_at_keys() {
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

void FolderWatch::look_at_forgotten() {
  const auto dropped = forgetter_.look();
  if (!dropped) {
    if (forget_failures_++ % failures_between_reports == 0) {
      log_.error("receipts of what was forgotten cannot be read; all that was kept in memory was dropped",
                 {{"why", dropped.error().message}});
    }
    return;
  }
  if (std::exchange(forget_failures_, 0) != 0) log_.info("receipts of what was forgotten are read again");
  if (*dropped) {
    log_.info("somebody was forgotten; what was kept in memory of them is dropped",
              {{"answers", (*dropped)->answers}, {"sessions", (*dropped)->sessions}, {"turns", (*dropped)->turns}});
  }
}

}  // namespace weir
