#include "lessons/lesson_keeper.h"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir {
namespace {

constexpr std::chrono::seconds between_sweeps{20};
constexpr std::chrono::seconds at_once{0};
constexpr std::size_t most_waiting_bytes = 64 * 1024 * 1024;

Result<LessonShelf> open_to_write(const std::string& file) {
  return LessonShelf::open(file, LessonShelf::Access::write);
}

}  // namespace

LessonKeeper::LessonKeeper(Files files, OnError on_error, Clock clock)
    : files_(std::move(files)),
      clock_(std::move(clock)),
      queue_(most_waiting_bytes),
      shelf_(files_.lessons, open_to_write, std::move(on_error), clock_) {
  read_weights_file();
  thread_ = std::thread([this] { loop(); });
}

LessonKeeper::~LessonKeeper() {
  queue_.stop();
  thread_.join();
}

void LessonKeeper::keep(Lesson lesson) {
  const auto bytes = lesson.bytes();
  queue_.push(std::move(lesson), bytes);
}

void LessonKeeper::feedback(Feedback feedback, std::string better_answer, OnFeedback done) {
  queue_.push([this, feedback = std::move(feedback), better = std::move(better_answer), done = std::move(done)] {
    done(keep_feedback(feedback, better));
  });
}

void LessonKeeper::find_feedback(std::string request_id, OnFound done) {
  queue_.push([this, id = std::move(request_id), done = std::move(done)] {
    const auto store = feedback_store();
    auto found = store ? (*store)->of(id) : Result<std::optional<Feedback>>(std::nullopt);
    done(found ? std::move(*found) : std::nullopt);
  });
}

Result<bool> LessonKeeper::keep_feedback(const Feedback& feedback, const std::string& better_answer) {
  const auto store = feedback_store();
  if (!store) return failure(store.error());
  if (auto put = (*store)->put(feedback); !put) return failure(put.error());
  const auto lessons = shelf_.get(KeptShelf<LessonShelf>::Missing::leave);
  if (!lessons) return failure(lessons.error());
  if (*lessons == nullptr) return false;
  return (*lessons)->add_feedback(
      {.request_id = feedback.request_id, .score = feedback.score, .better_answer = better_answer});
}

Result<FeedbackStore*> LessonKeeper::feedback_store() {
  if (feedback_) return &*feedback_;
  auto opened = FeedbackStore::open(files_.ledger, sqlite::Database::Access::read_write);
  if (!opened) return failure(opened.error());
  feedback_.emplace(std::move(*opened));
  return &*feedback_;
}

void LessonKeeper::loop() {
  ::setpriority(PRIO_PROCESS, 0, 5);
  bool swept = shelf_.sweep(clock_());
  for (;;) {
    do_all(queue_.take(swept ? between_sweeps : at_once).work);
    read_weights_file();
    swept = shelf_.sweep(clock_());
    if (queue_.is_over()) return;
  }
}

// Lessons in a row are one commit.
void LessonKeeper::do_all(std::deque<Work> work) {
  std::vector<Lesson> lessons;
  for (auto& one : work) {
    if (auto* lesson = std::get_if<Lesson>(&one)) {
      lessons.push_back(std::move(*lesson));
      continue;
    }
    shelf_.add(lessons);
    std::get<Task>(one)();
  }
  shelf_.add(lessons);
}

void LessonKeeper::read_weights_file() {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(files_.weights, error);
  if (error) {
    weights_.store(nullptr);
    weights_changed_ = 0;
    return;
  }
  const auto stamp = changed.time_since_epoch().count();
  if (stamp == weights_changed_) return;
  weights_changed_ = stamp;
  std::ifstream in(files_.weights, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  auto read = read_weights(text.str());
  if (!read) return shelf_.report(read.error());
  all_weights_.push_back(std::make_unique<const JudgeWeights>(*read));
  weights_.store(all_weights_.back().get());
}

}  // namespace weir
