#include "admission/circuit_breaker.h"

#include <algorithm>

namespace weir {
namespace {

// The control word. `time` means: closed: when it closed; open: until when; half open: when the last probe was let
// through. `growth` is how often the open time doubles the next time it opens.
enum class Phase : uint8_t { closed, open, half_open };
struct Control {
  Phase phase = Phase::closed;
  uint64_t growth = 0;     // 4 bits
  uint64_t under_way = 0;  // 8 bits: probes let through and not recorded as good or bad
  uint64_t good = 0;       // 8 bits: probes recorded as good
  int64_t time = 0;        // 42 bits of milliseconds: 139 years
};

constexpr int64_t slow_refusal_ms = 1'000;
constexpr int64_t first_limit_ms = 1'000;  // where a target does not say for how long; doubles
constexpr int64_t longest_doubling = 5;
constexpr uint64_t max_growth = 15;
constexpr uint64_t max_count = 255;

constexpr uint64_t pack(const Control& control) {
  return static_cast<uint64_t>(control.phase) | std::min(control.growth, max_growth) << 2 |
         std::min(control.under_way, max_count) << 6 | std::min(control.good, max_count) << 14 |
         static_cast<uint64_t>(control.time) << 22;
}
constexpr Control unpack(uint64_t word) {
  return {.phase = static_cast<Phase>(word & 3),
          .growth = word >> 2 & max_growth,
          .under_way = word >> 6 & max_count,
          .good = word >> 14 & max_count,
          .time = static_cast<int64_t>(word >> 22)};
}

// One bucket of the window: which bucket of time it counts, and the counts. When one is full all are halved, which
// keeps the rates.
struct Bucket {
  uint64_t epoch = 0;  // 22 bits
  uint64_t calls = 0;  // 14 bits, as the next two
  uint64_t failures = 0;
  uint64_t slow = 0;
};
constexpr uint64_t epoch_mask = (1U << 22) - 1;
constexpr uint64_t bucket_max = (1U << 14) - 1;

constexpr uint64_t pack(const Bucket& bucket) {
  return bucket.epoch | bucket.calls << 22 | bucket.failures << 36 | bucket.slow << 50;
}
constexpr Bucket unpack_bucket(uint64_t word) {
  return {.epoch = word & epoch_mask,
          .calls = word >> 22 & bucket_max,
          .failures = word >> 36 & bucket_max,
          .slow = word >> 50};
}

// splitmix64: spreads the reopening of many gateways that saw the same failure.
constexpr uint64_t scatter(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

bool admits_probe(const Control& control, const BreakerSettings& settings, int64_t now_ms) {
  return control.under_way < static_cast<uint64_t>(settings.probes) ||
         now_ms - control.time >= settings.probe_interval_ms;
}

}  // namespace

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
    case BreakerState::down:
      return "down";
  }
  return "closed";
}

CallOutcome outcome_of(ErrorCode code, const CallFacts& facts) {
  if (code == ErrorCode::upstream_timeout) return CallOutcome::silence;
  // A connection that nobody refuses and nobody takes.
  if (code == ErrorCode::upstream_unreachable && facts.took_ms >= slow_refusal_ms) return CallOutcome::silence;
  // 502 to 504 and 529 speak of the server; what another error speaks of, nobody knows.
  if (code == ErrorCode::upstream_server_error && facts.http_status <= 501) return CallOutcome::doubtful;
  if (rule_of(code).blames_target) return CallOutcome::failure;
  switch (code) {
    case ErrorCode::unsupported:
    case ErrorCode::upstream_rejected:
    case ErrorCode::context_overflow:
    case ErrorCode::content_filtered:
      return CallOutcome::success;  // it answered, and knew what it said
    default:
      return CallOutcome::ignored;
  }
}

CircuitBreaker::CircuitBreaker(BreakerSettings settings)
    : settings_(settings),
      bucket_ms_(std::max<int64_t>(settings.window_ms / static_cast<int64_t>(buckets), 1)),
      control_(pack(Control{})),
      last_good_ms_(-settings.doubt_ms) {}

Permit CircuitBreaker::allow(int64_t now_ms) {
  if (down_.load(std::memory_order_relaxed)) return Permit::no;
  auto limited = limited_until_ms_.load(std::memory_order_relaxed);
  if (limited != 0) {
    // Its time has passed: one goes to see, the others follow when that one was answered.
    if (now_ms < limited) return Permit::no;
    const auto next = now_ms + settings_.probe_interval_ms;
    if (!limited_until_ms_.compare_exchange_strong(limited, next, std::memory_order_acq_rel)) return Permit::no;
    limit_tried_.store(true, std::memory_order_relaxed);
  }
  uint64_t seen = control_.load(std::memory_order_relaxed);
  for (;;) {
    const Control control = unpack(seen);
    if (control.phase == Phase::closed) return Permit::yes;
    Control wanted{.phase = Phase::half_open, .growth = control.growth, .under_way = 1, .time = now_ms};
    if (control.phase == Phase::open) {
      if (now_ms < control.time) return Permit::no;
    } else {
      if (!admits_probe(control, settings_, now_ms)) return Permit::no;
      wanted.under_way = control.under_way + 1;
      wanted.good = control.good;
    }
    if (control_.compare_exchange_weak(seen, pack(wanted), std::memory_order_acq_rel)) return Permit::probe;
  }
}

bool CircuitBreaker::available(int64_t now_ms) const {
  if (down_.load(std::memory_order_relaxed) || limited_ms(now_ms) > 0) return false;
  const Control control = unpack(control_.load(std::memory_order_relaxed));
  switch (control.phase) {
    case Phase::closed:
      return true;
    case Phase::open:
      return now_ms >= control.time;
    case Phase::half_open:
      return admits_probe(control, settings_, now_ms);
  }
  return true;
}

void CircuitBreaker::record(Permit permit, CallOutcome outcome, int64_t now_ms, uint64_t request) {
  if (permit == Permit::no || outcome == CallOutcome::ignored) return;
  const bool good = outcome == CallOutcome::success || outcome == CallOutcome::slow;
  if (good) forgive(now_ms);
  if (!good) was_silent_.store(outcome == CallOutcome::silence, std::memory_order_relaxed);
  if (permit == Permit::probe) return record_probe(outcome, now_ms);
  if (!good) return record_bad(outcome, now_ms, request);
  count(outcome, Counted::call, now_ms);
  // Only a bad call can raise a rate.
  if (outcome == CallOutcome::slow && rates_exceeded(now_ms)) trip(now_ms);
}

// It answered: nothing that came in a row goes on.
void CircuitBreaker::forgive(int64_t now_ms) {
  // Now and then is exact enough, and spares the loops a line of cache that all of them write.
  if (now_ms - last_good_ms_.load(std::memory_order_relaxed) >= settings_.doubt_ms / 8) {
    last_good_ms_.store(now_ms, std::memory_order_relaxed);
  }
  const auto clear = [](auto& value) {
    if (value.load(std::memory_order_relaxed) != 0) value.store(0, std::memory_order_relaxed);
  };
  clear(failures_in_row_);
  clear(silences_in_row_);
  clear(last_doubtful_);
  if (!limit_tried_.load(std::memory_order_relaxed)) return;
  limit_tried_.store(false, std::memory_order_relaxed);
  limited_until_ms_.store(0, std::memory_order_relaxed);
  limits_in_row_.store(0, std::memory_order_relaxed);
}

void CircuitBreaker::record_bad(CallOutcome outcome, int64_t now_ms, uint64_t request) {
  const bool doubtful = outcome == CallOutcome::doubtful;
  // Another try of one request says nothing new, and what may be its own fault is no rate of the target's.
  if (doubtful && request != 0 && last_doubtful_.exchange(request, std::memory_order_relaxed) == request) return;
  if (!doubtful) count(CallOutcome::failure, Counted::call, now_ms);
  const auto reaches = [](std::atomic<int64_t>& in_row, int64_t limit) {
    return in_row.fetch_add(1, std::memory_order_relaxed) + 1 >= limit && limit > 0;
  };
  const bool silent = outcome == CallOutcome::silence && reaches(silences_in_row_, settings_.silences_in_row);
  const bool doubted = doubtful && now_ms - last_good_ms_.load(std::memory_order_relaxed) < settings_.doubt_ms;
  const bool failing = reaches(failures_in_row_, settings_.failures_in_row) && !doubted;
  if (silent || failing || (!doubtful && rates_exceeded(now_ms))) trip(now_ms);
}

void CircuitBreaker::broke(int64_t now_ms) {
  count(CallOutcome::failure, Counted::again, now_ms);
  const auto in_row = breaks_in_row_.fetch_add(1, std::memory_order_relaxed) + 1;
  const bool row = settings_.breaks_in_row > 0 && in_row >= settings_.breaks_in_row;
  if (row || rates_exceeded(now_ms)) trip(now_ms);
}

void CircuitBreaker::ended() {
  if (breaks_in_row_.load(std::memory_order_relaxed) != 0) breaks_in_row_.store(0, std::memory_order_relaxed);
}

void CircuitBreaker::limit(int64_t for_ms, int64_t now_ms) {
  auto until = limited_until_ms_.load(std::memory_order_relaxed);
  const bool tried = limit_tried_.exchange(false, std::memory_order_relaxed);
  // Those who were under way together say it together: once is once.
  const bool known = now_ms < until && !tried;
  if (for_ms <= 0) {
    if (known) return;
    const auto doubled = std::min(limits_in_row_.fetch_add(1, std::memory_order_relaxed), longest_doubling);
    for_ms = first_limit_ms << doubled;
  }
  const auto wanted = now_ms + for_ms;
  while ((tried || until < wanted) &&
         !limited_until_ms_.compare_exchange_weak(until, wanted, std::memory_order_acq_rel)) {
  }
}

int64_t CircuitBreaker::limited_ms(int64_t now_ms) const {
  return std::max<int64_t>(limited_until_ms_.load(std::memory_order_relaxed) - now_ms, 0);
}

int64_t CircuitBreaker::retry_in_ms(int64_t now_ms) const {
  const auto limited = limited_ms(now_ms);
  const Control control = unpack(control_.load(std::memory_order_relaxed));
  switch (control.phase) {
    case Phase::closed:
      return limited;
    case Phase::open:
      return std::max(limited, std::max<int64_t>(control.time - now_ms, 0));
    case Phase::half_open:
      if (admits_probe(control, settings_, now_ms)) return limited;
      return std::max(limited, control.time + settings_.probe_interval_ms - now_ms);
  }
  return limited;
}

int64_t CircuitBreaker::growth() const {
  return static_cast<int64_t>(unpack(control_.load(std::memory_order_relaxed)).growth);
}

void CircuitBreaker::record_probe(CallOutcome outcome, int64_t now_ms) {
  uint64_t seen = control_.load(std::memory_order_relaxed);
  for (;;) {
    const Control control = unpack(seen);
    if (control.phase != Phase::half_open) return;  // another probe has decided
    Control wanted = control;
    const bool good = outcome == CallOutcome::success;
    const bool closes = good && control.good + 1 >= static_cast<uint64_t>(settings_.successes_to_close);
    if (closes) {
      wanted = {.phase = Phase::closed, .growth = control.growth, .time = now_ms};
    } else if (good) {
      wanted.good = control.good + 1;
      wanted.under_way = control.under_way - std::min<uint64_t>(control.under_way, 1);
    } else if (outcome == CallOutcome::doubtful) {  // perhaps this request's own fault: the next one may tell soon
      wanted = {.phase = Phase::open, .growth = control.growth, .time = now_ms + open_for(1, now_ms)};
    } else {
      wanted = {.phase = Phase::open, .growth = control.growth + 1, .time = now_ms + open_for(control.growth, now_ms)};
    }
    if (closes) forget_calls();  // before it closes: what comes after counts from zero
    if (!control_.compare_exchange_weak(seen, pack(wanted), std::memory_order_acq_rel)) continue;
    if (wanted.phase == Phase::open) times_opened_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

CallOutcome CircuitBreaker::timed(int64_t first_token_ms) const {
  return settings_.slow_ms > 0 && first_token_ms > settings_.slow_ms ? CallOutcome::slow : CallOutcome::success;
}

void CircuitBreaker::note_first_token(int64_t first_token_ms) {
  if (first_token_ms <= 0) return;
  // Two loops may overwrite each other's update: one sample less in an average.
  const auto usual = usual_ms_.load(std::memory_order_relaxed);
  usual_ms_.store(usual == 0 ? first_token_ms : usual + (first_token_ms - usual) / 8, std::memory_order_relaxed);
}

void CircuitBreaker::mark_down() { down_.store(true, std::memory_order_relaxed); }

void CircuitBreaker::mark_up(int64_t now_ms) {
  if (!down_.load(std::memory_order_relaxed)) return;
  const Control control = unpack(control_.load(std::memory_order_relaxed));
  control_.store(pack(Control{.phase = Phase::half_open, .growth = control.growth, .time = now_ms}),
                 std::memory_order_relaxed);
  down_.store(false, std::memory_order_release);
}

BreakerState CircuitBreaker::state(int64_t now_ms) const {
  if (down_.load(std::memory_order_relaxed)) return BreakerState::down;
  const Control control = unpack(control_.load(std::memory_order_relaxed));
  switch (control.phase) {
    case Phase::closed:
      return BreakerState::closed;
    case Phase::open:
      return now_ms < control.time ? BreakerState::open : BreakerState::half_open;
    case Phase::half_open:
      return BreakerState::half_open;
  }
  return BreakerState::closed;
}

void CircuitBreaker::count(CallOutcome outcome, Counted counted, int64_t now_ms) {
  const auto epoch = static_cast<uint64_t>(now_ms / bucket_ms_);
  std::atomic<uint64_t>& word = window_[epoch % buckets];
  uint64_t seen = word.load(std::memory_order_relaxed);
  for (;;) {
    Bucket bucket = unpack_bucket(seen);
    if (bucket.epoch != (epoch & epoch_mask)) bucket = {.epoch = epoch & epoch_mask};
    if (bucket.calls == bucket_max) {
      bucket.calls /= 2;
      bucket.failures /= 2;
      bucket.slow /= 2;
    }
    if (counted == Counted::call || bucket.calls == bucket.failures + bucket.slow) ++bucket.calls;
    if (outcome == CallOutcome::failure) ++bucket.failures;
    if (outcome == CallOutcome::slow) ++bucket.slow;
    if (word.compare_exchange_weak(seen, pack(bucket), std::memory_order_relaxed)) return;
  }
}

bool CircuitBreaker::rates_exceeded(int64_t now_ms) const {
  const auto epoch = static_cast<uint64_t>(now_ms / bucket_ms_);
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t slow = 0;
  for (const auto& word : window_) {
    const Bucket bucket = unpack_bucket(word.load(std::memory_order_relaxed));
    if (((epoch - bucket.epoch) & epoch_mask) >= buckets) continue;
    calls += bucket.calls;
    failures += bucket.failures;
    slow += bucket.slow;
  }
  if (calls < static_cast<uint64_t>(settings_.minimum_calls)) return false;
  const auto all = static_cast<double>(calls);
  return static_cast<double>(failures) >= settings_.failure_rate * all ||
         static_cast<double>(slow) >= settings_.slow_rate * all;
}

void CircuitBreaker::trip(int64_t now_ms) {
  uint64_t seen = control_.load(std::memory_order_relaxed);
  for (;;) {
    const Control control = unpack(seen);
    if (control.phase != Phase::closed) return;  // a late call of before
    // Opening again soon after closing goes on growing; a window of good service starts anew.
    const uint64_t growth = now_ms - control.time < settings_.window_ms ? control.growth : 0;
    const Control wanted{.phase = Phase::open, .growth = growth + 1, .time = now_ms + open_for(growth, now_ms)};
    if (!control_.compare_exchange_weak(seen, pack(wanted), std::memory_order_acq_rel)) continue;
    times_opened_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

int64_t CircuitBreaker::open_for(uint64_t growth, int64_t now_ms) const {
  const int64_t grown = settings_.open_ms << std::min<uint64_t>(growth, max_growth);
  const int64_t longest = std::min(grown, settings_.open_max_ms);
  const uint64_t dice = scatter(static_cast<uint64_t>(now_ms) ^ times_opened() << 48);
  return longest - longest / 4 * static_cast<int64_t>(dice % 1024) / 1024;
}

void CircuitBreaker::forget_calls() {
  failures_in_row_.store(0, std::memory_order_relaxed);
  for (auto& word : window_) word.store(0, std::memory_order_relaxed);
}

}  // namespace weir
