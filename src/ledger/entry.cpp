#include "ledger/entry.h"

namespace weir {

void clear(Entry& entry) {
  Entry fresh;
  for (const auto text : {&Entry::id, &Entry::caller, &Entry::key_id, &Entry::route, &Entry::requested, &Entry::reason,
                          &Entry::classes, &Entry::tags, &Entry::task, &Entry::redacted, &Entry::cache,
                          &Entry::experiment, &Entry::model, &Entry::provider, &Entry::zone, &Entry::outcome}) {
    fresh.*text = std::move(entry.*text);
    (fresh.*text).clear();
  }
  fresh.attempts = std::move(entry.attempts);
  fresh.attempts.clear();
  entry = std::move(fresh);
}

}  // namespace weir
