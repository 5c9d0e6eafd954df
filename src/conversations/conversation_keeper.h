// ConversationKeeper: the conversations of a process, kept by a thread of its own, which alone touches the file.
// Whoever gives an answer hands the turn over and goes on: no client waits for the disk. What is asked of the keeper is
// done in the order in which it came, so an answer is found from the moment at which it was handed over; it is in the
// file some milliseconds later, and then survives kill -9 and loss of power.
//
// The file is made with the first turn. What is too old is deleted once a minute, and never given out before. Every
// method may be called by any thread. A turn that cannot be written is lost, and `on_error` is told.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "conversations/conversation_shelf.h"
#include "core/result.h"
#include "stores/kept_shelf.h"
#include "stores/work_queue.h"

namespace weir {

class ConversationKeeper {
 public:
  struct Settings {
    int64_t keep_us = 0;  // 0: nothing is kept, and what was is deleted
    int64_t most_bytes = 0;
  };
  // Microseconds since the epoch.
  using Clock = std::function<int64_t()>;
  // On the keeper's thread: at the first failure, then once a minute while it lasts.
  using OnError = std::function<void(const Error& error)>;

  // What the keeper's thread can do for a task.
  class Access {
   public:
    explicit Access(ConversationKeeper& keeper) : keeper_(keeper) {}
    [[nodiscard]] Result<Conversation> find(std::string_view owner, std::string_view id, ConversationShelf::Depth depth,
                                            int64_t most_bytes);
    // ConversationShelf::find_items.
    [[nodiscard]] Result<std::vector<Turn>> find_items(std::string_view owner, std::span<const std::string> ids,
                                                       int64_t most_bytes);
    // Nothing of it is left in the file when this returns.
    Status remove(std::string_view owner, std::string_view id);

   private:
    ConversationKeeper& keeper_;
  };
  using Task = std::function<void(Access&)>;

  ConversationKeeper(std::string file, Settings settings, OnError on_error, Clock clock);
  // Writes what is left.
  ~ConversationKeeper();
  ConversationKeeper(const ConversationKeeper&) = delete;
  ConversationKeeper& operator=(const ConversationKeeper&) = delete;

  [[nodiscard]] bool keeps() const { return keep_us_.load(std::memory_order_relaxed) > 0; }
  void set(Settings settings);
  // The turn's time is the keeper's.
  void keep(NewTurn turn);
  // Runs `task` on the keeper's thread, after all that was handed over before. Always run, also at the end.
  void run(Task task);

 private:
  using Work = std::variant<NewTurn, Task>;

  void loop();
  void do_all(std::deque<Work> work);
  // True: nothing is left to delete.
  bool sweep();
  [[nodiscard]] int64_t oldest_us() const;

  const Clock clock_;
  std::atomic<int64_t> keep_us_;
  std::atomic<int64_t> most_bytes_;

  WorkQueue<Work> queue_;
  KeptShelf<ConversationShelf> shelf_;  // of the keeper's thread alone

  std::thread thread_;
};

}  // namespace weir
