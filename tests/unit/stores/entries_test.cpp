// What every store must do with entries: run for each line of stores.def that works in a folder.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sample.h"

namespace weir {
namespace {

void expect_equal(const AttemptEntry& a, const AttemptEntry& b) {
  EXPECT_EQ(std::tie(a.model, a.provider, a.zone, a.outcome, a.message, a.http_status, a.started_us),
            std::tie(b.model, b.provider, b.zone, b.outcome, b.message, b.http_status, b.started_us));
  EXPECT_EQ(std::tie(a.first_token_us, a.duration_us, a.queue_us, a.bad_events, a.partial, a.cost, a.price_known),
            std::tie(b.first_token_us, b.duration_us, b.queue_us, b.bad_events, b.partial, b.cost, b.price_known));
  EXPECT_EQ(std::tie(a.purpose, a.score, a.redacted), std::tie(b.purpose, b.score, b.redacted));
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.price, b.price);
}

void expect_equal(const Entry& a, const Entry& b) {
  EXPECT_EQ(std::tie(a.id, a.time_us, a.operation, a.caller, a.key_id, a.route, a.requested, a.reason, a.classes),
            std::tie(b.id, b.time_us, b.operation, b.caller, b.key_id, b.route, b.requested, b.reason, b.classes));
  EXPECT_EQ(std::tie(a.tags, a.model, a.provider, a.zone, a.outcome, a.http_status, a.stream, a.cost, a.baseline_cost),
            std::tie(b.tags, b.model, b.provider, b.zone, b.outcome, b.http_status, b.stream, b.cost, b.baseline_cost));
  EXPECT_EQ(std::tie(a.baseline_known, a.first_token_us, a.duration_us, a.sandbox),
            std::tie(b.baseline_known, b.first_token_us, b.duration_us, b.sandbox));
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.asked, b.asked);
  EXPECT_EQ(std::tie(a.task, a.difficulty, a.redacted, a.cache, a.experiment, a.score, a.cache_saved),
            std::tie(b.task, b.difficulty, b.redacted, b.cache, b.experiment, b.score, b.cache_saved));
  ASSERT_EQ(a.plan == nullptr, b.plan == nullptr);
  if (a.plan) {
    EXPECT_EQ(*a.plan, *b.plan);
  }
  ASSERT_EQ(a.attempts.size(), b.attempts.size());
  for (std::size_t i = 0; i < a.attempts.size(); ++i) expect_equal(a.attempts[i], b.attempts[i]);
}

class Entries : public ::testing::TestWithParam<std::string> {
 protected:
  Result<std::unique_ptr<Store>> open(StoreAccess access = StoreAccess::read_write) {
    return open_store(GetParam(), {.folder = folder_.path(), .access = access});
  }
  sample::Folder folder_;
  RequestIds ids_{0};
};

TEST_P(Entries, every_field_comes_back_also_after_opening_again) {
  const auto entry = sample::full_entry(ids_);
  const auto bare = sample::small_entry(ids_);
  {
    auto store = open();
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE(sample::append(**store, {entry, bare}));
  }
  auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  for (const auto* expected : {&entry, &bare}) {
    const auto found = (*store)->find(expected->id);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_TRUE(*found);
    expect_equal(**found, *expected);
  }
}

// The store may leave an attempt out that ended as its request did: so it must see every difference.
TEST_P(Entries, an_only_attempt_comes_back_whatever_it_differs_in) {
  const std::vector<void (*)(AttemptEntry&)> changes = {
      [](AttemptEntry&) {},
      [](AttemptEntry& a) { a.model = "other"; },
      [](AttemptEntry& a) { a.provider = "other"; },
      [](AttemptEntry& a) { a.zone = "cloud"; },
      [](AttemptEntry& a) { a.outcome = "upstream_timeout"; },
      [](AttemptEntry& a) { a.message = "why"; },
      [](AttemptEntry& a) { a.http_status = 201; },
      [](AttemptEntry& a) { a.started_us = 91; },
      [](AttemptEntry& a) { a.first_token_us = 92; },
      [](AttemptEntry& a) { a.duration_us = 93; },
      [](AttemptEntry& a) { a.queue_us = 94; },
      [](AttemptEntry& a) { a.bad_events = 95; },
      [](AttemptEntry& a) { a.partial = true; },
      [](AttemptEntry& a) { a.usage.input = 96; },
      [](AttemptEntry& a) { a.usage.known = false; },
      [](AttemptEntry& a) { a.usage = {.known = true}; },
      [](AttemptEntry& a) { a.cost = 97; },
      [](AttemptEntry& a) { a.price_known = false; },
      [](AttemptEntry& a) { a.purpose = "shadow"; },
      [](AttemptEntry& a) { a.score = 0; },
      [](AttemptEntry& a) { a.redacted = true; },
      [](AttemptEntry& a) {
        a.usage = {};
        a.price_known = false;
      },
  };
  auto store = open();
  ASSERT_TRUE(store) << store.error().message;
  for (const auto change : changes) {
    auto entry = sample::full_entry(ids_);
    entry.attempts.erase(entry.attempts.begin());
    change(entry.attempts.front());
    ASSERT_TRUE(sample::append(**store, {entry}));
    const auto found = (*store)->find(entry.id);
    ASSERT_TRUE(found && *found);
    expect_equal(**found, entry);
  }
}

TEST_P(Entries, extremes_survive) {
  auto store = open();
  auto entry = sample::full_entry(ids_);
  entry.reason = std::string(1'000'000, 'x') + std::string("\0\xff", 2);
  entry.cost = INT64_MAX;
  entry.baseline_cost = INT64_MIN;
  entry.duration_us = INT64_MAX;
  entry.attempts.resize(1'000, entry.attempts[0]);
  ASSERT_TRUE(sample::append(**store, {entry}));
  expect_equal(**(*store)->find(entry.id), entry);
}

TEST_P(Entries, an_entry_appended_twice_is_there_once) {
  auto store = open();
  const auto first = sample::full_entry(ids_);
  const auto second = sample::full_entry(ids_, sample::now_us + 1);
  ASSERT_TRUE(sample::append(**store, {first}));
  ASSERT_TRUE(sample::append(**store, {first, second}));  // a batch whose fate was not known
  const auto rows = (*store)->usage({.by = UsageGroup::route});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0).requests, 2);
  EXPECT_EQ(rows->at(0).cost, first.cost + second.cost);
  EXPECT_EQ((*store)->spending(0)->at(0).cost, first.cost + second.cost);
  EXPECT_EQ((*(*store)->find(first.id))->attempts.size(), 2U);
}

TEST_P(Entries, requests_of_two_machines_in_the_same_microsecond_are_both_kept) {
  auto store = open();
  RequestIds other_machine(0);
  const auto ours = sample::full_entry(ids_);
  auto theirs = sample::small_entry(other_machine);
  ASSERT_EQ(parse_request_id(ours.id)->key, parse_request_id(theirs.id)->key);
  ASSERT_TRUE(sample::append(**store, {ours, theirs}));
  expect_equal(**(*store)->find(ours.id), ours);
  expect_equal(**(*store)->find(theirs.id), theirs);
}

TEST_P(Entries, entries_may_come_in_any_order_of_time) {
  auto store = open();
  std::vector<Entry> entries;
  for (int i = 0; i < 500; ++i) entries.push_back(sample::small_entry(ids_, sample::now_us + i * 1'000));
  std::vector<Entry> late(entries.begin() + 100, entries.begin() + 200);
  entries.erase(entries.begin() + 100, entries.begin() + 200);
  std::reverse(entries.begin(), entries.end());
  ASSERT_TRUE(sample::append(**store, entries));
  ASSERT_TRUE(sample::append(**store, late));
  for (const auto& entry : late) EXPECT_TRUE(*(*store)->find(entry.id));
  EXPECT_EQ((*store)->usage({.by = UsageGroup::route})->at(0).requests, 500);
}

TEST_P(Entries, an_id_that_is_not_ours_does_not_cost_the_row) {
  auto store = open();
  auto entry = sample::full_entry(ids_);
  entry.id = "something else";
  ASSERT_TRUE(sample::append(**store, {entry, sample::small_entry(ids_)}));
  EXPECT_EQ((*store)->usage({.by = UsageGroup::day})->at(0).requests, 2);
}

TEST_P(Entries, what_was_never_recorded_is_not_found) {
  auto store = open();
  ASSERT_TRUE(sample::append(**store, {sample::small_entry(ids_)}));
  for (const auto& id :
       {ids_.next(sample::now_us), std::string("req_"), std::string(), std::string("'; DROP TABLE x")}) {
    const auto found = (*store)->find(id);
    ASSERT_TRUE(found);
    EXPECT_FALSE(*found) << id;
  }
}

TEST_P(Entries, an_empty_append_is_fine) { EXPECT_TRUE((*open())->append({})); }

TEST_P(Entries, reading_only_sees_what_another_writes_and_can_write_nothing) {
  auto writing = open();
  const auto entry = sample::small_entry(ids_);
  ASSERT_TRUE(sample::append(**writing, {entry}));
  auto reading = open(StoreAccess::read_only);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(*(*reading)->find(entry.id));
  const auto later = sample::small_entry(ids_);
  ASSERT_TRUE(sample::append(**writing, {later}));
  EXPECT_TRUE(*(*reading)->find(later.id));
  EXPECT_FALSE(sample::append(**reading, {sample::small_entry(ids_)}));
}

TEST_P(Entries, reading_only_where_nothing_was_written_says_so) {
  const auto store = open(StoreAccess::read_only);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::not_found);
  EXPECT_NE(store.error().message.find(folder_.path()), std::string::npos);
}

TEST_P(Entries, the_data_is_readable_by_its_owner_alone) {
  auto store = open();
  ASSERT_TRUE(sample::append(**store, {sample::small_entry(ids_)}));
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
    EXPECT_EQ(file.status().permissions() & std::filesystem::perms::mask, std::filesystem::perms(0600)) << file.path();
  }
  EXPECT_EQ(std::filesystem::status(folder_.path()).permissions(), std::filesystem::perms(0700));
}

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const auto& info : store_infos()) names.emplace_back(info.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Stores, Entries, ::testing::ValuesIn(engine_names()),
                         [](const auto& test) { return test.param; });

TEST(OpenStore, an_unknown_engine_is_refused_with_the_ones_there_are) {
  const auto store = open_store("oracle", {.folder = "/nonexistent"});
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("oracle"), std::string::npos);
  EXPECT_NE(store.error().message.find("sqlite"), std::string::npos);
}

}  // namespace
}  // namespace weir
