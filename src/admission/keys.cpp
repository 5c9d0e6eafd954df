#include "admission/keys.h"

#include <algorithm>

#include "admission/key_prefix.h"
#include "core/http.h"
#include "core/saturating.h"
#include "ledger/query.h"

namespace weir {
namespace {

constexpr int64_t longest_month = 31;  // days

// The same key with the same limits: then its counters go on.
bool same_limits(const KeyRecord& a, const KeyRecord& b) {
  return a.id == b.id && a.requests_per_minute == b.requests_per_minute && a.tokens_per_minute == b.tokens_per_minute &&
         a.budget_per_day == b.budget_per_day && a.budget_per_month == b.budget_per_month;
}

Error limit_error(const KeyRecord& key, const RateLimit& limit, std::string_view unit, int64_t amount,
                  const RateLimit::Answer& answer) {
  auto message = fmt::format("key `{}` is limited to {} {} per minute", key.name, limit.per_minute(), unit);
  if (answer.retry_after_us == 0) {
    message += fmt::format("; this request alone needs about {}: make it shorter, or raise the key's limit", amount);
  } else {
    message += fmt::format("; try again in {:.1f} s", static_cast<double>(answer.retry_after_us) / 1e6);
  }
  return {.code = ErrorCode::rate_limited,
          .message = std::move(message),
          .retry_after_ms = (answer.retry_after_us + 999) / 1'000};
}

}  // namespace

KeyMeter::KeyMeter(const KeyRecord& record)
    : requests(record.requests_per_minute),
      tokens(record.tokens_per_minute),
      budget(record.budget_per_day, record.budget_per_month) {}

bool KeyMeter::limited() const { return requests.per_minute() > 0 || tokens.per_minute() > 0 || budget.limited(); }

bool KeyState::may_use(std::string_view route_or_model) const {
  return record.routes.empty() ||
         std::find(record.routes.begin(), record.routes.end(), route_or_model) != record.routes.end();
}

Reservation::Reservation(Reservation&& other) noexcept
    : meter_(std::move(other.meter_)), tokens_(other.tokens_), day_(other.day_), cost_(other.cost_) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  settle(0, 0);
  meter_ = std::move(other.meter_);
  tokens_ = other.tokens_;
  day_ = other.day_;
  cost_ = other.cost_;
  return *this;
}

void Reservation::settle(int64_t tokens, MicroDollars cost) {
  const auto meter = std::exchange(meter_, nullptr);
  if (!meter) return;
  meter->tokens.give_back(saturating_subtract(tokens_, tokens));
  if (meter->budget.limited()) meter->budget.settle(day_, cost_, cost);
}

Result<Reservation> admit(const KeyState& key, const Demand& demand, const Moment& now) {
  auto& meter = *key.meter;
  if (!meter.limited()) return Reservation{};
  if (const auto answer = meter.requests.take(1, now.steady_us); !answer.granted) {
    return failure(limit_error(key.record, meter.requests, "requests", 1, answer));
  }
  auto reservation = reserve_more(key, demand, now);
  if (!reservation) meter.requests.give_back(1);
  return reservation;
}

Result<Reservation> reserve_more(const KeyState& key, const Demand& demand, const Moment& now) {
  Reservation reservation;
  auto& meter = *key.meter;
  if (!meter.limited()) return reservation;
  const auto tokens = std::max<int64_t>(demand.tokens, 0);
  if (const auto answer = meter.tokens.take(tokens, now.steady_us); !answer.granted) {
    return failure(limit_error(key.record, meter.tokens, "tokens", tokens, answer));
  }
  if (meter.budget.limited()) {
    const auto day = meter.budget.reserve(demand.cost, now.wall_us);
    if (!day) {
      meter.tokens.give_back(tokens);
      auto error = day.error();
      error.message = fmt::format("key `{}`: {}", key.record.name, error.message);
      return failure(std::move(error));
    }
    reservation.day_ = *day;
  }
  reservation.meter_ = key.meter;
  reservation.tokens_ = tokens;
  reservation.cost_ = demand.cost;
  return reservation;
}

std::size_t KeyRing::HashOfHash::operator()(const KeyHash& hash) const {
  std::size_t start = 0;  // SHA-256 spreads already
  std::memcpy(&start, hash.data(), sizeof start);
  return start;
}

KeyRing::KeyRing() : table_(std::make_shared<const Table>()) {}

std::shared_ptr<const KeyRing::Table> KeyRing::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

bool KeyRing::empty() const { return in_use_.load(std::memory_order_relaxed) == 0; }

std::vector<std::shared_ptr<KeyState>> KeyRing::active() const {
  std::vector<std::shared_ptr<KeyState>> states;
  for (const auto& [hash, state] : *table()) {
    if (state->record.revoked_us == 0) states.push_back(state);
  }
  return states;
}

Result<bool> KeyRing::reload_if_changed(Store& store, int64_t now_us) {
  const auto version = store.keys_version();
  if (!version) return failure(version.error());
  if (*version == store_version_) return false;
  auto keys = store.keys();
  if (!keys) return failure(keys.error());
  // Of the last month too: the clock may be set back over its end.
  const auto spending = store.spending(budget_period(now_us).month_start - longest_month);
  if (!spending) return failure(spending.error());

  const auto old = table();
  auto fresh = std::make_shared<Table>();
  std::size_t used = 0;
  for (auto& record : *keys) {
    const auto known = old->find(record.hash);
    auto state = std::make_shared<KeyState>();
    if (known != old->end() && same_limits(known->second->record, record)) {
      state->meter = known->second->meter;
    } else {
      state->meter = std::make_shared<KeyMeter>(record);
      for (const auto& spent : *spending) {
        if (spent.key_id == record.id) state->meter->budget.add_spent(spent.day, spent.cost);
      }
    }
    const auto hash = record.hash;
    used += record.revoked_us == 0 ? 1 : 0;
    state->record = std::move(record);
    fresh->emplace(hash, std::move(state));
  }
  // Keys that vanish from the store (deleted by hand, another file in its place) close the gate, they do not open it.
  const bool needed = required() || !fresh->empty();
  {
    const std::lock_guard lock(mutex_);
    table_ = std::move(fresh);
  }
  generation_.fetch_add(1, std::memory_order_release);
  in_use_.store(used, std::memory_order_relaxed);
  required_.store(needed, std::memory_order_relaxed);
  store_version_ = *version;
  return true;
}

Result<std::shared_ptr<KeyState>> KeyRing::View::authenticate(std::string_view authorization) {
  // The generation is read before the table: at worst the table is newer, and is taken once more.
  if (const auto now = ring_.generation_.load(std::memory_order_acquire); now != generation_) {
    table_ = ring_.table();
    generation_ = now;
  }
  constexpr std::string_view scheme = "bearer ";
  if (equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) authorization.remove_prefix(scheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  while (authorization.ends_with(' ')) authorization.remove_suffix(1);
  if (authorization.empty()) {
    return failure(ErrorCode::unauthorized,
                   "a key is needed: send `Authorization: Bearer wk-…`; `weir keys create --name NAME` makes one");
  }
  if (!authorization.starts_with(key_prefix)) {
    return failure(ErrorCode::unauthorized,
                   "that is no key of this gateway: keys start with `wk-`; providers' own keys belong into its config");
  }
  const std::string_view none_left =
      ring_.empty() ? "; no key is in use here any more: `weir keys create --name NAME` makes one" : "";
  const auto found = table_->find(hasher_.hash(authorization));
  if (found == table_->end()) {
    return failure(ErrorCode::unauthorized,
                   fmt::format("this key is not known here; `weir keys list` shows those that are{}", none_left));
  }
  if (const auto& key = found->second->record; key.revoked_us != 0) {
    return failure(ErrorCode::unauthorized,
                   fmt::format("key `{}` was revoked at {}{}", key.name, format_time(key.revoked_us), none_left));
  }
  return found->second;
}

}  // namespace weir
