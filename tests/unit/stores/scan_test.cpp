// What every store must do when it is read as a stream.
#include <gtest/gtest.h>

#include "sample.h"

namespace weir {
namespace {

// Keeps all that it is shown, with texts of its own.
class Recorder final : public ScanVisitor {
 public:
  struct Request {
    ScannedRequest row;
    std::vector<std::string> texts;
  };
  struct Attempt {
    ScannedAttempt row;
    std::vector<std::string> texts;
  };
  void oldest(int64_t time_us) override { oldest_us = time_us; }
  void request(const ScannedRequest& row) override {
    EXPECT_TRUE(attempts.empty()) << "requests come before attempts";
    auto& kept = requests.emplace_back(Request{.row = row, .texts = {}});
    for (const auto text :
         {row.caller, row.key_id, row.route, row.requested, row.classes, row.tags, row.model, row.zone, row.outcome}) {
      kept.texts.emplace_back(text);
    }
  }
  void attempt(const ScannedAttempt& row) override {
    auto& kept = attempts.emplace_back(Attempt{.row = row, .texts = {}});
    for (const auto text : {row.model, row.provider, row.zone, row.outcome}) kept.texts.emplace_back(text);
  }

  int64_t oldest_us = -1;
  std::vector<Request> requests;
  std::vector<Attempt> attempts;
};

class Scan : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto opened = open_store(GetParam(), {.folder = folder_.path()});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  Recorder scanned(const ScanQuery& query) {
    Recorder recorder;
    const auto done = store_->scan(query, recorder);
    EXPECT_TRUE(done) << done.error().message;
    return recorder;
  }
  sample::Folder folder_;
  RequestIds ids_{0};
  std::unique_ptr<Store> store_;
};

TEST_P(Scan, an_empty_ledger_shows_nothing) {
  const auto seen = scanned({});
  EXPECT_EQ(seen.oldest_us, 0);
  EXPECT_TRUE(seen.requests.empty());
}

TEST_P(Scan, every_field_comes_through) {
  const auto entry = sample::full_entry(ids_);
  ASSERT_TRUE(sample::append(*store_, {entry, sample::small_entry(ids_, sample::now_us + 1)}));
  const auto seen = scanned({});
  ASSERT_EQ(seen.requests.size(), 2U);
  const auto& row = seen.requests[0].row;
  EXPECT_EQ(seen.requests[0].texts,
            (std::vector<std::string>{entry.caller, entry.key_id, entry.route, entry.requested, entry.classes,
                                      entry.tags, entry.model, entry.zone, entry.outcome}));
  EXPECT_EQ(std::tie(row.time_us, row.operation, row.stream, row.usage, row.cost, row.first_token_us, row.duration_us),
            std::tie(entry.time_us, entry.operation, entry.stream, entry.usage, entry.cost, entry.first_token_us,
                     entry.duration_us));
  EXPECT_EQ(std::tie(row.sandbox, row.asked), std::tie(entry.sandbox, entry.asked));
  EXPECT_EQ(row.baseline_cost, entry.baseline_cost);
  EXPECT_FALSE(row.priced);
  EXPECT_FALSE(seen.requests[1].row.baseline_cost);
  EXPECT_FALSE(seen.requests[1].row.asked.known);

  ASSERT_EQ(row.attempts, 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& wanted = entry.attempts[i];
    const auto& attempt = seen.attempts[i].row;
    EXPECT_EQ(attempt.number, row.first_attempt + static_cast<int64_t>(i));
    EXPECT_EQ(seen.attempts[i].texts,
              (std::vector<std::string>{wanted.model, wanted.provider, wanted.zone, wanted.outcome}));
    EXPECT_EQ(std::tie(attempt.http_status, attempt.started_us, attempt.first_token_us, attempt.duration_us),
              std::tie(wanted.http_status, wanted.started_us, wanted.first_token_us, wanted.duration_us));
    EXPECT_EQ(std::tie(attempt.queue_us, attempt.usage, attempt.cost, attempt.price_known),
              std::tie(wanted.queue_us, wanted.usage, wanted.cost, wanted.price_known));
  }
}

TEST_P(Scan, only_the_span_asked_for_is_shown_and_the_oldest_of_all_is_said) {
  std::vector<Entry> entries;
  for (int i = 0; i < 10; ++i) entries.push_back(sample::full_entry(ids_, sample::now_us + i * 1'000'000));
  ASSERT_TRUE(sample::append(*store_, entries));
  const auto seen = scanned({.since_us = sample::now_us + 3'000'000, .until_us = sample::now_us + 6'000'000});
  EXPECT_EQ(seen.oldest_us, sample::now_us);
  ASSERT_EQ(seen.requests.size(), 3U);
  EXPECT_EQ(seen.requests[0].row.time_us, sample::now_us + 3'000'000);
  EXPECT_EQ(seen.attempts.size(), 6U);
}

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const auto& info : store_infos()) names.emplace_back(info.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Stores, Scan, ::testing::ValuesIn(engine_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace weir
