// Several keys of one provider, models by wildcard, prompts that are too long, parameters: on scripted sockets.
#include "core/wildcard.h"
#include "two_models.h"

namespace weir::test {
namespace {

struct Choice : TwoModels {
  // The keys of the first provider that were used, in order.
  std::string keys_used() {
    std::string out;
    for (const auto& one : first.asked) {
      const auto at = one.head.find("Bearer ");
      if (at != std::string::npos) out += one.head.substr(at + 7, one.head.find('\r', at) - at - 7) + " ";
    }
    return out;
  }
  void serve_keys(std::string_view keys, std::string_view more = "") {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0, api_keys: [{}]}}
  - {{id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}}
models:
  - {{id: a, provider: first, name: name-a}}
  - {{id: b, provider: second, name: name-b}}
{}
routes:
  - {{name: both, rules: [{{use: [a, b]}}]}}
)",
                              keys, more));
  }
};

constexpr std::string_view two_keys = "{key: key-one-aaaa, weight: 2}, {key: key-two-bbbb}";
const std::string slow_down = R"({"error":{"message":"slow down"}})";

// ---- keys

TEST_F(Choice, keys_are_used_by_weight) {
  serve_keys(two_keys);
  first.from_now_on(completion("ok"));
  for (int i = 0; i < 6; ++i) gateway.ask(chat("a"));
  EXPECT_EQ(keys_used(), "key-one-aaaa key-two-bbbb key-one-aaaa key-one-aaaa key-two-bbbb key-one-aaaa ");
}

TEST_F(Choice, a_limited_key_rests_and_the_same_request_goes_on_with_the_next_one) {
  serve_keys(two_keys);
  first.then(whole(429, slow_down, "Retry-After: 20\r\n"));
  first.then(completion("from the other key"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_LE(answer.took_ms, 5) << "without waiting";
  EXPECT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(keys_used(), "key-one-aaaa key-two-bbbb ");
  EXPECT_EQ(gateway.breaker("a").limited_ms(gateway.now_ms()), 0) << "the model is taken from nobody";
  for (int i = 0; i < 3; ++i) gateway.ask(chat("both"));
  EXPECT_EQ(keys_used(), "key-one-aaaa key-two-bbbb key-two-bbbb key-two-bbbb key-two-bbbb ");
  EXPECT_TRUE(second.asked.empty());
  gateway.wait(21'000);
  gateway.ask(chat("a"));
  gateway.ask(chat("a"));
  EXPECT_NE(keys_used().find("bbbb key-one"), std::string::npos) << "it is back";
}

TEST_F(Choice, a_refused_key_rests_for_a_minute) {
  for (const int status : {401, 403}) {
    serve_keys(fmt::format("{{key: bad-key-{}}}, {{key: good-key}}", status));
    first.asked.clear();
    first.from_now_on(whole(status, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})"));
    first.then(completion("ok"));
    EXPECT_EQ(gateway.ask(chat("a")).answer.status, 200);
    gateway.wait(50'000);
    first.asked.clear();
    for (int i = 0; i < 3; ++i) gateway.ask(chat("a"));
    EXPECT_EQ(keys_used(), "good-key good-key good-key ") << status;
    gateway.wait(11'000);
    first.asked.clear();
    for (int i = 0; i < 2; ++i) gateway.ask(chat("a"));
    EXPECT_NE(keys_used().find("bad-key"), std::string::npos) << status;
    EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed);
  }
}

TEST_F(Choice, only_when_all_keys_rest_another_model_is_asked_and_the_shortest_wait_is_told) {
  serve_keys(two_keys);
  first.then(whole(429, slow_down, "Retry-After: 40\r\n"));
  first.then(whole(429, slow_down, "Retry-After: 30\r\n"));
  second.from_now_on(completion("from b"));
  EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-model"), "b");
  EXPECT_EQ(first.asked.size(), 2U) << "each key once";
  const auto [answer, entry] = gateway.ask(chat("a"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("Retry-After"), "30");
  EXPECT_EQ(first.asked.size(), 2U);
}

TEST_F(Choice, a_refused_and_a_limited_key_together_are_a_limit) {
  serve_keys(two_keys);
  first.then(whole(429, slow_down, "Retry-After: 40\r\n"));
  first.then(whole(401, R"({"error":{"message":"Incorrect API key provided"}})"));
  const auto [answer, entry] = gateway.ask(chat("a"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("Retry-After"), "40");
}

TEST_F(Choice, rests_are_kept_over_a_reload_and_counted) {
  serve_keys(two_keys);
  first.then(whole(429, slow_down, "Retry-After: 60\r\n"));
  first.then(completion("ok"));
  gateway.ask(chat("a"));
  serve_keys("{key: key-two-bbbb}, {key: key-one-aaaa, weight: 7}");
  EXPECT_EQ(gateway.deployment().credentials[0]->resting(gateway.now_ms()), 1U);
  first.asked.clear();
  for (int i = 0; i < 3; ++i) gateway.ask(chat("a"));
  EXPECT_EQ(keys_used(), "key-two-bbbb key-two-bbbb key-two-bbbb ");
  EXPECT_EQ(gateway.deployment().working(0, gateway.now_ms()).api_key, "key-two-bbbb");
}

TEST_F(Choice, no_key_of_a_provider_is_told_to_anybody) {
  serve_keys(two_keys);
  first.from_now_on(whole(400, R"({"error":{"message":"you sent key-one-aaaa, not key-two-bbbb"}})"));
  const auto [answer, entry] = gateway.ask(chat("a"));
  for (const auto& text : {answer.body, entry.attempts.at(0).message, gateway.log}) {
    EXPECT_EQ(text.find("one-aaaa"), std::string::npos) << text;
    EXPECT_EQ(text.find("two-bbbb"), std::string::npos) << text;
  }
}

// ---- wildcards and aliases

struct Many : Choice {
  Many() {
    serve_keys("{key: k1}", "  - {provider: first, name: '*', prices: {input: 1, output: 2}}\n");
    first.from_now_on(completion("ok"));
  }
};

TEST_F(Many, a_model_of_a_wildcard_is_asked_by_its_name_and_counted_under_it) {
  const auto [answer, entry] = gateway.ask(chat("first/some-model"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(first.asked.at(0).body.find(R"("model":"some-model")") != std::string::npos) << first.asked[0].body;
  EXPECT_EQ(answer.field("x-weir-model"), "first/some-model");
  EXPECT_EQ(entry.requested, "first/some-model");
  EXPECT_EQ(entry.model, "first/some-model");
  EXPECT_EQ(entry.attempts.at(0).model, "first/some-model");
  EXPECT_EQ(entry.cost, 20);
  EXPECT_NE(entry.plan->find("first/some-model"), std::string::npos);
  EXPECT_EQ(gateway.ask(chat("first/other")).answer.field("x-weir-model"), "first/other");
}

TEST_F(Many, names_that_are_made_up_fill_nothing) {
  const auto breakers = gateway.deployment().breakers.size();
  for (int i = 0; i < 500; ++i) gateway.ask(chat(fmt::format("first/name-{}", i)));
  EXPECT_EQ(gateway.deployment().breakers.size(), breakers);
  const auto text = gateway.metrics_text();
  EXPECT_NE(text.find("first/*"), std::string::npos);
  EXPECT_EQ(text.find("name-4"), std::string::npos) << "metrics are of the entry";
}

TEST_F(Many, the_wildcard_itself_and_names_that_lead_elsewhere_are_no_models) {
  for (const std::string_view name : {"first/*", "first/../x", "first/a?b", "first/"}) {
    const auto [answer, entry] = gateway.ask(chat(name));
    EXPECT_EQ(answer.status, 404) << name;
  }
  EXPECT_TRUE(first.asked.empty());
}

TEST_F(Many, a_name_that_is_somebodys_address_does_not_stand_in_the_ledger) {
  const auto [answer, entry] = gateway.ask(chat("first/anna.smith@example.org"));
  EXPECT_EQ(entry.requested.find("anna"), std::string::npos) << entry.requested;
  EXPECT_EQ(entry.model.find("anna"), std::string::npos) << entry.model;
  EXPECT_EQ(entry.plan->find("anna"), std::string::npos) << *entry.plan;
}

TEST_F(Many, one_that_fails_opens_the_breaker_of_the_entry) {
  first.from_now_on(whole(500, "{}"));
  for (int i = 0; i < 8; ++i) gateway.ask(chat(fmt::format("first/name-{}", i)));
  const auto wildcard = gateway.deployment().snapshot->wildcards.at(0);
  EXPECT_EQ(gateway.deployment().breakers[wildcard]->state(gateway.now_ms()), BreakerState::open);
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed);
}

TEST_F(Choice, sensitive_requests_do_not_reach_the_cloud_by_a_wildcard) {
  gateway.serve(R"(
providers:
  - {id: laptop, kind: ollama, url: "@first", health_check: false}
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k}
models:
  - {provider: laptop, name: '*'}
  - {provider: second, name: '*', prices: {input: 1, output: 2}}
  - {id: a, provider: laptop, name: llama3}
routes:
  - {name: r, rules: [{when: {sensitive: [personal]}, zones: [local]}, {use: [a]}]}
)");
  const auto personal = [&](std::string_view model) {
    return gateway.ask(chat(model, "Write to anna.smith@example.org"));
  };
  for (const std::string_view cloud : {"second/gpt-9", "laptop/gpt-oss:120b-cloud", "laptop/kimi-k2:cloud"}) {
    EXPECT_EQ(personal(cloud).entry.outcome, "zone_refused") << cloud;
  }
  EXPECT_TRUE(first.asked.empty());
  EXPECT_TRUE(second.asked.empty());
  first.from_now_on(whole(200, R"({"model":"llama3:8b","message":{"role":"assistant","content":"ok"},"done":true})"));
  EXPECT_EQ(personal("laptop/llama3:8b").entry.zone, "local");
  const auto cloud = gateway.ask(chat("laptop/kimi-k2:cloud"));
  EXPECT_EQ(cloud.entry.zone, "cloud");
  EXPECT_EQ(personal("laptop/llama3:8b").entry.zone, "local") << "the others are where they were";
}

TEST_F(Choice, an_alias_is_answered_by_its_model) {
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false}
models:
  - {id: a, provider: first, name: name-a, aliases: [gpt-4o-mini, fast]}
)");
  first.from_now_on(completion("ok"));
  const auto [answer, entry] = gateway.ask(chat("fast"));
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_EQ(entry.requested, "fast");
  EXPECT_EQ(entry.model, "a");
  EXPECT_NE(first.asked.at(0).body.find(R"("model":"name-a")"), std::string::npos);
}

// ---- too long

struct Long : Choice {
  ScriptedUpstream& third = gateway.upstream("third");

  void serve_contexts(std::string_view a, std::string_view b, std::string_view route) {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0}}
  - {{id: second, kind: openai_compatible, url: "@second", zone: local, health_check: false, retries: 0}}
  - {{id: third, kind: openai_compatible, url: "@third", zone: cloud, api_key: k, retries: 0}}
models:
  - {{id: a, provider: first, name: name-a{}}}
  - {{id: b, provider: second, name: name-b{}}}
  - {{id: big, provider: third, name: name-big, context_length: 200000, prices: {{input: 1, output: 2}}}}
routes:
  - {{name: r, rules: [{{when: {{sensitive: [personal]}}, zones: [local]}}, {{use: [a, b]}}]{}}}
)",
                              a, b, route));
    const auto too_long = whole(
        400,
        R"({"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}})");
    first.from_now_on(too_long);
    second.from_now_on(too_long);
    third.from_now_on(completion("from big"));
  }
};

TEST_F(Long, an_overflow_leads_to_a_larger_context_and_to_none_that_is_no_larger) {
  serve_contexts(", context_length: 8192", ", context_length: 8192", ", larger_context: [big]");
  const auto [answer, entry] = gateway.ask(chat("r"));
  EXPECT_EQ(answer.field("x-weir-model"), "big");
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_TRUE(second.asked.empty()) << "its context is no larger";
  EXPECT_NE(entry.plan->find(R"("verdict":"reserved")"), std::string::npos);
}

TEST_F(Long, one_of_unknown_context_is_tried_before_the_larger_ones) {
  serve_contexts("", "", ", larger_context: [big]");
  const auto [answer, entry] = gateway.ask(chat("r"));
  EXPECT_EQ(answer.field("x-weir-model"), "big");
  EXPECT_EQ(entry.attempts.size(), 3U);
}

TEST_F(Long, larger_ones_are_not_asked_for_another_failure) {
  serve_contexts("", "", ", larger_context: [big]");
  first.from_now_on(whole(500, "{}"));
  second.from_now_on(whole(500, "{}"));
  EXPECT_EQ(gateway.ask(chat("r")).answer.status, 502);
  EXPECT_TRUE(third.asked.empty());
}

TEST_F(Long, larger_ones_obey_the_zones_also_then) {
  serve_contexts(", context_length: 8192", "", ", larger_context: [big]");
  const auto [answer, entry] = gateway.ask(chat("r", "Write to anna.smith@example.org"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(entry.outcome, "context_overflow");
  EXPECT_TRUE(third.asked.empty());
  EXPECT_FALSE(answer.has("`big`")) << "nor are they recommended: " << answer.body;
}

TEST_F(Long, the_caller_is_told_how_long_the_prompt_is_and_what_would_help) {
  serve_contexts(", context_length: 8192", ", context_length: 4096", "");
  const auto [answer, entry] = gateway.ask(chat("r"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.has("context_length_exceeded")) << answer.body;
  EXPECT_TRUE(answer.has("The input is estimated at ")) << answer.body;
  EXPECT_TRUE(answer.has("the largest context here is 8192 (`a`)")) << answer.body;
  EXPECT_TRUE(answer.has("add `big` (200000) to `larger_context` of route `r`")) << answer.body;
}

// ---- parameters

TEST_F(Choice, parameters_hold_for_bodies_that_pass_as_bytes_and_the_rest_stays_as_it_came) {
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false,
     parameters: {drop: [seed], default: {top_p: 0.9}}}
models:
  - {id: a, provider: first, name: name-a,
     parameters: {clamp: {temperature: [0, 1], max_tokens: [1, 64]}, rename: {max_tokens: limit}, set: {store: false}}}
)");
  first.from_now_on(completion("ok"));
  const auto [answer, entry] = gateway.ask(
      chat("a", "What?", R"(, "seed" : 12345678901234567890123, "temperature":1.50,"max_tokens":100,"x":1.0e0)"));
  const auto& body = first.asked.at(0).body;
  for (const std::string_view part : {R"("temperature":1,)", R"("limit":100,)", R"("x":1.0e0)", R"("store":false)",
                                      R"("top_p":0.9)", R"("model":"name-a")"}) {
    EXPECT_NE(body.find(part), std::string::npos) << part << " in " << body;
  }
  EXPECT_EQ(body.find("seed"), std::string::npos) << body;
  EXPECT_EQ(answer.field("x-weir-left-out"), "seed, temperature (clamped to 1)");
}

TEST_F(Choice, parameters_of_one_candidate_do_not_hold_for_the_next) {
  serve({.first = "retries: 0, parameters: {drop: [seed]}"});
  first.from_now_on(whole(500, "{}"));
  second.from_now_on(completion("from b"));
  const auto [answer, entry] = gateway.ask(chat("both", "What?", R"(,"seed":7)"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  EXPECT_EQ(first.asked.at(0).body.find("seed"), std::string::npos);
  EXPECT_NE(second.asked.at(0).body.find(R"("seed":7)"), std::string::npos);
  EXPECT_EQ(answer.field("x-weir-left-out"), "");
}

TEST_F(Choice, parameters_hold_for_what_is_translated_too) {
  gateway.serve(R"(
providers:
  - {id: first, kind: ollama, url: "@first", health_check: false,
     parameters: {clamp: {options.num_predict: [1, 50]}, drop: [options.seed]}}
models:
  - {id: a, provider: first, name: name-a}
)");
  first.from_now_on(whole(200, R"({"model":"x","message":{"role":"assistant","content":"ok"},"done":true})"));
  const auto [answer, entry] = gateway.ask(chat("a", "What?", R"(,"seed":7,"max_tokens":99)"));
  const auto& body = first.asked.at(0).body;
  EXPECT_NE(body.find(R"("num_predict":50)"), std::string::npos) << body;
  EXPECT_EQ(body.find("seed"), std::string::npos) << body;
  EXPECT_EQ(answer.field("x-weir-left-out"), "options.seed, options.num_predict (clamped to 50)");
}

TEST_F(Choice, a_signed_body_is_signed_after_its_parameters) {
  const auto signature = [&](std::string_view parameters, std::string_view more) {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: bedrock, url: "@first", api_key: "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}}
models:
  - {{id: a, provider: first, name: anthropic.claude-x, prices: {{input: 1, output: 2}}{}}}
)",
                              parameters));
    first.asked.clear();
    first.from_now_on(
        whole(200, R"({"output":{"message":{"role":"assistant","content":[{"text":"ok"}]}},"stopReason":"end_turn"})"));
    gateway.ask(chat("a", "What?", more));
    const auto& head = first.asked.at(0).head;
    const auto count = [&](std::string_view what) {
      std::size_t found = 0;
      for (auto at = head.find(what); at != std::string::npos; at = head.find(what, at + 1)) ++found;
      return found;
    };
    EXPECT_EQ(count("Authorization: "), 1U) << head;
    EXPECT_EQ(count("X-Amz-Date: "), 1U) << head;
    const auto at = head.find("X-Amz-Date: ");
    const auto sig = head.find("Signature=");
    return head.substr(at, 28) + head.substr(sig, head.find('\r', sig) - sig) + first.asked.at(0).body;
  };
  // The same body must have the same signature, however it came to be; unless the second turned in between.
  for (int tries = 0; tries < 5; ++tries) {
    const auto changed =
        signature(", parameters: {clamp: {inferenceConfig.maxTokens: [1, 64]}}", R"(,"max_tokens":99)");
    const auto written = signature("", R"(,"max_tokens":64)");
    if (changed.substr(0, 28) != written.substr(0, 28)) continue;
    EXPECT_EQ(changed, written);
    return;
  }
  FAIL() << "the clock never stood still";
}

}  // namespace
}  // namespace weir::test
