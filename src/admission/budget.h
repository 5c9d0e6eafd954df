// Budget: what one key may spend in a UTC day and a UTC month. An estimate is reserved before the request and settled
// after it, so that requests racing each other cannot overrun: a reservation counts as spent until it is settled. As
// long as no request costs more than its estimate, the sum of what was settled never exceeds the budget.
//
// A request counts for the day and month in which it started, as in the ledger. Each day has an account of its own and
// a month is the sum of its days: a clock that steps, whichever way, brings nothing back and uses nothing up. Safe from
// any thread; a small mutex, held for a few additions. Keys without a budget never come here.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/result.h"
#include "core/usage.h"

namespace weir {

// A UTC day and the first day of its month, in days since 1970-01-01.
struct BudgetPeriod {
  int64_t day = 0;
  int64_t month_start = 0;
  int64_t next_month_start = 0;
};
[[nodiscard]] BudgetPeriod budget_period(int64_t time_us);

class Budget {
 public:
  // 0 = no limit of that kind.
  Budget(MicroDollars per_day, MicroDollars per_month) : per_day_(per_day), per_month_(per_month) {}

  [[nodiscard]] bool limited() const { return per_day_ > 0 || per_month_ > 0; }

  // What the ledger says was spent before this process started; for `day` (since 1970-01-01).
  void add_spent(int64_t day, MicroDollars cost);

  // Reserves `estimate` (what costs nothing always fits), or budget_exceeded with which limit, its value, what is left,
  // and when it resets. The value is the day it was reserved for, to be given back to settle.
  [[nodiscard]] Result<int64_t> reserve(MicroDollars estimate, int64_t now_us);
  // Turns a reservation into `cost` spent, however much more than the estimate that is; 0 releases it.
  void settle(int64_t day, MicroDollars estimate, MicroDollars cost);

  struct Standing {
    MicroDollars spent_today = 0;
    MicroDollars spent_this_month = 0;
    MicroDollars reserved = 0;  // of the month
  };
  [[nodiscard]] Standing standing(int64_t now_us) const;
  // What is left of the tightest, as a share of it, 0 to 1; what running requests have reserved is not. 1 = no limit.
  [[nodiscard]] double left_share(int64_t now_us) const;

 private:
  struct Account {
    MicroDollars spent = 0;
    MicroDollars reserved = 0;
  };
  [[nodiscard]] Account of_day(int64_t day) const;
  [[nodiscard]] Account of_month(const BudgetPeriod& period) const;
  Account& account(int64_t day);

  const MicroDollars per_day_;
  const MicroDollars per_month_;
  mutable std::mutex mutex_;
  std::map<int64_t, Account> days_;
};

}  // namespace weir
