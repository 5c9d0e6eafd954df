#include "ledger/writer.h"

#include <sys/resource.h>

#include <chrono>
#include <future>

namespace weir {
namespace {

// Larger groups cost no less per entry, and a backlog must not become one huge transaction.
constexpr std::size_t most_per_commit = 4'096;
constexpr int64_t report_every_us = 60'000'000;
constexpr std::size_t most_blanks = 2'048;  // what some 60,000 requests a second need between two commits

void destroy(Writer::Node* first) {
  while (first != nullptr) {
    const std::unique_ptr<Writer::Node> node(first);
    first = node->next;
  }
}

int64_t steady_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Writer::Writer(std::unique_ptr<Store> store, OnError on_error, WriterOptions options)
    : store_(std::move(store)), on_error_(std::move(on_error)), options_(options) {
  thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  destroy(blank_.load());
}

void Writer::record(std::unique_ptr<Node> owned) {
  if (queued_.fetch_add(1, std::memory_order_relaxed) >= options_.max_queued) {
    queued_.fetch_sub(1, std::memory_order_relaxed);
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  auto* node = owned.release();  // taken by take_new
  node->next = head_.load(std::memory_order_relaxed);
  while (!head_.compare_exchange_weak(node->next, node)) {
  }
  // Sequentially consistent, as in wait_for_work: either we see that it is idle, or it sees our entry. Only the first
  // of many threads pays for the wake-up.
  if (idle_.load() && idle_.exchange(false)) {
    const std::lock_guard lock(mutex_);
    wake_.notify_one();
  }
}

bool Writer::first_time(const std::string& what) {
  constexpr std::size_t most = 20'000;
  const std::lock_guard lock(counted_mutex_);
  if (!counted_.insert(what).second) return false;
  counted_in_order_.push_back(what);
  if (counted_in_order_.size() > most) {
    counted_.erase(counted_in_order_.front());
    counted_in_order_.pop_front();
  }
  return true;
}

Status Writer::flush() {
  std::promise<Status> done;
  run([&](Store&) { done.set_value(last_commit_); });
  return done.get_future().get();
}

void Writer::run(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void Writer::find(std::string request_id, FindCallback callback) {
  run([this, id = std::move(request_id), callback = std::move(callback)](Store& store) {
    auto found = store.find(id);
    if (!found || !*found) {
      if (const auto* entry = find_pending(id)) found = *entry;
    }
    callback(std::move(found));
  });
}

Writer::Stats Writer::stats() const {
  return {.queued = queued_.load(),
          .committed = committed_.load(),
          .commits = commits_.load(),
          .failed_commits = failed_commits_.load(),
          .dropped = dropped_.load(),
          .failing = failing_.load()};
}

void Writer::loop() {
  // A commit is milliseconds of work at once: where it shares a core with an event loop, the loop goes first. On Linux
  // this is of the calling thread alone.
  ::setpriority(PRIO_PROCESS, 0, 5);
  for (bool running = true; running;) {
    running = wait_for_work();
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    take_new();  // after the tasks: so what was recorded before a task is committed before it runs
    commit_and_report();
    for (auto& task : tasks) task(*store_);
  }
  if (pending_.empty()) return;
  dropped_.fetch_add(static_cast<int64_t>(pending_.size()));
  report(last_commit_ ? nullptr : &last_commit_.error());
}

// False: stop after this round.
bool Writer::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto urgent = [this] { return stopping_ || !tasks_.empty(); };
  if (pending_.empty()) {
    idle_.store(true);
    wake_.wait(lock, [&] { return urgent() || head_.load() != nullptr; });
    idle_.store(false);
  }
  const auto wait_us = pending_.empty() ? options_.commit_every_us : options_.retry_every_us;
  wake_.wait_for(lock, std::chrono::microseconds(wait_us), urgent);
  return !stopping_;
}

void Writer::take_new() {
  Node* oldest = nullptr;
  for (auto* node = head_.exchange(nullptr); node != nullptr;) {
    auto* const older = std::exchange(node->next, oldest);
    oldest = std::exchange(node, older);
  }
  for (auto* node = oldest; node != nullptr; node = node->next) pending_.emplace_back(node);
}

Status Writer::commit() {
  while (!pending_.empty()) {
    const auto count = std::min(pending_.size(), most_per_commit);
    batch_.clear();
    for (std::size_t i = 0; i < count; ++i) batch_.push_back(&pending_[i]->entry);
    if (auto appended = store_->append(batch_); !appended) {
      failed_commits_.fetch_add(1);
      return appended;
    }
    give_back(count);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    commits_.fetch_add(1);
    committed_.fetch_add(static_cast<int64_t>(count));
    queued_.fetch_sub(static_cast<int64_t>(count));
  }
  return {};
}

// Of the first `count` pending entries, which are durable.
void Writer::give_back(std::size_t count) {
  const auto room = most_blanks - std::min(most_blanks, blanks_.load(std::memory_order_relaxed));
  const auto kept = std::min(count, room);
  if (kept == 0) return;
  Node* const last = pending_.front().get();
  Node* first = nullptr;
  for (std::size_t i = 0; i < kept; ++i) {
    auto* node = pending_[i].release();
    node->next = first;
    first = node;
  }
  last->next = blank_.load(std::memory_order_relaxed);
  while (!blank_.compare_exchange_weak(last->next, first, std::memory_order_release, std::memory_order_relaxed)) {
  }
  blanks_.fetch_add(kept, std::memory_order_relaxed);
}

void Writer::commit_and_report() {
  const bool failed_before = failing_.load();
  last_commit_ = commit();
  failing_.store(!last_commit_);
  const bool dropped_more = dropped_.load() != reported_dropped_;
  const bool long_ago = steady_now_us() - last_report_us_ >= report_every_us;
  if (!last_commit_) {
    if (!failed_before || long_ago) report(&last_commit_.error());
  } else if (failed_before || (dropped_more && long_ago)) {
    report(nullptr);
  }
}

void Writer::report(const Error* error) {
  last_report_us_ = steady_now_us();
  reported_dropped_ = dropped_.load();
  if (on_error_) on_error_(error, stats());
}

BlankEntries::~BlankEntries() { destroy(own_); }

std::unique_ptr<Writer::Node> BlankEntries::take() {
  if (own_ == nullptr) {
    own_ = writer_.blank_.exchange(nullptr, std::memory_order_acquire);
    writer_.blanks_.store(0, std::memory_order_relaxed);
  }
  if (own_ == nullptr) return std::make_unique<Writer::Node>();
  std::unique_ptr<Writer::Node> node(own_);
  own_ = std::exchange(node->next, nullptr);
  clear(node->entry);  // here, where it is about to be written to and must be in the cache anyway
  return node;
}

const Entry* Writer::find_pending(std::string_view id) const {
  for (const auto& node : pending_) {
    if (node->entry.id == id) return &node->entry;
  }
  return nullptr;
}

}  // namespace weir
