// What experiments saw, in its file: what a restart finds, moves by hand from outside, texts that go, and how many
// copies there may be.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/dial_settings.h"
#include "core/experiment_settings.h"
#include "trials/arm_summary.h"
#include "trials/pair_summary.h"
#include "trials/trial_keeper.h"

namespace weir {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-trials-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path_ + "/experiments.db"; }
  [[nodiscard]] bool holds(std::string_view text) const {
    for (const auto& one : std::filesystem::directory_iterator(path_)) {
      std::stringstream all;
      all << std::ifstream(one.path(), std::ios::binary).rdbuf();
      if (all.str().find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  std::string path_;
};

template <typename Holds>
bool soon(const Holds& holds) {
  for (int i = 0; i < 2'000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::shared_ptr<const Snapshot> snapshot_with(std::vector<ExperimentSettings> experiments) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->models.resize(2);
  snapshot->models[0].id = "small";
  snapshot->models[1].id = "large";
  snapshot->routes.resize(1);
  snapshot->routes[0].name = "helper";
  snapshot->routes[0].dial = std::make_shared<DialSettings>(DialSettings{.keep_quality = 900'000, .of = 1, .model = 0});
  for (auto& one : experiments) {
    snapshot->experiments.push_back(std::make_shared<const ExperimentSettings>(std::move(one)));
  }
  return snapshot;
}

ExperimentSettings dial_settings() {
  return {.name = "dial:helper", .kind = ExperimentKind::dial, .route = "helper", .models = {0, 1}};
}

Comparison equal_pair(double share, std::string_view task = "") {
  Comparison one{.experiment = "dial:helper", .route = "helper", .task = std::string(task), .request = "r"};
  one.share = static_cast<int64_t>(share * whole_share);
  one.tested = {.model = "small", .score = whole_share, .duration_us = 1'000};
  one.reference = {.model = "large", .score = whole_share, .cost = 500, .duration_us = 2'000};
  return one;
}

struct Trials : testing::Test {
  Folder folder;
  std::atomic<int64_t> now_us{1'000'000'000};
  std::atomic<int> errors{0};
  std::atomic<int> moves{0};
  std::optional<TrialKeeper> keeper;

  void start(const std::shared_ptr<const Snapshot>& snapshot) {
    keeper.emplace(
        folder.file(),
        TrialKeeper::Says{.error = [this](const Error&) { ++errors; }, .moved = [this](const ShareMove&) { ++moves; }},
        [this] { return now_us.load(); });
    keeper->set(snapshot);
  }
  [[nodiscard]] double share(std::string_view task = "") const {
    return keeper->shares()->share("dial:helper", task).value_or(-1);
  }
  // Until the dial stands at `least`, with pairs of its own share.
  bool dial_to(double least, std::string_view task = "") {
    return soon([&] {
      for (int i = 0; i < 50; ++i) keeper->keep(equal_pair(share(task), task), std::nullopt);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      return share(task) >= least;
    });
  }
};

TEST_F(Trials, a_dial_moves_for_its_task_alone_and_comes_back_after_a_restart) {
  const auto snapshot = snapshot_with({dial_settings()});
  start(snapshot);
  ASSERT_TRUE(soon([&] { return share() == 0.1; }));
  ASSERT_TRUE(dial_to(0.5, "faq"));
  EXPECT_EQ(share("code"), 0.1);
  keeper.reset();
  EXPECT_EQ(errors, 0);
  EXPECT_GT(moves, 2);
  // What was told last is in the file.
  auto shelf = TrialShelf::open(folder.file(), TrialShelf::Access::read_only);
  ASSERT_TRUE(shelf);
  const auto written = shelf->moves("dial:helper");
  ASSERT_TRUE(written);
  ASSERT_FALSE(written->empty());
  const auto last = static_cast<double>(written->back().to) / whole_share;
  EXPECT_FALSE(written->back().reason.empty());
  start(snapshot);
  ASSERT_TRUE(soon([&] { return share("faq") == last; })) << share("faq") << " is not " << last;
  EXPECT_EQ(share("code"), 0.1);
  EXPECT_TRUE(dial_to(std::min(1.0, last + 0.05), "faq"));
}

TEST_F(Trials, moves_by_hand_from_another_process_are_taken_up) {
  start(snapshot_with({dial_settings()}));
  ASSERT_TRUE(dial_to(0.3));
  auto shelf = TrialShelf::open(folder.file(), TrialShelf::Access::existing);
  ASSERT_TRUE(shelf);
  TrialShelf::Batch batch;
  batch.moves.push_back({.experiment = "dial:helper",
                         .from = 300'000,
                         .to = 200'000,
                         .state = "held",
                         .reason = "by hand",
                         .by_hand = true});
  ASSERT_TRUE(shelf->add(batch));
  EXPECT_TRUE(soon([&] { return share() == 0.2; }));
  batch.moves.front().state = "stopped";
  ASSERT_TRUE(shelf->add(batch));
  EXPECT_TRUE(soon([&] { return keeper->shares()->stopped("dial:helper"); }));
  batch.moves.front().state = "running";
  ASSERT_TRUE(shelf->add(batch));
  EXPECT_TRUE(soon([&] { return share() == 0.2; }));
}

TEST_F(Trials, a_canary_that_rolled_back_stays_so_after_a_restart) {
  const auto snapshot = snapshot_with({{.name = "fly",
                                        .kind = ExperimentKind::canary,
                                        .route = "helper",
                                        .models = {0},
                                        .steps = {100'000, 500'000, whole_share}}});
  start(snapshot);
  ASSERT_TRUE(soon([&] { return keeper->shares()->share("fly", "").value_or(-1) == 0.1; }));
  for (int i = 0; i < 400; ++i) {
    keeper->keep(ArmOutcome{.experiment = "fly", .arm = "others", .score = whole_share, .duration_us = 1'000});
    keeper->keep(ArmOutcome{.experiment = "fly", .arm = "small", .ok = false, .duration_us = 1'000});
  }
  ASSERT_TRUE(soon([&] { return keeper->shares()->share("fly", "").value_or(-1) == 0; }));
  keeper.reset();
  start(snapshot);
  ASSERT_TRUE(soon([&] { return !keeper->shares()->stopped("fly"); }));
  EXPECT_EQ(keeper->shares()->share("fly", ""), 0);
}

TEST_F(Trials, kept_texts_are_gone_from_the_file_when_their_time_is_over) {
  start(snapshot_with({dial_settings()}));
  keeper->keep(equal_pair(0.1), KeptTexts{.question = "the-question-that-was-kept",
                                          .tested = "one answer",
                                          .reference = "another",
                                          .until_us = now_us + 120'000'000});
  ASSERT_TRUE(soon([&] { return folder.holds("the-question-that-was-kept"); }));
  struct stat info {};
  ASSERT_EQ(::stat(folder.file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077U, 0U);
  now_us += 240'000'000;
  EXPECT_TRUE(soon([&] { return !folder.holds("the-question-that-was-kept"); }));
}

TEST_F(Trials, copies_are_bounded_at_once_and_a_minute) {
  start(snapshot_with({}));
  const ExperimentSettings settings{.name = "trial", .at_once = 2, .per_minute = 3};
  EXPECT_TRUE(keeper->begin_copy(settings));
  EXPECT_TRUE(keeper->begin_copy(settings));
  EXPECT_FALSE(keeper->begin_copy(settings));
  keeper->end_copy("trial");
  EXPECT_TRUE(keeper->begin_copy(settings));
  keeper->end_copy("trial");
  EXPECT_FALSE(keeper->begin_copy(settings)) << "three in this minute";
  now_us += 60'000'000;
  EXPECT_TRUE(keeper->begin_copy(settings));
  EXPECT_EQ(keeper->copies(), 2);
}

TEST(PairSummary, counts_votes_by_hand_before_scores_and_says_what_is_missing) {
  PairSummary summary(0.05);
  Comparison one;
  one.tested = {.model = "small", .score = 500'000, .cost = 0, .duration_us = 3'000};
  one.reference = {.model = "large", .score = whole_share, .cost = 1'000'000, .duration_us = 1'000};
  summary.add(one);
  EXPECT_EQ(summary.judged.reference, 1);
  EXPECT_DOUBLE_EQ(summary.wins(), 0);
  one.vote = Vote::tested;
  summary.add(one);
  EXPECT_EQ(summary.by_hand.tested, 1);
  EXPECT_DOUBLE_EQ(summary.wins(), 0.5);
  EXPECT_DOUBLE_EQ(summary.cost.mean(), -1);
  EXPECT_EQ(summary.time_ms.value(), 2);
  EXPECT_DOUBLE_EQ(summary.difference.mean(), -0.5);
  std::string text;
  json::Writer out(text);
  out.begin_object();
  append_json(out, summary);
  out.end_object();
  json::Document document;
  ASSERT_TRUE(document.parse(text)) << text;
  EXPECT_NE(sentence(summary).find("not enough evidence yet"), std::string::npos);
}

}  // namespace
}  // namespace weir
