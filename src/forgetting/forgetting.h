// Forgetting a person: everything that Weir keeps of what somebody said goes, what it counted stays. Where texts are
// kept is one table (forgetting.cpp): whatever keeps texts in the data folder has a line there. Other processes may
// have the files open; what they are still about to write is not known here. Blocking; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "stores/whose.h"

namespace weir {

struct ForgottenShelf {
  std::string_view name;  // `lessons`, as receipts call it
  int64_t count = 0;
};

struct Forgotten {
  std::vector<ForgottenShelf> shelves;  // all there are, in the order of the table
  std::vector<std::string> failed;      // what could not be erased, and why

  [[nodiscard]] int64_t count() const;
};

// What would go. Fails where a file cannot be read: then nothing should be erased either.
[[nodiscard]] Result<Forgotten> count_theirs(const std::string& folder, Whose& whose);
// Erases it, and writes the files anew so that no byte of it is left. What fails is told, and the rest done.
[[nodiscard]] Forgotten erase_theirs(const std::string& folder, Whose& whose);

}  // namespace weir
