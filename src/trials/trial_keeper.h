// TrialKeeper: what the experiments of a process have seen and where their shares stand, kept by a thread of its own,
// which alone writes the file for the server. Event loops hand over what they saw and go on; they read the shares as
// one immutable value. Moves by hand, written by a command into the same file, are taken up within a second.
//
// Restarts: the file holds all that a dial or canary knows; it is read again before the first share is told. What was
// handed over in the last moments before a kill -9 is lost; a share is never told before its move is in the file.
//
// Any thread may call anything here.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/snapshot.h"
#include "experiments/canary.h"
#include "experiments/dial.h"
#include "stores/kept_shelf.h"
#include "trials/trial_shelf.h"

namespace weir {

// Where experiments stand: of dials by task, of canaries for all tasks. Shares are 0 to 1.
struct TrialShares {
  struct One {
    double usual = 0;  // of tasks that are not listed
    std::map<std::string, double, std::less<>> by_task;
    bool stopped = false;
  };
  std::map<std::string, One, std::less<>> experiments;

  // nullopt: it is stopped, or not known yet.
  [[nodiscard]] std::optional<double> share(std::string_view experiment, std::string_view task) const;
  [[nodiscard]] bool stopped(std::string_view experiment) const;
};

class TrialKeeper {
 public:
  using Clock = std::function<int64_t()>;  // microseconds since the epoch
  // On the keeper's thread.
  struct Says {
    std::function<void(const Error& error)> error;
    std::function<void(const ShareMove& move)> moved;
  };

  TrialKeeper(std::string file, Says says, Clock clock);
  // Writes what is left.
  ~TrialKeeper();
  TrialKeeper(const TrialKeeper&) = delete;
  TrialKeeper& operator=(const TrialKeeper&) = delete;

  // What experiments there are from now on.
  void set(std::shared_ptr<const Snapshot> snapshot);
  [[nodiscard]] std::shared_ptr<const TrialShares> shares() const { return shares_.load(); }

  void keep(Comparison comparison, std::optional<KeptTexts> texts);
  void keep(ArmOutcome outcome);

  // Room for one more copy of an experiment's: how many there may be at once, and a minute. `end_copy` for each that
  // began.
  [[nodiscard]] bool begin_copy(const ExperimentSettings& experiment);
  void end_copy(const std::string& experiment);
  // Of all experiments, under way.
  [[nodiscard]] int64_t copies();

 private:
  struct Copies {
    int64_t running = 0;
    int64_t minute = 0;
    int64_t in_minute = 0;
  };
  struct DialState {
    experiments::DialGoal goal;
    std::map<std::string, experiments::Dial, std::less<>> by_task;
  };

  void loop();
  void configure(const Snapshot& snapshot);
  void restore();
  void learn(TrialShelf::Batch& batch);
  void learn(const Comparison& one, TrialShelf::Batch& batch);
  void learn(const ArmOutcome& one, TrialShelf::Batch& batch);
  enum class Moves : uint8_t { all, by_hand };
  // Those that came into the file since the last look.
  void take(Moves which);
  void apply(const ShareMove& move);
  void publish();
  // What could not be written of the batch but its moves is lost; these come again.
  void write(TrialShelf::Batch& batch);
  Status try_to_write(const TrialShelf::Batch& batch);
  [[nodiscard]] experiments::Dial& dial_of(DialState& state, std::string_view task);
  [[nodiscard]] int64_t running(std::string_view experiment);

  const Says says_;
  const Clock clock_;
  std::atomic<std::shared_ptr<const TrialShares>> shares_;

  std::mutex mutex_;  // guards the next ones
  std::condition_variable due_;
  TrialShelf::Batch waiting_;
  std::shared_ptr<const Snapshot> next_;
  std::map<std::string, Copies, std::less<>> copies_;
  bool stopping_ = false;
  bool lost_ = false;

  // Of the keeper's thread alone.
  KeptShelf<TrialShelf> shelf_;
  std::map<std::string, DialState, std::less<>> dials_;
  std::map<std::string, experiments::Canary, std::less<>> canaries_;
  std::map<std::string, std::string, std::less<>> canary_models_;  // experiment → the canary's model
  std::map<std::string, bool, std::less<>> stopped_;
  std::vector<ShareMove> unwritten_;  // shares that nobody was told yet
  int64_t last_move_ = 0;
  int64_t swept_us_ = 0;

  std::thread thread_;
};

}  // namespace weir
