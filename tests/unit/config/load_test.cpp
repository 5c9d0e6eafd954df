#include <gtest/gtest.h>

#include "loading.h"
#include "policies/policy.h"

namespace weir::test {
namespace {

constexpr std::string_view full = R"(server:
  listen: [127.0.0.1:4077, "[::1]:4077", unix:/run/weir.sock]
  tls: {certificate: cert.pem, key: /abs/key.pem}
  cors: [https://chat.example.org]
  drain: 45s
  threads: 4
  allow_keyless: true
  log: {format: json, level: debug}
limits:
  headers: 16KiB
  body: 64MiB
  response: 1GiB
  event: 1000
  header_wait: 5s
  body_wait_ms: 1500
  idle: 2m
  write_wait: 1h
  connections: 77
guards:
  off: [ip_address]
  words:
    - {class: custom:project, words: [Bluebird, " Two words "], file: words.txt}
  exceptions:
    - {kind: email, domain: acme.io}
    - {kind: ipv4, value: 10.20.0.0/16}
providers:
  - id: gpu
    kind: vllm
    url: http://10.0.0.5:8000
    headers: {X-Team: "${TEAM:-none}"}
    timeouts: {connect: 100ms, first_byte: 1s, first_token: 2s, idle: 3s, total: 4s}
    quirks: {no_stream_options: true, accepts_prefill: false}
    slots: 32
    queue_limit: 5
    queue_ms: 250
    retries: 0
    cost_per_hour: 3.25
    health_check: false
    health_path: /health
    discover: true
  - {id: cloud1, kind: openai, api_key: "${OPENAI_API_KEY}", zone: cloud:eu, ca_file: ca.pem,
     client_certificate: tls/own.pem, client_key: /keys/own.key, tls_server_name: llm.example,
     proxy: "${CORP_PROXY}"}
models:
  - {id: small, provider: gpu, name: vendor/small, context_length: 8192, max_output: 100, tools: false, images: false}
  - {id: large, provider: cloud1, name: gpt-4o}
  - {id: own, provider: cloud1, name: gpt-4o-mini, prices: {input: 1, cached: 0.1, output: 4.000001, written: 1.25, priority: 1.75}}
  - {id: vectors, provider: cloud1, name: text-embedding-3-small}
routes:
  - name: assistant
    description: Help
    baseline: large
    on_stream_failure: continue
    total: 90s
    rules:
      - {when: {sensitive: [personal, custom:project]}, zones: [local, cloud:eu]}
      - when:
          sensitive: any
          callers: [anna]
          tags: [a, b]
          models: [assistant, large]
          tokens_above: 10
          tokens_below: 20
          has_tools: true
          has_images: false
          stream: true
          operations: [chat, completion]
        use: [small]
        spill: {queue: 300ms}
      - use: [small, large, gpu/other]
)";

class Load : public ::testing::Test {
 protected:
  Load() {
    for (const auto* path : {"etc/cert.pem", "/abs/key.pem"}) world.files[path] = "pem";
    world.variables["CORP_PROXY"] = "http://me:p%40ss@proxy.corp:3128";
    world.files["etc/ca.pem"] = "the authorities";
    world.files["etc/tls/own.pem"] = "a certificate";
    world.files["/keys/own.key"] = "a key";
    world.files["etc/words.txt"] = "# comment\r\nHeron\r\n\n  long phrase  \n";
  }
  World world;
};

TEST_F(Load, reads_every_setting) {
  const auto loaded = world.load(full);
  ASSERT_TRUE(loaded.usable()) << render_problems(loaded.problems, loaded.text);
  EXPECT_EQ(problems_of(loaded), "");
  const auto& s = loaded.snapshot;
  EXPECT_EQ(s.source, "etc/weir.yaml");
  EXPECT_EQ(s.server.listen, (std::vector<std::string>{"127.0.0.1:4077", "[::1]:4077", "unix:/run/weir.sock"}));
  EXPECT_EQ(s.server.tls_certificate, "etc/cert.pem");
  EXPECT_EQ(s.server.tls_key, "/abs/key.pem");
  EXPECT_EQ(s.server.cors_origins, (std::vector<std::string>{"https://chat.example.org"}));
  EXPECT_EQ(s.server.drain_ms, 45'000);
  EXPECT_EQ(s.server.threads, 4);
  EXPECT_TRUE(s.server.allow_keyless);
  EXPECT_EQ(s.server.log_format + " " + s.server.log_level, "json debug");
  EXPECT_EQ(s.limits.header_bytes, 16U * 1024);
  EXPECT_EQ(s.limits.body_bytes, 64U * 1024 * 1024);
  EXPECT_EQ(s.limits.response_bytes, 1024U * 1024 * 1024);
  EXPECT_EQ(s.limits.event_bytes, 1000U);
  EXPECT_EQ(s.limits.header_ms, 5000);
  EXPECT_EQ(s.limits.body_ms, 1500);
  EXPECT_EQ(s.limits.idle_ms, 120'000);
  EXPECT_EQ(s.limits.write_ms, 3'600'000);
  EXPECT_EQ(s.limits.connections, 77);
  EXPECT_EQ(s.guards.off, (std::vector<std::string>{"ip_address"}));
  ASSERT_EQ(s.guards.word_lists.size(), 1U);
  EXPECT_EQ(s.guards.word_lists[0].label, *s.classes.find("custom:project"));
  EXPECT_EQ(s.guards.word_lists[0].words, (std::vector<std::string>{"Bluebird", "Two words", "Heron", "long phrase"}));
  ASSERT_EQ(s.guards.exceptions.size(), 2U);
  EXPECT_EQ(s.guards.exceptions[0].kind, "email");
  EXPECT_EQ(s.guards.exceptions[0].domain, "acme.io");
  EXPECT_EQ(s.guards.exceptions[1].kind, "ipv4");
  EXPECT_EQ(s.guards.exceptions[1].value, "10.20.0.0/16");
}

TEST_F(Load, reads_every_setting_of_a_provider) {
  const auto s = world.load(full).snapshot;
  ASSERT_EQ(s.providers.size(), 2U);
  const auto& gpu = s.providers[0];
  EXPECT_EQ(gpu.id + " " + gpu.kind + " " + gpu.adapter, "gpu vllm openai");
  EXPECT_EQ(to_string(gpu.url), "http://10.0.0.5:8000");
  EXPECT_EQ(gpu.headers, (std::vector<std::pair<std::string, std::string>>{{"X-Team", "none"}}));
  EXPECT_EQ(gpu.timeouts, (Timeouts{100, 1000, 2000, 3000, 4000}));
  EXPECT_TRUE(gpu.quirks.no_stream_options);
  EXPECT_FALSE(gpu.quirks.accepts_prefill);
  EXPECT_EQ(gpu.slots, 32);
  EXPECT_EQ(gpu.queue_limit, 5);
  EXPECT_EQ(gpu.queue_ms, 250);
  EXPECT_EQ(gpu.retries, 0);
  EXPECT_EQ(gpu.cost_per_hour, 3'250'000);
  EXPECT_FALSE(gpu.health_check);
  EXPECT_EQ(gpu.health_path, "/health");
  EXPECT_TRUE(gpu.discover);
  EXPECT_EQ(gpu.zone, *parse_zone("local"));
  const auto& cloud = s.providers[1];
  EXPECT_EQ(cloud.api_key, "sk-from-environment");
  EXPECT_EQ(cloud.zone, *parse_zone("cloud:eu"));
  ASSERT_TRUE(cloud.tls);
  const TlsSettings tls{
      .authorities = "the authorities", .certificate = "a certificate", .key = "a key", .server_name = "llm.example"};
  EXPECT_EQ(*cloud.tls, tls);
  EXPECT_EQ(cloud.client_key, "/keys/own.key");
  ASSERT_TRUE(cloud.proxy);
  EXPECT_EQ(place_of(*cloud.proxy), "proxy.corp:3128");
  EXPECT_EQ(cloud.proxy->credentials, "me:p@ss");
  EXPECT_EQ(cloud.proxy->said_by, "proxy");
  EXPECT_FALSE(gpu.proxy);
  EXPECT_FALSE(gpu.tls);
  EXPECT_FALSE(cloud.health_check);
  EXPECT_FALSE(cloud.discover);
}

TEST_F(Load, reads_every_setting_of_a_model) {
  const auto s = world.load(full).snapshot;
  const auto model = [&](std::string_view id) { return s.models[find_model(s, id).value()]; };
  EXPECT_EQ(model("small").context_length, 8192);
  EXPECT_EQ(model("small").max_output, 100);
  EXPECT_FALSE(model("small").tools);
  EXPECT_FALSE(model("small").images);
  EXPECT_FALSE(model("small").prices.known);
  Prices large{.input = 2'500'000, .cached = 1'250'000, .output = 10'000'000, .known = true};
  large.tier_percent = {100, 50, 50, -1, -1};  // the kind's
  EXPECT_EQ(model("large").prices, large);
  EXPECT_EQ(model("large").prices_as_of, "2026-08-21");
  EXPECT_EQ(model("large").context_length, 128'000);
  EXPECT_EQ(model("large").max_output, 16'384);
  Prices own{.input = 1'000'000, .cached = 100'000, .output = 4'000'001, .known = true, .written = 1'250'000};
  own.tier_percent = {100, 50, 50, 175, -1};
  EXPECT_EQ(model("own").prices, own);
  EXPECT_EQ(model("own").prices_as_of, "");
  EXPECT_TRUE(model("vectors").embeddings);
  EXPECT_FALSE(model("vectors").chat);
  EXPECT_EQ(model("cloud1/gpt-4o").id, "large");
  EXPECT_EQ(model("gpu/other").name, "other");
}

TEST_F(Load, reads_what_is_kept_of_responses) {
  constexpr std::string_view rest = R"(
providers: [{id: gpu, kind: vllm, url: "http://127.0.0.1:1", discover: false}]
models: [{id: small, provider: gpu, name: n}]
routes:
  - {name: kept, rules: [{use: [small]}]}
  - {name: forgetful, store_responses: false, rules: [{use: [small]}]}
)";
  const auto usual = world.load(std::string(rest)).snapshot;
  EXPECT_EQ(usual.responses.keep_ms, 30LL * 24 * 3'600'000);
  EXPECT_EQ(usual.responses.most_bytes, 1024U * 1024 * 1024);
  ASSERT_EQ(usual.routes.size(), 2U);
  EXPECT_TRUE(usual.routes[0].store_responses);
  EXPECT_FALSE(usual.routes[1].store_responses);
  const auto said = world.load(fmt::format("responses: {{keep: 7d, most: 5MiB}}{}", rest)).snapshot;
  EXPECT_EQ(said.responses.keep_ms, 7LL * 24 * 3'600'000);
  EXPECT_EQ(said.responses.most_bytes, 5U * 1024 * 1024);
  EXPECT_EQ(world.load(fmt::format("responses: {{keep: 0s}}{}", rest)).snapshot.responses.keep_ms, 0);
}

TEST_F(Load, reads_every_setting_of_a_route) {
  const auto s = world.load(full).snapshot;
  ASSERT_EQ(s.routes.size(), 1U);
  const auto& route = s.routes[s.route_by_name.at("assistant")];
  EXPECT_EQ(route.description + " " + route.policy, "Help rules");
  EXPECT_EQ(s.models[route.baseline.value()].id, "large");
  EXPECT_EQ(route.on_stream_failure, OnStreamFailure::resume);
  EXPECT_EQ(route.total_ms, 90'000);
  ASSERT_EQ(route.rules.size(), 3U);
  EXPECT_EQ(route.rules[0].when.sensitive, class_personal | *s.classes.find("custom:project"));
  EXPECT_EQ(route.rules[0].zones, (std::vector<Zone>{*parse_zone("local"), *parse_zone("cloud:eu")}));
  const auto& when = route.rules[1].when;
  EXPECT_TRUE(when.sensitive_any);
  EXPECT_EQ(when.callers, (std::vector<std::string>{"anna"}));
  EXPECT_EQ(when.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(when.models, (std::vector<std::string>{"assistant", "large"}));
  EXPECT_EQ(when.tokens_above, 10);
  EXPECT_EQ(when.tokens_below, 20);
  EXPECT_EQ(when.has_tools, true);
  EXPECT_EQ(when.has_images, false);
  EXPECT_EQ(when.stream, true);
  EXPECT_EQ(when.operations, (std::vector<std::string>{"chat", "completion"}));
  EXPECT_EQ(route.rules[1].spill_queue_ms, 300);
  EXPECT_EQ(route.rules[1].line, 57U);
  EXPECT_EQ(route.rules[2].use, (std::vector<uint32_t>{0, 1, 4}));
  EXPECT_EQ(route.rules[2].spill_queue_ms, -1);
}

TEST_F(Load, a_url_may_have_a_query_where_its_kind_sends_one) {
  const auto load = [&](std::string_view kind) {
    return world.load("providers: [{id: p, kind: " + std::string(kind) +
                      ", url: 'https://x.openai.azure.com/openai?api-version=2024-10-21', api_key: k}]\n"
                      "models: [{provider: p, name: m, prices: {input: 1, output: 1}}]\nroutes: []\n");
  };
  const auto azure = load("azure_openai");
  ASSERT_TRUE(azure.usable()) << render_problems(azure.problems, azure.text);
  EXPECT_EQ(azure.snapshot.providers[0].query, "api-version=2024-10-21");
  EXPECT_EQ(to_string(azure.snapshot.providers[0].url), "https://x.openai.azure.com/openai");
  EXPECT_TRUE(azure.snapshot.providers[0].quirks.azure_paths);
  EXPECT_FALSE(load("bedrock").usable()) << "what would not be sent is not taken";
}

TEST_F(Load, what_is_not_said_has_the_documented_default) {
  const auto loaded = world.load(
      "providers: [{kind: ollama}, {kind: openai}]\n"
      "models: [{provider: openai, name: gpt-4o}]\nroutes: []\n");
  ASSERT_TRUE(loaded.usable()) << render_problems(loaded.problems, loaded.text);
  const auto& s = loaded.snapshot;
  EXPECT_EQ(s.server.listen, (std::vector<std::string>{std::string(default_listen)}));
  EXPECT_EQ(s.providers[0].id, "ollama");
  EXPECT_EQ(to_string(s.providers[0].url), "http://127.0.0.1:11434");
  EXPECT_TRUE(s.providers[0].discover);
  EXPECT_TRUE(s.providers[0].health_check);
  EXPECT_TRUE(s.providers[0].quirks.accepts_prefill);
  EXPECT_EQ(s.providers[0].timeouts, Timeouts{});
  EXPECT_EQ(s.providers[1].api_key, "sk-from-environment");
  EXPECT_EQ(s.models[0].id, "gpt-4o");
  EXPECT_TRUE(s.routes.empty());
  EXPECT_FALSE(s.default_routes);
}

TEST_F(Load, without_routes_the_default_ones_are_made_and_hold_direct_names_too) {
  const auto loaded = world.load(
      "providers: [{kind: ollama}, {kind: openai}]\n"
      "models: [{provider: openai, name: gpt-4o}, {provider: ollama, name: llama3}]\n");
  ASSERT_TRUE(loaded.usable());
  const auto& s = loaded.snapshot;
  EXPECT_TRUE(s.default_routes);
  ASSERT_TRUE(s.route_by_name.contains("auto"));
  RequestFacts facts{.requested_model = "gpt-4o", .found = class_personal};
  EXPECT_EQ(decide(facts, s, {})->refusal.code, ErrorCode::zone_refused);
}

TEST_F(Load, aliases_are_read_where_they_stand) {
  const auto loaded = world.load(
      "providers:\n  - {id: a, kind: vllm, timeouts: &t {total: 5s}}\n"
      "  - {id: b, kind: vllm, timeouts: *t}\n");
  ASSERT_TRUE(loaded.usable()) << problems_of(loaded);
  EXPECT_EQ(loaded.snapshot.providers[1].timeouts.total, 5000);
}

TEST(private_addresses, are_told_from_those_of_others) {
  const auto is_private = [](std::string_view text) {
    Url url;
    EXPECT_TRUE(parse_url(text, url)) << text;
    return is_private_address(url);
  };
  for (const auto* ours :
       {"http://127.0.0.1:1", "http://localhost:1", "http://10.1.2.3", "http://192.168.0.9", "http://172.16.0.1",
        "http://172.31.0.1", "http://169.254.1.1", "http://0.0.0.0:8000", "http://[::1]:1", "http://[fd00::1]:1",
        "http://[fe80::1]:1", "http://gpu1:8000", "http://gpu.LOCAL", "http://vllm.default.svc.cluster.local",
        "http://a.internal", "http://nas.home.arpa", "unix:/run/x.sock"}) {
    EXPECT_TRUE(is_private(ours)) << ours;
  }
  for (const auto* theirs : {"https://api.openai.com", "http://8.8.8.8", "http://172.32.0.1", "http://172.15.0.1",
                             "http://11.0.0.1", "http://192.169.0.1", "http://[2001:db8::1]:1", "http://[fd::1]:1",
                             "http://10.evil.com", "http://10.0.0.1.evil.com", "http://local.example.com",
                             "http://999.0.0.1", "http://10.0.0", "http://mylocal.lan.example"}) {
    EXPECT_FALSE(is_private(theirs)) << theirs;
  }
}

}  // namespace
}  // namespace weir::test
