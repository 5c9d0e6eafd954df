#include "core/id.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr int64_t now = 1'795'444'000'000'000;  // 2026-11-23

TEST(RequestIds, id_has_its_prefix_and_26_lower_case_characters) {
  RequestIds ids(0);
  const auto id = ids.next(now);
  ASSERT_EQ(id.size(), 30U);
  EXPECT_EQ(id.substr(0, 4), "req_");
  EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 4), std::string::npos);
}

TEST(RequestIds, ids_rise_as_text_and_as_keys_even_when_the_clock_steps_back) {
  RequestIds ids(7);
  std::string last;
  int64_t last_key = 0;
  for (const int64_t time : {now, now, now + 1, now - 5'000'000, now + 2, now + 1'000}) {
    const auto id = ids.next(time);
    const auto key = parse_request_id(id);
    ASSERT_TRUE(key);
    EXPECT_LT(last, id);
    EXPECT_LT(last_key, key->key);
    last = id;
    last_key = key->key;
  }
}

TEST(RequestIds, sources_never_make_the_same_key) {
  std::vector<std::vector<int64_t>> made(4);
  std::vector<std::thread> threads;
  for (uint16_t source = 0; source < 4; ++source) {
    threads.emplace_back([source, &keys = made[source]] {
      RequestIds ids(source);
      for (int i = 0; i < 5'000; ++i) keys.push_back(parse_request_id(ids.next(now + i / 3))->key);
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<int64_t> all;
  for (const auto& keys : made) all.insert(keys.begin(), keys.end());
  EXPECT_EQ(all.size(), 20'000U);
}

TEST(RequestIds, two_machines_with_the_same_clock_and_source_differ) {
  RequestIds a(1);
  RequestIds b(1);
  const auto first = parse_request_id(a.next(now));
  const auto second = parse_request_id(b.next(now));
  EXPECT_EQ(first->key, second->key);
  EXPECT_NE(first->random, second->random);
}

TEST(RequestIds, source_beyond_the_maximum_is_refused) {
  EXPECT_THROW(RequestIds(RequestIds::max_sources), std::invalid_argument);
}

TEST(RequestId, text_and_key_are_two_ways_to_write_the_same) {
  for (const auto& key :
       {RequestKey{.key = 0, .random = 0}, RequestKey{.key = 1, .random = 1},
        RequestKey{.key = INT64_MAX, .random = UINT64_MAX}, RequestKey{.key = 0x123456789abcdef, .random = 42}}) {
    EXPECT_EQ(parse_request_id(to_request_id(key)), key);
  }
}

TEST(RequestId, what_is_no_id_is_not_taken_for_one) {
  const auto good = to_request_id({.key = 12345, .random = 67890});
  ASSERT_TRUE(parse_request_id(good));
  auto with = [&](std::size_t at, char c) {
    auto text = good;
    text[at] = c;
    return text;
  };
  for (const auto& bad :
       {std::string(), std::string("req_"), good.substr(1), good + "0", good.substr(0, 29), with(0, 'R'), with(9, 'u'),
        with(9, 'i'), with(9, '-'), with(20, '\0'), with(4, 'z'), with(17, 'g'), with(4, '8')}) {
    EXPECT_FALSE(parse_request_id(bad)) << bad;
  }
  auto upper = good;
  for (std::size_t i = 4; i < upper.size(); ++i) upper[i] = static_cast<char>(std::toupper(upper[i]));
  EXPECT_EQ(parse_request_id(upper), parse_request_id(good));
}

TEST(RequestId, a_span_of_time_is_a_range_of_keys) {
  RequestIds ids(4095);
  const auto key = parse_request_id(ids.next(now))->key;
  EXPECT_LE(first_key_at(now), key);
  EXPECT_GT(first_key_at(now + 1), key);
  EXPECT_EQ(time_of_key(key), now);
  EXPECT_EQ(first_key_at(0), 0);
  EXPECT_EQ(first_key_at(-1), 0);
}

TEST(RandomText, is_as_long_as_its_bits_need_and_never_the_same) {
  EXPECT_EQ(random_text(32)->size(), 52U);
  EXPECT_EQ(random_text(0)->size(), 0U);
  EXPECT_EQ(new_key_id()->size(), 20U);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(*new_key_id());
  EXPECT_EQ(seen.size(), 1'000U);
}

}  // namespace
}  // namespace weir
