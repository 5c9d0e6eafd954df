// Answers in memory and on disk: for how long, how many, and what is left of those that went.
#include "answers/answer_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

namespace weir {
namespace {

constexpr int64_t minute_us = 60'000'000;

AnswerKey key_of(int number) {
  AnswerKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

std::shared_ptr<const std::string> text(std::size_t bytes) { return std::make_shared<const std::string>(bytes, 'x'); }

TEST(answer_shelf, never_holds_more_than_it_may_and_lets_the_least_used_go) {
  AnswerShelf shelf(100'000);
  for (int i = 0; i < 1'000; ++i) {
    shelf.keep(key_of(i), text(static_cast<std::size_t>(i * 37 % 9'000)), minute_us);
    EXPECT_LE(shelf.stats().bytes, 100'000U);
    EXPECT_TRUE(shelf.find(key_of(0), 0)) << "asked for each time, so the last to go: " << i;
  }
  EXPECT_GT(shelf.stats().dropped, 900U);
  EXPECT_FALSE(shelf.find(key_of(1), 0));
  shelf.resize(1'000);
  EXPECT_LE(shelf.stats().bytes, 1'000U);
}

TEST(answer_shelf, what_is_larger_than_a_quarter_of_it_is_not_kept_and_takes_the_older_one_away) {
  AnswerShelf shelf(100'000);
  shelf.keep(key_of(1), text(10), minute_us);
  shelf.keep(key_of(1), text(30'000), minute_us);
  EXPECT_FALSE(shelf.find(key_of(1), 0));
  EXPECT_EQ(shelf.stats().bytes, 0U);
}

TEST(answer_shelf, an_answer_is_good_until_its_time) {
  AnswerShelf shelf(100'000);
  shelf.keep(key_of(1), text(10), minute_us);
  EXPECT_TRUE(shelf.find(key_of(1), minute_us - 1));
  EXPECT_FALSE(shelf.find(key_of(1), minute_us));
  EXPECT_EQ(shelf.stats().answers, 0U) << "it takes no room any more";
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-answers-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path_ + "/answers.db"; }
  [[nodiscard]] bool holds(std::string_view what) const {
    for (const auto& one : std::filesystem::directory_iterator(path_)) {
      std::stringstream all;
      all << std::ifstream(one.path(), std::ios::binary).rdbuf();
      if (all.str().find(what) != std::string::npos) return true;
    }
    return false;
  }

 private:
  std::string path_;
};

struct Cache : testing::Test {
  Folder folder;
  std::atomic<int64_t> now_us{1'000 * minute_us};
  std::atomic<int> failures{0};
  std::optional<AnswerCache> cache;

  void start(const std::map<std::string, CacheRules>& routes, const std::string& file) {
    cache.emplace(
        file, [this](const Error&) { ++failures; }, [this] { return now_us.load(); });
    cache->set(routes);
  }
  void start(const std::map<std::string, CacheRules>& routes) { start(routes, folder.file()); }
  std::shared_ptr<const std::string> on_disk(std::string_view route, const AnswerKey& key) {
    std::promise<std::shared_ptr<const std::string>> found;
    cache->find_on_disk(route, key, [&](auto answer) { found.set_value(std::move(answer)); });
    return found.get_future().get();
  }
};

constexpr CacheRules in_memory{.ttl_ms = 60'000, .memory_bytes = 1 << 20};
constexpr CacheRules with_disk{.ttl_ms = 60'000, .memory_bytes = 1 << 20, .disk_bytes = 1 << 20};

TEST_F(Cache, routes_do_not_see_each_others_answers) {
  start({{"a", in_memory}, {"b", in_memory}});
  cache->keep("a", key_of(1), "of a");
  EXPECT_TRUE(cache->find("a", key_of(1)));
  EXPECT_FALSE(cache->find("b", key_of(1)));
  EXPECT_FALSE(cache->find("c", key_of(1)));
  EXPECT_FALSE(std::filesystem::exists(folder.file())) << "no route asked for a file";
}

TEST_F(Cache, what_is_on_disk_survives_a_restart_in_a_file_of_its_owner_alone) {
  start({{"a", with_disk}});
  cache->keep("a", key_of(1), "an answer");
  cache.reset();
  struct stat info {};
  ASSERT_EQ(::stat(folder.file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  start({{"a", with_disk}, {"b", with_disk}});
  EXPECT_FALSE(cache->find("a", key_of(1)));
  EXPECT_FALSE(on_disk("b", key_of(1))) << "another route's";
  const auto found = on_disk("a", key_of(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, "an answer");
  EXPECT_TRUE(cache->find("a", key_of(1))) << "from then on in memory";
  now_us += minute_us;
  EXPECT_FALSE(on_disk("a", key_of(1))) << "its time counts from when it was made";
  EXPECT_EQ(failures, 0);
}

TEST_F(Cache, a_route_that_keeps_nothing_any_more_leaves_nothing_behind) {
  start({{"a", with_disk}});
  cache->keep("a", key_of(1), "a very particular answer");
  EXPECT_TRUE(on_disk("a", key_of(1)));
  cache->set({});
  EXPECT_FALSE(cache->find("a", key_of(1)));
  cache.reset();
  start({});
  cache.reset();
  EXPECT_FALSE(folder.holds("particular"));
}

TEST_F(Cache, a_route_has_no_more_on_disk_than_it_may) {
  start({{"a", {.ttl_ms = 60'000, .memory_bytes = 1 << 20, .disk_bytes = 100'000}}});
  for (int i = 0; i < 200; ++i) {
    now_us += 1;
    cache->keep("a", key_of(i), std::string(5'000, 'x'));
    if (i % 10 == 9) on_disk("a", key_of(0));  // lets it write
  }
  on_disk("a", key_of(0));
  cache.reset();
  auto file = AnswerFile::open(folder.file());
  ASSERT_TRUE(file);
  EXPECT_LE(file->bytes("a").value_or(-1), 112'500) << "and an eighth, until it is swept";
  EXPECT_FALSE(file->find(key_of(199), now_us).value().answer.empty());
  EXPECT_TRUE(file->find(key_of(0), now_us).value().answer.empty());
}

TEST_F(Cache, a_file_that_is_none_is_reported_once_and_memory_goes_on) {
  std::ofstream(folder.file()) << "this is no database, and long enough to be looked into: " << std::string(4'096, '?');
  start({{"a", with_disk}});
  cache->keep("a", key_of(1), "an answer");
  EXPECT_FALSE(on_disk("a", key_of(2)));
  EXPECT_TRUE(cache->find("a", key_of(1)));
  EXPECT_EQ(failures, 1);
}

TEST_F(Cache, a_disk_that_cannot_be_written_to_loses_only_the_file) {
  start({{"a", with_disk}}, "/dev/full/answers.db");
  cache->keep("a", key_of(1), "an answer");
  EXPECT_FALSE(on_disk("a", key_of(2)));
  EXPECT_TRUE(cache->find("a", key_of(1)));
}

TEST_F(Cache, two_caches_on_one_file_do_each_others_answers_no_harm) {
  start({{"a", with_disk}});
  AnswerCache other(
      folder.file(), [this](const Error&) { ++failures; }, [this] { return now_us.load(); });
  other.set({{"a", with_disk}});
  for (int i = 0; i < 200; ++i) (i % 2 == 0 ? *cache : other).keep("a", key_of(i), fmt::format("answer {}", i));
  std::promise<void> written;
  other.find_on_disk("a", key_of(1'000), [&](const auto&) { written.set_value(); });
  written.get_future().get();
  for (int i = 0; i < 200; ++i) {
    const auto found = on_disk("a", key_of(i));
    ASSERT_TRUE(found) << i;
    EXPECT_EQ(*found, fmt::format("answer {}", i));
  }
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace weir
