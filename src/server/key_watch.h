// KeyWatch: keeps a KeyRing true to the Store by a thread of its own, so that a key that was made or revoked counts
// within a second whatever else the process does: a reload that waits for slow servers, a drain. Made and ended by the
// server; the Store is used by this thread alone from then on, and both outlive it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "admission/keys.h"
#include "telemetry/log.h"

namespace weir {

class KeyWatch {
 public:
  KeyWatch(KeyRing& keys, Store& store, Logger log);
  ~KeyWatch();
  KeyWatch(const KeyWatch&) = delete;
  KeyWatch& operator=(const KeyWatch&) = delete;

 private:
  void loop();
  void look();

  KeyRing& keys_;
  Store& store_;
  Logger log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  int64_t failures_ = 0;  // in a row
  std::thread thread_;
};

}  // namespace weir
