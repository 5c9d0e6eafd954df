// Lessons → training data: each question once, nothing that may not leave, no near duplicate across the split.
#include "training/training_data.h"
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/stable_hash.h"
#include "training/near_duplicates.h"

namespace weir::test {
namespace {

std::string text_json(std::string_view role, std::string_view text) {
  std::string json;
  json::Writer out(json);
  out.begin_object().key("role").value(role).key("content").value(text).end_object();
  return json;
}

KeptLesson kept(std::string_view question, std::string_view first, std::string_view better, int64_t at = 1) {
  KeptLesson one;
  one.lesson.request_id = "req_" + std::to_string(at);
  one.lesson.time_us = at;
  one.lesson.route = "help";
  one.lesson.messages = "[" + text_json("system", "You help.") + "," + text_json("user", question) + "]";
  one.lesson.first_model = "small";
  one.lesson.first_answer = text_json("assistant", first);
  if (!better.empty()) {
    one.lesson.better_model = "large";
    one.lesson.better_answer = text_json("assistant", better);
  }
  return one;
}

struct Training : ::testing::Test {
  Training() {
    RouteSettings route{.name = "help"};
    Rule rule;
    rule.when.sensitive = class_personal;
    rule.zones.push_back(Zone{.kind = ZoneKind::local});
    route.rules.push_back(std::move(rule));
    snapshot.routes.push_back(std::move(route));
    snapshot.route_by_name.emplace("help", 0);
  }
  TrainingData make(std::vector<KeptLesson> lessons, TrainingOptions options = {.valid_share = 0}) {
    return training_data(std::move(lessons), snapshot, guards, options);
  }
  Snapshot snapshot;
  GuardSet guards{GuardSettings{}};
};

TEST_F(Training, the_better_answer_is_learned_and_the_first_one_is_the_worse_of_a_pair) {
  const auto lines = make({kept("What is a weir?", "No idea.", "A dam.")}).train;
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0],
            R"({"messages":[{"role":"system","content":"You help."},{"role":"user","content":"What is a weir?"},)"
            R"({"role":"assistant","content":"A dam."}]})");
  const auto pairs =
      make({kept("What is a weir?", "No idea.", "A dam.")}, {.format = TrainingFormat::dpo, .valid_share = 0});
  ASSERT_EQ(pairs.train.size(), 1U);
  EXPECT_NE(
      pairs.train[0].find(
          R"("chosen":[{"role":"assistant","content":"A dam."}],"rejected":[{"role":"assistant","content":"No idea."}])"),
      std::string::npos)
      << pairs.train[0];
  const auto shared =
      make({kept("What is a weir?", "No", "A dam.")}, {.format = TrainingFormat::sharegpt, .valid_share = 0});
  EXPECT_EQ(
      shared.train.at(0),
      R"({"conversations":[{"from":"system","value":"You help."},{"from":"human","value":"What is a weir?"},{"from":"gpt","value":"A dam."}]})");
}

TEST_F(Training, what_was_thought_badly_of_is_not_learned_unless_somebody_wrote_a_better_one) {
  auto bad = kept("What is a weir?", "A fish.", "");
  bad.feedback = 0;
  auto mended = kept("What is a lock?", "A fish.", "");
  mended.feedback = 0;
  mended.written_answer = "Two gates.";
  const auto data = make({bad, mended});
  EXPECT_EQ(data.left_out.bad, 1);
  ASSERT_EQ(data.train.size(), 1U);
  EXPECT_NE(data.train[0].find("Two gates."), std::string::npos);
  EXPECT_EQ(data.train[0].find("fish"), std::string::npos);
}

TEST_F(Training, what_the_route_keeps_in_stays_in) {
  const auto personal = kept("Write to anna.meier@example.com", "No.", "Dear anna.meier@example.com, hello.");
  EXPECT_EQ(make({personal}).left_out.forbidden, 1);
  const auto redacted = make({personal}, {.redact = true, .valid_share = 0});
  ASSERT_EQ(redacted.train.size(), 1U);
  EXPECT_EQ(redacted.train[0].find("anna.meier"), std::string::npos);
  EXPECT_NE(redacted.train[0].find("Write to <EMAIL_1>"), std::string::npos) << redacted.train[0];
  EXPECT_NE(redacted.train[0].find("Dear <EMAIL_1>"), std::string::npos) << "the same value, the same name";
  EXPECT_EQ(redacted.redacted, 1);
  auto declared = kept("The plan of project Bluebird", "No.", "Yes.");
  declared.lesson.classes = "personal";
  EXPECT_EQ(make({declared}, {.redact = true, .valid_share = 0}).left_out.forbidden, 1)
      << "what nothing finds cannot be taken out";
  auto unknown = kept("Something", "No.", "Yes.");
  unknown.lesson.classes = "custom:gone";
  EXPECT_EQ(make({unknown}, {.redact = true, .valid_share = 0}).left_out.forbidden, 1);
  auto elsewhere = personal;
  elsewhere.lesson.route = "deleted";
  EXPECT_EQ(make({elsewhere}).left_out.forbidden, 1) << "whose rules nobody knows any more";
}

TEST_F(Training, each_question_stands_there_once) {
  auto wanted = kept("What is a WEIR ?", "No.", "The wanted answer.", 5);
  wanted.feedback = 1;
  const auto data =
      make({kept("What is a weir ?", "No.", "A dam.", 1), wanted, kept("what is  a weir ?", "No.", "Newest.", 9)});
  ASSERT_EQ(data.train.size(), 1U);
  EXPECT_EQ(data.left_out.exact, 2);
  EXPECT_NE(data.train[0].find("The wanted answer."), std::string::npos);
}

TEST_F(Training, near_duplicates_never_stand_on_both_sides) {
  // Families of questions that differ in a word or two.
  std::minstd_rand random(11);
  const auto word = [&] { return "w" + std::to_string(random() % 5000); };
  std::vector<KeptLesson> lessons;
  std::vector<std::vector<std::string>> families(120);
  for (auto& family : families) {
    std::vector<std::string> words;
    for (int i = 0; i < 24; ++i) words.push_back(word());
    for (int variant = 0; variant < 4; ++variant) {
      auto varied = words;
      varied[static_cast<std::size_t>(random() % varied.size())] = word();
      family.push_back(fmt::format("{}", fmt::join(varied, " ")));
      lessons.push_back(kept(family.back(), "No.", "Yes.", static_cast<int64_t>(lessons.size() + 1)));
    }
  }
  std::shuffle(lessons.begin(), lessons.end(), random);
  const auto data = make(lessons, {.valid_share = 0.2});
  EXPECT_GT(data.valid.size(), 5U);
  EXPECT_GT(data.train.size(), 50U);
  const auto holds = [](const std::vector<std::string>& lines, const std::vector<std::string>& family) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return std::any_of(family.begin(), family.end(),
                         [&](const auto& one) { return line.find(one) != std::string::npos; });
    });
  };
  int leaked = 0;
  for (const auto& family : families) leaked += holds(data.train, family) && holds(data.valid, family) ? 1 : 0;
  EXPECT_EQ(leaked, 0);
  std::shuffle(lessons.begin(), lessons.end(), random);
  EXPECT_EQ(make(lessons, {.valid_share = 0.2}).valid, data.valid) << "whatever order they come in";
}

TEST(NearDuplicates, likeness_is_about_the_share_of_common_runs) {
  const std::string text =
      "the quick brown fox jumps over the lazy dog and runs far away into the dark green woods at night";
  EXPECT_EQ(alike(minhash_of(text), minhash_of(text)), 1);
  EXPECT_GT(alike(minhash_of(text), minhash_of(text + " again")), 0.8);
  EXPECT_LT(alike(minhash_of(text), minhash_of("a weir is a low barrier across a river that raises the water")), 0.1);
  EXPECT_EQ(alike(minhash_of(""), minhash_of("")), 0) << "nothing is like nothing";
  EXPECT_EQ(stable_hash("weir"), stable_hash("weir"));
}

}  // namespace
}  // namespace weir::test
