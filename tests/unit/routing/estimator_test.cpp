#include "routing/estimator.h"

#include <gtest/gtest.h>

#include "core/crc32.h"
#include "routing/dice.h"
#include "routing/gain_curve.h"
#include "routing/task_prompts.h"

namespace weir::routing {
namespace {

// Prompts of which the weak model fails those about the sea, mostly.
std::vector<LabelledRow> made_rows(std::size_t count, uint64_t seed) {
  constexpr std::array hard = {"ocean", "current", "tide", "salinity"};
  constexpr std::array easy = {"bread", "butter", "jam", "toast"};
  Dice dice(seed);
  std::vector<LabelledRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const bool sea = dice.unit() < 0.4;
    const auto& words = sea ? hard : easy;
    rows.push_back({.prompt = fmt::format("Question {} about {} and {}", i * 7919 + seed, words[dice.below(4)],
                                          words[dice.below(4)]),
                    .scored = true,
                    .weak = dice.unit() < (sea ? 0.2 : 0.9) ? 1.0 : 0.0,
                    .strong = dice.unit() < 0.9 ? 1.0 : 0.0,
                    .subject = sea ? "sea" : "food",
                    .task = ""});
  }
  return rows;
}

double apgr(const GainModel& model, const std::vector<LabelledRow>& rows) {
  std::vector<Outcome> outcomes;
  for (const auto& row : rows) outcomes.push_back({model.score(text_features(row.prompt)), row.weak, row.strong});
  return gain_curve(outcomes).apgr.value_or(0);
}

const Estimator& small_one() {
  static const Estimator made = [] {
    Estimator out;
    out.notes = {.made = "2026-11-29T00:00:00Z", .rows = 400, .apgr = 0.75};
    GainSettings settings;
    settings.trees.rounds = 10;
    out.gain = GainModel::train(made_rows(2100, 1), settings);
    const auto prompts = task_prompts(shipped_task_prompts(), PromptSet::training, 1);
    out.tasks = TaskModel::train(*prompts, {.ridge = 0.5, .rounds = 8});
    return out;
  }();
  return made;
}

void make_sum_right(std::string& bytes) {
  const uint32_t sum = crc32(std::string_view(bytes).substr(24));
  for (std::size_t i = 0; i < 4; ++i) bytes[20 + i] = static_cast<char>(sum >> (8 * i));
}

TEST(GainModel, learns_an_order_that_is_better_than_chance_on_rows_it_has_not_seen) {
  const auto model = GainModel::train(made_rows(600, 1), {});
  EXPECT_GT(apgr(model, made_rows(600, 2)), 0.65);
  EXPECT_GT(model.choice().apgr, 0.6);
}

TEST(GainModel, of_the_same_rows_is_the_same) {
  const auto rows = made_rows(300, 3);
  const auto one = GainModel::train(rows, {});
  const auto two = GainModel::train(rows, {});
  EXPECT_EQ(one.score(text_features("the tide")), two.score(text_features("the tide")));
  EXPECT_EQ(one.choice(), two.choice());
}

TEST(GainModel, difficulty_rises_with_the_score_and_stays_within_0_and_1) {
  const auto& model = small_one().gain;
  double before = 0;
  for (double score = -2; score <= 2; score += 0.01) {
    const double now = model.difficulty(score);
    EXPECT_GE(now, before);
    EXPECT_LE(now, 1);
    before = now;
  }
  EXPECT_GT(small_one().estimate("Question 9173 about tide and ocean").difficulty,
            small_one().estimate("Question 9173 about bread and jam").difficulty + 0.2);
}

TEST(GainModel, can_be_made_of_few_and_odd_rows) {
  for (const std::size_t count : {1U, 2U, 5U}) {
    const auto model = GainModel::train(made_rows(count, 1), {});
    EXPECT_TRUE(std::isfinite(model.score(text_features("anything"))));
    EXPECT_TRUE(model.well_formed());
  }
  std::vector<LabelledRow> same(50, {.prompt = "a", .scored = true, .weak = 1, .strong = 1, .subject = "", .task = ""});
  EXPECT_TRUE(GainModel::train(same, {}).well_formed());
}

TEST(TaskModel, that_ships_tells_the_usual_ones_apart) {
  const auto& tasks = small_one().tasks;
  const auto of = [&](std::string_view prompt) { return tasks.task_of(text_features(prompt)); };
  EXPECT_EQ(of("hello"), "greeting");
  EXPECT_EQ(of("Guten Morgen"), "greeting");
  EXPECT_EQ(of("Translate the following text into German: The cat sleeps."), "translation");
  EXPECT_EQ(of("Escribe un poema sobre el mar."), "creative");
  EXPECT_EQ(of("Write a Python function that sorts a list: def sort(a):"), "code");
}

TEST(EstimatorFile, reads_back_as_it_was_written) {
  const auto bytes = write_estimator(small_one());
  const auto read = read_estimator(bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->notes.made, small_one().notes.made);
  EXPECT_EQ(read->notes.rows, 400U);
  for (const auto* prompt : {"hello", "Question about tide", "Write a poem on bread"}) {
    EXPECT_EQ(read->estimate(prompt).task, small_one().estimate(prompt).task);
    EXPECT_NEAR(read->estimate(prompt).difficulty, small_one().estimate(prompt).difficulty, 0.1);
  }
  EXPECT_TRUE(read_estimator(write_estimator(*read)));
}

TEST(EstimatorFile, that_is_cut_off_is_refused_at_every_byte) {
  const auto bytes = write_estimator(small_one());
  for (std::size_t length = 0; length < bytes.size(); length += length < 200 ? 1 : 997) {
    const auto read = read_estimator(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(read) << length;
    EXPECT_FALSE(read.error().message.empty());
  }
}

TEST(EstimatorFile, with_a_changed_byte_is_refused) {
  const auto good = write_estimator(small_one());
  for (std::size_t at = 0; at < good.size(); at += at < 100 ? 1 : 1009) {
    auto bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    EXPECT_FALSE(read_estimator(bytes)) << at;
  }
}

TEST(EstimatorFile, that_lies_with_a_right_checksum_is_refused_or_harmless) {
  const auto good = write_estimator(small_one());
  Dice dice(5);
  for (int i = 0; i < 400; ++i) {
    auto bytes = good;
    const auto at = 24 + dice.below(i % 2 == 0 ? 400 : bytes.size() - 24);
    bytes[at] = static_cast<char>(dice.next());
    make_sum_right(bytes);
    const auto read = read_estimator(bytes);
    if (!read) continue;
    const auto estimate = read->estimate("Question about tide and bread");
    EXPECT_GE(estimate.difficulty, 0);
    EXPECT_LE(estimate.difficulty, 1);
  }
}

TEST(EstimatorFile, of_a_later_version_says_so) {
  auto bytes = write_estimator(small_one());
  bytes[8] = 2;
  const auto read = read_estimator(bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("version 2"), std::string::npos);
}

TEST(Estimator, that_ships_is_good) {
  const auto shipped = shipped_estimator();
  EXPECT_TRUE(shipped->tasks.well_formed());
  EXPECT_TRUE(shipped->gain.well_formed());
  EXPECT_GT(shipped->notes.rows, 1000U);
  EXPECT_LT(shipped->estimate("hi").difficulty,
            shipped->estimate("Prove that every finite integral domain is a field.").difficulty);
}

}  // namespace
}  // namespace weir::routing
