#include "conversations/conversation_keeper.h"

#include <sys/resource.h>

#include <chrono>

namespace weir {
namespace {

constexpr std::chrono::seconds between_sweeps{60};
constexpr std::chrono::seconds at_once{0};
constexpr std::size_t most_waiting_bytes = 256 * 1024 * 1024;  // of turns that the disk has not taken yet

}  // namespace

ConversationKeeper::ConversationKeeper(std::string file, Settings settings, OnError on_error, Clock clock)
    : clock_(std::move(clock)),
      keep_us_(settings.keep_us),
      most_bytes_(settings.most_bytes),
      queue_(most_waiting_bytes),
      shelf_(std::move(file), ConversationShelf::open, std::move(on_error), clock_) {
  thread_ = std::thread([this] { loop(); });
}

ConversationKeeper::~ConversationKeeper() {
  queue_.stop();
  thread_.join();
}

void ConversationKeeper::set(Settings settings) {
  keep_us_.store(settings.keep_us);
  most_bytes_.store(settings.most_bytes);
  queue_.wake();
}

void ConversationKeeper::keep(NewTurn turn) {
  turn.time_us = clock_();
  const auto bytes = turn.bytes();
  if (queue_.push(std::move(turn), bytes)) return;
  // The disk is slower than what comes: said by the thread that waits for it.
  queue_.push(Task([this](Access&) {
    shelf_.report(
        {.code = ErrorCode::internal, .message = "answers come faster than the disk takes them; some are not kept"});
  }));
}

void ConversationKeeper::run(Task task) { queue_.push(std::move(task)); }

void ConversationKeeper::loop() {
  // As the ledger's writer: where it shares a core with an event loop, the loop goes first.
  ::setpriority(PRIO_PROCESS, 0, 5);
  bool swept = sweep();
  for (;;) {
    do_all(queue_.take(swept ? between_sweeps : at_once).work);
    swept = sweep();
    if (queue_.is_over()) return;
  }
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

Result<std::vector<Turn>> ConversationKeeper::Access::find_items(std::string_view owner,
                                                                 std::span<const std::string> ids, int64_t most_bytes) {
  const auto shelf = keeper_.shelf_.get(KeptShelf<ConversationShelf>::Missing::leave);
  if (!shelf) return failure(shelf.error());
  if (*shelf == nullptr) return std::vector<Turn>();
  return (*shelf)->find_items(owner, ids, {.oldest_us = keeper_.oldest_us(), .most_bytes = most_bytes});
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
