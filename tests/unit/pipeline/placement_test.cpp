// Where a request goes of several places that could take it: replicas, tool loops, who can wait, a budget that runs
// out.
#include "two_models.h"

namespace weir::test {
namespace {

struct Placement : ::testing::Test {
  Gateway gateway;
  ScriptedUpstream& first = gateway.upstream("first");
  ScriptedUpstream& second = gateway.upstream("second");
  ScriptedUpstream& far = gateway.upstream("far");

  void serve(std::string_view route, std::string_view slots = "slots: 4") {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0, {1}}}
  - {{id: second, kind: openai_compatible, url: "@second", zone: local, health_check: false, retries: 0, {1}}}
  - {{id: far, kind: openai_compatible, url: "@far", zone: cloud, api_key: k, retries: 0}}
models:
  - {{id: a, provider: first, name: llama}}
  - {{id: b, provider: second, name: llama}}
  - {{id: large, provider: far, name: large, prices: {{input: 10.00, output: 20.00}}}}
routes:
  - {0}
)",
                              route, slots));
    first.from_now_on(completion("from a"));
    second.from_now_on(completion("from b"));
    far.from_now_on(completion("from large"));
  }
  std::string model_of(const std::string& body, const AskOptions& options = {}) {
    return gateway.ask(body, options).answer.field("x-weir-model");
  }
};

std::string turns(std::string_view first_words, int count) {
  std::string messages;
  for (int i = 0; i < count; ++i) {
    if (i > 0) messages += R"(,{"role":"assistant","content":"ok"},)";
    messages += fmt::format(R"({{"role":"user","content":"{}"}})", i == 0 ? first_words : "go on");
  }
  return fmt::format(R"({{"model":"r","messages":[{}]}})", messages);
}

TEST_F(Placement, conversations_are_spread_over_replicas_and_each_stays_where_it_began) {
  serve("{name: r, policy: balanced, rules: [{use: [a, b, large]}]}");
  std::map<std::string, int> begun;
  for (int i = 0; i < 40; ++i) {
    const auto words = fmt::format("conversation {}", i);
    const auto where = model_of(turns(words, 1));
    ++begun[where];
    for (int turn = 2; turn < 5; ++turn) EXPECT_EQ(model_of(turns(words, turn)), where) << words;
  }
  EXPECT_GT(begun["a"], 8);
  EXPECT_GT(begun["b"], 8);
  EXPECT_EQ(begun["large"], 0) << "another model is no replica";
}

TEST_F(Placement, as_written_where_the_route_does_not_say_balanced) {
  serve("{name: r, rules: [{use: [b, a]}]}");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(model_of(turns(fmt::format("conversation {}", i), 1)), "b");
}

TEST_F(Placement, a_slow_replica_gets_little) {
  serve("{name: r, policy: balanced, rules: [{use: [a, b]}]}");
  first.from_now_on({stream_head(), role(), Pause{4'000}, text("from a"), finish(), done()});
  int slow = 0;
  for (int i = 0; i < 30; ++i) slow += model_of(turns(fmt::format("conversation {}", i), 1)) == "a" ? 1 : 0;
  EXPECT_LE(slow, 2) << "one answer, and it is known";
}

TEST_F(Placement, many_at_once_are_shared_out_though_they_are_one_conversation) {
  serve("{name: r, policy: balanced, rules: [{use: [a, b]}]}", "slots: 0");
  const Script slow = {stream_head(), role(), Pause{1'000}, text("x"), finish(), done()};
  first.from_now_on(slow);
  second.from_now_on(slow);
  std::vector<std::pair<std::string, AskOptions>> all;
  for (int i = 0; i < 20; ++i) all.push_back({turns("the same", 1), {.begin_after_ms = i}});
  gateway.ask_all(all);
  EXPECT_GE(first.asked.size(), 7U);
  EXPECT_GE(second.asked.size(), 7U);
}

TEST_F(Placement, a_replica_in_another_zone_is_none) {
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0}
  - {id: far, kind: openai_compatible, url: "@far", zone: cloud, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: llama}
  - {id: b, provider: far, name: llama}
routes:
  - {name: r, policy: balanced, rules: [{use: [a, b]}]}
)");
  first.from_now_on(completion("from a"));
  far.from_now_on(completion("from b"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(model_of(turns(fmt::format("conversation {}", i), 1)), "a");
}

// ---- agents

const std::string tool = R"("tools":[{"type":"function","function":{"name":"level"}}])";

Script calls(std::string_view id) {
  return whole(
      200,
      fmt::format(
          R"({{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":null,"tool_calls":[{{"id":"{}","type":"function","function":{{"name":"level","arguments":"{{}}"}}}}]}},"finish_reason":"tool_calls"}}],"usage":{{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}}})",
          id));
}

std::string result_of(std::string_view id, std::string_view result = "high") {
  return fmt::format(
      R"({{"model":"r",{},"messages":[{{"role":"user","content":"How high?"}},{{"role":"assistant","content":null,"tool_calls":[{{"id":"{}","type":"function","function":{{"name":"level","arguments":"{{}}"}}}}]}},{{"role":"tool","tool_call_id":"{}","content":"{}"}}]}})",
      tool, id, id, result);
}

const std::string question = R"({"model":"r",)" + tool + R"(,"messages":[{"role":"user","content":"How high?"}]})";

TEST_F(Placement, results_of_tools_go_back_to_the_model_that_made_the_call) {
  serve("{name: r, rules: [{use: [a, large]}]}");
  first.from_now_on(whole(500, "{}"));
  far.from_now_on(calls("call_77"));
  EXPECT_EQ(model_of(question), "large") << "the first one failed";
  first.from_now_on(completion("from a"));
  gateway.wait(10'000);
  EXPECT_EQ(model_of(result_of("call_77")), "large");
  EXPECT_EQ(model_of(result_of("another_id")), "large") << "by the conversation, where ids were changed on the way";
  EXPECT_EQ(model_of(turns("How high?", 1)), "a") << "the next turn begins anew";
}

TEST_F(Placement, a_better_model_that_took_over_keeps_the_turn_and_is_not_judged_by_a_lesser_one) {
  serve("{name: r, rules: [{use: [a, large], escalate: {below: 0.7}}]}");
  first.from_now_on(completion("I'm sorry, but I can't help with that."));
  far.from_now_on(calls("call_9"));
  EXPECT_EQ(model_of(question), "large");
  first.from_now_on(completion("from a"));
  far.from_now_on(completion("I'm sorry, but I can't help with that."));
  const auto asked = first.asked.size();
  EXPECT_EQ(model_of(result_of("call_9")), "large");
  EXPECT_EQ(first.asked.size(), asked);
  far.from_now_on(whole(500, "{}"));
  EXPECT_EQ(model_of(result_of("call_9")), "a") << "when it fails the other one is there";
}

TEST_F(Placement, streamed_calls_are_remembered_too) {
  serve("{name: r, rules: [{use: [a, large]}]}");
  first.from_now_on(whole(500, "{}"));
  far.from_now_on(
      {stream_head(), role(),
       event(
           R"({"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_5","type":"function","function":{"name":"level","arguments":"{}"}}]}}]})"),
       finish("tool_calls"), done()});
  auto streamed = question;
  streamed.insert(streamed.size() - 1, R"(,"stream":true)");
  EXPECT_EQ(model_of(streamed), "large");
  first.from_now_on(completion("from a"));
  far.from_now_on(completion("from large"));
  gateway.wait(10'000);
  EXPECT_EQ(model_of(result_of("call_5")), "large");
}

TEST_F(Placement, a_rule_outweighs_the_turn_and_what_a_tool_said_counts) {
  serve("{name: r, rules: [{when: {sensitive: any}, zones: [local]}, {use: [large, a]}]}");
  far.from_now_on(calls("call_9"));
  EXPECT_EQ(model_of(question), "large");
  far.from_now_on(completion("from large"));
  const auto asked = far.asked.size();
  EXPECT_EQ(model_of(result_of("call_9", "Ask jane.doe@example.com")), "a");
  EXPECT_EQ(far.asked.size(), asked);
  EXPECT_EQ(model_of(result_of("call_9")), "large");
}

TEST_F(Placement, classes_of_earlier_messages_still_count_in_the_middle_of_a_loop) {
  serve("{name: r, rules: [{when: {sensitive: any}, zones: [local]}, {use: [large, a]}]}");
  auto later = result_of("call_9");
  const std::string_view words = "How high?";
  later.replace(later.find(words), words.size(), "I am jane.doe@example.com. How high?");
  EXPECT_EQ(model_of(later), "a");
  EXPECT_TRUE(far.asked.empty());
}

TEST_F(Placement, callers_do_not_share_turns) {
  serve("{name: r, rules: [{use: [a, large]}]}");
  const auto key = [](std::string id) {
    auto state = std::make_shared<KeyState>();
    state->record.id = std::move(id);
    state->meter = std::make_shared<KeyMeter>(state->record);
    return std::shared_ptr<const KeyState>(state);
  };
  first.from_now_on(whole(500, "{}"));
  far.from_now_on(calls("call_1"));
  EXPECT_EQ(model_of(question, {.key = key("one")}), "large");
  first.from_now_on(completion("from a"));
  gateway.wait(10'000);
  EXPECT_EQ(model_of(result_of("call_1"), {.key = key("two")}), "a");
  EXPECT_EQ(model_of(result_of("call_1"), {.key = key("one")}), "large");
}

// ---- who can wait

TEST_F(Placement, interactive_requests_go_before_batch_and_batch_does_not_starve) {
  serve("{name: r, rules: [{use: [a]}]}", "slots: 1");
  first.from_now_on({stream_head(), role(), Pause{100}, text("x"), finish(), done()});
  std::vector<std::pair<std::string, AskOptions>> all;
  all.push_back({turns("running", 1), {}});
  for (int i = 0; i < 3; ++i)
    all.push_back({turns(fmt::format("batch {}", i), 1), {.batch = true, .begin_after_ms = 10 + i}});
  for (int i = 0; i < 12; ++i) all.push_back({turns(fmt::format("person {}", i), 1), {.begin_after_ms = 50 + i}});
  gateway.ask_all(all);
  ASSERT_EQ(first.asked.size(), 16U);
  std::vector<std::size_t> batch_at;
  for (std::size_t i = 0; i < first.asked.size(); ++i) {
    if (first.asked[i].body.find("batch") != std::string::npos) batch_at.push_back(i);
  }
  ASSERT_EQ(batch_at.size(), 3U);
  EXPECT_GE(batch_at[0], 7U) << "people first";
  EXPECT_LE(batch_at[0], 9U) << "but not for ever";
}

// ---- a budget that runs down

TEST_F(Placement, as_a_budget_runs_down_rules_choose_cheaper_models) {
  serve("{name: r, rules: [{when: {budget_left: '< 20%'}, use: [a]}, {use: [large]}]}");
  auto state = std::make_shared<KeyState>();
  state->record = {.id = "key_a", .name = "a", .budget_per_day = 1'000'000, .budget_per_month = 100'000'000};
  state->meter = std::make_shared<KeyMeter>(state->record);
  const AskOptions as_a{.key = state};
  EXPECT_EQ(model_of(turns("hi", 1), as_a), "large");
  const auto day = budget_period(wall_clock_us()).day;
  state->meter->budget.add_spent(day, 790'000);
  EXPECT_EQ(model_of(turns("hi", 1), as_a), "large");
  state->meter->budget.add_spent(day, 20'000);
  EXPECT_EQ(model_of(turns("hi", 1), as_a), "a");
  EXPECT_EQ(model_of(turns("hi", 1)), "large") << "without a budget all of it is left";
}

}  // namespace
}  // namespace weir::test
