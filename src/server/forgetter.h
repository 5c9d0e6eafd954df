// Forgetter: drops from this process's memory what `weir forget` erased in the data folder meanwhile: answers that are
// given again, the numbers of placeholders, which model made whose calls. It learns of it from the receipts, which name
// whom by digests. What is forgotten by a key goes alone; an answer is known by its request too; where a receipt names
// what the memory does not know (a tag, the request of a session), all of it goes: others lose only what is made anew.
// One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "forgetting/receipt_watch.h"

namespace weir {

class AnswerCache;
class PlaceholderSessions;
class TurnMemory;

class Forgetter {
 public:
  // What it drops from; outlives it.
  struct Memory {
    AnswerCache* answers = nullptr;
    std::shared_ptr<PlaceholderSessions> placeholders;
    std::shared_ptr<TurnMemory> turns;
  };
  struct Dropped {
    std::size_t answers = 0;
    std::size_t sessions = 0;
    std::size_t turns = 0;
  };

  // Knows of the receipts that are there by now.
  Forgetter(const std::string& data_folder, Memory memory);
  // nullopt: nobody was forgotten since the last look. An error: nobody can say who was, and all was dropped.
  [[nodiscard]] Result<std::optional<Dropped>> look();

 private:
  [[nodiscard]] Dropped drop(const Receipt& receipt) const;
  [[nodiscard]] Dropped drop_all() const;

  const std::string key_file_;
  Memory memory_;
  ReceiptWatch receipts_;
};

}  // namespace weir
