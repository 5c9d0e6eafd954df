#include "admission/circuit_breaker.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace weir {
namespace {

using enum CallOutcome;

// A target that is well or not at a given time, behind a breaker, with steady traffic. Time is simulated.
struct Target {
  CircuitBreaker breaker{BreakerSettings{}};
  int64_t down_from = 0;
  int64_t down_to = 0;
  std::vector<int64_t> calls;  // when the target was called

  // One request each `every_ms` in [from, to).
  void traffic(int64_t from, int64_t to, int64_t every_ms) {
    for (int64_t now = from; now < to; now += every_ms) {
      const Permit permit = breaker.allow(now);
      if (permit == Permit::no) continue;
      calls.push_back(now);
      breaker.record(permit, now >= down_from && now < down_to ? failure : success, now);
    }
  }
  [[nodiscard]] int64_t calls_in(int64_t from, int64_t to) const {
    return std::count_if(calls.begin(), calls.end(), [&](int64_t t) { return t >= from && t < to; });
  }
};

TEST(circuit_breaker, lets_everything_through_while_the_target_is_well) {
  Target target;
  target.traffic(0, 60'000, 5);
  EXPECT_EQ(target.calls.size(), 12'000U);
  EXPECT_EQ(target.breaker.state(60'000), BreakerState::closed);
}

// Whatever the traffic: while down it is probed and not hammered, and soon after recovering all of the traffic is back.
class DownAndUp : public testing::TestWithParam<int64_t> {};

TEST_P(DownAndUp, is_probed_while_down_and_used_within_seconds_of_recovering) {
  const int64_t every_ms = GetParam();
  Target target;
  target.down_from = 20'000;
  target.down_to = 80'000;
  target.traffic(0, 100'000, every_ms);

  // The first failures open it; then each second sees at most one open period's probe and its share of the growth.
  const int64_t to_open = BreakerSettings{}.failures_in_row * every_ms;
  EXPECT_LE(target.calls_in(20'000, 20'000 + to_open + 1'000), BreakerSettings{}.failures_in_row + 2);
  for (int64_t second = 25'000; second < 80'000; second += 1'000) {
    ASSERT_LE(target.calls_in(second, second + 1'000), 1) << "second " << second;
  }
  EXPECT_GE(target.calls_in(30'000, 80'000), 50'000 / (5'000 + every_ms) - 1) << "it must go on being probed";

  const int64_t back = 80'000 + 5'000 + 3 * std::max<int64_t>(every_ms, 1'000);
  EXPECT_EQ(target.breaker.state(100'000), BreakerState::closed);
  EXPECT_EQ(target.calls_in(back, 100'000), (100'000 - back + every_ms - 1) / every_ms) << "all requests again";
}

INSTANTIATE_TEST_SUITE_P(traffic, DownAndUp, testing::Values(1, 10, 100, 1'000));

TEST(circuit_breaker, a_flapping_target_is_left_alone_for_longer_each_time) {
  CircuitBreaker breaker{BreakerSettings{}};
  int64_t now = 1'000;
  std::vector<int64_t> open_times;
  for (int round = 0; round < 6; ++round) {
    while (breaker.allow(now) == Permit::yes) breaker.record(Permit::yes, failure, now);
    const int64_t opened = now;
    Permit permit = Permit::no;
    while ((permit = breaker.allow(now)) == Permit::no) ++now;
    open_times.push_back(now - opened);
    breaker.record(permit, success, now);  // answers its probes, and fails under traffic
    breaker.record(breaker.allow(now), success, now);
    ASSERT_EQ(breaker.state(now), BreakerState::closed);
  }
  EXPECT_GE(open_times.front(), 375);
  EXPECT_LE(open_times.front(), 500);
  EXPECT_GE(open_times.back(), 3'750);
  for (const int64_t open : open_times) EXPECT_LE(open, 5'000);
}

TEST(circuit_breaker, opens_on_the_failure_rate_without_failures_in_a_row) {
  CircuitBreaker breaker{BreakerSettings{}};
  int64_t now = 0;
  for (; now < 10 && breaker.state(now) == BreakerState::closed; ++now) {
    breaker.record(Permit::yes, now % 2 == 0 ? success : failure, now);
  }
  EXPECT_EQ(now, 10) << "not before minimum_calls";
  EXPECT_EQ(breaker.state(now), BreakerState::open);
}

TEST(circuit_breaker, what_it_opened_for_is_forgotten_when_it_closes) {
  CircuitBreaker breaker{BreakerSettings{}};
  int64_t now = 0;
  for (; breaker.state(now) == BreakerState::closed; ++now) {
    breaker.record(Permit::yes, now % 2 == 0 ? success : failure, now);
  }
  for (int i = 0; i < 2; ++i) {
    Permit permit = Permit::no;
    while ((permit = breaker.allow(now)) == Permit::no) ++now;
    breaker.record(permit, success, now);
  }
  ASSERT_EQ(breaker.state(now), BreakerState::closed);
  ASSERT_LT(now, BreakerSettings{}.window_ms) << "the calls of before would still count";
  breaker.record(breaker.allow(now), failure, now);
  EXPECT_EQ(breaker.state(now), BreakerState::closed);
}

TEST(circuit_breaker, a_rate_below_the_limit_does_not_open_it) {
  CircuitBreaker breaker{BreakerSettings{}};
  for (int64_t now = 0; now < 60'000; now += 10) {
    breaker.record(Permit::yes, now % 50 == 0 ? failure : success, now);  // 20 %
    ASSERT_EQ(breaker.state(now), BreakerState::closed);
  }
}

TEST(circuit_breaker, rates_hold_when_a_bucket_is_full) {
  CircuitBreaker breaker{BreakerSettings{}};
  for (int i = 0; i < 60'000; ++i) breaker.record(Permit::yes, success, 500);
  ASSERT_EQ(breaker.state(500), BreakerState::closed);
  // Halving keeps at least half of the 16,383 a bucket can hold: so many failures again are needed for one half.
  for (int i = 0; i < 4'000; ++i) breaker.record(Permit::yes, i % 4 == 3 ? success : failure, 600);
  EXPECT_EQ(breaker.state(600), BreakerState::closed);
  for (int i = 0; i < 60'000; ++i) breaker.record(Permit::yes, i % 4 == 3 ? success : failure, 700);
  EXPECT_EQ(breaker.state(700), BreakerState::open);
}

TEST(circuit_breaker, failures_older_than_the_window_are_forgotten) {
  CircuitBreaker breaker{BreakerSettings{.failures_in_row = 0}};
  for (int64_t now = 0; now < 9; ++now) breaker.record(Permit::yes, failure, now);
  for (int64_t now = 11'000; now < 11'009; ++now) breaker.record(Permit::yes, failure, now);
  EXPECT_EQ(breaker.state(11'009), BreakerState::closed) << "9 calls in the window";
  breaker.record(Permit::yes, failure, 11'010);
  EXPECT_EQ(breaker.state(11'010), BreakerState::open);
}

TEST(circuit_breaker, opens_on_slow_calls) {
  CircuitBreaker breaker{BreakerSettings{.slow_ms = 1'000}};
  for (int64_t now = 0; now < 10; ++now) {
    ASSERT_EQ(breaker.state(now), BreakerState::closed);
    breaker.record(Permit::yes, breaker.timed(now < 2 ? 999 : 1'001), now);
  }
  EXPECT_EQ(breaker.state(10), BreakerState::open) << "8 of 10 were slow";
}

TEST(circuit_breaker, a_client_that_leaves_says_nothing_about_the_target) {
  CircuitBreaker breaker{BreakerSettings{}};
  for (int64_t now = 0; now < 1'000; ++now) breaker.record(Permit::yes, outcome_of(ErrorCode::client_gone), now);
  EXPECT_EQ(breaker.state(1'000), BreakerState::closed);
}

TEST(circuit_breaker, every_error_that_blames_the_target_is_bad_and_no_other) {
  for (int code = 0; code < static_cast<int>(ErrorCode::count_); ++code) {
    const auto error = static_cast<ErrorCode>(code);
    const auto outcome = outcome_of(error);
    EXPECT_EQ(outcome == failure || outcome == silence || outcome == doubtful, rule_of(error).blames_target)
        << to_string(error);
  }
  EXPECT_EQ(outcome_of(ErrorCode::upstream_rejected), success);
  EXPECT_EQ(outcome_of(ErrorCode::unsupported), success);
  EXPECT_EQ(outcome_of(ErrorCode::upstream_rate_limited), ignored);
  EXPECT_EQ(outcome_of(ErrorCode::upstream_timeout), silence);
  EXPECT_EQ(outcome_of(ErrorCode::upstream_unreachable, {.took_ms = 3}), failure) << "refused at once";
  EXPECT_EQ(outcome_of(ErrorCode::upstream_unreachable, {.took_ms = 2'000}), silence) << "nobody took the connection";
  for (const int status : {0, 500, 501}) {
    EXPECT_EQ(outcome_of(ErrorCode::upstream_server_error, {.http_status = status}), doubtful) << status;
  }
  for (const int status : {502, 503, 504, 529}) {
    EXPECT_EQ(outcome_of(ErrorCode::upstream_server_error, {.http_status = status}), failure) << status;
  }
}

TEST(circuit_breaker, two_silences_in_a_row_are_enough) {
  CircuitBreaker breaker{BreakerSettings{}};
  breaker.record(Permit::yes, silence, 0);
  breaker.record(Permit::yes, success, 1);
  breaker.record(Permit::yes, silence, 2);
  EXPECT_EQ(breaker.state(2), BreakerState::closed) << "an answer between";
  breaker.record(Permit::yes, silence, 3);
  EXPECT_EQ(breaker.state(3), BreakerState::open);
  EXPECT_TRUE(breaker.was_silent());
  EXPECT_GT(breaker.retry_in_ms(3), 0);
}

TEST(circuit_breaker, one_callers_bad_requests_take_a_target_from_nobody_while_others_are_answered) {
  CircuitBreaker breaker{BreakerSettings{}};
  for (int64_t now = 0; now < 600'000; now += 100) {
    // Four bad ones, each tried twice, for every good one.
    const auto request = static_cast<uint64_t>(now / 200) + 1;
    breaker.record(Permit::yes, now % 1'000 == 0 ? success : doubtful, now, request);
    ASSERT_EQ(breaker.state(now), BreakerState::closed) << now;
  }
}

TEST(circuit_breaker, bad_answers_to_several_requests_without_a_good_one_open_it) {
  CircuitBreaker breaker{BreakerSettings{}};
  for (uint64_t request = 1; request <= 5; ++request) {
    ASSERT_EQ(breaker.state(0), BreakerState::closed) << request;
    breaker.record(Permit::yes, doubtful, 0, request);
    breaker.record(Permit::yes, doubtful, 0, request);  // its second try
  }
  EXPECT_EQ(breaker.state(0), BreakerState::open);
  EXPECT_FALSE(breaker.was_silent());
}

TEST(circuit_breaker, streams_that_break_one_after_the_other_open_it) {
  CircuitBreaker breaker{BreakerSettings{}};
  const auto stream_that_breaks = [&](int64_t now) {
    breaker.record(Permit::yes, success, now);
    breaker.broke(now);
  };
  stream_that_breaks(0);
  stream_that_breaks(1);
  breaker.record(Permit::yes, success, 2);
  breaker.ended();
  stream_that_breaks(3);
  stream_that_breaks(4);
  EXPECT_EQ(breaker.state(4), BreakerState::closed) << "one came to its end between";
  stream_that_breaks(5);
  EXPECT_EQ(breaker.state(5), BreakerState::open);
  EXPECT_TRUE(breaker.judges_ends()) << "a first token is not enough of an answer from it now";
  breaker.ended();
  EXPECT_FALSE(breaker.judges_ends());
}

TEST(circuit_breaker, half_of_the_streams_breaking_is_a_failure_rate) {
  CircuitBreaker breaker{BreakerSettings{.breaks_in_row = 0}};
  int64_t now = 0;
  for (; now < 100 && breaker.state(now) == BreakerState::closed; ++now) {
    breaker.record(Permit::yes, success, now);
    if (now % 2 == 1) breaker.broke(now);
  }
  EXPECT_EQ(now, 10) << "not before minimum_calls";
}

TEST(circuit_breaker, who_asks_to_be_left_alone_is) {
  CircuitBreaker breaker{BreakerSettings{}};
  breaker.limit(20'000, 1'000);
  for (int64_t now = 1'000; now < 21'000; now += 50) {
    ASSERT_EQ(breaker.allow(now), Permit::no) << now;
    ASSERT_FALSE(breaker.available(now));
    ASSERT_EQ(breaker.limited_ms(now), 21'000 - now);
  }
  EXPECT_EQ(breaker.state(20'000), BreakerState::closed) << "that is no failure";
  EXPECT_EQ(breaker.allow(21'000), Permit::yes) << "one goes to see";
  EXPECT_EQ(breaker.allow(21'000), Permit::no) << "and the others wait for what it says";
  breaker.record(Permit::yes, success, 21'100);
  EXPECT_EQ(breaker.allow(21'100), Permit::yes);
  EXPECT_EQ(breaker.allow(21'100), Permit::yes);
}

TEST(circuit_breaker, one_that_goes_to_see_and_never_comes_back_is_followed_by_another) {
  CircuitBreaker breaker{BreakerSettings{}};
  breaker.limit(1'000, 0);
  int64_t tries = 0;
  for (int64_t now = 0; now < 11'000; now += 10) tries += breaker.allow(now) == Permit::yes ? 1 : 0;
  EXPECT_EQ(tries, 10);
}

TEST(circuit_breaker, a_limit_is_not_lifted_by_answers_that_were_under_way) {
  CircuitBreaker breaker{BreakerSettings{}};
  breaker.limit(20'000, 0);
  breaker.record(Permit::yes, success, 10);
  EXPECT_EQ(breaker.allow(20), Permit::no);
}

TEST(circuit_breaker, a_limit_of_unknown_length_doubles_and_is_counted_once_for_all_that_were_under_way) {
  CircuitBreaker breaker{BreakerSettings{}};
  int64_t now = 0;
  for (const int64_t expected : {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 32'000}) {
    for (int i = 0; i < 50; ++i) breaker.limit(0, now);
    EXPECT_EQ(breaker.limited_ms(now), expected);
    now += expected;
    ASSERT_EQ(breaker.allow(now), Permit::yes);
  }
}

TEST(circuit_breaker, many_threads_send_one_to_see_whether_a_limit_is_over) {
  CircuitBreaker breaker{BreakerSettings{}};
  breaker.limit(500, 0);
  std::atomic<int> asked{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2'000; ++n) asked.fetch_add(breaker.allow(700) == Permit::yes ? 1 : 0);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(asked.load(), 1);
}

// Opened at 0 by failures; half open from 500 at the latest.
void open(CircuitBreaker& breaker) {
  for (int i = 0; i < 5; ++i) breaker.record(Permit::yes, failure, 0);
  ASSERT_EQ(breaker.state(0), BreakerState::open);
}

TEST(circuit_breaker, lets_a_few_probes_through_when_half_open) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  EXPECT_EQ(breaker.allow(500), Permit::probe);
  EXPECT_TRUE(breaker.available(500));
  EXPECT_EQ(breaker.allow(500), Permit::probe);
  EXPECT_EQ(breaker.allow(500), Permit::no);
  EXPECT_FALSE(breaker.available(500));
}

TEST(circuit_breaker, probes_that_never_come_back_do_not_lock_it_out) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  int64_t probes = 0;
  for (int64_t now = 500; now < 20'500; now += 10) probes += breaker.allow(now) == Permit::probe ? 1 : 0;
  EXPECT_EQ(probes, 2 + 19) << "two at once, then one a second";
}

TEST(circuit_breaker, probes_that_say_nothing_are_followed_by_others_at_a_bounded_rate) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  int64_t probes = 0;
  for (int64_t now = 500; now < 10'500; now += 10) {
    const Permit permit = breaker.allow(now);
    probes += permit == Permit::probe ? 1 : 0;
    breaker.record(permit, ignored, now);
  }
  EXPECT_EQ(probes, 2 + 9);
}

TEST(circuit_breaker, a_late_failure_from_before_does_not_prolong_the_open_time) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  for (int64_t now = 1; now < 400; ++now) breaker.record(Permit::yes, failure, now);
  EXPECT_TRUE(breaker.available(500));
  EXPECT_EQ(breaker.times_opened(), 1U);
}

TEST(circuit_breaker, a_failed_probe_opens_it_for_longer) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  breaker.record(breaker.allow(500), failure, 500);
  EXPECT_EQ(breaker.state(500 + 749), BreakerState::open) << "1 s less a quarter of jitter";
  EXPECT_EQ(breaker.state(500 + 1'000), BreakerState::half_open);
}

TEST(circuit_breaker, a_failed_health_check_closes_the_door_and_a_good_one_opens_it_for_probes) {
  CircuitBreaker breaker{BreakerSettings{}};
  breaker.mark_down();
  EXPECT_EQ(breaker.state(10), BreakerState::down);
  EXPECT_EQ(breaker.allow(100'000), Permit::no);
  EXPECT_FALSE(breaker.available(100'000));
  breaker.mark_up(100'001);
  EXPECT_EQ(breaker.allow(100'001), Permit::probe);
  breaker.record(Permit::probe, success, 100'002);
  breaker.record(breaker.allow(100'002), success, 100'003);
  EXPECT_EQ(breaker.state(100'003), BreakerState::closed);
}

TEST(circuit_breaker, a_good_health_check_does_not_close_a_breaker_that_calls_have_opened) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  breaker.mark_up(1);
  EXPECT_EQ(breaker.state(1), BreakerState::open);
}

TEST(circuit_breaker, many_threads_let_no_more_probes_through_than_one_would) {
  CircuitBreaker breaker{BreakerSettings{}};
  open(breaker);
  std::atomic<int> probes{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2'000; ++n) {
        if (breaker.allow(1'000) == Permit::probe) probes.fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(probes.load(), 2);
}

TEST(circuit_breaker, many_threads_open_it_once) {
  CircuitBreaker breaker{BreakerSettings{}};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5'000; ++n) breaker.record(Permit::yes, failure, 1'000);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(breaker.times_opened(), 1U);
  EXPECT_EQ(breaker.state(1'000), BreakerState::open);
}

}  // namespace
}  // namespace weir
