#include "trials/trial_keeper.h"

#include <sys/resource.h>

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "core/dial_settings.h"
#include "core/experiment_settings.h"

namespace weir {
namespace {

constexpr std::chrono::milliseconds between_looks{500};
constexpr int64_t between_sweeps_us = 60'000'000;
constexpr std::size_t most_waiting = 50'000;  // records that the disk has not taken yet
constexpr int64_t minute_us = 60'000'000;

Result<TrialShelf> open_to_write(const std::string& file) { return TrialShelf::open(file, TrialShelf::Access::make); }

experiments::CanaryGoal canary_goal(const ExperimentSettings& settings) {
  experiments::CanaryGoal goal{.margin = of_whole(settings.margin),
                               .slower = static_cast<double>(settings.slower) / 100};
  goal.steps.clear();
  for (const auto step : settings.steps) goal.steps.push_back(of_whole(step));
  return goal;
}

std::optional<experiments::CanaryState> canary_state(std::string_view name) {
  using experiments::CanaryState;
  for (const auto state : {CanaryState::growing, CanaryState::done, CanaryState::rolled_back}) {
    if (experiments::to_string(state) == name) return state;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> TrialShares::share(std::string_view experiment, std::string_view task) const {
  const auto found = experiments.find(experiment);
  if (found == experiments.end() || found->second.stopped) return std::nullopt;
  const auto of_task = found->second.by_task.find(task);
  return of_task != found->second.by_task.end() ? of_task->second : found->second.usual;
}

bool TrialShares::stopped(std::string_view experiment) const {
  const auto found = experiments.find(experiment);
  return found == experiments.end() || found->second.stopped;
}

TrialKeeper::TrialKeeper(std::string file, Says says, Clock clock)
    : says_(std::move(says)),
      clock_(std::move(clock)),
      shares_(std::make_shared<const TrialShares>()),
      shelf_(std::move(file), open_to_write, says_.error, clock_) {
  thread_ = std::thread([this] { loop(); });
}

TrialKeeper::~TrialKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  due_.notify_one();
  thread_.join();
}

void TrialKeeper::set(std::shared_ptr<const Snapshot> snapshot) {
  {
    const std::lock_guard lock(mutex_);
    next_ = std::move(snapshot);
  }
  due_.notify_one();
}

void TrialKeeper::keep(Comparison comparison, std::optional<KeptTexts> texts) {
  comparison.time_us = clock_();
  {
    const std::lock_guard lock(mutex_);
    lost_ = lost_ || waiting_.comparisons.size() >= most_waiting;
    if (waiting_.comparisons.size() < most_waiting) {
      waiting_.comparisons.emplace_back(std::move(comparison), std::move(texts));
    }
  }
  due_.notify_one();
}

void TrialKeeper::keep(ArmOutcome outcome) {
  outcome.time_us = clock_();
  {
    const std::lock_guard lock(mutex_);
    lost_ = lost_ || waiting_.outcomes.size() >= most_waiting;
    if (waiting_.outcomes.size() < most_waiting) waiting_.outcomes.push_back(std::move(outcome));
  }
  due_.notify_one();
}

bool TrialKeeper::begin_copy(const ExperimentSettings& experiment) {
  const std::lock_guard lock(mutex_);
  auto& copies = copies_[experiment.name];
  const auto minute = clock_() / minute_us;
  if (copies.minute != minute) {
    copies.minute = minute;
    copies.in_minute = 0;
  }
  if (copies.running >= experiment.at_once || copies.in_minute >= experiment.per_minute) return false;
  ++copies.running;
  ++copies.in_minute;
  return true;
}

void TrialKeeper::end_copy(const std::string& experiment) {
  const std::lock_guard lock(mutex_);
  --copies_[experiment].running;
}

int64_t TrialKeeper::copies() {
  const std::lock_guard lock(mutex_);
  int64_t all = 0;
  for (const auto& [name, copies] : copies_) all += copies.running;
  return all;
}

int64_t TrialKeeper::running(std::string_view experiment) {
  const std::lock_guard lock(mutex_);
  const auto found = copies_.find(experiment);
  return found == copies_.end() ? 0 : found->second.running;
}

void TrialKeeper::loop() {
  ::setpriority(PRIO_PROCESS, 0, 5);
  for (;;) {
    TrialShelf::Batch batch;
    std::shared_ptr<const Snapshot> snapshot;
    bool stopping = false;
    bool lost = false;
    {
      std::unique_lock lock(mutex_);
      due_.wait_for(lock, between_looks, [this] { return stopping_ || next_ || !waiting_.empty(); });
      batch = std::exchange(waiting_, {});
      snapshot = std::exchange(next_, nullptr);
      stopping = stopping_;
      lost = std::exchange(lost_, false);
    }
    if (lost) {
      shelf_.report(
          {.code = ErrorCode::internal, .message = "experiments see more than the disk takes; some is not kept"});
    }
    if (snapshot) configure(*snapshot);
    take(Moves::by_hand);
    if (!batch.empty()) {
      learn(batch);
      write(batch);
    }
    if (const auto now = clock_(); now - swept_us_ >= between_sweeps_us && shelf_.sweep(now)) swept_us_ = now;
    if (stopping) return;
  }
}

void TrialKeeper::configure(const Snapshot& snapshot) {
  dials_.clear();
  canaries_.clear();
  canary_models_.clear();
  stopped_.clear();
  for (const auto& experiment : snapshot.experiments) {
    stopped_[experiment->name] = false;
    if (experiment->kind == ExperimentKind::canary) {
      canaries_.emplace(experiment->name, canary_goal(*experiment));
      canary_models_.emplace(experiment->name, snapshot.models[experiment->models.front()].id);
    }
    if (experiment->kind != ExperimentKind::dial) continue;
    for (const auto& route : snapshot.routes) {
      if (route.name != experiment->route || !route.dial) continue;
      dials_.emplace(experiment->name,
                     DialState{.goal = {.keep = of_whole(route.dial->keep_quality), .most = of_whole(route.dial->most)},
                               .by_task = {}});
    }
  }
  restore();
  publish();
}

experiments::Dial& TrialKeeper::dial_of(DialState& state, std::string_view task) {
  auto found = state.by_task.find(task);
  if (found == state.by_task.end()) {
    found = state.by_task.emplace(std::string(task), experiments::Dial(state.goal)).first;
  }
  return found->second;
}

void TrialKeeper::restore() {
  last_move_ = 0;
  const auto from = shelf_.get(KeptShelf<TrialShelf>::Missing::leave);
  if (!from) return shelf_.report(from.error());
  if (*from == nullptr) return;
  auto read = (*from)->comparisons("", [&](Comparison& one) {
    const auto dial = dials_.find(one.experiment);
    if (dial == dials_.end()) return;
    dial_of(dial->second, one.task)
        .remember({.small = of_whole(one.tested.score),
                   .large = of_whole(one.reference.score),
                   .share = of_whole(one.share)});
  });
  if (!read) shelf_.report(read.error());
  TrialShelf::Batch nothing;
  for (auto& [name, kept] : canaries_) {
    auto& canary = kept;  // a name that a lambda may hold
    const auto& model = canary_models_.find(name)->second;
    canary.set(0, experiments::CanaryState::done);  // it only listens
    auto heard = (*from)->outcomes(name, [&](ArmOutcome& one) {
      const experiments::Outcome outcome{
          .ok = one.ok, .score = one.score < 0 ? -1 : of_whole(one.score), .duration_us = one.duration_us};
      if (one.arm == model) {
        static_cast<void>(canary.of_canary(outcome));
      } else {
        canary.of_others(outcome);
      }
    });
    if (!heard) shelf_.report(heard.error());
    canary.begin();
  }
  take(Moves::all);
}

void TrialKeeper::apply(const ShareMove& move) {
  if (move.state == "stopped" || move.state == "running") {
    if (const auto known = stopped_.find(move.experiment); known != stopped_.end()) {
      known->second = move.state == "stopped";
    }
    return;
  }
  if (const auto dial = dials_.find(move.experiment); dial != dials_.end()) {
    auto& of_task = dial_of(dial->second, move.task);
    if (move.state == "released") {
      of_task.release();
    } else if (move.state == "held") {
      of_task.hold(of_whole(move.to));
    } else {
      of_task.set(of_whole(move.to));
    }
  }
  if (const auto canary = canaries_.find(move.experiment); canary != canaries_.end()) {
    canary->second.set(of_whole(move.to), canary_state(move.state).value_or(experiments::CanaryState::growing));
  }
}

void TrialKeeper::take(Moves which) {
  const auto from = shelf_.get(KeptShelf<TrialShelf>::Missing::leave);
  if (!from) return shelf_.report(from.error());
  if (*from == nullptr) return;
  const auto moves = (*from)->moves("", last_move_);
  if (!moves) return shelf_.report(moves.error());
  for (const auto& move : *moves) {
    if (which == Moves::all || move.by_hand) apply(move);
    last_move_ = std::max(last_move_, move.number);
  }
  if (!moves->empty()) publish();
}

void TrialKeeper::learn(TrialShelf::Batch& batch) {
  for (const auto& [one, texts] : batch.comparisons) learn(one, batch);
  for (const auto& one : batch.outcomes) learn(one, batch);
}

void TrialKeeper::learn(const Comparison& one, TrialShelf::Batch& batch) {
  const auto found = dials_.find(one.experiment);
  if (found == dials_.end()) return;
  auto& dial = dial_of(found->second, one.task);
  const experiments::Pair pair{
      .small = of_whole(one.tested.score), .large = of_whole(one.reference.score), .share = of_whole(one.share)};
  const auto move = dial.add(pair, running(one.experiment));
  if (!move) return;
  batch.moves.push_back({.experiment = one.experiment,
                         .task = one.task,
                         .time_us = clock_(),
                         .from = to_parts(move->from),
                         .to = to_parts(move->to),
                         .state = "moved",
                         .reason = move->reason});
}

void TrialKeeper::learn(const ArmOutcome& one, TrialShelf::Batch& batch) {
  const auto found = canaries_.find(one.experiment);
  if (found == canaries_.end()) return;
  const experiments::Outcome outcome{
      .ok = one.ok, .score = one.score < 0 ? -1 : of_whole(one.score), .duration_us = one.duration_us};
  if (one.arm != canary_models_.find(one.experiment)->second) return found->second.of_others(outcome);
  const auto move = found->second.of_canary(outcome);
  if (!move) return;
  batch.moves.push_back({.experiment = one.experiment,
                         .time_us = clock_(),
                         .from = to_parts(move->from),
                         .to = to_parts(move->to),
                         .state = std::string(experiments::to_string(move->state)),
                         .reason = move->reason});
}

void TrialKeeper::publish() {
  auto shares = std::make_shared<TrialShares>();
  for (const auto& [name, stopped] : stopped_) shares->experiments[name].stopped = stopped;
  for (const auto& [name, canary] : canaries_) shares->experiments[name].usual = canary.share();
  for (const auto& [name, state] : dials_) {
    auto& one = shares->experiments[name];
    one.usual = experiments::Dial(state.goal).share();
    for (const auto& [task, dial] : state.by_task) one.by_task[task] = dial.share();
  }
  shares_.store(std::move(shares));
}

Status TrialKeeper::try_to_write(const TrialShelf::Batch& batch) {
  const auto to = shelf_.get(KeptShelf<TrialShelf>::Missing::make);
  if (!to) return failure(to.error());
  return (*to)->add(batch);
}

void TrialKeeper::write(TrialShelf::Batch& batch) {
  batch.moves.insert(batch.moves.begin(), unwritten_.begin(), unwritten_.end());
  if (auto written = try_to_write(batch); !written) {
    unwritten_ = std::move(batch.moves);
    return shelf_.report(written.error());
  }
  unwritten_.clear();
  if (says_.moved) {
    for (const auto& move : batch.moves) says_.moved(move);
  }
  publish();
}

}  // namespace weir
