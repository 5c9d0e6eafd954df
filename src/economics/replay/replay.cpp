#include "economics/replay/replay.h"

#include <algorithm>
#include <deque>

#include "core/slot_rules.h"
#include "economics/replay/queue.h"
#include "economics/replay/replay_facts.h"
#include "economics/replay/replay_fate.h"
#include "economics/replay/replay_shares.h"
#include "economics/replay/replay_tally.h"
#include "ledger/pricing.h"
#include "policies/policy.h"

namespace weir::plan {
namespace {

constexpr uint32_t nobody = UINT32_MAX;
constexpr std::size_t progress_every = 16'384;

bool is_local(uint32_t model, const Snapshot& snapshot) { return zone_of(model, snapshot).kind == ZoneKind::local; }

// One request on its way.
struct Flight {
  uint32_t arrival = 0;
  uint64_t stamp = 0;                // changes with each step: events of older steps are out of date
  std::vector<uint32_t> candidates;  // models, in the order they are tried
  std::size_t at = 0;                // of `candidates`
  uint32_t next_recorded = 0;        // of the arrival's attempts: those before it were replayed
  int64_t spill_ms = -1;
  int64_t deadline_us = 0;
  int64_t queued_us = 0;   // since when it waits
  int64_t waited_us = 0;   // in all queues
  int64_t started_us = 0;  // its attempt
  std::optional<uint32_t> baseline;
  std::optional<uint32_t> overflowed;
  Fate fate;
  Ending ending;
  bool sensitive = false;
};

class Simulation {
 public:
  Simulation(const Traffic& traffic, const Snapshot& snapshot, const ReplaySettings& settings, Meanings meanings)
      : traffic_(traffic),
        snapshot_(snapshot),
        settings_(settings),
        meanings_(std::move(meanings)),
        fates_(traffic, snapshot, settings),
        tally_(snapshot, settings, traffic.arrivals.size()) {
    make_stations();
    health_.models.resize(snapshot.models.size());
    for (uint32_t model = 0; model < snapshot.models.size(); ++model) {
      if (has_slots(snapshot.models[model].provider)) slotted_.push_back(model);
    }
    tally_.result().answered_by.resize(traffic.arrivals.size(), nobody);
  }

  ReplayResult run() {
    for (std::size_t i = 0; i < traffic_.arrivals.size(); ++i) {
      if (settings_.progress && i % progress_every == 0) {
        settings_.progress(static_cast<double>(i) / static_cast<double>(traffic_.arrivals.size()));
      }
      run_until(traffic_.arrivals[i].time_us);
      arrive(static_cast<uint32_t>(i));
    }
    run_until(INT64_MAX);
    fates_.describe(tally_.result());
    return tally_.finish(traffic_.span_us());
  }

 private:
  [[nodiscard]] bool has_slots(uint32_t provider) const { return snapshot_.providers[provider].slots > 0; }
  [[nodiscard]] uint32_t provider_of(uint32_t model) const { return snapshot_.models[model].provider; }
  [[nodiscard]] uint32_t model_of(const Flight& flight) const { return flight.candidates[flight.at]; }
  [[nodiscard]] const Arrival& arrival_of(const Flight& flight) const { return traffic_.arrivals[flight.arrival]; }

  // A gateway has measured its slots long before the first request of a month: they begin at the mean of the record.
  void make_stations() {
    const auto uses_us = fates_.mean_uses_us();
    for (std::size_t i = 0; i < snapshot_.providers.size(); ++i) {
      const auto& provider = snapshot_.providers[i];
      stations_.emplace_back(StationSettings{.slots = std::max<int64_t>(provider.slots, 1),
                                             .waiting_limit = waiting_limit(provider.queue_limit),
                                             .average_use_us = uses_us[i]});
    }
  }

  void run_until(int64_t time_us) {
    while (const auto event = agenda_.next_until(time_us)) {
      Flight& flight = flights_[event->job];
      if (event->stamp != flight.stamp) continue;
      if (event->what == Agenda::What::end_of_service) {
        end_service(event->job, event->time_us);
      } else {
        lose_patience(event->job, event->time_us);
      }
    }
  }

  // The decision, by the code that serves.
  void arrive(uint32_t index) {
    const auto& arrival = traffic_.arrivals[index];
    if (refused_for_good(arrival)) return tally_.end({.outcome = arrival.outcome});
    if (arrival.asked_input < 0) ++tally_.result().without_facts;
    gather(arrival);
    for (const auto model : slotted_) {
      health_.models[model].expected_wait_ms = stations_[provider_of(model)].expected_wait_ms();
    }
    if (facts_.classes() != 0) ++tally_.result().sensitive;
    shares_.observe(health_.share_from);
    const auto plan = decide(facts_, snapshot_, health_);
    if (!plan) return tally_.end({.outcome = outcome_of_error(plan.error().code)});
    shares_.record(*plan, facts_.difficulty);
    const auto kept = plan->kept();
    if (kept == 0) return tally_.end({.outcome = outcome_of_error(plan->refusal.code)});

    const JobId id = take_flight();
    Flight& flight = flights_[id];
    flight.arrival = index;
    for (std::size_t i = 0; i < kept; ++i) flight.candidates.push_back(plan->candidates[i].model);
    steer(flight.candidates);
    flight.spill_ms = plan->spill_queue_ms;
    flight.deadline_us = arrival.time_us + plan->total_ms * 1'000;
    flight.baseline = plan->baseline;
    flight.sensitive = facts_.classes() != 0;
    try_candidates(id, arrival.time_us, std::nullopt);
  }

  void gather(const Arrival& arrival) {
    facts_.operation = arrival.operation;
    facts_.requested_model = traffic_.name(arrival.requested);
    facts_.caller = traffic_.name(arrival.caller);
    facts_.found = meanings_.classes(arrival.classes);
    facts_.tags = meanings_.tags(arrival.tags);
    facts_.input_tokens = arrival.asked_input >= 0 ? arrival.asked_input : arrival.input;
    facts_.output_tokens = arrival.asked_output;
    facts_.has_tools = arrival.has_tools;
    facts_.has_images = arrival.has_images;
    facts_.has_files = arrival.has_files;
    facts_.has_audio = arrival.has_audio;
    facts_.stream = arrival.stream;
    facts_.task = traffic_.name(arrival.task);
    facts_.difficulty = arrival.difficulty < 0 ? -1.0 : static_cast<double>(arrival.difficulty);
  }

  // So many requests begin in the local zone, as evenly over time as whole requests can be. Only the order of what the
  // plan kept is changed: a zone that it forbids stays out.
  void steer(std::vector<uint32_t>& candidates) {
    if (!settings_.local_share) return;
    ++steered_;
    const auto local = [&](uint32_t model) { return is_local(model, snapshot_); };
    const bool wanted = static_cast<double>(steered_local_) < *settings_.local_share * static_cast<double>(steered_);
    std::stable_partition(candidates.begin(), candidates.end(), [&](uint32_t model) { return local(model) == wanted; });
    if (local(candidates.front())) ++steered_local_;
  }

  // Goes on with the candidate at `flight.at`, or the next one after a failure; as Relay::run does.
  void try_candidates(JobId id, int64_t now_us, std::optional<ErrorCode> failed) {
    for (;;) {
      Flight& flight = flights_[id];
      if (failed) {
        if (!rule_of(*failed).fall_back) return end_flight(id, now_us, outcome_of_error(*failed));
        if (now_us >= flight.deadline_us) {
          return end_flight(id, now_us, outcome_of_error(ErrorCode::deadline_exceeded));
        }
        do ++flight.at;
        while (flight.at < flight.candidates.size() && !worth_trying(flight, *failed));
        if (flight.at >= flight.candidates.size()) return end_flight(id, now_us, outcome_of_error(*failed));
        if (*failed == ErrorCode::queue_timeout) flight.ending.spilled = true;
      }
      if (!has_slots(provider_of(model_of(flight)))) return begin_service(id, now_us);
      if (wait_for_slot(id, now_us)) return;
      failed = ErrorCode::queue_timeout;
    }
  }

  // After an overflow only a candidate with a larger context can help.
  [[nodiscard]] bool worth_trying(const Flight& flight, ErrorCode failed) const {
    if (failed != ErrorCode::context_overflow || !flight.overflowed) return true;
    const auto was = snapshot_.models[*flight.overflowed].context_length;
    const auto is = snapshot_.models[model_of(flight)].context_length;
    return is == 0 || is > was;
  }

  // As Relay::wait_for_slot: true when it is served or waits.
  bool wait_for_slot(JobId id, int64_t now_us) {
    Flight& flight = flights_[id];
    const auto provider = provider_of(model_of(flight));
    auto& station = stations_[provider];
    const auto turn = flight.at + 1 == flight.candidates.size() ? Turn::last : Turn::others_follow;
    const auto patience_ms = std::min(slot_patience_ms(flight.spill_ms, snapshot_.providers[provider].queue_ms, turn),
                                      std::max<int64_t>((flight.deadline_us - now_us) / 1'000, 0));
    const bool too_long = spills_at_once(station.expected_wait_ms(), patience_ms, turn);
    const auto entered = too_long ? Station::Entered::full : station.enter(id, arrival_of(flight).key);
    switch (entered) {
      case Station::Entered::served:
        begin_service(id, now_us);
        return true;
      case Station::Entered::full:
        tally_.turned_away(provider);
        return false;
      case Station::Entered::queued:
        break;
    }
    flight.queued_us = now_us;
    const auto until = std::min(now_us + patience_ms * 1'000, flight.deadline_us);
    agenda_.note(until, Agenda::What::end_of_patience, id, ++flight.stamp);
    return true;
  }

  void lose_patience(JobId id, int64_t now_us) {
    Flight& flight = flights_[id];
    const auto provider = provider_of(model_of(flight));
    stations_[provider].leave(id);
    ++flight.stamp;
    flight.waited_us += now_us - flight.queued_us;
    tally_.turned_away(provider);
    try_candidates(id, now_us, ErrorCode::queue_timeout);
  }

  void begin_service(JobId id, int64_t now_us) {
    Flight& flight = flights_[id];
    const auto beside = std::max<int64_t>(stations_[provider_of(model_of(flight))].held() - 1, 0);
    flight.fate = fates_.of(arrival_of(flight), model_of(flight), flight.next_recorded, beside);
    flight.started_us = now_us;
    const auto& timeouts = snapshot_.providers[provider_of(model_of(flight))].timeouts;
    const auto longest = std::min(timeouts.total * 1'000, flight.deadline_us - now_us);
    if (flight.fate.busy_us > longest) {
      flight.fate = {.busy_us = std::max<int64_t>(longest, 0),
                     .outcome = outcome_of_error(ErrorCode::upstream_timeout),
                     .has_usage = false};
    }
    agenda_.note(now_us + flight.fate.busy_us, Agenda::What::end_of_service, id, ++flight.stamp);
  }

  void end_service(JobId id, int64_t now_us) {
    const auto model = model_of(flights_[id]);
    const auto provider = provider_of(model);
    {
      Flight& flight = flights_[id];
      ++flight.stamp;
      charge(flight, model);
    }
    if (has_slots(provider)) {
      if (const auto next = stations_[provider].release(flights_[id].fate.busy_us)) serve_waiting(*next, now_us);
    }
    Flight& flight = flights_[id];
    if (flight.fate.outcome == outcome_ok) {
      answer(flight, model);
      return end_flight(id, now_us, outcome_ok);
    }
    const auto code = static_cast<ErrorCode>(flight.fate.outcome);
    if (code == ErrorCode::context_overflow) flight.overflowed = model;
    if (fates_.is_retried(arrival_of(flight), model, flight.next_recorded)) {
      return try_candidates(id, now_us, std::nullopt);
    }
    try_candidates(id, now_us, code);
  }

  void serve_waiting(JobId id, int64_t now_us) {
    Flight& flight = flights_[id];
    flight.waited_us += now_us - flight.queued_us;
    tally_.waited(provider_of(model_of(flight)));
    begin_service(id, now_us);
  }

  void charge(Flight& flight, uint32_t model) {
    Cost cost{.known = true};
    if (flight.fate.has_usage) cost = attempt_cost(snapshot_, model, flight.fate.usage, flight.fate.busy_us);
    const bool used_nothing = flight.fate.usage.input == 0 && flight.fate.usage.output == 0;
    if (!cost.known && !used_nothing) flight.ending.priced = false;
    flight.ending.cost += cost.amount;
    tally_.attempt(model, flight.fate.busy_us, cost.amount);
    if (flight.sensitive && !is_local(model, snapshot_)) ++tally_.result().sensitive_cloud;
  }

  void answer(Flight& flight, uint32_t model) {
    const auto& arrival = arrival_of(flight);
    auto& result = tally_.result();
    tally_.answer(model, flight.fate.usage);
    result.answered_by[flight.arrival] = model;
    if (flight.fate.first_token_us > 0) {
      flight.ending.first_token_us = flight.started_us - arrival.time_us + flight.fate.first_token_us;
    }
    if (flight.baseline) {
      const auto baseline = baseline_cost(snapshot_, *flight.baseline, flight.fate.usage);
      if (baseline.known) flight.ending.baseline = baseline.amount;
    }
    if (arrival.outcome == outcome_ok && traffic_.name(arrival.model) == snapshot_.models[model].id) {
      ++result.same_model;
      result.same_cost += flight.ending.cost;
      result.same_cost_before += arrival.cost;
    }
  }

  void end_flight(JobId id, int64_t now_us, Outcome outcome) {
    Flight& flight = flights_[id];
    const auto& arrival = arrival_of(flight);
    flight.ending.outcome = outcome;
    flight.ending.wait_us = flight.waited_us;
    flight.ending.latency_us = now_us - arrival.time_us + own_time_us(arrival, traffic_);
    tally_.end(flight.ending);
    ++flight.stamp;
    free_.push_back(id);
  }

  JobId take_flight() {
    if (free_.empty()) {
      flights_.emplace_back();
      return static_cast<JobId>(flights_.size() - 1);
    }
    const JobId id = free_.back();
    free_.pop_back();
    auto& flight = flights_[id];
    Flight fresh{.stamp = flight.stamp, .candidates = std::move(flight.candidates)};
    fresh.candidates.clear();
    flight = std::move(fresh);
    return id;
  }

  const Traffic& traffic_;
  const Snapshot& snapshot_;
  const ReplaySettings& settings_;
  Meanings meanings_;
  Fates fates_;
  Tally tally_;
  std::vector<Station> stations_;  // by provider
  std::vector<uint32_t> slotted_;  // models whose provider has slots
  RequestFacts facts_;
  HealthView health_;
  ReplayShares shares_{snapshot_};
  Agenda agenda_;
  std::deque<Flight> flights_;  // at addresses that stay
  std::vector<JobId> free_;
  int64_t steered_ = 0;
  int64_t steered_local_ = 0;
};

Status check_settings(const Snapshot& snapshot, const ReplaySettings& settings) {
  for (const auto& speed : settings.speeds) {
    if (!find_model(snapshot, speed.model)) return failure(unknown_model(speed.model, snapshot));
  }
  return {};
}

}  // namespace

Result<ReplayResult> replay(const Traffic& traffic, const Snapshot& snapshot, const ReplaySettings& settings) {
  if (traffic.arrivals.empty()) {
    return failure(ErrorCode::invalid_request, "the ledger has no requests of that time: there is nothing to replay");
  }
  if (auto good = check_settings(snapshot, settings); !good) return failure(good.error());
  Snapshot config = snapshot;
  auto meanings = Meanings::read(traffic, config);
  if (!meanings) return failure(meanings.error());
  return Simulation(traffic, config, settings, std::move(*meanings)).run();
}

}  // namespace weir::plan
