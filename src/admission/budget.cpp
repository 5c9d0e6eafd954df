#include "admission/budget.h"

#include <algorithm>
#include <chrono>

#include "core/saturating.h"
#include "ledger/query.h"

namespace weir {
namespace {

constexpr int64_t us_per_day = 86'400'000'000;

constexpr std::size_t most_days = 128;  // four months: what is older is over, also for requests that end late

MicroDollars left(MicroDollars limit, MicroDollars spent, MicroDollars reserved) {
  return std::max<MicroDollars>(limit - std::min(saturating_add(spent, reserved), limit), 0);
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

Budget::Account Budget::of_day(int64_t day) const {
  const auto found = days_.find(day);
  return found == days_.end() ? Account{} : found->second;
}

Budget::Account Budget::of_month(const BudgetPeriod& period) const {
  Account sum;
  const auto end = days_.lower_bound(period.next_month_start);
  for (auto day = days_.lower_bound(period.month_start); day != end; ++day) {
    sum.spent = saturating_add(sum.spent, day->second.spent);
    sum.reserved = saturating_add(sum.reserved, day->second.reserved);
  }
  return sum;
}

Budget::Account& Budget::account(int64_t day) {
  if (days_.size() >= most_days && !days_.contains(day)) days_.erase(days_.begin());
  return days_[day];
}

void Budget::add_spent(int64_t day, MicroDollars cost) {
  const std::lock_guard lock(mutex_);
  auto& spent = account(day).spent;
  spent = saturating_add(spent, std::max<MicroDollars>(cost, 0));
}

Result<int64_t> Budget::reserve(MicroDollars estimate, int64_t now_us) {
  const auto period = budget_period(now_us);
  const std::lock_guard lock(mutex_);
  estimate = std::max<MicroDollars>(estimate, 0);
  const auto fits = [&](MicroDollars limit, const Account& used) {
    return limit <= 0 || estimate <= left(limit, used.spent, used.reserved);
  };
  if (const auto used = of_day(period.day); !fits(per_day_, used)) {
    return failure(refusal("day", per_day_, used.spent, used.reserved, estimate, period.day + 1, now_us));
  }
  if (const auto used = of_month(period); !fits(per_month_, used)) {
    return failure(refusal("month", per_month_, used.spent, used.reserved, estimate, period.next_month_start, now_us));
  }
  auto& reserved = account(period.day).reserved;
  reserved = saturating_add(reserved, estimate);
  return period.day;
}

void Budget::settle(int64_t day, MicroDollars estimate, MicroDollars cost) {
  const std::lock_guard lock(mutex_);
  auto& used = account(day);
  used.reserved = std::max<MicroDollars>(used.reserved - std::max<MicroDollars>(estimate, 0), 0);
  used.spent = saturating_add(used.spent, std::max<MicroDollars>(cost, 0));
}

double Budget::left_share(int64_t now_us) const {
  if (!limited()) return 1;
  const auto period = budget_period(now_us);
  const std::lock_guard lock(mutex_);
  const auto share = [&](MicroDollars limit, const Account& used) {
    return limit <= 0 ? 1.0
                      : static_cast<double>(std::max<MicroDollars>(left(limit, used.spent, used.reserved), 0)) /
                            static_cast<double>(limit);
  };
  return std::min(share(per_day_, of_day(period.day)), share(per_month_, of_month(period)));
}

Budget::Standing Budget::standing(int64_t now_us) const {
  const auto period = budget_period(now_us);
  const std::lock_guard lock(mutex_);
  const auto month = of_month(period);
  return {.spent_today = of_day(period.day).spent, .spent_this_month = month.spent, .reserved = month.reserved};
}

}  // namespace weir
