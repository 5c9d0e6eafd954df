// LessonKeeper: the lessons of a process, kept by a thread of its own, which alone writes the file: no client waits for
// the disk. What is handed over is in the file some milliseconds later, and then survives kill -9. Also holds what the
// learned judge has learned, read anew when its file changes.
//
// Every method may be called by any thread. A lesson that cannot be written is lost, and `on_error` is told; so are
// those that come faster than the disk takes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "judges/weights.h"
#include "lessons/lesson_shelf.h"
#include "stores/feedback_store.h"
#include "stores/kept_shelf.h"
#include "stores/work_queue.h"

namespace weir {

class LessonKeeper {
 public:
  using Clock = std::function<int64_t()>;  // microseconds since the epoch
  using OnError = std::function<void(const Error& error)>;
  // What came of a feedback: it is durable, and whether there is a lesson that it belongs to; or why it is not. On the
  // keeper's thread.
  using OnFeedback = std::function<void(Result<bool> there)>;
  using OnFound = std::function<void(std::optional<Feedback> found)>;

  struct Files {
    std::string lessons;  // made with the first lesson
    std::string weights;  // of the learned judge; may not be there
    std::string ledger;   // folder of the ledger, which is there
  };
  LessonKeeper(Files files, OnError on_error, Clock clock);
  // Writes what is left.
  ~LessonKeeper();
  LessonKeeper(const LessonKeeper&) = delete;
  LessonKeeper& operator=(const LessonKeeper&) = delete;

  void keep(Lesson lesson);
  void feedback(Feedback feedback, std::string better_answer, OnFeedback done);
  void find_feedback(std::string request_id, OnFound done);
  // Null: nothing was learned. Lives until the keeper does.
  [[nodiscard]] const JudgeWeights* weights() const { return weights_.load(); }

 private:
  using Task = std::function<void()>;
  using Work = std::variant<Lesson, Task>;

  void loop();
  void do_all(std::deque<Work> work);
  Result<bool> keep_feedback(const Feedback& feedback, const std::string& better_answer);
  Result<FeedbackStore*> feedback_store();
  void read_weights_file();

  const Files files_;
  const Clock clock_;
  std::atomic<const JudgeWeights*> weights_{nullptr};

  WorkQueue<Work> queue_;

  // Of the keeper's thread alone.
  KeptShelf<LessonShelf> shelf_;
  std::optional<FeedbackStore> feedback_;
  std::vector<std::unique_ptr<const JudgeWeights>> all_weights_;  // requests may still use earlier ones
  int64_t weights_changed_ = 0;

  std::thread thread_;
};

}  // namespace weir
