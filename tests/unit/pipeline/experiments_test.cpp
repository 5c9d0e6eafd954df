// Experiments on the way of a request: whom copies may be sent to, who is asked first, and what is told of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "pipeline/shadow_copies.h"
#include "support/gateway.h"
#include "trials/trial_keeper.h"

namespace weir::test {
namespace {

constexpr std::string_view models = R"(
providers:
  - {id: near, kind: openai_compatible, url: '@near', zone: local, discover: false, health_check: false, retries: 0}
  - {id: far, kind: openai, url: '@far', zone: cloud, api_key: sk-far, retries: 0}
models:
  - {id: small, provider: near, name: small, prices: {input: 1, output: 1}}
  - {id: large, provider: far, name: large, prices: {input: 10, output: 10}}
routes:
)";
constexpr std::string_view secret = "My card is 4111 1111 1111 1111.";

struct Experimenting : testing::Test {
  Gateway gateway;
  ScriptedUpstream& near = gateway.upstream("near");
  ScriptedUpstream& far = gateway.upstream("far");
  std::filesystem::path folder;
  std::optional<TrialKeeper> keeper;
  std::optional<ShadowCopies> copies;

  Experimenting() {
    auto name = (std::filesystem::temp_directory_path() / "weir-experiments-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder = name;
    near.then(completion("From near.", 10, 5));
    far.then(completion("From far.", 10, 5));
  }
  ~Experimenting() override {
    keeper.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void serve(std::string_view rest) {
    gateway.serve(std::string(models) + std::string(rest));
    if (!keeper) {
      keeper.emplace((folder / "experiments.db").string(), TrialKeeper::Says{}, [] { return wall_clock_us(); });
      copies.emplace(*gateway.worker);
      gateway.worker->trials = &*keeper;
      gateway.worker->copies = &*copies;
    }
    keeper->set(gateway.deployment().snapshot);
    const auto& experiments = gateway.deployment().snapshot->experiments;
    for (int i = 0; i < 2'000 && !experiments.empty() && keeper->shares()->stopped(experiments.front()->name); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  // What was compared, once `count` comparisons are in the file.
  std::vector<Comparison> compared(std::size_t count) {
    std::vector<Comparison> all;
    for (int i = 0; i < 1'000; ++i) {
      gateway.wait(10);
      all.clear();
      auto shelf = TrialShelf::open((folder / "experiments.db").string(), TrialShelf::Access::read_only);
      if (shelf) static_cast<void>(shelf->comparisons("", [&](Comparison& one) { all.push_back(one); }));
      if (all.size() >= count) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return all;
  }

  // The ledger commits when it likes: later than the comparison, or before it.
  std::optional<Entry> row_of(std::string_view experiment) {
    for (int i = 0; i < 1'000; ++i) {
      {
        const std::lock_guard lock(gateway.store->mutex);
        for (const auto& one : gateway.store->entries) {
          if (one.experiment == experiment) return one;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return std::nullopt;
  }
};

constexpr std::string_view home =
    "  - {name: home, baseline: large, rules: [{when: {sensitive: any}, zones: [local]}, {use: [small, large]}]}\n"
    "experiments:\n"
    "  - {name: trial, kind: shadow, route: home, models: [large], sample: 100%}\n";

TEST_F(Experimenting, a_copy_is_asked_after_the_answer_and_has_a_row_of_its_own) {
  serve(home);
  const auto [answer, entry] = gateway.ask(chat("home", "How is the river?"));
  EXPECT_TRUE(answer.has("From near."));
  EXPECT_EQ(answer.field("x-weir-experiment"), "trial:answered");
  EXPECT_EQ(entry.attempts.size(), 1U);
  EXPECT_EQ(entry.cost, 15);
  const auto all = compared(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].tested.model, "large");
  EXPECT_EQ(all[0].tested.cost, 150);
  EXPECT_EQ(all[0].reference.model, "small");
  EXPECT_EQ(all[0].reference.cost, 15);
  EXPECT_EQ(all[0].request, entry.id);
  ASSERT_EQ(far.asked.size(), 1U);
  EXPECT_NE(far.asked[0].body.find("How is the river?"), std::string::npos);
  const auto row = row_of("trial:shadow");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->cost, 150);
  EXPECT_EQ(row->route, "home");
  EXPECT_EQ(row->requested, "large");
  EXPECT_EQ(row->caller, "");
  EXPECT_FALSE(row->baseline_known) << "a copy saves nothing";
  ASSERT_EQ(row->attempts.size(), 1U);
  EXPECT_EQ(row->attempts[0].purpose, "shadow");
  // No request of the route's.
  EXPECT_EQ(gateway.metrics_text().find("weir_requests_total{route=\"home\",model=\"large\""), std::string::npos);
}

TEST_F(Experimenting, what_may_not_leave_is_not_copied_to_where_it_may_not_go) {
  serve(home);
  for (int i = 0; i < 5; ++i) {
    const auto served = gateway.ask(chat("home", secret));
    EXPECT_EQ(served.answer.field("x-weir-model"), "small");
    gateway.wait(1'000);
  }
  AskOptions declared;
  declared.sensitive = "health";
  static_cast<void>(gateway.ask(chat("home", "plain"), declared));
  gateway.wait(5'000);
  EXPECT_TRUE(far.asked.empty());
  EXPECT_EQ(copies->running(), 0U);
  EXPECT_EQ(keeper->copies(), 0);
}

TEST_F(Experimenting, tags_and_callers_count_for_the_copy_as_for_the_request) {
  serve(
      "  - name: home\n    rules:\n      - {when: {tags: [inside]}, zones: [local]}\n      - {use: [small, large]}\n"
      "experiments:\n  - {name: trial, kind: shadow, route: home, models: [large], sample: 100%}\n");
  AskOptions tagged;
  tagged.tags = "inside";
  static_cast<void>(gateway.ask(chat("home", "one"), tagged));
  gateway.wait(5'000);
  EXPECT_TRUE(far.asked.empty());
  static_cast<void>(gateway.ask(chat("home", "two")));
  EXPECT_EQ(compared(1).size(), 1U);
}

TEST_F(Experimenting, a_route_that_is_local_whatever_is_asked_keeps_its_copies_too) {
  serve(
      "  - {name: home, rules: [{zones: [local]}, {use: [small]}]}\n"
      "experiments:\n  - {name: trial, kind: shadow, route: home, models: [large], sample: 100%}\n");
  static_cast<void>(gateway.ask(chat("home", "plain")));
  gateway.wait(5'000);
  EXPECT_TRUE(far.asked.empty());
}

TEST_F(Experimenting, streams_are_compared_by_all_that_they_said) {
  near.from_now_on(stream_of({"It ", "is ", "four."}));
  far.from_now_on(stream_of({"It is", " four."}));
  serve(
      "  - {name: home, rules: [{use: [small, large]}]}\n"
      "experiments:\n  - {name: trial, kind: shadow, route: home, models: [large], sample: 100%, judge: agreement}\n");
  const auto served = gateway.ask(chat_stream("home"));
  EXPECT_EQ(served.answer.said(), "It is four.");
  const auto all = compared(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].tested.score, 1'000'000);
  EXPECT_GT(all[0].tested.first_token_us, 0);
}

TEST_F(Experimenting, a_model_that_fails_its_copy_scores_nothing_and_one_that_is_cut_off_is_not_counted) {
  far.from_now_on(whole(500, R"({"error":{"message":"broken"}})"));
  serve(home);
  static_cast<void>(gateway.ask(chat("home", "one")));
  const auto all = compared(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all[0].tested.ok);
  EXPECT_EQ(all[0].tested.score, 0);
  EXPECT_EQ(all[0].reference.score, 1'000'000);
  far.from_now_on({Hang{}});
  static_cast<void>(gateway.ask(chat("home", "two")));
  gateway.wait(100);
  EXPECT_EQ(copies->running(), 1U);
  copies->stop();
  gateway.wait(10);
  EXPECT_EQ(copies->running(), 0U);
  EXPECT_EQ(keeper->copies(), 0);
  EXPECT_EQ(compared(1).size(), 1U);
}

TEST_F(Experimenting, arms_stick_and_split_and_those_that_may_not_leave_are_in_none) {
  serve(
      "  - {name: home, rules: [{when: {sensitive: any}, zones: [local]}, {use: [small]}]}\n"
      "experiments:\n  - {name: two, kind: ab, route: home, models: [small, large], share: 30%, sticky: tag}\n");
  int in_large = 0;
  for (int i = 0; i < 200; ++i) {
    AskOptions tagged;
    tagged.tags = "team-" + std::to_string(i);
    const auto first = gateway.ask(chat("home", "hello"), tagged);
    const auto model = first.answer.field("x-weir-model");
    EXPECT_EQ(first.answer.field("x-weir-experiment"), "two:" + model);
    EXPECT_EQ(first.entry.experiment, "two:" + model);
    if (model != "large") continue;
    if (++in_large > 5) continue;
    EXPECT_EQ(gateway.ask(chat("home", "again"), tagged).answer.field("x-weir-model"), "large");
    const auto kept = gateway.ask(chat("home", secret), tagged);
    EXPECT_EQ(kept.answer.field("x-weir-model"), "small");
    EXPECT_EQ(kept.answer.field("x-weir-experiment"), "");
  }
  EXPECT_GT(in_large, 35);
  EXPECT_LT(in_large, 85);
  for (const auto& one : far.asked) EXPECT_EQ(one.body.find("4111"), std::string::npos);
}

TEST_F(Experimenting, an_arm_that_fails_gives_way_to_the_routes_own_models) {
  far.from_now_on(whole(500, R"({"error":{"message":"broken"}})"));
  serve(
      "  - {name: home, rules: [{use: [small]}]}\n"
      "experiments:\n  - {name: fly, kind: canary, route: home, models: [large], share: 99%, sticky: tag}\n");
  int fell_back = 0;
  for (int i = 0; i < 20; ++i) {
    AskOptions tagged;
    tagged.tags = std::to_string(i);
    const auto served = gateway.ask(chat("home"), tagged);
    EXPECT_EQ(served.answer.status, 200);
    EXPECT_EQ(served.answer.field("x-weir-model"), "small");
    fell_back += served.entry.experiment == "fly:large" && served.entry.attempts.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(fell_back, 0);
}

TEST_F(Experimenting, a_dial_begins_with_the_large_model_and_asks_the_other_one_to_compare) {
  serve(
      "  - name: home\n    rules:\n      - {when: {sensitive: any}, zones: [local]}\n      - {use: [small, large]}\n"
      "    dial: {keep_quality: 0.95, of: large, sample: 100%, per_minute: 1000, at_once: 1000}\n");
  int large = 0;
  for (int i = 0; i < 60; ++i) {
    const auto served = gateway.ask(chat("home", "question " + std::to_string(i)));
    large += served.answer.field("x-weir-model") == "large" ? 1 : 0;
  }
  EXPECT_GT(large, 45) << "a twentieth needs no evidence";
  const auto all = compared(60);
  EXPECT_EQ(all.size(), 60U);
  for (const auto& one : all) {
    EXPECT_EQ(one.tested.model, "small");
    EXPECT_EQ(one.reference.model, "large");
  }
  const auto asked = far.asked.size();
  const auto kept = gateway.ask(chat("home", secret));
  EXPECT_EQ(kept.answer.field("x-weir-model"), "small");
  EXPECT_EQ(kept.entry.experiment, "");
  gateway.wait(2'000);
  EXPECT_EQ(far.asked.size(), asked);
}

TEST_F(Experimenting, nothing_happens_after_the_last_day_nor_where_it_was_stopped) {
  serve(
      "  - {name: home, rules: [{use: [small, large]}]}\n"
      "experiments:\n  - {name: trial, kind: shadow, route: home, models: [large], sample: 100%, until: 2020-01-01}\n");
  const auto served = gateway.ask(chat("home"));
  EXPECT_EQ(served.answer.field("x-weir-experiment"), "");
  gateway.wait(1'000);
  EXPECT_TRUE(far.asked.empty());
}

}  // namespace
}  // namespace weir::test
