#include "admission/credentials.h"

#include <gtest/gtest.h>

#include <thread>

namespace weir {
namespace {

ProviderSettings provider_with(std::vector<Credential> credentials) {
  ProviderSettings provider{.id = "p"};
  provider.api_key = credentials.empty() ? "" : credentials.front().key;
  provider.credentials = std::move(credentials);
  return provider;
}

std::string turns(Credentials& keys, int count, int64_t now_ms = 1) {
  std::string out;
  for (int i = 0; i < count; ++i) out += keys.with(keys.next(now_ms)).api_key;
  return out;
}

TEST(credentials, are_used_by_weight_and_smoothly) {
  Credentials keys(provider_with({{"a", 3}, {"b", 1}}));
  EXPECT_EQ(turns(keys, 8), "aabaaaba");
  Credentials large(provider_with({{"a", 500}, {"b", 300}, {"c", 200}}));
  const auto many = turns(large, 1'000);
  EXPECT_EQ(std::count(many.begin(), many.end(), 'a'), 500);
  EXPECT_EQ(std::count(many.begin(), many.end(), 'c'), 200);
}

TEST(credentials, of_one_there_is_nothing_to_choose) {
  EXPECT_EQ(Credentials(provider_with({})).size(), 0U);
  EXPECT_EQ(Credentials(provider_with({{"a", 1}})).size(), 0U);
}

TEST(credentials, that_were_limited_rest_for_as_long_as_was_said) {
  Credentials keys(provider_with({{"a", 3}, {"b", 1}}));
  keys.limited(0, 5'000, 1'000);
  EXPECT_EQ(turns(keys, 4, 5'999), "bbbb");
  EXPECT_EQ(keys.resting(5'999), 1U);
  EXPECT_EQ(keys.resting(6'000), 0U);
  EXPECT_EQ(keys.any(5'999), 1U);
  EXPECT_EQ(keys.any(6'000), 0U);
}

TEST(credentials, without_a_time_rest_a_second_and_longer_each_time) {
  Credentials keys(provider_with({{"a", 1}, {"b", 1}}));
  int64_t now = 1'000;
  for (const int64_t rest : {1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000}) {
    keys.limited(0, 0, now);
    EXPECT_EQ(keys.resting(now + rest - 1), 1U);
    EXPECT_EQ(keys.resting(now + rest), 0U);
    now += rest;
  }
  keys.answered(0, now);
  keys.limited(0, 0, now);
  EXPECT_EQ(keys.resting(now + 1'000), 0U) << "a good answer begins anew";
}

TEST(credentials, limited_for_one_model_answer_for_the_others) {
  Credentials keys(provider_with({{"a", 1}, {"b", 1}}));
  for (const uint64_t model : {7U, 71U}) {  // the same place among the limits
    keys.limited(0, 5'000, 1'000, model);
    EXPECT_EQ(keys.next(2'000, model), 1U);
    EXPECT_EQ(keys.next(2'000, model), 1U);
  }
  EXPECT_NE(keys.next(2'000, 8), keys.next(2'000, 8));
  EXPECT_NE(keys.next(2'000, 135), keys.next(2'000, 135));
  keys.limited(1, 3'000, 1'000, 7);
  EXPECT_TRUE(keys.all_rest(2'000, 7));
  EXPECT_EQ(keys.limited_ms(2'000, 7), 2'000);
  EXPECT_FALSE(keys.all_rest(2'000, 71));
  EXPECT_EQ(keys.resting(2'000), 2U);
  keys.refused(0, 2'000);
  EXPECT_EQ(keys.next(2'000, 8), 1U) << "a key that was refused is so for all";
  EXPECT_EQ(keys.next(2'000, 8), 1U);
}

TEST(credentials, know_rest_for_more_models_than_they_can_tell_apart) {
  Credentials keys(provider_with({{"a", 1}, {"b", 1}}));
  for (uint64_t model = 0; model < 10'000; ++model) keys.limited(0, 5'000, 1'000, model * 977);
  for (uint64_t model = 0; model < 10'000; ++model) ASSERT_EQ(keys.next(2'000, model * 977), 1U);
}

TEST(credentials, that_were_refused_rest_a_minute_and_longer_each_time) {
  Credentials keys(provider_with({{"a", 1}, {"b", 1}}));
  keys.refused(0, 1'000);
  keys.refused(0, 1'001);
  EXPECT_EQ(keys.resting(60'999), 1U);
  EXPECT_EQ(keys.resting(61'000), 0U) << "two that were under way together count once";
  keys.refused(0, 61'000);
  EXPECT_EQ(keys.resting(180'999), 1U);
  EXPECT_EQ(keys.resting(181'000), 0U);
}

TEST(credentials, that_all_rest_are_asked_as_one_was_and_the_soonest_first) {
  Credentials keys(provider_with({{"a", 1}, {"b", 1}, {"c", 1}}));
  keys.limited(0, 9'000, 1'000);
  keys.limited(1, 4'000, 1'000);
  keys.refused(2, 1'000);
  EXPECT_TRUE(keys.all_rest(2'000));
  EXPECT_EQ(keys.limited_ms(2'000), 3'000);
  EXPECT_EQ(turns(keys, 2, 2'000), "bb");
}

TEST(credentials, of_which_an_older_request_is_answered_rest_on) {
  Credentials keys(provider_with({{"a", 1}, {"b", 1}}));
  keys.limited(0, 5'000, 1'000);
  keys.answered(0, 2'000);
  EXPECT_EQ(keys.resting(2'000), 1U);
}

TEST(credentials, keep_their_rest_over_a_reload) {
  Credentials before(provider_with({{"a", 1}, {"b", 1}}));
  before.limited(1, 5'000, 1'000);
  Credentials after(provider_with({{"b", 2}, {"new", 1}}), &before);
  EXPECT_EQ(turns(after, 2, 2'000), "newnew");
  EXPECT_EQ(after.resting(6'000), 0U);
}

TEST(credentials, are_shared_by_threads_without_losing_the_weights) {
  Credentials keys(provider_with({{"a", 3}, {"b", 1}}));
  std::array<std::atomic<int>, 2> used{};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) ++used.at(keys.next(1));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(used[0], 3'000);
  EXPECT_EQ(used[1], 1'000);
}

}  // namespace
}  // namespace weir
