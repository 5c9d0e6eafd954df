#include <random>

#include <gtest/gtest.h>

#include "sample.h"

namespace weir {
namespace {

constexpr int64_t us_per_day = 86'400'000'000;

std::map<std::string, UsageRow> by_group(Store& store, const UsageQuery& query) {
  const auto rows = store.usage(query);
  EXPECT_TRUE(rows) << rows.error().message;
  std::map<std::string, UsageRow> groups;
  for (const auto& row : *rows) groups[row.group] = row;
  return groups;
}

TEST(Usage, sums_are_exact_in_every_grouping_and_every_span_of_time) {
  sample::Folder folder;
  auto store = sample::open(folder);
  std::mt19937_64 random(7);
  std::vector<Entry> entries;
  for (uint16_t i = 0; i < 3'000; ++i) {
    RequestIds ids(i);  // of its own, because the ids of one source only rise
    auto entry = sample::full_entry(ids, sample::now_us - static_cast<int64_t>(random() % (5 * us_per_day)));
    entry.model = "m" + std::to_string(random() % 3);
    entry.route = "r" + std::to_string(random() % 2);
    entry.key_id = "key_" + std::to_string(random() % 4);
    entry.caller = "name of " + entry.key_id;
    entry.zone = random() % 2 == 0 ? "local" : "cloud:eu";
    entry.cost = static_cast<int64_t>(random() % 1'000'000'007);
    entry.baseline_known = random() % 2 == 0;
    entry.baseline_cost = entry.baseline_known ? static_cast<int64_t>(random() % 1'000'000'007) : 0;
    entry.usage.input = static_cast<int64_t>(random() % 100'000);
    entry.outcome = std::array{"ok", "ok", "client_gone", "upstream_timeout"}[random() % 4];
    entries.push_back(std::move(entry));
  }
  ASSERT_TRUE(sample::append(**store, entries));

  struct Grouping {
    UsageGroup by;
    std::string (*group)(const Entry&);
  };
  const Grouping groupings[] = {
      {UsageGroup::model, [](const Entry& e) { return e.model; }},
      {UsageGroup::route, [](const Entry& e) { return e.route; }},
      {UsageGroup::key, [](const Entry& e) { return e.caller; }},
      {UsageGroup::zone, [](const Entry& e) { return e.zone; }},
      {UsageGroup::day, [](const Entry& e) { return fmt::format("2026-11-{}", e.time_us / us_per_day - 20'757); }},
  };
  for (const auto& [by, group] : groupings) {
    for (const auto& [since, until] : {std::pair{int64_t{0}, INT64_MAX},
                                       std::pair{sample::now_us - 2 * us_per_day, sample::now_us - us_per_day / 3}}) {
      for (const std::string key_id : {"", "key_2", "name of key_2"}) {
        std::map<std::string, UsageRow> expected;
        for (const auto& e : entries) {
          if (e.time_us < since || e.time_us >= until || (!key_id.empty() && e.key_id != key_id && e.caller != key_id))
            continue;
          // Asked by model or zone, what was used stands with whoever used it.
          const bool by_attempt = by == UsageGroup::model || by == UsageGroup::zone;
          for (const auto& attempt : e.attempts) {
            if (!by_attempt || (!attempt.usage.known && !attempt.usage.estimated && attempt.cost == 0)) continue;
            auto& spent = expected[by == UsageGroup::model ? attempt.model : attempt.zone];
            spent.input += attempt.usage.input;
            spent.cost += attempt.cost;
          }
          auto& row = expected[group(e)];
          ++row.requests;
          row.errors += e.outcome == "upstream_timeout";
          if (!by_attempt) {
            row.input += e.usage.input;
            row.cost += e.cost;
          }
          row.baseline += e.baseline_cost;
          row.saved += e.baseline_known ? e.baseline_cost - e.cost : 0;
          row.without_baseline += !e.baseline_known;
        }
        const auto found = by_group(**store, {.since_us = since, .until_us = until, .by = by, .key = key_id});
        ASSERT_EQ(found.size(), expected.size());
        for (const auto& [name, row] : expected) {
          ASSERT_TRUE(found.contains(name)) << name;
          const auto& got = found.at(name);
          EXPECT_EQ(
              std::tie(got.requests, got.errors, got.input, got.cost, got.baseline, got.saved, got.without_baseline),
              std::tie(row.requests, row.errors, row.input, row.cost, row.baseline, row.saved, row.without_baseline))
              << name;
        }
      }
    }
  }
}

// Written by an older version, or by hand: whatever stands in a row, the report comes.
TEST(Usage, sums_stop_at_the_end_of_their_type) {
  sample::Folder folder;
  auto store = sample::open(folder);
  RequestIds ids(0);
  constexpr auto most = std::numeric_limits<int64_t>::max();
  constexpr auto least = std::numeric_limits<int64_t>::min();
  std::vector<Entry> entries;
  for (int i = 0; i < 3; ++i) {
    auto entry = sample::full_entry(ids);
    entry.usage = {.input = most, .cached = least, .output = most, .reasoning = least, .known = true};
    entry.attempts.back().usage = entry.usage;
    entry.cost = most;
    entry.baseline_cost = least;
    entry.attempts.back().cost = most;
    entries.push_back(entry);
  }
  auto opposite = entries[0];
  opposite.id = ids.next(sample::now_us);
  opposite.cost = 7;
  opposite.baseline_known = false;
  entries.push_back(opposite);
  ASSERT_TRUE(sample::append(**store, entries));
  ASSERT_TRUE(sample::append(**store, {sample::full_entry(ids)})) << "the ledger goes on";
  for (const auto by : {UsageGroup::model, UsageGroup::route, UsageGroup::key, UsageGroup::zone, UsageGroup::day}) {
    const auto rows = (*store)->usage({.by = by});
    ASSERT_TRUE(rows) << rows.error().message;
    // By model or zone, an earlier attempt's own has a row beside it.
    const auto all = std::find_if(rows->begin(), rows->end(), [](const UsageRow& row) { return row.requests == 5; });
    ASSERT_NE(all, rows->end());
    EXPECT_EQ(all->input, most);
    EXPECT_EQ(all->cached, least);
    EXPECT_EQ(all->cost, most);
    EXPECT_EQ(all->baseline, least);
    EXPECT_EQ(all->saved, least);
  }
  const auto spent = (*store)->spending(0);
  ASSERT_TRUE(spent);
  EXPECT_EQ(spent->front().cost, most);
  for (const auto& entry : entries) {
    const auto found = (*store)->find(entry.id);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->usage.input, most);
  }
}

TEST(Usage, sums_beyond_what_a_real_holds_exactly_are_exact) {
  sample::Folder folder;
  auto store = sample::open(folder);
  RequestIds ids(0);
  auto large = sample::small_entry(ids);
  large.cost = large.attempts.back().cost = (int64_t{1} << 62) + 1;
  auto small = sample::small_entry(ids);
  small.cost = small.attempts.back().cost = 2;
  ASSERT_TRUE(sample::append(**store, {large, small}));
  EXPECT_EQ((*store)->usage({})->at(0).cost, (int64_t{1} << 62) + 3);
}

TEST(Usage, unpriced_estimated_and_sandbox_requests_are_counted) {
  sample::Folder folder;
  auto store = sample::open(folder);
  RequestIds ids(0);
  auto plain = sample::small_entry(ids);
  auto unpriced = sample::small_entry(ids);
  unpriced.attempts[0].price_known = false;
  unpriced.attempts[0].usage = {.input = 5, .known = true};
  auto failed_before_use = sample::small_entry(ids);  // no tokens: nothing to price
  failed_before_use.attempts[0].price_known = false;
  auto estimated = sample::small_entry(ids);
  estimated.usage = {.input = 5, .estimated = true};
  auto sandbox = sample::small_entry(ids);
  sandbox.sandbox = true;
  auto implausible = sample::small_entry(ids);
  implausible.usage = {.input = 5, .known = true, .implausible = true};
  auto uncertain = sample::small_entry(ids);
  uncertain.attempts[0] = unpriced.attempts[0];
  uncertain.attempts[0].price = price_catalog | price_tier_unknown;
  auto by_rule = sample::small_entry(ids);
  by_rule.attempts[0].price = price_by_rule;
  auto stated = sample::small_entry(ids);
  stated.usage.written = 9;
  stated.attempts[0].usage.written = 9;
  stated.attempts[0].price = price_stated;
  ASSERT_TRUE(sample::append(
      **store, {plain, unpriced, failed_before_use, estimated, sandbox, implausible, uncertain, by_rule, stated}));
  EXPECT_EQ((*(*store)->find(implausible.id))->usage, implausible.usage);
  const auto row = (*store)->usage({.by = UsageGroup::route})->at(0);
  EXPECT_EQ(row.requests, 9);
  EXPECT_EQ(row.implausible, 1);
  EXPECT_EQ(row.uncertain, 1);
  EXPECT_EQ(row.by_rule, 1);
  EXPECT_EQ(row.stated, 1);
  EXPECT_EQ(row.written, 9);
  EXPECT_EQ(row.unpriced, 1);
  EXPECT_EQ(row.estimated, 1);
  EXPECT_EQ(row.sandbox, 1);
}

TEST(Spending, is_kept_per_key_and_utc_day) {
  sample::Folder folder;
  auto store = sample::open(folder);
  RequestIds ids(0);
  std::map<std::pair<std::string, int64_t>, int64_t> expected;
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<Entry> entries;
    for (int i = 0; i < 10; ++i) {
      auto entry = sample::small_entry(ids, sample::now_us + batch * us_per_day / 7);
      entry.key_id = i == 0 ? "" : "key_" + std::to_string(i % 3);
      entry.cost = 1'000 * batch + i;
      if (i != 0) expected[{entry.key_id, entry.time_us / us_per_day}] += entry.cost;
      entries.push_back(std::move(entry));
    }
    ASSERT_TRUE(sample::append(**store, entries));
  }
  const auto first_day = sample::now_us / us_per_day + 1;
  std::erase_if(expected, [&](const auto& item) { return item.first.second < first_day; });
  std::map<std::pair<std::string, int64_t>, int64_t> found;
  const auto spent = (*store)->spending(first_day);
  ASSERT_TRUE(spent);
  for (const auto& spending : *spent) found[{spending.key_id, spending.day}] = spending.cost;
  EXPECT_EQ(found, expected);
}

KeyRecord sample_key(std::string id, uint8_t hash) {
  KeyRecord key{.id = std::move(id),
                .name = "mobile \"app\"",
                .hash = {},
                .hint = "x7f2",
                .routes = {"assistant", "a \"quoted\" one"},
                .requests_per_minute = 1,
                .tokens_per_minute = 2,
                .budget_per_day = 3,
                .budget_per_month = 4,
                .admin = true,
                .created_us = 5,
                .revoked_us = 6};
  key.hash.fill(hash);
  return key;
}

TEST(Keys, every_field_comes_back_and_last_use_comes_from_the_ledger) {
  sample::Folder folder;
  auto store = sample::open(folder);
  auto first = sample_key("key_1", 1);
  auto second = sample_key("key_2", 0);
  second.routes.clear();
  second.created_us = 4;
  ASSERT_TRUE((*store)->put_key(first));
  ASSERT_TRUE((*store)->put_key(second));
  EXPECT_EQ(*(*store)->keys(), (std::vector{second, first}));  // in order of creation

  RequestIds ids(0);
  ASSERT_TRUE(sample::append(
      **store, {sample::full_entry(ids, sample::now_us + 2 * us_per_day), sample::full_entry(ids, sample::now_us)}));
  first.last_used_us = sample::now_us + 2 * us_per_day;
  EXPECT_EQ(*(*store)->keys(), (std::vector{second, first}));
}

TEST(Keys, the_version_changes_with_every_key_and_with_no_entry_also_across_connections) {
  sample::Folder folder;
  auto server = sample::open(folder);
  auto command = sample::open(folder);
  RequestIds ids(0);
  auto version = (*server)->keys_version();
  ASSERT_TRUE(version);
  ASSERT_TRUE(sample::append(**server, {sample::full_entry(ids)}));
  EXPECT_EQ(*(*server)->keys_version(), *version);
  for (int i = 0; i < 3; ++i) {
    auto key = sample_key("key_1", 1);
    key.revoked_us = i;
    ASSERT_TRUE((*command)->put_key(key));
    const auto next = (*server)->keys_version();
    EXPECT_NE(*next, *version);
    version = next;
  }
  EXPECT_EQ((*server)->keys()->size(), 1U);
}

}  // namespace
}  // namespace weir
