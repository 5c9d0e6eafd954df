// AnswerCache: the answers that a process keeps for the same question, for all routes that say `cache`. Memory is
// looked into where the request is; the file, where a route has one, by a thread of its own, which alone touches it and
// which no client waits for long. Made once and told of each reload (`set`); every method may be called by any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "answers/answer_file.h"
#include "answers/answer_key.h"
#include "answers/answer_shelf.h"
#include "core/cache_rules.h"
#include "stores/kept_shelf.h"
#include "stores/work_queue.h"

namespace weir {

class AnswerCache {
 public:
  // On the cache's thread: at the first failure of the file, then once a minute while it lasts.
  using OnError = std::function<void(const Error& error)>;
  // Microseconds since the epoch.
  using Clock = std::function<int64_t()>;
  // What was found on disk; nullptr: nothing.
  using Found = std::function<void(std::shared_ptr<const std::string>)>;

  // `file`: "" = nothing is written to disk, whatever routes say.
  AnswerCache(std::string file, OnError on_error, Clock clock);
  ~AnswerCache();  // writes what is left
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  // The routes that keep answers from now on. What others have kept is forgotten, on disk too.
  void set(const std::map<std::string, CacheRules>& routes);
  // In memory.
  [[nodiscard]] std::shared_ptr<const std::string> find(std::string_view route, const AnswerKey& key);
  // May the file have more?
  [[nodiscard]] bool has_file(std::string_view route) const;
  // On disk: `found` runs on the cache's thread, once. What is found is in memory from then on.
  void find_on_disk(std::string_view route, const AnswerKey& key, Found found);
  void keep(std::string_view route, const AnswerKey& key, std::string answer, AnswerOwner owner = {});
  // Takes the answers of those for whom `theirs` is true out of memory; how many. The file is whoever's who asks.
  std::size_t forget(const std::function<bool(const AnswerOwner& owner)>& theirs);
  [[nodiscard]] AnswerShelf::Stats stats(std::string_view route) const;

 private:
  struct Route {
    CacheRules rules;
    std::shared_ptr<AnswerShelf> shelf;
  };
  struct Question {
    std::string route;
    AnswerKey key{};
    Found found;
  };
  using Work = std::variant<WrittenAnswer, Question>;

  [[nodiscard]] std::optional<Route> route(std::string_view name) const;
  void loop();
  void do_all(std::deque<Work> work);
  void add(std::vector<WrittenAnswer>& answers);
  void answer(const Question& question);
  [[nodiscard]] bool sweep_is_due();
  // True: nothing is left to delete.
  bool sweep();

  const std::string path_;
  const Clock clock_;

  mutable std::mutex routes_mutex_;
  std::map<std::string, Route, std::less<>> routes_;

  WorkQueue<Work> queue_;

  // Of the cache's thread alone.
  KeptShelf<AnswerFile> file_;
  bool routes_changed_ = false;  // since the last sweep, as the next two
  std::size_t added_bytes_ = 0;
  int64_t swept_us_ = 0;

  std::thread thread_;  // begins with the first route that has a file
};

}  // namespace weir
