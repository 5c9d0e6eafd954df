// Writer: makes entries durable off the request path. `record` may be called by any thread: one atomic exchange, no
// lock, and a system call only when the writer sleeps because nothing came for a while. A thread of its own commits
// what came in groups: every entry within 100 ms of record(), as long as the disk keeps up. What was committed goes
// back to those who record: see BlankEntries.
//
// When the store fails (disk full, for one), entries are kept and tried again until it works; the failure is reported
// by `on_error` and counted. Memory is bounded: beyond `max_queued` waiting entries new ones are dropped, counted in
// `Stats::dropped`, and reported. `Stats::failing` turns true long before that: /readyz and /metrics show it. Where the
// store works but is slower than what comes, `crowded` says so in time for requests to wait instead.
//
// Owns the Store and is the only one to use it. The destructor commits what is left (one last try) and joins.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "ledger/entry.h"
#include "ledger/store.h"

namespace weir {

struct WriterOptions {
  int64_t commit_every_us = 30'000;  // how long an entry may wait for company
  int64_t retry_every_us = 500'000;  // after a failed commit
  int64_t max_queued = 200'000;      // entries waiting at most, about 1 KB each
};

class Writer {
 public:
  struct Stats {
    int64_t queued = 0;     // waiting now
    int64_t committed = 0;  // entries made durable
    int64_t commits = 0;
    int64_t failed_commits = 0;
    int64_t dropped = 0;   // lost because the queue was full; anything but 0 is worth waking somebody up for
    bool failing = false;  // the last commit failed
  };
  // Called on the writer's thread at the first failure, then about once a minute while it lasts, and once when it works
  // again (then `error` is null). Also when entries are dropped.
  using OnError = std::function<void(const Error* error, const Stats& stats)>;
  using FindCallback = std::function<void(Result<std::optional<Entry>>)>;
  using Task = std::function<void(Store&)>;

  explicit Writer(std::unique_ptr<Store> store, OnError on_error = {}, WriterOptions options = {});
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // An entry with its place in the queue.
  struct Node {
    Entry entry;
    Node* next = nullptr;
  };
  void record(std::unique_ptr<Node> node);
  void record(Entry&& entry) { record(std::make_unique<Node>(Node{.entry = std::move(entry)})); }

  // True once for each text: for what counts once, however often a provider tells it. Entries that are recorded under
  // it are kept once anyway; this keeps budgets right too. Forgets the oldest beyond some ten thousand.
  [[nodiscard]] bool first_time(const std::string& what);

  // Waits until everything recorded before this call is durable. The error of the commit where it failed: the entries
  // stay queued and are tried again.
  Status flush();

  // Runs `task` on the writer's thread, after everything recorded before this call was committed (or tried to be). What
  // it does takes time from commits: short queries only. Not run if the Writer is destroyed first.
  void run(Task task);
  // Looks up one entry, also among those that could not be committed yet; `callback` is called on the writer's thread.
  void find(std::string request_id, FindCallback callback);

  [[nodiscard]] Stats stats() const;
  // Half of the queue is full although the store works: whoever makes entries should wait a little. Cheap.
  [[nodiscard]] bool crowded() const {
    return queued_.load(std::memory_order_relaxed) > options_.max_queued / 2 && !failing_.load();
  }

 private:
  friend class BlankEntries;

  void loop();
  bool wait_for_work();
  void take_new();
  Status commit();
  void commit_and_report();
  void report(const Error* error);
  void give_back(std::size_t count);
  [[nodiscard]] const Entry* find_pending(std::string_view id) const;

  std::unique_ptr<Store> store_;
  OnError on_error_;
  WriterOptions options_;

  std::atomic<Node*> head_{nullptr};    // newest first; pushed by any thread, taken whole by the writer
  std::atomic<Node*> blank_{nullptr};   // committed; pushed by the writer, taken whole by any thread
  std::atomic<std::size_t> blanks_{0};  // about how many
  std::atomic<bool> idle_{false};       // the writer waits without a limit and wants to be woken
  std::atomic<int64_t> queued_{0};
  std::atomic<int64_t> committed_{0};
  std::atomic<int64_t> commits_{0};
  std::atomic<int64_t> failed_commits_{0};
  std::atomic<int64_t> dropped_{0};
  std::atomic<bool> failing_{false};

  std::mutex counted_mutex_;
  std::unordered_set<std::string> counted_;  // by first_time()
  std::deque<std::string> counted_in_order_;

  std::mutex mutex_;  // guards the two below; `record` takes it only to wake an idle writer
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  bool stopping_ = false;

  // Of the writer's thread alone.
  std::deque<std::unique_ptr<Node>> pending_;  // taken, not yet durable; oldest first
  std::vector<const Entry*> batch_;
  Status last_commit_;
  int64_t last_report_us_ = 0;
  int64_t reported_dropped_ = 0;

  std::thread thread_;
};

// Empty entries for one thread that records, in the memory of those that were committed: making and freeing them on
// different threads is what an allocator is worst at.
class BlankEntries {
 public:
  explicit BlankEntries(Writer& writer) : writer_(writer) {}
  BlankEntries(const BlankEntries&) = delete;
  BlankEntries& operator=(const BlankEntries&) = delete;
  ~BlankEntries();

  [[nodiscard]] std::unique_ptr<Writer::Node> take();

 private:
  Writer& writer_;
  Writer::Node* own_ = nullptr;
};

}  // namespace weir
