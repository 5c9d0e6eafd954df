// ReceiptWatch: tells a process that serves from a data folder which receipts came into it meanwhile. A look costs one
// system call while there is nothing new. One thread at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "forgetting/receipts.h"

namespace weir {

class ReceiptWatch {
 public:
  // Those that are there by now are known.
  explicit ReceiptWatch(const std::string& folder);
  // Since the last call. All that are in the file, where it is another one by now, or has become shorter. Seals are not
  // looked at.
  [[nodiscard]] Result<std::vector<Receipt>> news();

 private:
  struct Place {
    ino_t file = 0;  // 0: there is none
    off_t size = 0;
    bool operator==(const Place&) const = default;
  };
  [[nodiscard]] Result<Place> place() const;

  const std::string folder_;
  const std::string file_;
  Place seen_;
  std::size_t read_ = 0;  // bytes of whole lines
};

}  // namespace weir
