// Forgetting: what is somebody's goes from every file to the last byte, the rest stays; receipts are sealed.
#include "forgetting/forgetting.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <tuple>

#include "answers/answer_file.h"
#include "conversations/conversation_shelf.h"
#include "core/id.h"
#include "forgetting/receipt_watch.h"
#include "forgetting/receipts.h"
#include "ledger/store.h"
#include "lessons/lesson_shelf.h"
#include "stores/feedback_store.h"
#include "stores/forgetting.h"
#include "stores/forgotten_head.h"
#include "trials/trial_shelf.h"

namespace weir::test {
namespace {

constexpr int64_t now_us = 1'795'444'000'000'000;

class Forgetting : public ::testing::Test {
 protected:
  Forgetting() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-forget-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Forgetting() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file(const char* name) const { return folder_ + "/" + name; }

  // What of the folder holds these bytes.
  [[nodiscard]] std::string holders(const std::string& word) const {
    std::string found;
    for (const auto& one : std::filesystem::directory_iterator(folder_)) {
      std::ifstream in(one.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(in)), {});
      if (text.find(word) != std::string::npos) found += one.path().filename().string() + " ";
    }
    return found;
  }

  // Requests of `people` by turns, with texts of many sizes in every file.
  void fill(const std::vector<std::string>& people, int count) {
    auto store = open_store("sqlite", {.folder = folder_});
    ASSERT_TRUE(store) << store.error().message;
    auto lessons = LessonShelf::open(file("lessons.db"), LessonShelf::Access::write);
    auto turns = ConversationShelf::open(file("responses.db"));
    auto trials = TrialShelf::open(file("experiments.db"), TrialShelf::Access::make);
    auto answers = AnswerFile::open(file("answers.db"));
    auto feedback = FeedbackStore::open(folder_, sqlite::Database::Access::read_write);
    ASSERT_TRUE(lessons && turns && trials && answers && feedback);
    std::mt19937 random(7);
    for (int i = 0; i < count; ++i) {
      const auto& who = people[static_cast<std::size_t>(i) % people.size()];
      std::string said;
      const auto words = 1 + random() % (i % 7 == 0 ? 700 : 20);
      for (std::size_t word = 0; word < words; ++word) said += who + "-said ";
      Entry entry{.id = ids_.next(now_us + i)};
      entry.time_us = now_us + i;
      entry.caller = who;
      entry.key_id = "key_" + who;
      entry.tags = "user:" + who + "-tag, x";
      entry.cost = 10;
      entry.outcome = "upstream_error";
      entry.attempts = {{.model = "m", .provider = "p", .zone = "local", .outcome = "upstream_error", .message = said}};
      const Entry* one = &entry;
      ASSERT_TRUE((*store)->append({&one, 1}));
      const auto lesson = Lesson{.request_id = entry.id, .time_us = now_us, .key_id = entry.key_id, .messages = said};
      ASSERT_TRUE(lessons->add(std::vector{lesson}));
      ASSERT_TRUE(turns->add(std::vector{NewTurn{.owner = entry.key_id,
                                                 .id = "resp_" + std::to_string(i),
                                                 .time_us = now_us,
                                                 .input = said,
                                                 .answer = said,
                                                 .request = entry.id}}));
      TrialShelf::Batch batch;
      batch.comparisons.emplace_back(
          Comparison{.experiment = "e", .request = entry.id, .time_us = now_us},
          KeptTexts{.question = said, .tested = said, .reference = said, .until_us = INT64_MAX});
      ASSERT_TRUE(trials->add(batch));
      WrittenAnswer kept{.route = "r", .answer = said, .made_us = now_us, .good_until_us = INT64_MAX};
      kept.owner = {.request_id = entry.id, .key_id = entry.key_id};
      std::copy_n(entry.id.begin(), std::min(entry.id.size(), kept.key.size()), kept.key.begin());
      ASSERT_TRUE(answers->add(std::vector{kept}));
      for (const auto* comment : {" first", " second"})
        ASSERT_TRUE(feedback->put({.request_id = entry.id, .time_us = now_us, .score = 1, .comment = said + comment}));
      ids_of_[who].push_back(entry.id);
    }
  }

  Whose whose(ForgetBy by, std::string_view name) {
    auto found = Whose::find(folder_, by, name);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return std::move(*found);
  }

  static std::string counts(const Forgotten& forgotten) {
    std::string text;
    for (const auto& one : forgotten.shelves) text += std::to_string(one.count) + " ";
    for (const auto& one : forgotten.failed) text += one;
    return text;
  }

  std::string folder_;
  RequestIds ids_{1};
  std::map<std::string, std::vector<std::string>> ids_of_;
};

TEST_F(Forgetting, what_one_said_is_gone_from_every_file_and_what_others_said_is_not) {
  fill({"anna", "bert", "carl"}, 300);
  for (const auto& [by, name, who] : {std::tuple(ForgetBy::key, "anna", "anna"),
                                      {ForgetBy::tag, "user:bert-tag", "bert"},
                                      {ForgetBy::key, "key_carl", "carl"}}) {
    auto theirs = whose(by, name);
    const auto share = theirs.share();
    EXPECT_EQ(share->requests, 100);
    EXPECT_EQ(share->cost, 1000);
    const auto counted = count_theirs(folder_, theirs);
    ASSERT_TRUE(counted) << counted.error().message;
    EXPECT_EQ(counts(*counted), "100 100 100 100 100 100 100 ");
    EXPECT_NE(holders(std::string(who) + "-said"), "");
    EXPECT_EQ(counts(erase_theirs(folder_, theirs)), "100 100 100 100 100 100 100 ");
    EXPECT_EQ(holders(std::string(who) + "-said"), "");
    EXPECT_EQ(holders(std::string(who) + "-tag"), "");
    EXPECT_EQ(counts(erase_theirs(folder_, theirs)), "0 0 0 0 0 0 0 ");
  }
  auto store = open_store("sqlite", {.folder = folder_});
  EXPECT_EQ((*store)->usage({})->front().requests, 300) << "counts stay";
  auto trials = TrialShelf::open(file("experiments.db"), TrialShelf::Access::read_only);
  int64_t comparisons = 0;
  ASSERT_TRUE(trials->comparisons("", [&](Comparison&) { ++comparisons; }));
  EXPECT_EQ(comparisons, 300) << "what was measured stays";
}

TEST_F(Forgetting, one_request_alone_by_its_id) {
  fill({"anna"}, 20);
  auto one = whose(ForgetBy::request, ids_of_["anna"][3]);
  EXPECT_EQ(counts(erase_theirs(folder_, one)), "1 1 1 1 1 1 1 ");
  auto all = whose(ForgetBy::key, "anna");
  EXPECT_EQ(counts(*count_theirs(folder_, all)), "19 19 19 19 19 19 19 ");
}

TEST_F(Forgetting, a_key_nobody_has_and_an_id_that_is_none_are_refused) {
  fill({"anna"}, 1);
  EXPECT_EQ(Whose::find(folder_, ForgetBy::key, "nobody").error().code, ErrorCode::not_found);
  EXPECT_EQ(Whose::find(folder_, ForgetBy::key, "").error().code, ErrorCode::not_found);
  EXPECT_EQ(Whose::find(folder_, ForgetBy::request, "req_1").error().code, ErrorCode::invalid_request);
}

TEST_F(Forgetting, a_file_without_requests_is_brought_up_to_date_with_its_turns) {
  {
    auto old = sqlite::Database::open(file("responses.db"), sqlite::Database::Access::read_write);
    ASSERT_TRUE(old->execute(
        "CREATE TABLE turns (number INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, id TEXT NOT NULL, previous "
        "INTEGER NOT NULL, time_us INTEGER NOT NULL, bytes INTEGER NOT NULL, declared TEXT NOT NULL, input TEXT NOT "
        "NULL, answer TEXT NOT NULL) STRICT; CREATE INDEX turns_by_id ON turns (owner, id); CREATE INDEX turns_by_time "
        "ON turns (time_us); INSERT INTO turns VALUES (1, 'key_anna', 'resp_old', 0, 5, 9, '', 'hello', 'you'); "
        "PRAGMA user_version = 1"));
  }
  auto shelf = ConversationShelf::open(file("responses.db"));
  ASSERT_TRUE(shelf) << shelf.error().message;
  EXPECT_EQ(shelf->find("key_anna", "resp_old", ConversationShelf::Depth::all, {})->turns.size(), 1U);
  fill({"anna"}, 2);
  auto all = whose(ForgetBy::key, "anna");
  EXPECT_EQ(counts(erase_theirs(folder_, all)), "2 3 2 2 2 2 2 ");
}

TEST_F(Forgetting, what_a_newer_weir_wrote_is_left_alone) {
  fill({"anna"}, 1);
  for (const auto* name : {"lessons.db", "responses.db", "experiments.db"}) {
    const auto set = [&](const char* version) {
      auto database = sqlite::Database::open(file(name), sqlite::Database::Access::read_write);
      return database && database->execute(version);
    };
    const auto was =
        sqlite::Database::open(file(name), sqlite::Database::Access::read_only)->integer("PRAGMA user_version");
    ASSERT_TRUE(set("PRAGMA user_version = 99"));
    auto all = whose(ForgetBy::key, "anna");
    const auto counted = count_theirs(folder_, all);
    ASSERT_FALSE(counted) << name;
    EXPECT_NE(counted.error().message.find("newer weir"), std::string::npos);
    ASSERT_TRUE(set(("PRAGMA user_version = " + std::to_string(*was)).c_str()));
  }
}

TEST_F(Forgetting, a_reader_in_the_middle_of_something_is_waited_for_and_told_of) {
  fill({"anna"}, 3);
  auto reader = sqlite::Database::open(file("lessons.db"), sqlite::Database::Access::read_only);
  ASSERT_TRUE(reader->execute("BEGIN; SELECT count(*) FROM lessons"));
  const auto busy = sqlite::scrub(file("lessons.db"), std::chrono::milliseconds(1));
  ASSERT_FALSE(busy);
  EXPECT_NE(busy.error().message.find("run it again"), std::string::npos) << busy.error().message;
  ASSERT_TRUE(reader->execute("COMMIT"));
  auto all = whose(ForgetBy::key, "anna");
  EXPECT_EQ(counts(erase_theirs(folder_, all)), "3 3 3 3 3 3 3 ");
  EXPECT_EQ(holders("anna-said"), "");
}

TEST_F(Forgetting, receipts_are_numbered_sealed_and_say_no_name) {
  AuditKey key;
  key.secret.fill(7);
  AuditKey other;
  other.secret.fill(8);
  ForgottenHead noted;
  for (int i = 1; i <= 3; ++i) {
    auto book = ReceiptBook::open(folder_);
    ASSERT_TRUE(book) << book.error().message;
    Receipt receipt{
        .time_us = now_us, .by = "key", .whom = {whom_digest(key, "key", "anna")}, .erased = {{"lessons", i}}};
    receipt.failed = {"a \"quoted\",\"mac\":\"word"};
    const auto head = book->append(receipt, key, noted);
    ASSERT_TRUE(head);
    noted = *head;
    EXPECT_EQ(receipt.number, i);
    EXPECT_EQ(noted.number, i);
  }
  const auto text = *read_receipts(folder_);
  EXPECT_EQ(text.find("anna"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat(file("forgotten.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077U, 0U);
  const auto good = check_receipts(text, &key);
  EXPECT_TRUE(good.faults.empty()) << good.faults.front();
  ASSERT_EQ(good.receipts.size(), 3U);
  EXPECT_EQ(good.receipts[2].erased.front().second, 3);
  EXPECT_EQ(check_receipts(text, &other).faults.size(), 3U);
  // Whatever bit of it is changed, it is seen; and no text harms the reader.
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto altered = text;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    EXPECT_FALSE(check_receipts(altered, &key).faults.empty()) << at << ": " << altered;
    const auto cut = check_receipts(std::string_view(text).substr(0, at), &key);
    EXPECT_LE(cut.receipts.size(), 3U);
  }
  EXPECT_NE(whom_digest(key, "key", "anna"), whom_digest(key, "tag", "anna"));
}

// The file as it was after each, against what the ledger has noted after each.
TEST_F(Forgetting, receipts_that_were_cut_off_the_end_are_missed_and_stay_missing) {
  AuditKey key;
  key.secret.fill(7);
  fill({"anna"}, 1);
  EXPECT_EQ(read_forgotten_head(folder_)->number, 0);
  std::vector<std::string> texts{""};
  std::vector<ForgottenHead> heads{{}};
  const auto forget = [&](const ForgottenHead& noted) {
    auto book = ReceiptBook::open(folder_);
    Receipt receipt{.time_us = now_us, .by = "key", .whom = {whom_digest(key, "key", "anna")}};
    const auto head = book->append(receipt, key, noted);
    EXPECT_TRUE(head);
    EXPECT_TRUE(note_forgotten_head(folder_, *head));
    texts.push_back(*read_receipts(folder_));
    heads.push_back(*read_forgotten_head(folder_));
    EXPECT_EQ(heads.back(), *head);
  };
  for (int i = 0; i < 5; ++i) forget(heads.back());
  for (std::size_t file = 0; file < texts.size(); ++file) {
    for (std::size_t noted = 0; noted < heads.size(); ++noted) {
      const auto there = check_receipts(texts[file], &key);
      ASSERT_TRUE(there.faults.empty());
      const auto faults = check_last(there.receipts, heads[noted], key);
      // One that was written, and not noted any more before a crash, is none that is missing.
      const bool good = file >= noted && (noted > 0 || file == 0);
      EXPECT_EQ(faults.empty(), good) << file << " of " << noted << (faults.empty() ? "" : faults.front());
    }
  }
  auto forged = heads[3];
  forged.seal ^= 1U;
  EXPECT_FALSE(check_last(check_receipts(texts[3], &key).receipts, forged, key).empty());
  forged = heads[5];
  forged.number = 3;
  EXPECT_FALSE(check_last(check_receipts(texts[3], &key).receipts, forged, key).empty());
  // The next receipt does not hide it: numbers are not given again.
  std::ofstream(file("forgotten.jsonl"), std::ios::trunc) << texts[2];
  forget(heads[5]);
  const auto after = check_receipts(texts.back(), &key);
  EXPECT_EQ(after.receipts.back().number, 6);
  EXPECT_EQ(after.faults.size(), 1U);
}

TEST_F(Forgetting, a_watch_tells_each_receipt_once_and_all_of_another_file) {
  AuditKey key;
  key.secret.fill(7);
  const auto forget = [&](std::string_view whom) {
    auto book = ReceiptBook::open(folder_);
    Receipt receipt{.time_us = now_us, .by = "key", .whom = {std::string(whom)}};
    ASSERT_TRUE(book->append(receipt, key, {}));
  };
  const auto told = [](ReceiptWatch& watch) {
    std::string all;
    const auto news = watch.news();
    if (!news) return news.error().message;
    for (const auto& one : *news) all += one.whom.front() + " ";
    return all;
  };
  ReceiptWatch from_the_start(folder_);
  EXPECT_EQ(told(from_the_start), "");
  forget("a");
  ReceiptWatch later(folder_);
  EXPECT_EQ(told(from_the_start), "a ");
  EXPECT_EQ(told(from_the_start), "");
  forget("b");
  forget("c");
  EXPECT_EQ(told(from_the_start), "b c ");
  EXPECT_EQ(told(later), "b c ");
  const auto text = *read_receipts(folder_);
  std::ofstream(file("forgotten.jsonl"), std::ios::app) << R"({"number":4,"by":"key","whom":["d"],"mac":"0)";
  EXPECT_EQ(told(later), "") << "half of it is none";
  std::ofstream(file("forgotten.jsonl"), std::ios::app) << "0\"}\n";
  EXPECT_EQ(told(later), "d ");
  std::ofstream(file("forgotten.jsonl"), std::ios::trunc) << text.substr(0, text.find('\n') + 1);
  EXPECT_EQ(told(later), "a ") << "it became shorter";
  std::filesystem::remove(file("forgotten.jsonl"));
  EXPECT_EQ(told(later), "");
  forget("e");
  EXPECT_EQ(told(later), "e ");
}

}  // namespace
}  // namespace weir::test
