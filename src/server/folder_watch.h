// FolderWatch: keeps what this process holds in memory true to the data folder, by a thread of its own, so that a key
// that was made or revoked and a person who was forgotten count within a second whatever else the process does: a
// reload that waits for slow servers, a drain. Made and ended by the server; the Store is used by this thread alone
// from then on; it, the keys and what the Forgetter knows outlive it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "admission/keys.h"
#include "server/forgetter.h"
#include "telemetry/log.h"

namespace weir {

class FolderWatch {
 public:
  FolderWatch(KeyRing& keys, Store& store, Forgetter forgetter, Logger log);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

 private:
  void loop();
  void look_at_keys();
  void look_at_forgotten();

  KeyRing& keys_;
  Store& store_;
  Forgetter forgetter_;
  Logger log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  int64_t failures_ = 0;         // in a row
  int64_t forget_failures_ = 0;  // the same
  std::thread thread_;
};

}  // namespace weir
