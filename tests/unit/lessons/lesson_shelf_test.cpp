// Lessons in their file: kept for as long as their route says, within its room, for their owner alone.
#include "lessons/lesson_shelf.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "lessons/lesson_keeper.h"

namespace weir::test {
namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-lessons-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
  [[nodiscard]] std::string file(const char* name) const { return (path / name).string(); }
};

Lesson lesson(int64_t number, std::string route = "help") {
  Lesson one{.request_id = "req_" + std::to_string(number), .time_us = number * 1'000'000, .route = std::move(route)};
  one.messages = R"([{"role":"user","content":"Grüß Gott, 'quoted' \"text\""}])";
  one.first_model = "small";
  one.first_answer = R"({"role":"assistant","content":"no"})";
  one.first_score = 0.1;
  one.features[2] = 0.25;
  one.keep_ms = 10'000;
  one.most_bytes = 1'000'000;
  return one;
}

std::vector<KeptLesson> all(LessonShelf& shelf, int64_t since_us = 0, std::string_view route = {}) {
  std::vector<KeptLesson> lessons;
  EXPECT_TRUE(shelf.each(since_us, route, [&](KeptLesson one) { lessons.push_back(std::move(one)); }));
  return lessons;
}

TEST(LessonShelf, what_was_kept_comes_back_as_it_was) {
  const Folder folder;
  auto shelf = LessonShelf::open(folder.file("l.db"), LessonShelf::Access::write);
  ASSERT_TRUE(shelf);
  const std::vector<Lesson> lessons{lesson(1), lesson(2, "other")};
  ASSERT_TRUE(shelf->add(lessons));
  const auto back = all(*shelf);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].lesson.messages, lessons[0].messages);
  EXPECT_EQ(back[0].lesson.first_score, 0.1);
  EXPECT_EQ(back[0].lesson.features[2], 0.25);
  EXPECT_EQ(back[0].feedback, -1);
  EXPECT_EQ(all(*shelf, 2'000'000).size(), 1U);
  EXPECT_EQ(all(*shelf, 0, "other").size(), 1U);
  struct stat status {};
  ASSERT_EQ(::stat(folder.file("l.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077U, 0U);
}

TEST(LessonShelf, feedback_goes_to_its_lesson_and_to_no_other) {
  const Folder folder;
  auto shelf = LessonShelf::open(folder.file("l.db"), LessonShelf::Access::write);
  ASSERT_TRUE(shelf->add(std::vector<Lesson>{lesson(1), lesson(2)}));
  EXPECT_TRUE(*shelf->add_feedback({.request_id = "req_2", .score = 0.75, .better_answer = "so"}));
  EXPECT_FALSE(*shelf->add_feedback({.request_id = "req_3", .score = 1, .better_answer = {}}));
  const auto back = all(*shelf);
  EXPECT_EQ(back[0].feedback, -1);
  EXPECT_EQ(back[1].feedback, 0.75);
  EXPECT_EQ(back[1].written_answer, "so");
}

TEST(LessonShelf, what_is_too_old_or_beyond_its_routes_room_goes) {
  const Folder folder;
  auto shelf = LessonShelf::open(folder.file("l.db"), LessonShelf::Access::write);
  std::vector<Lesson> lessons;
  for (int64_t i = 1; i <= 30; ++i) lessons.push_back(lesson(i, i % 2 == 0 ? "narrow" : "wide"));
  for (auto& one : lessons) {
    if (one.route == "narrow") one.most_bytes = static_cast<int64_t>(3 * one.bytes());
  }
  ASSERT_TRUE(shelf->add(lessons));
  while (shelf->sweep(15'000'000).value_or(0) > 0) {
  }
  for (const auto& kept : all(*shelf)) EXPECT_GE(kept.lesson.time_us + 10'000'000, 15'000'000);
  EXPECT_EQ(all(*shelf, 0, "narrow").size(), 3U);
  EXPECT_EQ(all(*shelf, 0, "narrow").back().lesson.request_id, "req_30") << "the newest stay";
  EXPECT_GE(all(*shelf, 0, "wide").size(), 12U);
}

TEST(LessonKeeper, what_was_handed_over_is_in_the_file_at_the_end) {
  const Folder folder;
  {
    LessonKeeper keeper(
        {.lessons = folder.file("l.db"), .weights = folder.file("w.json"), .ledger = folder.path.string()},
        [](const Error& error) { ADD_FAILURE() << error.message; }, [] { return int64_t{5'000'000}; });
    EXPECT_FALSE(std::filesystem::exists(folder.file("l.db"))) << "made with the first lesson";
    for (int64_t i = 1; i <= 5; ++i) keeper.keep(lesson(i));
    EXPECT_EQ(keeper.weights(), nullptr);
  }
  auto shelf = LessonShelf::open(folder.file("l.db"), LessonShelf::Access::read);
  ASSERT_TRUE(shelf);
  EXPECT_EQ(all(*shelf).size(), 5U);
}

}  // namespace
}  // namespace weir::test
