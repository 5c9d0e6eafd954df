// The queue simulator against recursions that give each single wait exactly, and against the closed formulas of
// queueing theory for the mean.
#include "economics/replay/queue.h"

#include <gtest/gtest.h>

#include <cmath>
#include <queue>
#include <random>

#include "economics/replay/queueing_theory.h"

namespace weir::plan {
namespace {

constexpr double us_per_s = 1e6;
constexpr double tolerance = 0.02;
constexpr std::size_t arrivals = 1'000'000;

// A service time of mean 1 s from a number in (0, 1): the inverse of its distribution function.
using Service = double (*)(double u);

double exponential(double u) { return -std::log(u); }
double constant(double /*u*/) { return 1; }
double uniform(double u) { return 2 * u; }
// Nine short ones for each long one: coefficient of variation 2, as answers of a few and of a thousand words have.
double mixed(double u) {
  constexpr double short_share = 0.9;
  constexpr double short_mean = 0.5;
  constexpr double long_mean = 5.5;
  return u < short_share ? -short_mean * std::log(1 - u / short_share)
                         : -long_mean * std::log((1 - u) / (1 - short_share));
}
double weibull(double u) { return std::sqrt(-std::log(u)) / std::tgamma(1.5); }

struct Setting {
  std::string name;
  Service service;
  int64_t servers;
  double load;
};

// What was drawn, in the two moments that the formulas ask for.
struct Drawn {
  std::vector<QueuedJob> jobs;
  double seconds = 0;
  double sum = 0;
  double sum_of_squares = 0;
};

void draw(Drawn& drawn, const Setting& setting, std::mt19937_64& random, double (*turned)(double)) {
  const double rate = setting.load * static_cast<double>(setting.servers);
  std::uniform_real_distribution<double> any(1e-12, 1 - 1e-12);
  double now_s = 0;
  for (std::size_t i = 0; i < arrivals / 2; ++i) {
    now_s += exponential(turned(any(random))) / rate;
    const auto service_us = std::llround(setting.service(turned(any(random))) * us_per_s);
    const double service_s = static_cast<double>(service_us) / us_per_s;
    drawn.sum += service_s;
    drawn.sum_of_squares += service_s * service_s;
    drawn.jobs.push_back({.arrival_us = std::llround(now_s * us_per_s), .service_us = service_us});
  }
  drawn.seconds += now_s;
}

double mean_wait_s(const std::vector<int64_t>& waits_us) {
  double sum = 0;
  for (const auto wait : waits_us) sum += static_cast<double>(wait);
  return sum / us_per_s / static_cast<double>(waits_us.size());
}

double expected_wait_s(const Setting& setting, const Drawn& drawn) {
  const double rate = static_cast<double>(arrivals) / drawn.seconds;
  const double mean = drawn.sum / static_cast<double>(arrivals);
  if (setting.servers == 1) return mg1_wait(rate, mean, drawn.sum_of_squares / static_cast<double>(arrivals));
  return mmc_wait(rate, mean, setting.servers);
}

class AgainstTheory : public ::testing::TestWithParam<Setting> {};

// A million arrivals: two halves of antithetic variates. The second half is drawn from 1 − u where the first was from
// u, so that a half with too much work is paired with one that has too little.
double waited_by_a_million(const Setting& setting, uint64_t seed, Drawn& both) {
  double waited = 0;
  for (const auto turned : {+[](double u) { return u; }, +[](double u) { return 1 - u; }}) {
    std::mt19937_64 random(seed);
    both.jobs.clear();
    draw(both, setting, random, turned);
    waited += mean_wait_s(simulate_queue({.station = {.slots = setting.servers}}, both.jobs).waits_us) / 2;
  }
  return waited;
}

// The mean wait of a million arrivals, within 2 % of the formula. Chance is kept small by what is known: the formula is
// given the rate and the moments that were really drawn, and the million is an antithetic pair. From a load of 0.85 on
// that is not enough: there the mean of a million waits still strays by one or two parts in a hundred from run to run
// (its error grows as 1 / (1 − load)), so four millions count. Seeds are 1, 2, 3, 4 for all, and were not searched for.
TEST_P(AgainstTheory, the_mean_wait_of_a_million_arrivals_is_that_of_the_formula) {
  const auto& setting = GetParam();
  const uint64_t runs = setting.load < 0.85 ? 1 : 4;
  double ratio = 0;
  for (uint64_t seed = 1; seed <= runs; ++seed) {
    Drawn both;
    const double waited = waited_by_a_million(setting, seed, both);
    ratio += waited / expected_wait_s(setting, both) / static_cast<double>(runs);
  }
  RecordProperty("simulated_to_theory", std::to_string(ratio));
  EXPECT_NEAR(ratio, 1, tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Settings, AgainstTheory,
    ::testing::Values(Setting{"mm1_50", exponential, 1, 0.5}, Setting{"mm1_70", exponential, 1, 0.7},
                      Setting{"mm1_80", exponential, 1, 0.8}, Setting{"mm1_90", exponential, 1, 0.9},
                      Setting{"mm2_50", exponential, 2, 0.5}, Setting{"mm2_80", exponential, 2, 0.8},
                      Setting{"mm4_70", exponential, 4, 0.7}, Setting{"mm4_90", exponential, 4, 0.9},
                      Setting{"mm8_80", exponential, 8, 0.8}, Setting{"mm16_85", exponential, 16, 0.85},
                      Setting{"mm32_90", exponential, 32, 0.9}, Setting{"md1_50", constant, 1, 0.5},
                      Setting{"md1_80", constant, 1, 0.8}, Setting{"md1_90", constant, 1, 0.9},
                      Setting{"uniform_60", uniform, 1, 0.6}, Setting{"uniform_85", uniform, 1, 0.85},
                      Setting{"weibull_70", weibull, 1, 0.7}, Setting{"mixed_30", mixed, 1, 0.3},
                      Setting{"mixed_60", mixed, 1, 0.6}, Setting{"mixed_80", mixed, 1, 0.8}),
    [](const auto& setting) { return setting.param.name; });

// Without a place to wait, Erlang's B is the share that is lost.
TEST(QueueWithoutPlaces, loses_the_share_that_erlang_b_says) {
  for (const auto& setting : {Setting{"four", exponential, 4, 0.75}, Setting{"ten", uniform, 10, 0.9}}) {
    std::mt19937_64 random(1);
    Drawn drawn;
    draw(drawn, setting, random, [](double u) { return u; });
    const auto result = simulate_queue({.station = {.slots = setting.servers, .waiting_limit = 0}}, drawn.jobs);
    const auto lost = std::count(result.waits_us.begin(), result.waits_us.end(), QueueResult::refused);
    const double share = static_cast<double>(lost) / static_cast<double>(drawn.jobs.size());
    EXPECT_NEAR(share / erlang_b(drawn.sum / drawn.seconds, setting.servers), 1, tolerance) << setting.name;
  }
}

std::vector<QueuedJob> some_jobs(uint64_t seed, CallerId callers) {
  std::mt19937_64 random(seed);
  std::vector<QueuedJob> jobs;
  int64_t now = 0;
  for (int i = 0; i < 5'000; ++i) {
    now += static_cast<int64_t>(random() % 100);
    jobs.push_back({.arrival_us = now,
                    .service_us = 1 + static_cast<int64_t>(random() % 250),
                    .caller = static_cast<CallerId>(random() % callers)});
  }
  return jobs;
}

// Kiefer and Wolfowitz (1955): in first come, first served order each arrival takes the server that is free first. For
// one server it is Lindley's recursion (1952).
TEST(Queue, gives_every_single_wait_as_the_recursions_do) {
  for (const int64_t servers : {1, 2, 3, 7}) {
    const auto jobs = some_jobs(static_cast<uint64_t>(servers), 1);
    std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>> free_at;
    for (int64_t i = 0; i < servers; ++i) free_at.push(0);
    const auto result = simulate_queue({.station = {.slots = servers}}, jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const auto starts = std::max(jobs[i].arrival_us, free_at.top());
      free_at.pop();
      free_at.push(starts + jobs[i].service_us);
      ASSERT_EQ(result.waits_us[i], starts - jobs[i].arrival_us) << servers << " servers, job " << i;
    }
  }
}

// Who is served when never changes how much work is left: sums of waits differ by order, the end of the last job does
// not.
TEST(Queue, with_many_callers_does_the_same_work_as_with_one) {
  auto jobs = some_jobs(5, 9);
  for (auto& job : jobs) job.service_us = 80;
  const auto fair = simulate_queue({.station = {.slots = 2}}, jobs);
  for (auto& job : jobs) job.caller = 0;
  const auto plain = simulate_queue({.station = {.slots = 2}}, jobs);
  EXPECT_EQ(std::accumulate(fair.waits_us.begin(), fair.waits_us.end(), int64_t{0}),
            std::accumulate(plain.waits_us.begin(), plain.waits_us.end(), int64_t{0}))
      << "equal services: the order of callers moves waits about, and their sum stays";
}

TEST(Queue, takes_callers_in_turn) {
  std::vector<QueuedJob> jobs;
  for (int i = 0; i < 6; ++i)
    jobs.push_back({.arrival_us = 0, .service_us = 10, .caller = 0});  // a burst of one caller
  jobs.push_back({.arrival_us = 1, .service_us = 10, .caller = 7});
  const auto waits = simulate_queue({.station = {.slots = 1}}, jobs).waits_us;
  EXPECT_EQ(waits, (std::vector<int64_t>{0, 10, 30, 40, 50, 60, 19}));
}

TEST(Queue, refuses_beyond_its_places_and_lets_go_who_has_waited_enough) {
  const std::vector<QueuedJob> jobs = {{.arrival_us = 0, .service_us = 100},
                                       {.arrival_us = 1, .service_us = 100},
                                       {.arrival_us = 2, .service_us = 100},
                                       {.arrival_us = 3, .service_us = 100},
                                       {.arrival_us = 99, .service_us = 100}};
  const auto result = simulate_queue({.station = {.slots = 1, .waiting_limit = 2}, .patience_us = 60}, jobs).waits_us;
  EXPECT_EQ(result, (std::vector<int64_t>{0, QueueResult::gave_up, QueueResult::gave_up, QueueResult::refused, 1}));
}

// Hand-computed: two servers at 1.5 erlangs: B = 1.125 / 3.625 = 0.310345, C = B / (1 − 0.75·(1 − B)) = 0.642857.
TEST(Formulas, give_what_is_computed_by_hand) {
  EXPECT_NEAR(erlang_b(1.5, 2), 0.310345, 1e-6);
  EXPECT_NEAR(erlang_c(1.5, 2), 0.642857, 1e-6);
  EXPECT_NEAR(mmc_wait(1.5, 1, 2), 0.642857 / 0.5, 1e-5);
  EXPECT_NEAR(mmc_wait(0.8, 1, 1), 4, 1e-12);  // ρ / (1 − ρ)
  EXPECT_NEAR(mg1_wait(0.8, 1, 1), 2, 1e-12);  // constant service: half of that
  EXPECT_NEAR(mg1_wait(0.8, 1, 2), 4, 1e-12);  // exponential service: E[S²] = 2
  EXPECT_TRUE(std::isinf(mmc_wait(2, 1, 2)));
  EXPECT_TRUE(std::isinf(mg1_wait(1, 1, 2)));
}

}  // namespace
}  // namespace weir::plan
