#include "economics/replay/replay_facts.h"

#include <algorithm>

#include "core/text_list.h"

namespace weir::plan {

bool refused_for_good(const Arrival& arrival) {
  if (arrival.outcome == outcome_of_error(ErrorCode::rate_limited)) return true;
  if (arrival.outcome == outcome_of_error(ErrorCode::budget_exceeded)) return true;
  if (arrival.asked_input >= 0 || arrival.attempts > 0 || arrival.outcome == outcome_ok) return false;
  switch (static_cast<ErrorCode>(arrival.outcome)) {  // what older versions, which kept no facts, decided anew
    case ErrorCode::unknown_model:
    case ErrorCode::zone_refused:
    case ErrorCode::content_blocked:
    case ErrorCode::no_target:
      return false;
    default:
      return true;
  }
}

int64_t own_time_us(const Arrival& arrival, const Traffic& traffic) {
  int64_t rest = arrival.duration_us;
  for (std::size_t i = 0; i < arrival.attempts; ++i) {
    const auto& attempt = traffic.attempts[arrival.first_attempt + i];
    rest -= attempt.never_began() ? attempt.duration_us : attempt.queue_us + attempt.duration_us;
  }
  return std::max<int64_t>(rest, 0);
}

Result<Meanings> Meanings::read(const Traffic& traffic, Snapshot& snapshot) {
  Meanings meanings;
  meanings.classes_.resize(traffic.names.size());
  meanings.tags_.resize(traffic.names.size());
  for (const auto& arrival : traffic.arrivals) {
    auto& tags = meanings.tags_[arrival.tags];
    if (arrival.tags != 0 && tags.empty()) tags = split_list(traffic.name(arrival.tags));
    auto& known = meanings.classes_[arrival.classes];
    if (arrival.classes == 0 || known != 0) continue;
    for (const auto name : split_list(traffic.name(arrival.classes))) {
      const auto bit = snapshot.classes.add(name);
      if (!bit) {
        return failure(
            ErrorCode::invalid_request,
            fmt::format("the ledger's sensitivity class `{}` cannot be kept apart: it is no name of a class, "
                        "or ledger and config have more than {} together",
                        name, ClassNames::max_classes));
      }
      known |= *bit;
    }
  }
  return meanings;
}

TypicalAnswers::TypicalAnswers(const Traffic& traffic) : by_route_(traffic.names.size()) {
  for (const auto& arrival : traffic.arrivals) {
    if (arrival.outcome != outcome_ok) continue;
    by_route_[arrival.route].add(arrival);
    all_.add(arrival);
  }
}

Usage TypicalAnswers::of(const Arrival& arrival) const {
  const auto& route = by_route_[arrival.route];
  const auto& mean = route.answers > 0 ? route : all_;
  const auto share = [&](int64_t sum) { return mean.answers > 0 ? (sum + mean.answers / 2) / mean.answers : 0; };
  Usage usage{.input = arrival.asked_input >= 0 ? arrival.asked_input : share(mean.input),
              .output = share(mean.output),
              .estimated = true};
  if (arrival.asked_output > 0) usage.output = std::min<int64_t>(usage.output, arrival.asked_output);
  return usage;
}

void TypicalAnswers::Sum::add(const Arrival& arrival) {
  ++answers;
  input += arrival.input;
  output += arrival.output;
}

}  // namespace weir::plan
