// What a reload keeps, what it forgets, and what a request notices of it.
#include "two_models.h"

namespace weir::test {
namespace {

using Reload = TwoModels;

TEST_F(Reload, a_request_ends_with_the_deployment_that_it_began_with) {
  serve();
  first.then({Pause{2'000}, completion("old")[0]});
  Served served;
  const auto reload_meanwhile = [&]() -> net::Task<void> {
    co_await gateway.loop.sleep(1'000);
    gateway.worker->deploy(nullptr);  // nothing of the new one may be looked at
  };
  const auto before = gateway.worker->deployment;
  gateway.loop.post([&] { net::spawn(reload_meanwhile()); });
  served = gateway.ask(chat("both"));
  EXPECT_EQ(served.answer.status, 200);
  EXPECT_EQ(served.entry.outcome, "ok");
  EXPECT_EQ(served.entry.cost, 20);
  gateway.worker->deployment = before;
}

TEST_F(Reload, an_idle_connection_to_the_old_url_is_not_used_for_the_new_one) {
  serve();
  first.then(completion("from the old one"));
  gateway.ask(chat("a"));
  auto& old = first;
  auto& moved = gateway.upstream("moved");
  moved.then(completion("from the new one"));
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@moved", zone: local, health_check: false}
models:
  - {id: a, provider: first, name: name-a}
)");
  const auto [answer, entry] = gateway.ask(chat("a"));
  EXPECT_TRUE(answer.has("from the new one"));
  EXPECT_EQ(old.asked.size(), 1U);
  EXPECT_EQ(moved.asked.size(), 1U);
}

TEST_F(Reload, an_open_breaker_stays_open_for_the_same_model_and_closes_for_another) {
  serve();
  first.then(whole(500, "{}"));
  second.then(completion("x"));
  for (int i = 0; i < 5; ++i) gateway.ask(chat("both"));
  ASSERT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::open);
  serve({.route = "description: a new text"});
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::open);
  EXPECT_EQ(gateway.breaker("b").state(gateway.now_ms()), BreakerState::closed);
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false}
models:
  - {id: a, provider: first, name: another-name}
)");
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed);
}

TEST_F(Reload, a_breaker_does_not_follow_its_model_to_another_url) {
  serve();
  first.then(whole(500, "{}"));
  second.then(completion("x"));
  for (int i = 0; i < 5; ++i) gateway.ask(chat("both"));
  ASSERT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::open);
  gateway.upstream("moved");
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@moved", zone: local, health_check: false}
models:
  - {id: a, provider: first, name: name-a}
)");
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed);
}

TEST_F(Reload, slots_in_use_are_still_in_use_and_those_who_wait_get_the_new_ones) {
  serve({.first = "slots: 1, queue: 60s"});
  first.then({Pause{10'000}, completion("x")[0]});
  std::vector<Served> served;
  const auto reload_meanwhile = [&]() -> net::Task<void> {
    co_await gateway.loop.sleep(2'000);
    EXPECT_EQ(gateway.slots("first").stats().held, 1);
    EXPECT_EQ(gateway.slots("first").stats().waiting, 1);
    auto snapshot = std::make_shared<Snapshot>(*gateway.deployment().snapshot);
    snapshot->providers[0].slots = 2;
    const auto before = gateway.worker->deployment;
    gateway.worker->deployment = make_deployment(snapshot, before.get(), gateway.metrics);
    EXPECT_EQ(gateway.slots("first").stats().capacity, 2);
    EXPECT_EQ(gateway.slots("first").stats().held, 2) << "the one that waited has the new slot";
  };
  gateway.loop.post([&] { net::spawn(reload_meanwhile()); });
  served = gateway.ask_all({{chat("both"), {}}, {chat("both"), {.begin_after_ms = 1'000}}});
  EXPECT_GE(served[1].entry.attempts[0].queue_us / 1000, 980);
  EXPECT_LE(served[1].entry.attempts[0].queue_us / 1000, 1'020);
  EXPECT_EQ(gateway.slots("first").stats().held, 0);
}

TEST_F(Reload, what_an_older_request_leaves_behind_is_not_told_to_a_newer_one) {
  serve();
  first.then({Pause{2'000}, completion("x")[0]});
  first.then(completion("y"));
  const auto renamed = std::make_shared<Snapshot>(*gateway.deployment().snapshot);
  renamed->version = 99;
  renamed->models[0].id = "renamed";
  index_names(*renamed);
  const auto reload_meanwhile = [&]() -> net::Task<void> {
    co_await gateway.loop.sleep(1'000);
    gateway.worker->deploy(make_deployment(renamed, gateway.worker->deployment.get(), gateway.metrics));
  };
  gateway.loop.post([&] { net::spawn(reload_meanwhile()); });
  EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-model"), "a");
  const auto newer = gateway.ask(chat("both"));
  EXPECT_EQ(newer.answer.field("x-weir-model"), "renamed");
  EXPECT_EQ(newer.entry.reason.find("a answered"), std::string::npos) << newer.entry.reason;
}

TEST_F(Reload, plans_are_explained_with_the_names_of_their_own_configuration) {
  serve();
  first.then(completion("x"));
  const auto before = gateway.ask(chat("both"));
  gateway.serve(R"(
providers:
  - {id: other, kind: openai_compatible, url: "@second", zone: cloud, api_key: k}
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, api_key: k}
models:
  - {id: x, provider: other, name: name-x}
  - {id: y, provider: first, name: name-y}
routes:
  - name: both
    rules:
      - {use: [x, y]}
)");
  second.then(completion("x"));
  const auto after = gateway.ask(chat("both"));
  EXPECT_EQ(before.answer.field("x-weir-model"), "a");
  EXPECT_EQ(after.answer.field("x-weir-model"), "x");
  EXPECT_NE(after.entry.reason.find("x answered"), std::string::npos) << after.entry.reason;
  ASSERT_TRUE(after.entry.plan);
  EXPECT_NE(after.entry.plan->find("\"x\""), std::string::npos) << *after.entry.plan;
  EXPECT_EQ(after.entry.plan->find("\"a\""), std::string::npos) << *after.entry.plan;
}

}  // namespace
}  // namespace weir::test
