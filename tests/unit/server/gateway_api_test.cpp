// What the gateway answers by itself: models and their zones, readiness, metrics with their values, ledger entries.
#include "front.h"

namespace weir::test {
namespace {

struct Api : testing::Test, Front {
  void serve_zones() {
    gateway.serve(R"(
providers:
  - {id: one, kind: openai_compatible, url: "@model", zone: local, health_check: false, retries: 0, slots: 3}
  - {id: two, kind: openai_compatible, url: "http://127.0.0.1:9", zone: "cloud:eu", api_key: k}
models:
  - {id: a, provider: one, name: name-a, context_length: 128000, prices: {input: 1.00, output: 2.00}}
  - {id: b, provider: two, name: name-b, context_length: 8000}
routes:
  - {name: both, baseline: b, rules: [{use: [a, b]}]}
  - {name: near, rules: [{use: [a]}]}
)");
    process.ready = true;
  }
  // The value of the line that begins with `name`, which may have labels; −1 where there is none.
  static double value(const std::string& text, const std::string& name) {
    const auto at = ("\n" + text).find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size(), nullptr);
  }
};

TEST_F(Api, models_and_routes_say_in_which_zone_they_answer) {
  serve_zones();
  const auto list = ask(get("/v1/models"));
  const auto zone_of = [&](std::string_view id) {
    const auto at = list.body.find(fmt::format("\"id\":\"{}\"", id));
    const auto zone = list.body.find("\"zone\":\"", at) + 8;
    return list.body.substr(zone, list.body.find('"', zone) - zone);
  };
  EXPECT_EQ(zone_of("a"), "local");
  EXPECT_EQ(zone_of("b"), "cloud:eu");
  EXPECT_EQ(zone_of("both"), "local,cloud:eu");
  EXPECT_EQ(zone_of("near"), "local");
  for (const char* id : {"a", "b", "both", "near"}) {
    const auto one = ask(get(fmt::format("/v1/models/{}", id)));
    EXPECT_EQ(one.status, 200);
    EXPECT_TRUE(one.has(fmt::format("\"zone\":\"{}\"", zone_of(id)))) << one.body;
    EXPECT_TRUE(list.has(one.body)) << "the same in the list and alone";
  }
  const auto unknown = ask(get("/v1/models/bth"));
  EXPECT_EQ(unknown.status, 404);
}

TEST_F(Api, the_largest_context_of_a_routes_models_is_the_routes) {
  serve_zones();
  EXPECT_TRUE(ask(get("/v1/models/both")).has("\"context_length\":128000"));
  EXPECT_TRUE(ask(get("/v1/models/b")).has("\"context_length\":8000"));
  EXPECT_TRUE(ask(get("/v1/models/both")).has("\"baseline\":\"b\""));
  EXPECT_TRUE(ask(get("/v1/models/near")).has("\"baseline\":null"));
}

TEST_F(Api, models_and_routes_say_what_they_serve) {
  gateway.serve(R"(
providers:
  - {id: one, kind: openai_compatible, url: "@model", zone: local, health_check: false, retries: 0}
models:
  - {id: talks, provider: one, name: a, tools: false}
  - {id: embeds, provider: one, name: b, chat: false, embeddings: true}
routes:
  - {name: both, rules: [{use: [talks, embeds]}]}
)");
  process.ready = true;
  const auto talks = ask(get("/v1/models/talks"));
  EXPECT_TRUE(talks.has(R"("serves":["chat","completions"])")) << talks.body;
  EXPECT_TRUE(talks.has(R"("lacks":["tools"])")) << talks.body;
  const auto embeds = ask(get("/v1/models/embeds"));
  EXPECT_TRUE(embeds.has(R"("serves":["embeddings"])")) << embeds.body;
  EXPECT_FALSE(embeds.has("lacks")) << embeds.body;
  EXPECT_TRUE(ask(get("/v1/models/both")).has(R"("serves":["chat","completions","embeddings"])"));
}

TEST_F(Api, readiness_follows_start_ledger_and_drain) {
  serve_zones();
  model.then(completion("x"));
  process.ready = false;
  auto ready = ask(get("/readyz"));
  EXPECT_EQ(ready.status, 503);
  EXPECT_TRUE(ready.has("starting"));
  process.ready = true;
  EXPECT_EQ(ask(get("/readyz")).status, 200);

  gateway.store->failing = true;
  ask(post(chat("a")));
  EXPECT_FALSE(gateway.ledger->flush());
  ready = ask(get("/readyz"));
  EXPECT_EQ(ready.status, 503);
  EXPECT_TRUE(ready.has("ledger failing"));
  EXPECT_EQ(ask(get("/healthz")).status, 200) << "it is alive, and a restart would mend nothing";
  EXPECT_EQ(ask(post(chat("a"))).status, 200) << "and it serves";
  gateway.store->failing = false;
  EXPECT_TRUE(gateway.ledger->flush());
  EXPECT_EQ(ask(get("/readyz")).status, 200);

  process.draining = true;
  ready = ask(get("/readyz"));
  EXPECT_EQ(ready.status, 503);
  EXPECT_TRUE(ready.has("draining"));
}

TEST_F(Api, metrics_have_the_values_of_what_happened) {
  serve_zones();
  model.then(completion("x", 1'000, 500));
  for (int i = 0; i < 3; ++i) ask(post(chat("a")));
  model.from_now_on(whole(500, "{}"));
  ask(post(chat("a")));
  ASSERT_TRUE(gateway.ledger->flush());
  gateway.breaker("b").mark_down();
  const auto held = gateway.slots("one").try_acquire();
  const auto text = ask(get("/metrics")).body;
  EXPECT_EQ(value(text, "weir_connections_accepted_total"), 5);
  EXPECT_EQ(value(text, "weir_connections_closed_total"), 4);
  EXPECT_EQ(value(text, "weir_connections_open"), 1);
  EXPECT_EQ(value(text, "weir_ledger_written_total"), 4);
  EXPECT_EQ(value(text, "weir_ledger_pending"), 0);
  EXPECT_EQ(value(text, "weir_ledger_dropped_total"), 0);
  EXPECT_EQ(value(text, "weir_config_version"), 1);
  EXPECT_EQ(value(text, "weir_slots{provider=\"one\"}"), 3) << text;
  EXPECT_EQ(value(text, "weir_slots_held{provider=\"one\"}"), 1);
  EXPECT_EQ(value(text, "weir_provider_up{provider=\"one\"}"), 1);
  EXPECT_EQ(value(text, "weir_provider_up{provider=\"two\"}"), 0);
  double cost = 0;
  double ok = 0;
  double failed = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto number = std::strtod(line.substr(line.rfind(' ') + 1).c_str(), nullptr);
    if (line.starts_with("weir_cost_micro_dollars_total{")) cost += number;
    if (!line.starts_with("weir_requests_total{")) continue;
    (line.find("outcome=\"ok\"") != std::string::npos ? ok : failed) += number;
  }
  EXPECT_EQ(cost, 3 * 2'000);
  EXPECT_EQ(ok, 3);
  EXPECT_EQ(failed, 1);
}

TEST_F(Api, an_entry_of_the_ledger_is_shown_to_whom_it_belongs) {
  serve_zones();
  gateway.clock.patience_ms = 5'000;  // the ledger answers from a thread of its own
  FakeStore store(gateway.store);
  const auto mine = create_key(store, {.name = "mine"}, 1);
  const auto other = create_key(store, {.name = "other"}, 1);
  const auto admin = create_key(store, {.name = "admin", .admin = true}, 1);
  ASSERT_TRUE(mine && other && admin);
  ASSERT_TRUE(gateway.keys.reload_if_changed(store, 1));
  const auto with = [](const CreatedKey& key) {
    return "Connection: close\r\nAuthorization: Bearer " + key.secret + "\r\n";
  };
  model.then(completion("x"));
  const auto id = ask(post(chat("a"), with(*mine))).field("x-weir-request-id");
  ASSERT_TRUE(gateway.ledger->flush());
  const auto path = "/v1/requests/" + id;
  EXPECT_EQ(ask(get(path, with(*mine))).status, 200);
  EXPECT_EQ(ask(get(path, with(*admin))).status, 200);
  const auto hidden = ask(get(path, with(*other)));
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(ask(get("/v1/requests/req_none", with(*mine))).status, 404);
  const auto shown = ask(get(path, with(*mine)));
  EXPECT_TRUE(shown.has(id)) << shown.body;
}

}  // namespace
}  // namespace weir::test
