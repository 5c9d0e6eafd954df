#include "admission/keys.h"

#include <thread>

#include <gtest/gtest.h>

#include "core/json.h"

namespace weir {
namespace {

constexpr int64_t noon = 1'795'435'200'000'000;  // 2026-11-23T12:00:00Z
constexpr int64_t today = 20'780;

// Both clocks show the same, where a test says nothing else.
Moment at(int64_t time_us) { return {.wall_us = time_us, .steady_us = time_us}; }

// Keys and spending in memory.
class MemoryStore final : public Store {
 public:
  [[nodiscard]] StoreInfo info() const override { return {.name = "memory", .description = "for tests"}; }
  Status migrate() override { return {}; }
  Status append(std::span<const Entry* const>) override { return {}; }
  [[nodiscard]] Result<std::optional<Entry>> find(std::string_view) override { return std::nullopt; }
  [[nodiscard]] Result<std::vector<UsageRow>> usage(const UsageQuery&) override { return std::vector<UsageRow>{}; }
  [[nodiscard]] Result<Latest> latest(const LatestQuery&) override { return Latest{}; }
  Status audit(const AuditQuery&, const AuditVisitor&) override { return {}; }
  [[nodiscard]] Result<ChainCheck> check_audit(const AuditKey&, const NotedHead&) override { return ChainCheck{}; }
  Result<int64_t> expire_audit(const AuditExpiry&) override { return 0; }
  Status scan(const ScanQuery&, ScanVisitor&) override { return {}; }
  [[nodiscard]] Result<std::vector<KeySpending>> spending(int64_t since_day) override {
    auto recent = spent;
    std::erase_if(recent, [&](const auto& item) { return item.day < since_day; });
    return recent;
  }
  [[nodiscard]] Result<std::vector<KeyRecord>> keys() override {
    ++reads;
    return records;
  }
  Status put_key(const KeyRecord& key) override {
    ++version;
    std::erase_if(records, [&](const auto& known) { return known.id == key.id; });
    records.push_back(key);
    return {};
  }
  [[nodiscard]] Result<int64_t> keys_version() override {
    if (broken) return failure(ErrorCode::internal, "no disk");
    return version;
  }

  std::vector<KeyRecord> records;
  std::vector<KeySpending> spent;
  int64_t version = 0;
  int reads = 0;
  bool broken = false;
};

class Keys : public ::testing::Test {
 protected:
  CreatedKey create(NewKey key) {
    auto created = create_key(store_, key, noon);
    EXPECT_TRUE(created) << created.error().message;
    EXPECT_TRUE(ring_.reload_if_changed(store_, noon));
    return *created;
  }
  std::shared_ptr<KeyState> state_of(const CreatedKey& key) {
    auto state = view_.authenticate(key.secret);
    EXPECT_TRUE(state) << state.error().message;
    return state.value_or(nullptr);
  }

  MemoryStore store_;
  KeyRing ring_;
  KeyRing::View view_{ring_};
};

TEST_F(Keys, a_created_key_opens_and_only_its_hash_is_kept) {
  const auto key = create({.name = "mobile", .routes = {"assistant"}});
  EXPECT_EQ(key.secret.size(), 55U);
  EXPECT_EQ(key.secret.substr(0, 3), "wk-");
  EXPECT_TRUE(key.secret.ends_with(key.record.hint));
  EXPECT_EQ(key.record.hash, KeyHasher().hash(key.secret));
  for (const auto& authorization : {"Bearer " + key.secret, "bearer  " + key.secret + " ", key.secret}) {
    const auto state = view_.authenticate(authorization);
    ASSERT_TRUE(state) << authorization;
    EXPECT_EQ((*state)->record.name, "mobile");
  }
  for (const auto& text : {keys_table(store_.records, 200), keys_json(store_.records)}) {
    EXPECT_EQ(text.find(key.secret.substr(3, 20)), std::string::npos);
  }
}

TEST_F(Keys, a_key_is_required_from_the_first_one_on_and_after_the_last_was_revoked) {
  ASSERT_TRUE(ring_.reload_if_changed(store_, noon));
  EXPECT_FALSE(ring_.required());
  ASSERT_TRUE(create_key(store_, {.name = "first"}, noon));
  ASSERT_TRUE(ring_.reload_if_changed(store_, noon));
  EXPECT_TRUE(ring_.required());
  ASSERT_TRUE(revoke_key(store_, "first", noon));
  ASSERT_TRUE(ring_.reload_if_changed(store_, noon));
  EXPECT_TRUE(ring_.required());
  store_.records.clear();  // by hand
  ++store_.version;
  ASSERT_TRUE(ring_.reload_if_changed(store_, noon));
  EXPECT_TRUE(ring_.required()) << "keys that vanish open nothing";
}

TEST_F(Keys, after_the_last_one_was_revoked_the_refusal_says_how_to_go_on) {
  const auto key = create({.name = "only"});
  EXPECT_EQ(view_.authenticate("wk-nonsense").error().message.find("keys create"), std::string::npos);
  ASSERT_TRUE(revoke_key(store_, "only", noon));
  ASSERT_TRUE(ring_.reload_if_changed(store_, noon));
  for (const auto& given : {key.secret, std::string("wk-nonsense"), std::string()}) {
    const auto refused = view_.authenticate(given);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("weir keys create --name"), std::string::npos) << refused.error().message;
  }
  const auto next = create({.name = "only"});  // the name may come back; the old key may not
  EXPECT_TRUE(view_.authenticate(next.secret));
  EXPECT_FALSE(view_.authenticate(key.secret));
}

TEST_F(Keys, hash_is_sha256) {
  const auto hash = KeyHasher().hash("abc");  // FIPS 180-2, appendix B.1
  EXPECT_EQ(hash[0], 0xba);
  EXPECT_EQ(hash[1], 0x78);
  EXPECT_EQ(hash[31], 0xad);
}

TEST_F(Keys, what_is_no_good_key_is_refused_with_the_reason) {
  const auto key = create({.name = "mobile"});
  struct Case {
    std::string authorization;
    std::string_view reason;
  };
  auto wrong = key.secret;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const auto& [authorization, reason] : {
           Case{"", "a key is needed"},
           Case{"Bearer ", "a key is needed"},
           Case{"Bearer sk-proj-abc", "start with `wk-`"},
           Case{"Basic d2s6", "start with `wk-`"},
           Case{"Bearer wk-", "not known"},
           Case{"Bearer " + wrong, "not known"},
           Case{"Bearer " + key.secret + "0", "not known"},
           Case{"Bearer " + key.secret.substr(0, 54), "not known"},
       }) {
    const auto state = view_.authenticate(authorization);
    ASSERT_FALSE(state) << authorization;
    EXPECT_EQ(state.error().code, ErrorCode::unauthorized);
    EXPECT_NE(state.error().message.find(reason), std::string::npos) << state.error().message;
    EXPECT_EQ(state.error().message.find("sk-proj"), std::string::npos) << "credentials stay out of messages";
  }
}

TEST_F(Keys, a_revoked_key_stops_with_the_next_reload_and_running_requests_keep_their_state) {
  const auto key = create({.name = "mobile"});
  const auto running = state_of(key);
  ASSERT_TRUE(revoke_key(store_, "mobile", noon));
  EXPECT_TRUE(*ring_.reload_if_changed(store_, noon));
  const auto refused = view_.authenticate(key.secret);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("revoked at 2026-11-23T12:00:00Z"), std::string::npos);
  EXPECT_TRUE(ring_.empty());
  EXPECT_EQ(running->record.name, "mobile");
  EXPECT_TRUE(admit(*running, {1, 1}, at(noon)));
}

TEST_F(Keys, those_in_use_are_those_that_were_not_revoked) {
  create({.name = "mobile"});
  create({.name = "desk"});
  ASSERT_EQ(ring_.active().size(), 2U);
  ASSERT_TRUE(revoke_key(store_, "mobile", noon));
  ASSERT_TRUE(*ring_.reload_if_changed(store_, noon));
  const auto active = ring_.active();
  ASSERT_EQ(active.size(), 1U);
  EXPECT_EQ(active[0]->record.name, "desk");
}

TEST_F(Keys, nothing_is_read_while_nothing_changed_and_a_failing_store_leaves_the_keys_in_place) {
  const auto key = create({.name = "mobile"});
  const auto reads = store_.reads;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(*ring_.reload_if_changed(store_, noon));
  EXPECT_EQ(store_.reads, reads);
  store_.broken = true;
  EXPECT_FALSE(ring_.reload_if_changed(store_, noon));
  EXPECT_TRUE(view_.authenticate(key.secret));
}

TEST_F(Keys, names_are_checked_and_may_come_back_after_a_revocation) {
  create({.name = "mobile"});
  for (const auto& name : {std::string(), std::string("mobile"), std::string(65, 'x'), std::string("a\nb")}) {
    const auto refused = create_key(store_, {.name = name}, noon);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  }
  EXPECT_FALSE(create_key(store_, {.name = "x", .budget_per_month = -1}, noon));
  const auto revoked = revoke_key(store_, "mobile", noon);
  ASSERT_TRUE(revoked);
  const auto again = create({.name = "mobile"});
  EXPECT_NE(again.record.id, revoked->id);
  EXPECT_EQ(revoke_key(store_, revoked->id, noon + 1)->revoked_us, noon) << "revoking twice changes nothing";
  EXPECT_TRUE(view_.authenticate(again.secret));
}

TEST_F(Keys, revoking_what_is_not_there_names_what_is) {
  create({.name = "mobile"});
  const auto refused = revoke_key(store_, "mobil", noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_NE(refused.error().message.find("mobile"), std::string::npos);
}

TEST_F(Keys, routes_narrow_what_a_key_may_name) {
  const auto all = state_of(create({.name = "all"}));
  const auto some = state_of(create({.name = "some", .routes = {"assistant", "small"}}));
  EXPECT_TRUE(all->may_use("anything"));
  EXPECT_TRUE(some->may_use("small"));
  EXPECT_FALSE(some->may_use("large"));
}

TEST_F(Keys, requests_and_tokens_per_minute_hold_and_say_when_to_come_again) {
  const auto key = state_of(create({.name = "mobile", .requests_per_minute = 2, .tokens_per_minute = 1'000}));
  auto first = admit(*key, {400, 0}, at(noon));
  ASSERT_TRUE(first);
  const auto tokens = admit(*key, {700, 0}, at(noon));
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(tokens.error().retry_after_ms, 6'000);
  EXPECT_NE(tokens.error().message.find("`mobile` is limited to 1000 tokens per minute"), std::string::npos);
  first->settle(100, 0);
  auto second = admit(*key, {700, 0}, at(noon));
  ASSERT_TRUE(second) << "what was refused took nothing, and what was not used came back";
  const auto requests = admit(*key, {1, 0}, at(noon));
  ASSERT_FALSE(requests);
  EXPECT_EQ(requests.error().retry_after_ms, 30'000);
  EXPECT_NE(requests.error().message.find("2 requests per minute"), std::string::npos);
  const auto too_large = admit(*key, {1'001, 0}, at(noon + 600'000'000));
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().retry_after_ms, 0);
  EXPECT_NE(too_large.error().message.find("1001"), std::string::npos);
}

TEST_F(Keys, a_reservation_that_is_not_settled_is_given_back) {
  const auto key = state_of(create({.name = "mobile", .tokens_per_minute = 100, .budget_per_day = 100}));
  {
    auto reservation = admit(*key, {100, 100}, at(noon));
    ASSERT_TRUE(reservation);
    EXPECT_FALSE(admit(*key, {1, 0}, at(noon)));
    Reservation moved = std::move(*reservation);
    EXPECT_FALSE(admit(*key, {1, 0}, at(noon)));
  }
  auto again = admit(*key, {100, 100}, at(noon));
  ASSERT_TRUE(again);
  again->settle(50, 60);
  again->settle(0, 0);  // only the first counts
  EXPECT_FALSE(admit(*key, {51, 0}, at(noon)));
  EXPECT_FALSE(admit(*key, {0, 41}, at(noon)));
  EXPECT_TRUE(admit(*key, {50, 40}, at(noon)));
}

TEST_F(Keys, a_budget_refusal_names_the_key_and_gives_requests_and_tokens_back) {
  const auto key =
      state_of(create({.name = "mobile", .requests_per_minute = 1, .tokens_per_minute = 10, .budget_per_day = 100}));
  const auto refused = admit(*key, {10, 101}, at(noon));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::budget_exceeded);
  EXPECT_NE(refused.error().message.find("`mobile`"), std::string::npos);
  EXPECT_TRUE(admit(*key, {10, 100}, at(noon)));
}

TEST_F(Keys, minutes_are_not_the_wall_clocks) {
  const auto key = state_of(create({.name = "mobile", .requests_per_minute = 1, .tokens_per_minute = 10}));
  constexpr int64_t hour = 3'600'000'000;
  ASSERT_TRUE(admit(*key, {1, 0}, {.wall_us = noon, .steady_us = 1}));
  const auto set_back = admit(*key, {1, 0}, {.wall_us = noon - hour, .steady_us = 30'000'001});
  ASSERT_FALSE(set_back);
  EXPECT_EQ(set_back.error().retry_after_ms, 30'000) << "not an hour";
  EXPECT_FALSE(admit(*key, {1, 0}, {.wall_us = noon + hour, .steady_us = 30'000'001})) << "nor is it over sooner";
  EXPECT_TRUE(admit(*key, {1, 0}, {.wall_us = noon - hour, .steady_us = 60'000'001}));
}

TEST_F(Keys, what_took_more_than_its_estimate_is_charged_in_full_and_the_next_is_stopped) {
  const auto paying = state_of(create({.name = "paying", .budget_per_day = 100}));
  const auto talking = state_of(create({.name = "talking", .tokens_per_minute = 100}));
  for (const auto& key : {paying, talking}) {
    auto reservation = admit(*key, {10, 10}, at(noon));
    ASSERT_TRUE(reservation);
    reservation->settle(INT64_MAX, INT64_MAX);
  }
  EXPECT_EQ(paying->meter->budget.standing(noon).spent_today, INT64_MAX);
  const auto dear = admit(*paying, {1, 1}, at(noon));
  ASSERT_FALSE(dear);
  EXPECT_EQ(dear.error().code, ErrorCode::budget_exceeded);
  const auto long_one = admit(*talking, {1, 1}, at(noon));
  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().code, ErrorCode::rate_limited);
}

TEST_F(Keys, after_a_restart_the_budget_knows_what_the_ledger_knows) {
  const auto key = create({.name = "mobile", .budget_per_day = 100, .budget_per_month = 150});
  store_.spent = {{.key_id = key.record.id, .day = today, .cost = 60},
                  {.key_id = key.record.id, .day = today - 5, .cost = 80},
                  {.key_id = key.record.id, .day = today - 40, .cost = 1'000},
                  {.key_id = "key_other", .day = today, .cost = 1'000}};
  KeyRing restarted;
  ASSERT_TRUE(restarted.reload_if_changed(store_, noon));
  KeyRing::View view(restarted);
  const auto state = *view.authenticate(key.secret);
  const auto standing = state->meter->budget.standing(noon);
  EXPECT_EQ(standing.spent_today, 60);
  EXPECT_EQ(standing.spent_this_month, 140);
  EXPECT_FALSE(admit(*state, {0, 11}, at(noon)));
  EXPECT_TRUE(admit(*state, {0, 10}, at(noon)));
}

TEST_F(Keys, counters_go_on_over_a_reload_of_other_keys) {
  const auto key = create({.name = "mobile", .requests_per_minute = 1});
  ASSERT_TRUE(admit(*state_of(key), {0, 0}, at(noon)));
  create({.name = "another"});
  EXPECT_FALSE(admit(*state_of(key), {0, 0}, at(noon)));
}

TEST_F(Keys, keys_may_change_while_every_loop_authenticates) {
  const auto key = create({.name = "mobile", .budget_per_day = 1'000'000});
  std::atomic<bool> done{false};
  std::vector<std::thread> loops;
  for (int t = 0; t < 3; ++t) {
    loops.emplace_back([&] {
      KeyRing::View view(ring_);
      while (!done) {
        const auto state = view.authenticate(key.secret);
        ASSERT_TRUE(state);
        auto reservation = admit(**state, {5, 5}, at(noon));
        if (reservation) reservation->settle(3, 3);
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const auto created = create_key(store_, {.name = std::to_string(i)}, noon);
    ASSERT_TRUE(created);
    ASSERT_TRUE(ring_.reload_if_changed(store_, noon));
    ASSERT_TRUE(view_.authenticate(created->secret));
  }
  done = true;
  for (auto& loop : loops) loop.join();
  const auto standing = state_of(key)->meter->budget.standing(noon);
  EXPECT_EQ(standing.reserved, 0);
  EXPECT_LE(standing.spent_today, 1'000'000);
}

TEST_F(Keys, the_list_shows_limits_state_and_last_use) {
  create({.name = "mobile", .routes = {"assistant", "small"}, .requests_per_minute = 60, .budget_per_day = 5'000'000});
  create({.name = "ops", .admin = true});
  ASSERT_TRUE(revoke_key(store_, "ops", noon));
  store_.records[0].last_used_us = noon;
  const auto table = keys_table(store_.records, 200);
  for (const auto* part :
       {"mobile", "assistant, small", "60", "$5.00", "revoked 2026-11-23", "2026-11-23T12:00:00Z", "never"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << "\n" << table;
  }
  json::Document document;
  ASSERT_TRUE(document.parse(keys_json(store_.records)));
  const auto keys = document.root()["keys"];
  EXPECT_EQ(keys.get_array().size(), 2U);
  EXPECT_EQ(int64_t(keys.at(0)["budget_per_day_micro_usd"]), 5'000'000);
  EXPECT_TRUE(keys.at(0)["revoked"].is_null());
  EXPECT_EQ(std::string_view(keys.at(1)["revoked"]), "2026-11-23T12:00:00Z");
}

}  // namespace
}  // namespace weir
