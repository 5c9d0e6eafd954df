// The audit's chain: what is in it, and that every way to take from it or to alter it is seen.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "ledger/audit_summary.h"
#include "sample.h"

namespace weir {
namespace {

void alter(const std::string& file, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  char* fault = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &fault), SQLITE_OK) << (fault ? fault : "");
  sqlite3_free(fault);
  sqlite3_close(database);
}

class Audit : public ::testing::Test {
 protected:
  Audit() { EXPECT_TRUE(reopen()); }

  bool reopen() {
    store_.reset();
    auto opened = sample::open(folder_);
    if (!opened) return false;
    store_ = std::move(*opened);
    return true;
  }

  struct Asked {
    std::string classes = "personal";
    std::string zone = "cloud";
    std::string outcome = "ok";
    std::string route = "hr";
    bool redacted = false;
  };
  Entry entry(const Asked& asked) {
    auto entry = sample::small_entry(ids_, sample::now_us + ++count_ * 1'000'000);
    entry.classes = asked.classes;
    entry.route = asked.route;
    entry.zone = asked.zone;
    entry.attempts[0].zone = asked.zone;
    entry.attempts[0].outcome = entry.outcome = asked.outcome;
    entry.attempts[0].redacted = asked.redacted;
    if (asked.redacted) entry.redacted = "email:1";
    return entry;
  }
  // A few of them, one commit each.
  void serve(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(sample::append(*store_, {entry({})}));
  }

  ChainCheck check(const NotedHead& noted = {}) {
    const auto key = read_audit_key(folder_.path() + "/audit.key");
    EXPECT_TRUE(key) << key.error().message;
    auto checked = store_->check_audit(*key, noted);
    EXPECT_TRUE(checked) << checked.error().message;
    return *checked;
  }
  std::vector<AuditRow> rows(const AuditQuery& query = {}) {
    std::vector<AuditRow> all;
    EXPECT_TRUE(store_->audit(query, [&](const AuditRow& row) { all.push_back(row); }));
    return all;
  }

  sample::Folder folder_;
  RequestIds ids_{0};
  int64_t count_ = 0;
  std::unique_ptr<Store> store_;
};

TEST_F(Audit, has_a_row_for_what_held_a_class_or_left_and_for_nothing_else) {
  ASSERT_TRUE(sample::append(
      *store_,
      {entry({.classes = "", .zone = "local"}), entry({.zone = "local"}), entry({.classes = "", .zone = "cloud:eu"}),
       entry({.zone = "cloud", .outcome = "upstream_unreachable"}), entry({.redacted = true})}));
  const auto all = rows();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].classes, "personal");
  EXPECT_EQ(all[0].left, "");
  EXPECT_EQ(all[1].left, "cloud:eu");
  EXPECT_EQ(all[2].left, "") << "what was never connected to has seen nothing";
  EXPECT_EQ(all[3].left, "");
  EXPECT_EQ(all[3].left_redacted, "cloud");
  EXPECT_EQ(all[3].number, 4);
  EXPECT_EQ(check().faults, 0);
  EXPECT_EQ(check().rows, 4);
}

TEST_F(Audit, goes_on_over_restarts_and_beside_another_process) {
  serve(3);
  ASSERT_TRUE(reopen());
  serve(2);
  auto other = sample::open(folder_);
  ASSERT_TRUE(other);
  ASSERT_TRUE(sample::append(**other, {entry({})}));
  serve(1);
  ASSERT_TRUE(sample::append(**other, {entry({})}));
  EXPECT_EQ(check().rows, 8);
  EXPECT_EQ(check().faults, 0);
}

TEST_F(Audit, a_batch_that_is_appended_again_has_its_rows_once) {
  const auto once = entry({});
  ASSERT_TRUE(sample::append(*store_, {once}));
  ASSERT_TRUE(sample::append(*store_, {once}));
  EXPECT_EQ(check().rows, 1);
}

TEST_F(Audit, the_key_is_its_owners_alone) {
  serve(1);
  struct stat info {};
  ASSERT_EQ(::stat((folder_.path() + "/audit.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(Audit, every_alteration_is_seen) {
  const std::vector<std::pair<std::string, std::string>> alterations = {
      {"a class taken away", "UPDATE shapes SET classes = ''"},
      {"another outcome", "UPDATE shapes SET outcome = 'zone_refused'"},
      {"another reason", "UPDATE shapes SET reason = 'x'"},
      {"another route", "UPDATE shapes SET route = 'x'"},
      {"another caller", "UPDATE callers SET name = 'x'"},
      {"another time", "UPDATE request_rows SET time_us = time_us + 1 WHERE key = (SELECT max(key) FROM request_rows)"},
      {"where it went", "UPDATE audit SET zones = '' WHERE number = 3"},
      {"where it went, redacted", "UPDATE audit SET zones = '', redacted_zones = 'cloud' WHERE number = 3"},
      {"what was taken out",
       "INSERT INTO request_marks SELECT key, '', NULL, 'email:1', '', 0, '', NULL FROM "
       "request_rows ORDER BY key LIMIT 1"},
      {"a digest", "UPDATE audit SET digest = (SELECT digest FROM audit WHERE number = 1) WHERE number = 2"},
      {"a mac", "UPDATE audit SET mac = zeroblob(32) WHERE number = 5"},
      {"a row in the middle removed", "DELETE FROM audit WHERE number = 3"},
      {"the first row removed", "DELETE FROM audit WHERE number = 1"},
      {"a row removed and the others renumbered",
       "DELETE FROM audit WHERE number = 3; UPDATE audit SET number = number - 1 WHERE number > 3"},
      {"the last row removed", "DELETE FROM audit WHERE number = 5"},
      {"the last row removed, and the seal's number changed",
       "DELETE FROM audit WHERE number = 5; UPDATE audit_head SET number = 4"},
      {"all rows removed", "DELETE FROM audit"},
      {"the seal removed", "DELETE FROM audit_head"},
      {"a request removed", "DELETE FROM request_rows WHERE key = (SELECT min(key) FROM request_rows)"},
      {"two requests exchanged",
       "UPDATE audit SET request = (SELECT request FROM audit WHERE number = 2), random = "
       "(SELECT random FROM audit WHERE number = 2) WHERE number = 1"},
  };
  serve(5);
  store_.reset();
  std::filesystem::copy_file(folder_.file(), folder_.file() + ".good");
  for (const auto& [what, sql] : alterations) {
    std::filesystem::copy_file(folder_.file() + ".good", folder_.file(),
                               std::filesystem::copy_options::overwrite_existing);
    alter(folder_.file(), sql);
    ASSERT_TRUE(reopen());
    EXPECT_GT(check().faults, 0) << what;
    store_.reset();
  }
}

TEST_F(Audit, an_earlier_state_put_back_is_seen_by_a_head_that_was_noted) {
  serve(3);
  store_.reset();
  std::filesystem::copy_file(folder_.file(), folder_.file() + ".early");
  ASSERT_TRUE(reopen());
  serve(2);
  const auto noted = check();
  EXPECT_EQ(check({.number = noted.head, .mac = noted.head_mac}).faults, 0);
  serve(1);
  EXPECT_EQ(check({.number = noted.head, .mac = noted.head_mac}).faults, 0) << "what came later is no fault";
  store_.reset();
  std::filesystem::copy_file(folder_.file() + ".early", folder_.file(),
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(reopen());
  EXPECT_EQ(check().faults, 0);
  EXPECT_GT(check({.number = noted.head, .mac = noted.head_mac}).faults, 0);
  serve(2);
  EXPECT_GT(check({.number = noted.head, .mac = noted.head_mac}).faults, 0);
}

TEST_F(Audit, with_a_lost_key_it_goes_on_and_says_so) {
  serve(2);
  store_.reset();
  std::filesystem::remove(folder_.path() + "/audit.key");
  ASSERT_TRUE(reopen());
  serve(2);
  const auto checked = check();
  EXPECT_EQ(checked.rows, 4);
  EXPECT_EQ(checked.other_key, 2);
  EXPECT_EQ(checked.faults, 0);
}

TEST_F(Audit, rows_whose_time_is_over_keep_their_place_and_nothing_else) {
  const auto early = entry({.route = "hr"});
  const auto other = entry({.route = "chat"});
  const auto late = entry({.route = "hr"});
  ASSERT_TRUE(sample::append(*store_, {early, other, late}));
  const auto expired = store_->expire_audit({.route = "hr", .before_us = late.time_us});
  ASSERT_TRUE(expired) << expired.error().message;
  EXPECT_EQ(*expired, 1);
  EXPECT_EQ(rows().size(), 2U);
  const auto checked = check();
  EXPECT_EQ(checked.erased, 1);
  EXPECT_EQ(checked.faults, 0);
  serve(1);
  EXPECT_EQ(check().faults, 0);
}

TEST_F(Audit, is_asked_by_time_and_route) {
  const auto first = entry({.route = "hr"});
  const auto second = entry({.route = "chat"});
  ASSERT_TRUE(sample::append(*store_, {first, second}));
  EXPECT_EQ(rows({.route = "chat"}).size(), 1U);
  EXPECT_EQ(rows({.since_us = second.time_us}).size(), 1U);
  EXPECT_EQ(rows({.until_us = second.time_us}).size(), 1U);
}

TEST(AuditTally, counts_by_class_what_stayed_was_refused_and_left) {
  AuditTally tally([](std::string_view kind, std::string_view name) { return kind == "email" && name == "personal"; });
  const AuditRow base{.classes = "personal,secret", .outcome = "ok"};
  auto row = base;
  tally.take(row);
  row.outcome = "zone_refused";
  tally.take(row);
  row = base;
  row.redacted = "email:2";
  row.left_redacted = "cloud";
  tally.take(row);
  row = base;
  row.classes = "personal";
  row.left = "cloud";
  tally.take(row);
  row.classes = "";
  tally.take(row);
  const auto& personal = tally.summary().classes.at("personal");
  EXPECT_EQ(std::tie(personal.requests, personal.stayed, personal.refused, personal.left_redacted, personal.left),
            std::make_tuple(4, 1, 1, 1, 1));
  const auto& secret = tally.summary().classes.at("secret");
  EXPECT_EQ(std::tie(secret.requests, secret.left_redacted, secret.left), std::make_tuple(3, 0, 1))
      << "the mail address was taken out, the secret was not";
  EXPECT_EQ(tally.summary().clean.requests, 1);
  EXPECT_EQ(tally.summary().all.requests, 5);
}

}  // namespace
}  // namespace weir
