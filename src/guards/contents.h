// Contents: what a request holds, for the rules: the sensitivity classes that the guards find in all of its texts,
// decoded where they are encoded, and the kinds of content that cannot be read. One place for serving, explain and
// tests, so that all of them see the same. One thread; guards and request outlive a reading.
#pragma once

#include <memory>

#include "core/request.h"
#include "core/sensitivity.h"
#include "core/unreadable.h"
#include "guards/guard.h"

namespace weir {

struct Contents {
  ClassSet classes = 0;          // found by the guards
  ClassSet below_medium = 0;     // of these, what no finding of that confidence has
  ClassSet below_high = 0;       // the same
  UnreadableSet unreadable = 0;  // kinds that nobody here can read
  UnreadableSet carried = 0;     // of these, what is sent as such; the others stand inside texts
};

[[nodiscard]] Contents read_contents(const GuardSet& guards, const Request& request);

// The same, a part at a time, between which a loop may serve others.
class ContentsReading {
 public:
  ContentsReading(const GuardSet& guards, const Request& request);
  ~ContentsReading();
  // Also remembers what is found where; call it before the first `advance`.
  void locate();
  // Reads on for about `bytes`; true when all was read.
  bool advance(std::size_t bytes);
  // Of what was read. The texts as the guards get them: for those who want to know each finding.
  [[nodiscard]] Contents contents() const;
  [[nodiscard]] const std::vector<std::string_view>& texts() const;
  // As GuardSet::Reading::located, with indices into texts().
  [[nodiscard]] std::vector<Located> located() const;
  // As GuardSet::Reading::places, with indices into texts().
  [[nodiscard]] const std::vector<FoundPlace>& places() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
