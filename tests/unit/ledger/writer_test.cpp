#include "ledger/writer.h"

#include <future>
#include <set>

#include <gtest/gtest.h>

#include "ledger/query.h"
#include "support/fake_store.h"

namespace weir {
namespace {

using test::FakeStore;
using test::FakeStoreState;

Entry entry_of(std::string id) {
  Entry entry;
  entry.id = std::move(id);
  entry.outcome = "as recorded";
  return entry;
}

// Waits on the writer's own thread, as a command would.
Result<std::optional<Entry>> find(Writer& writer, std::string id) {
  std::promise<Result<std::optional<Entry>>> found;
  writer.find(std::move(id), [&](Result<std::optional<Entry>> result) { found.set_value(std::move(result)); });
  return found.get_future().get();
}

class WriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<Writer> make(WriterOptions options = {}) {
    return std::make_unique<Writer>(
        std::make_unique<FakeStore>(state_),
        [this](const Error* error, const Writer::Stats& stats) {
          reports_.push_back({error != nullptr ? error->message : "", stats});
        },
        options);
  }

  struct Report {
    std::string message;
    Writer::Stats stats;
  };
  std::shared_ptr<FakeStoreState> state_ = std::make_shared<FakeStoreState>();
  std::vector<Report> reports_;  // written by the writer's thread: read after the writer is gone
};

TEST_F(WriterTest, entries_to_fill_in_carry_nothing_of_those_whose_memory_they_have) {
  auto writer = make();
  BlankEntries blanks(*writer);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Writer::Node>> nodes;
    for (int i = 0; i < 100; ++i) nodes.push_back(blanks.take());
    for (auto& node : nodes) {
      ASSERT_EQ(entry_json(node->entry), entry_json(Entry{})) << "in round " << round;
      ASSERT_EQ(node->next, nullptr);
      auto& entry = node->entry;
      const std::string text = "longer than what fits into a string itself";
      for (auto* field : {&entry.id, &entry.caller, &entry.key_id, &entry.route, &entry.requested, &entry.reason,
                          &entry.classes, &entry.tags, &entry.model, &entry.provider, &entry.zone, &entry.outcome}) {
        *field = text;
      }
      entry.plan = std::make_shared<const std::string>("{}");
      entry.operation = Operation::embedding;
      entry.http_status = 200;
      entry.stream = entry.baseline_known = entry.sandbox = true;
      entry.usage = {.input = 1, .cached = 2, .output = 3, .reasoning = 4, .known = true, .estimated = true};
      for (auto* field :
           {&entry.time_us, &entry.cost, &entry.baseline_cost, &entry.first_token_us, &entry.duration_us}) {
        *field = 7;
      }
      entry.attempts.push_back({.model = text});
      writer->record(std::move(node));
    }
    ASSERT_TRUE(writer->flush());
  }
  EXPECT_EQ(writer->stats().committed, 300);
}

TEST_F(WriterTest, all_entries_of_many_threads_are_committed_once_and_in_order_of_each) {
  constexpr int threads = 4;
  constexpr int each = 20'000;
  auto writer = make();
  std::vector<std::thread> producers;
  for (int t = 0; t < threads; ++t) {
    producers.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) writer->record(entry_of(fmt::format("{}-{:05}", t, i)));
    });
  }
  for (auto& producer : producers) producer.join();
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(writer->stats().committed, threads * each);
  EXPECT_EQ(writer->stats().queued, 0);
  writer.reset();
  std::map<char, std::string> last;
  for (const auto& id : state_->ids) {
    EXPECT_LT(last[id[0]], id);
    last[id[0]] = id;
  }
  EXPECT_EQ(std::set(state_->ids.begin(), state_->ids.end()).size(), state_->ids.size());
  EXPECT_TRUE(reports_.empty());
}

TEST_F(WriterTest, entries_are_committed_in_groups) {
  auto writer = make();
  for (int i = 0; i < 10'000; ++i) writer->record(entry_of(std::to_string(i)));
  ASSERT_TRUE(writer->flush());
  EXPECT_LT(state_->batches.size(), 100U);
}

TEST_F(WriterTest, an_entry_is_committed_without_anybody_asking) {
  auto writer = make();
  for (int round = 0; round < 3; ++round) {
    writer->record(entry_of(std::to_string(round)));
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);  // a lost wake-up would hang here
    while (writer->stats().committed <= round && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    ASSERT_EQ(writer->stats().committed, round + 1);
    const std::lock_guard lock(state_->mutex);
    ASSERT_EQ(state_->ids.back(), std::to_string(round));
  }
}

TEST_F(WriterTest, the_destructor_commits_what_is_left) {
  auto writer = make({.commit_every_us = 3'600'000'000});
  for (int i = 0; i < 1'000; ++i) writer->record(entry_of(std::to_string(i)));
  writer.reset();
  EXPECT_EQ(state_->ids.size(), 1'000U);
}

TEST_F(WriterTest, a_failing_store_is_tried_again_until_it_works_and_nothing_is_lost) {
  state_->failing = true;
  auto writer = make({.commit_every_us = 1'000, .retry_every_us = 1'000});
  for (int i = 0; i < 100; ++i) writer->record(entry_of(std::to_string(i)));
  const auto failed = writer->flush();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the disk is full");
  while (state_->attempts < 5) std::this_thread::yield();
  EXPECT_TRUE(writer->stats().failing);
  EXPECT_EQ(writer->stats().queued, 100);
  for (int i = 100; i < 200; ++i) writer->record(entry_of(std::to_string(i)));
  state_->failing = false;
  ASSERT_TRUE(writer->flush());
  EXPECT_FALSE(writer->stats().failing);
  EXPECT_EQ(writer->stats().dropped, 0);
  EXPECT_GE(writer->stats().failed_commits, 5);
  writer.reset();
  ASSERT_EQ(state_->ids.size(), 200U);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(state_->ids[static_cast<std::size_t>(i)], std::to_string(i));
  ASSERT_EQ(reports_.size(), 2U) << "once when it began, once when it was over";
  EXPECT_EQ(reports_[0].message, "the disk is full");
  EXPECT_EQ(reports_[1].message, "");
}

TEST_F(WriterTest, what_does_not_fit_into_the_queue_is_counted_and_reported) {
  state_->failing = true;
  auto writer = make({.commit_every_us = 1'000, .retry_every_us = 1'000, .max_queued = 10});
  for (int i = 0; i < 25; ++i) writer->record(entry_of(std::to_string(i)));
  EXPECT_EQ(writer->stats().dropped, 15);
  EXPECT_EQ(writer->stats().queued, 10);
  state_->failing = false;
  ASSERT_TRUE(writer->flush());
  writer->record(entry_of("later"));
  ASSERT_TRUE(writer->flush());
  writer.reset();
  EXPECT_EQ(state_->ids.size(), 11U);
  ASSERT_FALSE(reports_.empty());
  EXPECT_EQ(reports_.back().stats.dropped, 15);
}

TEST_F(WriterTest, a_store_that_is_too_slow_makes_the_queue_crowded_and_a_failing_one_does_not) {
  {
    auto writer = make({.commit_every_us = 1'000, .max_queued = 10});
    EXPECT_FALSE(writer->crowded());
    std::unique_lock slow(state_->mutex);
    for (int i = 0; i < 5; ++i) writer->record(entry_of(std::to_string(i)));
    EXPECT_FALSE(writer->crowded());
    writer->record(entry_of("5"));
    EXPECT_TRUE(writer->crowded());
    slow.unlock();
    ASSERT_TRUE(writer->flush());
    EXPECT_FALSE(writer->crowded());
  }
  state_->failing = true;  // for as long as that takes requests are served all the same
  auto writer = make({.commit_every_us = 1'000, .retry_every_us = 1'000, .max_queued = 10});
  for (int i = 0; i < 10; ++i) writer->record(entry_of(std::to_string(i)));
  EXPECT_FALSE(writer->flush());
  EXPECT_FALSE(writer->crowded());
}

TEST_F(WriterTest, what_cannot_be_committed_at_the_end_is_counted_as_lost_and_reported) {
  state_->failing = true;
  auto writer = make();
  for (int i = 0; i < 3; ++i) writer->record(entry_of(std::to_string(i)));
  writer.reset();
  ASSERT_FALSE(reports_.empty());
  EXPECT_EQ(reports_.back().stats.dropped, 3);
  EXPECT_EQ(reports_.back().message, "the disk is full");
}

TEST_F(WriterTest, find_sees_entries_that_are_still_queued_and_those_that_could_not_be_committed) {
  auto writer = make({.commit_every_us = 3'600'000'000});
  writer->record(entry_of("a"));
  EXPECT_EQ((*find(*writer, "a"))->outcome, "from the store");
  state_->failing = true;
  writer->record(entry_of("b"));
  EXPECT_EQ((*find(*writer, "b"))->outcome, "as recorded");
  EXPECT_FALSE(*find(*writer, "c"));
}

TEST_F(WriterTest, a_task_runs_after_what_was_recorded_before_it) {
  auto writer = make();
  for (int i = 0; i < 50; ++i) {
    writer->record(entry_of(std::to_string(i)));
    std::promise<bool> seen;
    writer->run([&, i](Store& store) { seen.set_value(store.find(std::to_string(i))->has_value()); });
    EXPECT_TRUE(seen.get_future().get());
  }
}

}  // namespace
}  // namespace weir
