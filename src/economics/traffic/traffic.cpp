#include "economics/traffic/traffic.h"

#include <algorithm>
#include <limits>

#include "ledger/query.h"

namespace weir::plan {
namespace {

// Places in the cache of last seen texts, one per column.
enum Column : std::size_t {
  caller,
  key,
  route,
  requested,
  classes,
  tags,
  model,
  task,
  attempt_model,
  attempt_provider
};

}  // namespace

Outcome outcome_of_name(std::string_view name) {
  if (name == "ok") return outcome_ok;
  for (std::size_t i = 0; i < static_cast<std::size_t>(ErrorCode::count_); ++i) {
    if (to_string(static_cast<ErrorCode>(i)) == name) return static_cast<Outcome>(i);
  }
  return outcome_of_error(ErrorCode::internal);
}

Name TrafficReader::intern(std::string_view text, Seen& last) {
  if (last.text == text) return last.name;
  if (text.empty()) {
    last = {};
    return 0;
  }
  auto found = index_.find(text);
  if (found == index_.end()) {
    const auto& owned = owned_.emplace_back(text);
    found = index_.emplace(owned, static_cast<Name>(owned_.size())).first;
  }
  last = {.text = found->first, .name = found->second};
  return found->second;
}

int32_t TrafficReader::narrow(int64_t tokens, std::string_view what) {
  if (tokens >= 0 && tokens <= std::numeric_limits<int32_t>::max()) return static_cast<int32_t>(tokens);
  if (trouble_.empty()) {
    trouble_ = fmt::format("the request of {} is recorded with {} {}: no gateway writes that, the ledger is damaged",
                           format_time(row_time_us_), tokens, what);
  }
  return 0;
}

void TrafficReader::request(const ScannedRequest& row) {
  row_time_us_ = row.time_us;
  if (row.sandbox) {  // no real traffic, no real money
    ++traffic_.sandbox;
    return;
  }
  if (row.experiment.ends_with(":shadow")) return;  // asked by an experiment, not by a caller
  auto& arrival = traffic_.arrivals.emplace_back();
  arrival.time_us = row.time_us;
  arrival.duration_us = row.duration_us;
  arrival.first_token_us = row.first_token_us;
  arrival.cost = row.cost;
  arrival.baseline = row.baseline_cost.value_or(-1);
  if (row.asked.known) {
    arrival.asked_input = narrow(row.asked.input_tokens, "estimated tokens");
    // A client may write any number into max_tokens: beyond two thousand million it is as good as none.
    arrival.asked_output =
        static_cast<int32_t>(std::clamp<int64_t>(row.asked.output_tokens, 0, std::numeric_limits<int32_t>::max()));
    arrival.choices = static_cast<uint16_t>(std::clamp<int64_t>(row.asked.choices, 1, UINT16_MAX));
    arrival.has_tools = row.asked.has_tools;
    arrival.has_images = row.asked.has_images;
    arrival.has_files = row.asked.has_files;
    arrival.has_audio = row.asked.has_audio;
  }
  arrival.input = narrow(row.usage.input, "input tokens");
  arrival.cached = narrow(row.usage.cached, "cached tokens");
  arrival.output = narrow(row.usage.output, "output tokens");
  arrival.caller = intern(row.caller, last_[Column::caller]);
  arrival.key = intern(row.key_id, last_[Column::key]);
  arrival.route = intern(row.route, last_[Column::route]);
  arrival.requested = intern(row.requested, last_[Column::requested]);
  arrival.classes = intern(row.classes, last_[Column::classes]);
  arrival.tags = intern(row.tags, last_[Column::tags]);
  arrival.model = intern(row.model, last_[Column::model]);
  arrival.task = intern(row.task, last_[Column::task]);
  arrival.difficulty = static_cast<float>(row.difficulty);
  arrival.attempts = static_cast<uint16_t>(std::min<int64_t>(row.attempts, UINT16_MAX));
  arrival.operation = row.operation;
  arrival.outcome = outcome_of_name(row.outcome);
  arrival.stream = row.stream;
  arrival.priced = row.priced;
  arrival.answered_local = row.zone.starts_with("local");
  first_numbers_.push_back(row.first_attempt);
  if (row.attempts > 0) {
    first_number_ = std::min(first_number_, row.first_attempt);
    end_number_ = std::max(end_number_, row.first_attempt + row.attempts);
  }
}

void TrafficReader::attempt(const ScannedAttempt& row) {
  if (row.number < first_number_ || row.number >= end_number_) return;
  const auto place = static_cast<std::size_t>(row.number - first_number_);
  auto& attempts = traffic_.attempts;
  if (place >= attempts.size()) attempts.resize(place + 1);
  auto& attempt = attempts[place];
  attempt.started_us = row.started_us;
  attempt.queue_us = row.queue_us;
  attempt.duration_us = row.duration_us;
  attempt.first_token_us = row.first_token_us;
  attempt.cost = row.cost;
  attempt.input = narrow(row.usage.input, "input tokens");
  attempt.cached = narrow(row.usage.cached, "cached tokens");
  attempt.output = narrow(row.usage.output, "output tokens");
  attempt.model = intern(row.model, last_[Column::attempt_model]);
  attempt.provider = intern(row.provider, last_[Column::attempt_provider]);
  attempt.http_status = static_cast<int16_t>(row.http_status);
  attempt.outcome = outcome_of_name(row.outcome);
  attempt.has_usage = row.usage.known || row.usage.estimated;
}

Result<Traffic> TrafficReader::take(int64_t until_us) {
  if (!trouble_.empty()) return failure(ErrorCode::invalid_request, trouble_);
  for (std::size_t i = 0; i < traffic_.arrivals.size(); ++i) {
    auto& arrival = traffic_.arrivals[i];
    if (arrival.attempts == 0) continue;
    const auto place = first_numbers_[i] - first_number_;
    if (place + arrival.attempts > static_cast<int64_t>(traffic_.attempts.size())) {
      return failure(ErrorCode::invalid_request, fmt::format("attempts of the request of {} are missing in the ledger",
                                                             format_time(arrival.time_us)));
    }
    arrival.first_attempt = static_cast<uint32_t>(place);
  }
  const auto earlier = [](const Arrival& a, const Arrival& b) { return a.time_us < b.time_us; };
  auto& arrivals = traffic_.arrivals;
  if (!std::is_sorted(arrivals.begin(), arrivals.end(), earlier)) {
    std::stable_sort(arrivals.begin(), arrivals.end(), earlier);
  }
  for (auto& name : owned_) traffic_.names.push_back(std::move(name));
  traffic_.since_us = std::max(query_.since_us, oldest_us_);
  traffic_.until_us = std::max(until_us, traffic_.since_us);
  if (!arrivals.empty()) {
    // A clock that was set back must not make the span shorter than what is in it.
    traffic_.since_us = std::min(traffic_.since_us, arrivals.front().time_us);
    traffic_.until_us = std::max(traffic_.until_us, arrivals.back().time_us);
  }
  return std::move(traffic_);
}

std::string format_span(int64_t span_us) {
  const double seconds = static_cast<double>(span_us) / 1e6;
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.3g} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{:.3g} h", seconds / 3600);
  return fmt::format("{:.3g} days", seconds / 86'400);
}

}  // namespace weir::plan
