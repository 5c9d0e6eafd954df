// Turns in their file: who finds which, for how long, how much, and what is left of what was deleted.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "conversations/conversation_keeper.h"

namespace weir {
namespace {

using State = Conversation::State;
using Depth = ConversationShelf::Depth;
constexpr int64_t minute_us = 60'000'000;

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-kept-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path_ + "/responses.db"; }
  // Does any file here hold that text?
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

// A keeper on a scripted clock.
struct Kept : testing::Test {
  Folder folder;
  std::atomic<int64_t> now_us{1'000 * minute_us};
  std::atomic<int> failures{0};
  std::optional<ConversationKeeper> keeper;

  void start(int64_t keep_us = 10 * minute_us, int64_t most_bytes = 1 << 20) {
    keeper.emplace(
        folder.file(), ConversationKeeper::Settings{.keep_us = keep_us, .most_bytes = most_bytes},
        [this](const Error&) { ++failures; }, [this] { return now_us.load(); });
  }
  void keep(std::string owner, std::string id, int64_t previous = 0, std::string text = "x") {
    keeper->keep({.owner = std::move(owner),
                  .id = std::move(id),
                  .previous = previous,
                  .input = fmt::format("[\"{}\"]", text),
                  .answer = fmt::format("{{\"a\":\"{}\"}}", text),
                  .declared = "health"});
  }
  Result<Conversation> find(std::string owner, std::string id, Depth depth = Depth::all, int64_t most = INT64_MAX) {
    std::promise<Result<Conversation>> found;
    keeper->run([&](ConversationKeeper::Access& access) { found.set_value(access.find(owner, id, depth, most)); });
    return found.get_future().get();
  }
  // Ids of the turns in which these items stand.
  std::string turns_with(std::string owner, std::vector<std::string> items, int64_t most = INT64_MAX) {
    std::promise<std::string> found;
    keeper->run([&](ConversationKeeper::Access& access) {
      const auto turns = access.find_items(owner, items, most);
      std::string out = turns ? "" : std::string(to_string(turns.error().code));
      for (const auto& turn : turns.value_or(std::vector<Turn>())) out += turn.id + turn.input;
      found.set_value(out);
    });
    return found.get_future().get();
  }
  void keep_items(std::string owner, std::string id, std::vector<std::string> items, std::string input = "[]") {
    keeper->keep({.owner = std::move(owner),
                  .id = std::move(id),
                  .input = std::move(input),
                  .answer = "{}",
                  .items = std::move(items)});
  }
  State state(std::string owner, std::string id) { return find(std::move(owner), std::move(id)).value().state; }
  int64_t number(std::string owner, std::string id) {
    return find(std::move(owner), std::move(id)).value().turns.back().number;
  }
  void remove(std::string owner, std::string id) {
    std::promise<void> done;
    keeper->run([&](ConversationKeeper::Access& access) {
      EXPECT_TRUE(access.remove(owner, id));
      done.set_value();
    });
    done.get_future().get();
  }
  // Until what is too old or too much is gone.
  void sweep(int64_t keep_us, int64_t most_bytes) {
    keeper->set({.keep_us = keep_us, .most_bytes = most_bytes});
    keeper.reset();
    start(keep_us, most_bytes);
  }
};

TEST_F(Kept, a_turn_is_found_at_once_by_who_made_it_and_by_nobody_else) {
  start();
  keep("key_1", "resp_1", 0, "one");
  const auto found = find("key_1", "resp_1").value();
  ASSERT_EQ(found.state, State::whole);
  ASSERT_EQ(found.turns.size(), 1U);
  EXPECT_EQ(found.turns[0].id, "resp_1");
  EXPECT_EQ(found.turns[0].input, R"(["one"])");
  EXPECT_EQ(found.turns[0].answer, R"({"a":"one"})");
  EXPECT_EQ(found.turns[0].declared, "health");
  for (const auto* const other : {"key_2", "", "key_", "KEY_1"})
    EXPECT_EQ(state(other, "resp_1"), State::unknown) << other;
  for (const auto* const other : {"resp_2", "", "resp_"}) EXPECT_EQ(state("key_1", other), State::unknown) << other;
}

TEST_F(Kept, a_conversation_is_its_turns_in_their_order_and_may_branch) {
  start();
  keep("k", "a");
  keep("k", "b", number("k", "a"));
  keep("k", "c", number("k", "b"));
  keep("k", "b2", number("k", "a"));
  const auto ids = [&](std::string id) {
    std::string out;
    const auto found = find("k", std::move(id)).value();
    for (const auto& turn : found.turns) out += turn.id + " ";
    return out;
  };
  EXPECT_EQ(ids("c"), "a b c ");
  EXPECT_EQ(ids("b2"), "a b2 ");
  EXPECT_EQ(find("k", "c", Depth::last).value().turns.size(), 1U);
  const auto too_long = find("k", "c", Depth::all, 30);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, ErrorCode::body_too_large);
}

TEST_F(Kept, a_turn_is_found_by_what_stands_in_its_answer_as_long_as_it_is_there) {
  start();
  keep_items("k", "a", {"fc_1", "msg_1"});
  keep_items("k", "b", {"msg_2", "msg_2"});
  keep_items("other", "c", {"fc_1", "msg_3"});
  EXPECT_EQ(turns_with("k", {"msg_1", "fc_1", "nothing"}), "a[]") << "each turn once";
  EXPECT_EQ(turns_with("k", {"msg_2", "fc_1"}), "b[]a[]");
  EXPECT_EQ(turns_with("k", {"msg_3", ""}), "") << "another's";
  EXPECT_EQ(turns_with("k", {"msg_2", "fc_1"}, 5), "body_too_large");
  keep_items("k", "a2", {"fc_1"}, "[2]");
  EXPECT_EQ(turns_with("k", {"fc_1"}), "a2[2]") << "the newest";
  remove("k", "a2");
  EXPECT_EQ(turns_with("k", {"fc_1"}), "a[]");
  remove("k", "a");
  EXPECT_EQ(turns_with("k", {"fc_1", "msg_1"}), "");
  now_us += 11 * minute_us;
  EXPECT_EQ(turns_with("k", {"msg_2"}), "") << "too old";
}

TEST_F(Kept, nothing_of_an_items_id_is_left_of_a_turn_that_was_deleted) {
  start();
  keep_items("k", "a", {"fc_unmistakable"});
  keep_items("k", "b", {"fc_unmistakeable"});
  EXPECT_EQ(turns_with("k", {"fc_unmistakable"}), "a[]");
  remove("k", "a");
  EXPECT_FALSE(folder.holds("fc_unmistakable"));
}

TEST_F(Kept, an_id_that_comes_again_means_the_newest_and_changes_no_older_conversation) {
  start();
  keep("k", "same", 0, "first");
  keep("k", "next", number("k", "same"));
  keep("k", "same", 0, "second");
  EXPECT_EQ(find("k", "same").value().turns.back().input, R"(["second"])");
  EXPECT_EQ(find("k", "next").value().turns.front().input, R"(["first"])");
}

TEST_F(Kept, nobody_goes_on_from_anothers_turn_even_by_its_number) {
  start();
  keep("k", "a");
  keep("thief", "b", number("k", "a"));
  EXPECT_EQ(state("thief", "b"), State::in_part);
}

TEST_F(Kept, the_file_is_made_with_the_first_turn_for_its_owner_alone_and_outlives_its_process) {
  start();
  EXPECT_EQ(state("k", "a"), State::unknown);
  EXPECT_FALSE(std::filesystem::exists(folder.file())) << "nobody has asked for it";
  keep("k", "a");
  EXPECT_EQ(state("k", "a"), State::whole);
  for (const auto* const suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((folder.file() + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
  }
  keep("k", "b", number("k", "a"));
  keeper.reset();
  start();
  EXPECT_EQ(find("k", "b").value().turns.size(), 2U);
}

TEST_F(Kept, what_is_too_old_is_not_there_and_breaks_what_goes_on_from_it) {
  start(10 * minute_us);
  keep("k", "a", 0, "the old words");
  const auto first = number("k", "a");
  now_us += 6 * minute_us;
  keep("k", "b", first);
  now_us += 4 * minute_us;
  EXPECT_EQ(state("k", "a"), State::whole) << "to its last moment";
  now_us += 1;
  EXPECT_EQ(state("k", "a"), State::unknown);
  EXPECT_EQ(state("k", "b"), State::in_part);
  EXPECT_EQ(find("k", "b", Depth::last).value().state, State::whole) << "it is kept itself";
  keeper.reset();
  start(10 * minute_us);
  EXPECT_EQ(state("k", "a"), State::unknown);
  EXPECT_FALSE(folder.holds("the old words")) << "neither in the file nor in its log";
}

TEST_F(Kept, what_is_deleted_is_gone_from_the_disk) {
  start();
  const std::string long_text(20'000, 'z');
  keep("k", "a", 0, "words that were a secret" + long_text);
  keep("k", "b", 0, "words that stay");
  EXPECT_EQ(state("k", "a"), State::whole);
  EXPECT_TRUE(folder.holds("words that were a secret"));
  remove("other", "a");
  EXPECT_EQ(state("k", "a"), State::whole) << "only its owner deletes it";
  remove("k", "a");
  EXPECT_EQ(state("k", "a"), State::unknown);
  EXPECT_FALSE(folder.holds("words that were a secret"));
  EXPECT_FALSE(folder.holds(long_text.substr(0, 512)));
  EXPECT_TRUE(folder.holds("words that stay"));
  EXPECT_LT(std::filesystem::file_size(folder.file()), 40'000U) << "the file is shorter, too";
}

TEST_F(Kept, the_oldest_go_where_there_is_too_much) {
  start(10 * minute_us, 10'000);
  const std::string text(400, 't');
  for (int i = 0; i < 1'000; ++i) {
    now_us += 1;
    keep("k", fmt::format("id_{}", i), 0, text);
  }
  EXPECT_EQ(state("k", "id_999"), State::whole);
  sweep(10 * minute_us, 10'000);
  EXPECT_EQ(state("k", "id_999"), State::whole);
  EXPECT_EQ(state("k", "id_990"), State::whole);
  EXPECT_EQ(state("k", "id_980"), State::unknown);
  EXPECT_EQ(failures, 0);
}

TEST_F(Kept, switched_off_nothing_is_left) {
  start();
  keep("k", "a", 0, "what was said");
  EXPECT_EQ(state("k", "a"), State::whole);
  EXPECT_TRUE(keeper->keeps());
  keeper->set({.keep_us = 0, .most_bytes = 1});
  EXPECT_FALSE(keeper->keeps());
  EXPECT_EQ(state("k", "a"), State::unknown);
  keeper.reset();
  start(0);
  EXPECT_EQ(state("k", "a"), State::unknown);
  EXPECT_FALSE(folder.holds("what was said"));
}

TEST_F(Kept, a_file_that_is_none_is_reported_and_found_in_nothing) {
  std::ofstream(folder.file()) << "this is no database, although it is long enough to be one";
  start();
  keep("k", "a");
  EXPECT_FALSE(find("k", "a"));
  EXPECT_GE(failures, 1);
  EXPECT_TRUE(folder.holds("this is no database")) << "and not touched";
}

TEST_F(Kept, many_threads_find_what_they_handed_over) {
  start(10 * minute_us, 64 << 20);
  std::vector<std::thread> threads;
  std::atomic<int> missing{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto owner = fmt::format("k{}", t);
      int64_t previous = 0;
      for (int i = 0; i < 50; ++i) {
        keep(owner, fmt::format("{}", i), previous);
        const auto found = find(owner, fmt::format("{}", i));
        if (!found || found->turns.size() != static_cast<std::size_t>(i) + 1) ++missing;
        if (found && !found->turns.empty()) previous = found->turns.back().number;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(missing, 0);
}

}  // namespace
}  // namespace weir
