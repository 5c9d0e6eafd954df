#include "answers/answer_cache.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace weir {
namespace {

constexpr std::chrono::seconds between_sweeps{60};
constexpr std::chrono::seconds at_once{0};
constexpr std::size_t most_added_bytes = 4 * 1024 * 1024;     // between two sweeps
constexpr std::size_t most_waiting_bytes = 64 * 1024 * 1024;  // of answers that the disk has not taken yet

}  // namespace

AnswerCache::AnswerCache(std::string file, OnError on_error, Clock clock)
    : path_(std::move(file)),
      clock_(std::move(clock)),
      queue_(most_waiting_bytes),
      file_(path_, AnswerFile::open, std::move(on_error), clock_) {}

AnswerCache::~AnswerCache() {
  queue_.stop();
  if (thread_.joinable()) thread_.join();
}

void AnswerCache::set(const std::map<std::string, CacheRules>& routes) {
  bool writes = false;
  {
    const std::lock_guard lock(routes_mutex_);
    std::map<std::string, Route, std::less<>> next;
    for (const auto& [name, rules] : routes) {
      const auto known = routes_.find(name);
      auto shelf = known != routes_.end() ? known->second.shelf : std::make_shared<AnswerShelf>(rules.memory_bytes);
      shelf->resize(rules.memory_bytes);
      writes = writes || rules.disk_bytes > 0;
      next.emplace(name, Route{.rules = rules, .shelf = std::move(shelf)});
    }
    routes_ = std::move(next);
  }
  if (path_.empty()) return;
  std::error_code error;
  // What an earlier run wrote is deleted where no route wants it any more.
  const bool left = std::filesystem::exists(path_, error);
  queue_.wake();
  const std::lock_guard lock(routes_mutex_);
  if (!thread_.joinable() && (writes || left)) thread_ = std::thread([this] { loop(); });
}

std::optional<AnswerCache::Route> AnswerCache::route(std::string_view name) const {
  const std::lock_guard lock(routes_mutex_);
  const auto known = routes_.find(name);
  return known == routes_.end() ? std::nullopt : std::optional(known->second);
}

std::shared_ptr<const std::string> AnswerCache::find(std::string_view name, const AnswerKey& key) {
  const auto known = route(name);
  return known ? known->shelf->find(key, clock_()) : nullptr;
}

bool AnswerCache::has_file(std::string_view name) const {
  const auto known = route(name);
  return known && known->rules.disk_bytes > 0 && !path_.empty();
}

void AnswerCache::find_on_disk(std::string_view name, const AnswerKey& key, Found found) {
  queue_.push(Question{.route = std::string(name), .key = key, .found = std::move(found)});
}

void AnswerCache::keep(std::string_view name, const AnswerKey& key, std::string answer, AnswerOwner owner) {
  const auto known = route(name);
  if (!known) return;
  const auto now = clock_();
  const auto good_until = now + known->rules.ttl_ms * 1000;
  const auto shared = std::make_shared<const std::string>(std::move(answer));
  known->shelf->keep(key, shared, good_until, owner);
  if (known->rules.disk_bytes == 0 || path_.empty() || shared->size() > known->rules.disk_bytes / 4) return;
  // Where the disk is too slow it is left out: it is only a cache.
  queue_.push(WrittenAnswer{.key = key,
                            .route = std::string(name),
                            .answer = *shared,
                            .made_us = now,
                            .good_until_us = good_until,
                            .owner = std::move(owner)},
              shared->size());
}

std::size_t AnswerCache::forget(const std::function<bool(const AnswerOwner& owner)>& theirs) {
  std::vector<std::shared_ptr<AnswerShelf>> shelves;
  {
    const std::lock_guard lock(routes_mutex_);
    for (const auto& [name, one] : routes_) shelves.push_back(one.shelf);
  }
  std::size_t gone = 0;
  for (const auto& shelf : shelves) gone += shelf->forget(theirs);
  return gone;
}

AnswerShelf::Stats AnswerCache::stats(std::string_view name) const {
  const auto known = route(name);
  return known ? known->shelf->stats() : AnswerShelf::Stats{};
}

void AnswerCache::loop() {
  // As the ledger's writer: where it shares a core with an event loop, the loop goes first.
  ::setpriority(PRIO_PROCESS, 0, 5);
  bool swept = sweep();
  for (;;) {
    auto taken = queue_.take(swept ? between_sweeps : at_once);
    routes_changed_ = taken.woken || routes_changed_;
    do_all(std::move(taken.work));
    if (!swept || sweep_is_due()) swept = sweep();
    if (queue_.is_over()) return;
  }
}

// Answers in a row are one commit.
void AnswerCache::do_all(std::deque<Work> work) {
  std::vector<WrittenAnswer> answers;
  for (auto& one : work) {
    if (auto* written = std::get_if<WrittenAnswer>(&one)) {
      answers.push_back(std::move(*written));
      continue;
    }
    add(answers);
    answer(std::get<Question>(one));
  }
  add(answers);
}

void AnswerCache::add(std::vector<WrittenAnswer>& answers) {
  for (const auto& one : answers) added_bytes_ += one.answer.size();
  file_.add(answers);
}

void AnswerCache::answer(const Question& question) {
  const auto now = clock_();
  std::shared_ptr<const std::string> found;
  const auto from = file_.get(KeptShelf<AnswerFile>::Missing::leave);
  if (!from) {
    file_.report(from.error());
  } else if (*from != nullptr) {
    auto written = (*from)->find(question.key, now);
    if (!written) {
      file_.report(written.error());
    } else if (!written->answer.empty() && written->route == question.route) {
      found = std::make_shared<const std::string>(std::move(written->answer));
      const auto known = route(question.route);
      if (known) known->shelf->keep(question.key, found, written->good_until_us, std::move(written->owner));
    }
  }
  question.found(std::move(found));
}

// It reads all of an index: not with every answer.
bool AnswerCache::sweep_is_due() {
  std::size_t smallest = most_added_bytes;
  {
    const std::lock_guard lock(routes_mutex_);
    for (const auto& [name, one] : routes_) {
      if (one.rules.disk_bytes > 0) smallest = std::min(smallest, one.rules.disk_bytes / 8);
    }
  }
  return std::exchange(routes_changed_, false) || added_bytes_ >= smallest ||
         clock_() - swept_us_ >= std::chrono::microseconds(between_sweeps).count();
}

bool AnswerCache::sweep() {
  swept_us_ = clock_();
  added_bytes_ = 0;
  std::map<std::string, int64_t> most_bytes;
  {
    const std::lock_guard lock(routes_mutex_);
    for (const auto& [name, one] : routes_) most_bytes.emplace(name, static_cast<int64_t>(one.rules.disk_bytes));
  }
  return file_.sweep(clock_(), most_bytes);
}

}  // namespace weir
