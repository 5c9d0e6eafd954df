#include "plan/replay.h"

#include <algorithm>
#include <deque>

#include "core/slot_rules.h"
#include "core/text_list.h"
#include "ledger/pricing.h"
#include "plan/queue.h"
#include "plan/replay_tally.h"
#include "policies/policy.h"

namespace weir::plan {
namespace {

constexpr uint32_t nobody = UINT32_MAX;
constexpr std::size_t progress_every = 16'384;

bool is_local(uint32_t model, const Snapshot& snapshot) {
  return snapshot.providers[snapshot.models[model].provider].zone.kind == ZoneKind::local;
}

// Refused for what the config does not decide: what could not be read, a key's permissions, limits or budget. Such
// requests are refused again.
bool refused_for_good(const Arrival& arrival) {
  if (arrival.outcome == outcome_of_error(ErrorCode::rate_limited)) return true;
  if (arrival.outcome == outcome_of_error(ErrorCode::budget_exceeded)) return true;
  if (arrival.asked_input >= 0 || arrival.attempts > 0 || arrival.outcome == outcome_ok) return false;
  switch (static_cast<ErrorCode>(arrival.outcome)) {  // what older versions, which kept no facts, decided anew
    case ErrorCode::unknown_model:
    case ErrorCode::zone_refused:
    case ErrorCode::no_target:
      return false;
    default:
      return true;
  }
}

// What the gateway itself took beside waiting and asking: guards, the decision, pauses between tries.
int64_t own_time_us(const Arrival& arrival, const Traffic& traffic) {
  int64_t rest = arrival.duration_us;
  for (std::size_t i = 0; i < arrival.attempts; ++i) {
    const auto& attempt = traffic.attempts[arrival.first_attempt + i];
    rest -= attempt.never_began() ? attempt.duration_us : attempt.queue_us + attempt.duration_us;
  }
  return std::max<int64_t>(rest, 0);
}

// What texts of the ledger mean to this config, worked out once per distinct text.
class Meanings {
 public:
  // False where there are more classes than a ClassSet holds.
  [[nodiscard]] static Result<Meanings> read(const Traffic& traffic, Snapshot& snapshot) {
    Meanings meanings;
    meanings.classes_.resize(traffic.names.size());
    meanings.tags_.resize(traffic.names.size());
    for (const auto& arrival : traffic.arrivals) {
      meanings.tags(arrival.tags, traffic);
      auto& known = meanings.classes_[arrival.classes];
      if (arrival.classes == 0 || known != 0) continue;
      for (const auto name : split_list(traffic.name(arrival.classes))) {
        // A class that only the recorded config knew still makes a request sensitive.
        const auto bit = snapshot.classes.add(name);
        if (!bit) return failure(ErrorCode::invalid_request, too_many(name));
        known |= *bit;
      }
    }
    return meanings;
  }
  [[nodiscard]] ClassSet classes(Name name) const { return classes_[name]; }
  [[nodiscard]] const std::vector<std::string_view>& tags(Name name) const { return tags_[name]; }

 private:
  void tags(Name name, const Traffic& traffic) {
    if (name != 0 && tags_[name].empty()) tags_[name] = split_list(traffic.name(name));
  }
  static std::string too_many(std::string_view name) {
    return fmt::format("the ledger's sensitivity class `{}` is one too many: ledger and config have more than {}", name,
                       ClassNames::max_classes);
  }

  std::vector<ClassSet> classes_;
  std::vector<std::vector<std::string_view>> tags_;
};

// Mean tokens of the answers of each route, for requests that were never answered.
class TypicalAnswers {
 public:
  explicit TypicalAnswers(const Traffic& traffic) : by_route_(traffic.names.size()) {
    for (const auto& arrival : traffic.arrivals) {
      if (arrival.outcome != outcome_ok) continue;
      by_route_[arrival.route].add(arrival);
      all_.add(arrival);
    }
  }
  [[nodiscard]] Usage of(const Arrival& arrival) const {
    const auto& route = by_route_[arrival.route];
    const auto& mean = route.answers > 0 ? route : all_;
    const auto share = [&](int64_t sum) { return mean.answers > 0 ? (sum + mean.answers / 2) / mean.answers : 0; };
    Usage usage{.input = arrival.asked_input >= 0 ? arrival.asked_input : share(mean.input),
                .output = share(mean.output),
                .estimated = true};
    if (arrival.asked_output > 0) usage.output = std::min<int64_t>(usage.output, arrival.asked_output);
    return usage;
  }

 private:
  struct Sum {
    int64_t answers = 0;
    int64_t input = 0;
    int64_t output = 0;
    void add(const Arrival& arrival) {
      ++answers;
      input += arrival.input;
      output += arrival.output;
    }
  };
  std::vector<Sum> by_route_;
  Sum all_;
};

// What one attempt will do, known when it begins.
struct Fate {
  int64_t busy_us = 0;
  int64_t first_token_us = 0;
  Outcome outcome = outcome_ok;
  Usage usage;
  bool has_usage = true;
};

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
        typical_(traffic),
        names_(traffic, snapshot),
        rates_(measure_rates(traffic, snapshot)),
        tally_(snapshot, settings, traffic.arrivals.size()),
        assumed_(snapshot.models.size()) {
    make_stations();
    health_.models.resize(snapshot.models.size());
    for (uint32_t model = 0; model < snapshot.models.size(); ++model) {
      if (has_slots(snapshot.models[model].provider)) slotted_.push_back(model);
    }
    tally_.result().answered_by.resize(traffic.arrivals.size(), nobody);
    for (const auto& speed : settings.speeds) {
      rates_[*find_model(snapshot, speed.model)] = ServiceRates{.per_output_us = 1e6 / speed.output_per_s};
    }
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
    auto& result = tally_.result();
    for (uint32_t model = 0; model < assumed_.size(); ++model) {
      if (assumed_[model]) result.assumed.push_back(snapshot_.models[model].id);
    }
    return tally_.finish(traffic_.span_us());
  }

 private:
  [[nodiscard]] bool has_slots(uint32_t provider) const { return snapshot_.providers[provider].slots > 0; }
  [[nodiscard]] uint32_t provider_of(uint32_t model) const { return snapshot_.models[model].provider; }
  [[nodiscard]] uint32_t model_of(const Flight& flight) const { return flight.candidates[flight.at]; }
  [[nodiscard]] const Arrival& arrival_of(const Flight& flight) const { return traffic_.arrivals[flight.arrival]; }

  // A gateway has measured its slots long before the first request of a month: they begin at the mean of the record.
  void make_stations() {
    std::vector<int64_t> uses(snapshot_.providers.size());
    std::vector<int64_t> used_us(snapshot_.providers.size());
    for (const auto& attempt : traffic_.attempts) {
      const auto model = names_.model_of(attempt);
      if (!model || attempt.never_began()) continue;
      ++uses[provider_of(*model)];
      used_us[provider_of(*model)] += attempt.duration_us;
    }
    for (std::size_t i = 0; i < snapshot_.providers.size(); ++i) {
      const auto& provider = snapshot_.providers[i];
      stations_.emplace_back(StationSettings{.slots = std::max<int64_t>(provider.slots, 1),
                                             .waiting_limit = waiting_limit(provider.slots, provider.queue_limit),
                                             .average_use_us = uses[i] == 0 ? 0 : used_us[i] / uses[i]});
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
    const auto plan = decide(facts_, snapshot_, health_);
    if (!plan) return tally_.end({.outcome = outcome_of_error(plan.error().code)});
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
    facts_.stream = arrival.stream;
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
    const auto patience_ms = slot_patience_ms(flight.spill_ms, snapshot_.providers[provider].queue_ms, turn);
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
    flight.fate = fate_of(flight);
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

  // What this candidate did with this request when it was recorded; else what it may be expected to do.
  Fate fate_of(Flight& flight) {
    const auto& arrival = arrival_of(flight);
    const auto model = model_of(flight);
    for (auto i = flight.next_recorded; i < arrival.attempts; ++i) {
      const auto& attempt = traffic_.attempts[arrival.first_attempt + i];
      if (attempt.never_began() || names_.model_of(attempt) != model) continue;
      flight.next_recorded = i + 1;
      return {.busy_us = attempt.duration_us,
              .first_token_us = attempt.first_token_us,
              .outcome = attempt.outcome,
              .usage = {.input = attempt.input, .cached = attempt.cached, .output = attempt.output},
              .has_usage = attempt.has_usage};
    }
    return estimated_fate(arrival, model);
  }

  Fate estimated_fate(const Arrival& arrival, uint32_t model) {
    ++tally_.result().estimated;
    Fate fate{.usage = {.input = arrival.input, .cached = arrival.cached, .output = arrival.output}};
    const bool known = arrival.outcome == outcome_ok;
    if (!known) {
      fate.usage = typical_.of(arrival);
      ++tally_.result().guessed_tokens;
    }
    const auto& rates = rates_[model];
    if (rates) {
      const auto input = fate.usage.input - fate.usage.cached;
      fate.busy_us = rates->busy_us(input, fate.usage.output);
      if (arrival.stream) fate.first_token_us = std::min(rates->busy_us(input, 1), fate.busy_us);
      return fate;
    }
    assumed_[model] = true;
    if (known && arrival.attempts > 0) {
      const auto& answer = traffic_.attempts[arrival.first_attempt + arrival.attempts - 1U];
      fate.busy_us = answer.duration_us;
      fate.first_token_us = answer.first_token_us;
    }
    return fate;
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
    if (is_retried(flight, model)) return try_candidates(id, now_us, std::nullopt);
    try_candidates(id, now_us, code);
  }

  void serve_waiting(JobId id, int64_t now_us) {
    Flight& flight = flights_[id];
    flight.waited_us += now_us - flight.queued_us;
    tally_.waited(provider_of(model_of(flight)));
    begin_service(id, now_us);
  }

  // The record has another try of the same candidate right after this one.
  [[nodiscard]] bool is_retried(const Flight& flight, uint32_t model) const {
    const auto& arrival = arrival_of(flight);
    if (flight.next_recorded == 0 || flight.next_recorded >= arrival.attempts) return false;
    const auto& next = traffic_.attempts[arrival.first_attempt + flight.next_recorded];
    return !next.never_began() && names_.model_of(next) == model;
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
  TypicalAnswers typical_;
  ModelNames names_;
  std::vector<std::optional<ServiceRates>> rates_;  // by model
  Tally tally_;
  std::vector<bool> assumed_;      // by model
  std::vector<Station> stations_;  // by provider
  std::vector<uint32_t> slotted_;  // models whose provider has slots
  RequestFacts facts_;
  HealthView health_;
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

ReplayResult as_recorded(const Traffic& traffic, const Snapshot& snapshot) {
  const ModelNames names(traffic, snapshot);
  const ReplaySettings settings{.name = "as recorded"};
  Tally tally(snapshot, settings, traffic.arrivals.size());
  auto& result = tally.result();
  result.answered_by.resize(traffic.arrivals.size(), nobody);
  for (std::size_t index = 0; index < traffic.arrivals.size(); ++index) {
    const auto& arrival = traffic.arrivals[index];
    if (arrival.classes != 0) ++result.sensitive;
    Ending ending{.outcome = arrival.outcome,
                  .latency_us = arrival.duration_us,
                  .first_token_us = arrival.first_token_us,
                  .cost = arrival.cost,
                  .priced = arrival.priced};
    if (arrival.baseline >= 0) ending.baseline = arrival.baseline;
    for (std::size_t i = 0; i < arrival.attempts; ++i) {
      const auto& attempt = traffic.attempts[arrival.first_attempt + i];
      ending.wait_us += attempt.queue_us;
      const auto model = names.model_of(attempt);
      if (attempt.never_began()) {
        if (i + 1U < arrival.attempts) ending.spilled = true;
        if (model) tally.turned_away(snapshot.models[*model].provider);
        continue;
      }
      if (!model) {
        result.token_cost += attempt.cost;
        continue;
      }
      if (attempt.queue_us > 0) tally.waited(snapshot.models[*model].provider);
      tally.attempt(*model, attempt.duration_us, attempt.cost);
      if (attempt.outcome != outcome_ok || arrival.outcome != outcome_ok) continue;
      tally.answer(*model, {.input = attempt.input, .output = attempt.output});
      result.answered_by[index] = *model;
    }
    tally.end(ending);
  }
  auto recorded = tally.finish(traffic.span_us());
  recorded.answered_local = std::count_if(traffic.arrivals.begin(), traffic.arrivals.end(), [](const Arrival& arrival) {
    return arrival.outcome == outcome_ok && arrival.answered_local;
  });
  return recorded;
}

}  // namespace weir::plan
