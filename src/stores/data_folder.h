// The data folder, and who serves from it. Two servers on one folder would double every budget, so a server holds the
// folder's lock for as long as it lives; commands do not ask for it. The kernel drops the lock with its process: what
// `kill -9` leaves is a file, not a lock. Start-up code of the main thread.
#pragma once

#include <string>

#include "core/result.h"

namespace weir {

// Makes it where it is missing, for its owner alone.
Status make_data_folder(const std::string& folder);

class DataFolderLock {
 public:
  // The error says who has it: a process id and where that runs, as far as can be known. A server that is just ending
  // is waited for, for a second.
  [[nodiscard]] static Result<DataFolderLock> take(const std::string& folder);
  DataFolderLock() = default;  // holds nothing
  DataFolderLock(DataFolderLock&& other) noexcept;
  DataFolderLock& operator=(DataFolderLock&& other) noexcept;
  ~DataFolderLock();

 private:
  explicit DataFolderLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace weir
