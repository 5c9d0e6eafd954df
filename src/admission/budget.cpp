#include "admission/budget.h"

#include <algorithm>
#include <chrono>

#include "ledger/query.h"

namespace weir {
namespace {

constexpr int64_t us_per_day = 86'400'000'000;

MicroDollars left(MicroDollars limit, MicroDollars spent, MicroDollars reserved) {
  return std::max<MicroDollars>(limit - spent - reserved, 0);
}

Error refusal(std::string_view name, MicroDollars limit, MicroDollars spent, MicroDollars reserved,
              MicroDollars estimate, int64_t reset_day, int64_t now_us) {
  const int64_t reset_us = reset_day * us_per_day;
  return {
      .code = ErrorCode::budget_exceeded,
      .message = fmt::format("the key's budget of {} per {} (UTC) is used up: {} spent, {} reserved by running "
                             "requests, {} left, and this request may cost {}; it resets at {}",
                             format_money(limit), name, format_money(spent), format_money(reserved),
                             format_money(left(limit, spent, reserved)), format_money(estimate), format_time(reset_us)),
      .retry_after_ms = (reset_us - now_us + 999) / 1'000};
}

}  // namespace

BudgetPeriod budget_period(int64_t time_us) {
  using namespace std::chrono;
  const auto day = floor<days>(sys_time<microseconds>(microseconds(time_us)));
  const year_month_day date(day);
  const auto month = date.year() / date.month();
  return {.day = day.time_since_epoch().count(),
          .month_start = sys_days(month / 1).time_since_epoch().count(),
          .next_month_start = sys_days((month + months(1)) / 1).time_since_epoch().count()};
}

// Never turns back: a clock that steps back over midnight does not bring yesterday's budget back.
void Budget::turn_to(const BudgetPeriod& period) {
  if (period.day <= period_.day) return;
  day_ = {};
  if (period.month_start != period_.month_start) month_ = {};
  period_ = period;
}

void Budget::add_spent(int64_t day, MicroDollars cost, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  turn_to(budget_period(now_us));
  if (day == period_.day) day_.spent += cost;
  if (day >= period_.month_start) month_.spent += cost;
}

Result<int64_t> Budget::reserve(MicroDollars estimate, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  if (now_us / us_per_day != period_.day) turn_to(budget_period(now_us));
  estimate = std::max<MicroDollars>(estimate, 0);
  const auto fits = [&](MicroDollars limit, const Window& window) {
    return limit <= 0 || estimate <= left(limit, window.spent, window.reserved);
  };
  if (!fits(per_day_, day_)) {
    return failure(refusal("day", per_day_, day_.spent, day_.reserved, estimate, period_.day + 1, now_us));
  }
  if (!fits(per_month_, month_)) {
    return failure(
        refusal("month", per_month_, month_.spent, month_.reserved, estimate, period_.next_month_start, now_us));
  }
  day_.reserved += estimate;
  month_.reserved += estimate;
  return period_.day;
}

void Budget::settle(int64_t day, MicroDollars estimate, MicroDollars cost) {
  estimate = std::max<MicroDollars>(estimate, 0);
  const std::lock_guard lock(mutex_);
  if (day == period_.day) {
    day_.reserved -= estimate;
    day_.spent += cost;
  }
  if (day >= period_.month_start) {
    month_.reserved -= estimate;
    month_.spent += cost;
  }
}

Budget::Standing Budget::standing(int64_t now_us) {
  const std::lock_guard lock(mutex_);
  turn_to(budget_period(now_us));
  return {.spent_today = day_.spent, .spent_this_month = month_.spent, .reserved = month_.reserved};
}

}  // namespace weir
