#include "conversations/conversation_keeper.h"

#include <sys/resource.h>

#include <chrono>

namespace weir {
namespace {

constexpr std::chrono::seconds between_sweeps{60};
constexpr std::size_t most_waiting_bytes = 256 * 1024 * 1024;  // of turns that the disk has not taken yet

}  // namespace

ConversationKeeper::ConversationKeeper(std::string file, Settings settings, OnError on_error, Clock clock)
    : clock_(std::move(clock)),
      keep_us_(settings.keep_us),
      most_bytes_(settings.most_bytes),
      shelf_(std::move(file), ConversationShelf::open, std::move(on_error), clock_) {
  thread_ = std::thread([this] { loop(); });
}

ConversationKeeper::~ConversationKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  due_.notify_one();
  thread_.join();
}

void ConversationKeeper::set(Settings settings) {
  keep_us_.store(settings.keep_us);
  most_bytes_.store(settings.most_bytes);
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  due_.notify_one();
}

void ConversationKeeper::keep(NewTurn turn) {
  turn.time_us = clock_();
  const auto bytes = turn.bytes();
  push(std::move(turn), bytes);
}

void ConversationKeeper::run(Task task) { push(std::move(task), 0); }

void ConversationKeeper::push(Work work, std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (bytes > 0 && waiting_bytes_ + bytes > most_waiting_bytes) {
      // The disk is slower than what comes: said by the thread that waits for it.
      work_.emplace_back(Task([this](Access&) {
        shelf_.report({.code = ErrorCode::internal,
                       .message = "answers come faster than the disk takes them; some are not kept"});
      }));
      return;
    }
    waiting_bytes_ += bytes;
    work_.push_back(std::move(work));
  }
  due_.notify_one();
}

void ConversationKeeper::loop() {
  // As the ledger's writer: where it shares a core with an event loop, the loop goes first.
  ::setpriority(PRIO_PROCESS, 0, 5);
  bool swept = sweep();
  for (;;) {
    auto work = wait_for_work(swept);
    do_all(std::move(work));
    swept = sweep();
    const std::lock_guard lock(mutex_);
    if (stopping_ && work_.empty()) return;
  }
}

std::deque<ConversationKeeper::Work> ConversationKeeper::wait_for_work(bool swept) {
  std::unique_lock lock(mutex_);
  const auto due = [this] { return stopping_ || woken_ || !work_.empty(); };
  if (swept) due_.wait_for(lock, between_sweeps, due);
  woken_ = false;
  waiting_bytes_ = 0;
  return std::exchange(work_, {});
}

// Turns in a row are one commit.
void ConversationKeeper::do_all(std::deque<Work> work) {
  std::vector<NewTurn> turns;
  Access access(*this);
  for (auto& one : work) {
    if (auto* turn = std::get_if<NewTurn>(&one)) {
      turns.push_back(std::move(*turn));
      continue;
    }
    shelf_.add(turns);
    std::get<Task>(one)(access);
  }
  shelf_.add(turns);
}

bool ConversationKeeper::sweep() {
  return shelf_.sweep(ConversationShelf::Bounds{.oldest_us = oldest_us(), .most_bytes = most_bytes_.load()});
}

int64_t ConversationKeeper::oldest_us() const {
  const auto keep_us = keep_us_.load();
  return keep_us > 0 ? clock_() - keep_us : INT64_MAX;
}

Result<Conversation> ConversationKeeper::Access::find(std::string_view owner, std::string_view id,
                                                      ConversationShelf::Depth depth, int64_t most_bytes) {
  const auto shelf = keeper_.shelf_.get(KeptShelf<ConversationShelf>::Missing::leave);
  if (!shelf) return failure(shelf.error());
  if (*shelf == nullptr) return Conversation{};
  return (*shelf)->find(owner, id, depth, {.oldest_us = keeper_.oldest_us(), .most_bytes = most_bytes});
}

Status ConversationKeeper::Access::remove(std::string_view owner, std::string_view id) {
  const auto shelf = keeper_.shelf_.get(KeptShelf<ConversationShelf>::Missing::leave);
  if (!shelf) return failure(shelf.error());
  if (*shelf == nullptr) return {};
  const auto removed = (*shelf)->remove(owner, id);
  if (!removed) return failure(removed.error());
  return *removed > 0 ? (*shelf)->wipe() : Status{};
}

}  // namespace weir
