// Answers that are given again: to whom, for which questions, in which dialect and form, and which never are.
#include "answers/answer_key.h"
#include "two_models.h"

namespace weir::test {
namespace {

// ---- what makes two requests the same question

std::optional<AnswerKey> key_in(std::string_view format, Operation operation, std::string_view body,
                                const AskedBy& by = {.route = "r"}) {
  static json::DocumentPool pool;
  auto request = client_face(format).read({.operation = operation, .body = std::string(body)}, pool);
  if (!request) {
    ADD_FAILURE() << request.error().message << "\n" << body;
    return std::nullopt;
  }
  return answer_key(*request, by);
}

std::optional<AnswerKey> key_of(std::string_view body) { return key_in("openai", Operation::chat, body); }

std::string body_with(std::string_view more) {
  return fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"hi"}}]{}{}}})", more.empty() ? "" : ",",
                     more);
}

TEST(answer_key, a_stream_and_labels_change_nothing) {
  const auto plain = key_of(body_with(""));
  for (const std::string_view same :
       {R"("stream":true)", R"("stream":true,"stream_options":{"include_usage":true})", R"("user":"u-1")",
        R"("metadata":{"run":"7"})", R"("store":true)", R"("temperature":null)", R"("stop":[])"}) {
    EXPECT_EQ(key_of(body_with(same)), plain) << same;
  }
  EXPECT_EQ(key_of(R"({"messages":[{"content":"hi","role":"user"}],  "model":"m"})"), plain) << "written otherwise";
  EXPECT_EQ(key_of(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})"), plain);
  EXPECT_EQ(key_of(R"({"model":"m","messages":[{"role":"user","content":"\u0068i"}]})"), plain);
}

// Every pair of these differs.
TEST(answer_key, whatever_may_change_the_answer_changes_the_key) {
  std::vector<std::string> bodies;
  for (
      const std::string_view more :
      {R"("temperature":0)",
       R"("temperature":0.5)",
       R"("temperature":-0.5)",
       R"("top_p":0.5)",
       R"("top_k":40)",
       R"("top_k":0.5)",
       R"("seed":1)",
       R"("seed":2)",
       R"("max_tokens":10)",
       R"("max_tokens":11)",
       R"("n":2)",
       R"("stop":"a")",
       R"("stop":["a","b"])",
       R"("stop":["ab"])",
       R"("stop":["b","a"])",
       R"("presence_penalty":1)",
       R"("frequency_penalty":1)",
       R"("logprobs":true)",
       R"("logprobs":true,"top_logprobs":2)",
       R"("reasoning_effort":"high")",
       R"("reasoning_effort":"low")",
       R"("response_format":{"type":"json_object"})",
       R"("response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}})",
       R"("response_format":{"type":"json_schema","json_schema":{"name":"b","schema":{"type":"object"}}})",
       R"("response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object"}}})",
       R"("response_format":{"type":"json_schema","json_schema":{"name":"a","description":"d","schema":{"type":"object"}}})",
       R"("response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"array"}}})",
       R"("tools":[{"type":"function","function":{"name":"f"}}])",
       R"("tools":[{"type":"function","function":{"name":"g"}}])",
       R"("tools":[{"type":"function","function":{"name":"f","description":"d"}}])",
       R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])",
       R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])",
       R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","x":1}}}])",
       R"("tools":[{"type":"function","function":{"name":"f","vendor":1}}])",
       R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required")",
       R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"none")",
       R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}})",
       R"("tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false)",
       R"("logit_bias":{"5":1})",
       R"("logit_bias":{"5":2})",
       R"("min_p":0.1)",
       R"("min_p":0.2)",
       R"("ignore_eos":true)",
       R"("verbosity":"low")",
       R"("verbosity":"high")",
       R"("prediction":{"type":"content","content":"x"})",
       R"("chat_template_kwargs":{"thinking":true})",
       R"("web_search_options":{})"}) {
    bodies.push_back(body_with(more));
  }
  for (
      const std::string_view messages :
      {R"({"role":"user","content":"hi"})",
       R"({"role":"user","content":"hi "})",
       R"({"role":"system","content":"hi"})",
       R"({"role":"developer","content":"hi"})",
       R"({"role":"assistant","content":"hi"})",
       R"({"role":"user","name":"n","content":"hi"})",
       R"({"role":"user","content":"h"},{"role":"user","content":"i"})",
       R"({"role":"user","content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]})",
       R"({"role":"user","content":"hi","vendor_field":1})",
       R"({"role":"user","content":"hi","vendor_field":2})",
       R"({"role":"user","content":[{"type":"text","text":"hi","vendor":{"deep":[1]}}]})",
       R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]})",
       R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/b.png"}}]})",
       R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/a.png","detail":"low"}}]})",
       R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]})",
       R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAB"}}]})",
       R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/gif;base64,AAAA"}}]})",
       R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"})",
       R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c","content":"r"})",
       R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"})",
       R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"s"})"}) {
    bodies.push_back(fmt::format(R"({{"model":"m","messages":[{}]}})", messages));
  }
  std::map<AnswerKey, std::string> seen;
  for (const auto& body : bodies) {
    const auto key = key_of(body);
    ASSERT_TRUE(key) << body;
    const auto [other, fresh] = seen.emplace(*key, body);
    EXPECT_TRUE(fresh) << body << "\n" << other->second;
  }
}

TEST(answer_key, callers_classes_routes_and_operations_are_apart) {
  const auto body = body_with("");
  const auto plain = key_in("openai", Operation::chat, body, {.key_id = "k", .route = "r", .classes = "personal"});
  EXPECT_NE(key_in("openai", Operation::chat, body, {.key_id = "l", .route = "r", .classes = "personal"}), plain);
  EXPECT_NE(key_in("openai", Operation::chat, body, {.key_id = "k", .route = "s", .classes = "personal"}), plain);
  EXPECT_NE(key_in("openai", Operation::chat, body, {.key_id = "k", .route = "r", .classes = ""}), plain);
  EXPECT_NE(key_in("openai", Operation::chat, body, {.key_id = "kr", .route = "", .classes = "personal"}), plain);
  const auto text = R"({"model":"m","input":"hi","prompt":"hi"})";
  EXPECT_NE(key_in("openai", Operation::embedding, text), key_in("openai", Operation::completion, text));
}

TEST(answer_key, ids_of_calls_count_by_their_order) {
  const auto with = [](std::string_view a, std::string_view b, std::string_view result) {
    return key_of(fmt::format(
        R"({{"model":"m","messages":[{{"role":"user","content":"hi"}},{{"role":"assistant","tool_calls":[{{"id":"{}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}},{{"id":"{}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}]}},{{"role":"tool","tool_call_id":"{}","content":"r"}}]}})",
        a, b, result));
  };
  EXPECT_EQ(with("call_1", "call_2", "call_1"), with("x", "y", "x"));
  EXPECT_NE(with("call_1", "call_2", "call_1"), with("x", "y", "y"));
}

TEST(answer_key, token_ids_and_long_lists_of_numbers_count) {
  const auto of = [](std::string_view input) {
    return key_in("openai", Operation::embedding, fmt::format(R"({{"model":"m","input":{}}})", input));
  };
  EXPECT_NE(of("[1,2,3]"), of("[1,2,4]"));
  std::string many = "[1";
  for (int i = 0; i < 5'000; ++i) many += ",7";
  EXPECT_NE(of(many + ",8]"), of(many + ",9]"));
  EXPECT_NE(of(R"("a")"), of(R"(["a","b"])"));
  EXPECT_NE(of(R"(["ab"])"), of(R"(["a","b"])"));
}

TEST(answer_key, the_same_in_another_dialect_is_the_same) {
  const auto openai = key_of(R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":50})");
  EXPECT_EQ(key_in("anthropic", Operation::chat,
                   R"({"model":"m","max_tokens":50,"messages":[{"role":"user","content":"hi"}],"stream":true})"),
            openai);
  EXPECT_EQ(key_in("ollama", Operation::chat,
                   R"({"model":"m","messages":[{"role":"user","content":"hi"}],"options":{"num_predict":50}})"),
            openai);
  EXPECT_NE(
      key_in("ollama", Operation::chat,
             R"({"model":"m","messages":[{"role":"user","content":"hi"}],"options":{"num_predict":50,"mirostat":2}})"),
      openai);
}

// ---- serving

struct Answers : TwoModels {
  void cached(std::string_view cache = "{ttl: 1h, size: 1MiB}") {
    serve({.route = fmt::format("cache: {}", cache)});
    first.from_now_on(completion("from a", 100, 50));
    second.from_now_on(completion("from b"));
  }
};

TEST_F(Answers, the_second_time_nobody_is_asked_and_nothing_is_paid) {
  cached();
  const auto once = gateway.ask(chat("both"));
  const auto twice = gateway.ask(chat("both"));
  EXPECT_EQ(once.answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(twice.answer.field("x-weir-cache"), "hit");
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_TRUE(twice.answer.has("from a"));
  EXPECT_TRUE(twice.answer.has(R"("prompt_tokens":100)")) << twice.answer.body;
  EXPECT_EQ(twice.answer.field("x-weir-model"), "a");
  EXPECT_EQ(twice.answer.field("x-weir-zone"), "local");
  EXPECT_EQ(twice.answer.field("x-weir-attempts"), "0");
  EXPECT_EQ(twice.entry.cache, "hit");
  EXPECT_EQ(twice.entry.cost, 0);
  EXPECT_EQ(once.entry.cost, 200);
  EXPECT_EQ(twice.entry.cache_saved, 200);
  EXPECT_GT(twice.entry.baseline_cost, 0) << "what the baseline would have cost is saved too";
  EXPECT_TRUE(twice.entry.attempts.empty());
  EXPECT_NE(once.answer.body, twice.answer.body) << "its id is new";
  EXPECT_NE(gateway.metrics_text().find("weir_cache_hits_total 1"), std::string::npos);
}

TEST_F(Answers, a_whole_answer_is_given_as_a_stream_and_a_stream_as_a_whole_one) {
  cached();
  gateway.ask(chat("both"));
  const auto streamed =
      gateway.ask(chat_stream("both", "What is a weir?", R"(,"stream_options":{"include_usage":true})"));
  EXPECT_EQ(streamed.answer.field("x-weir-cache"), "hit");
  EXPECT_TRUE(streamed.answer.streamed);
  EXPECT_TRUE(streamed.answer.ended);
  EXPECT_EQ(streamed.answer.said(), "from a");
  EXPECT_TRUE(streamed.answer.has(R"("finish_reason":"stop")"));
  EXPECT_TRUE(streamed.answer.has(R"("completion_tokens":50)"));
  EXPECT_TRUE(streamed.answer.has("data: [DONE]"));

  first.from_now_on(stream_of({"in ", "pieces"}));
  gateway.ask(chat_stream("both", "Another?"));
  const auto whole = gateway.ask(chat("both", "Another?"));
  EXPECT_EQ(whole.answer.field("x-weir-cache"), "hit");
  EXPECT_FALSE(whole.answer.streamed);
  EXPECT_TRUE(whole.answer.has(R"("content":"in pieces")")) << whole.answer.body;
  EXPECT_EQ(first.asked.size(), 2U);
}

TEST_F(Answers, the_dialect_is_the_one_of_who_asks_now) {
  cached();
  gateway.ask(chat("both", "What is a weir?", R"(,"max_tokens":50)"));
  const std::string body =
      R"({"model":"both","max_tokens":50,"messages":[{"role":"user","content":"What is a weir?"}]})";
  const auto whole = gateway.ask(body, {.format = "anthropic"});
  EXPECT_EQ(whole.answer.field("x-weir-cache"), "hit") << whole.answer.body;
  EXPECT_TRUE(whole.answer.has(R"("type":"message")"));
  EXPECT_TRUE(whole.answer.has(R"("text":"from a")"));
  const std::string stream =
      R"({"model":"both","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"What is a weir?"}]})";
  const auto streamed = gateway.ask(stream, {.format = "anthropic"});
  EXPECT_EQ(streamed.answer.field("x-weir-cache"), "hit");
  EXPECT_TRUE(streamed.answer.has("event: message_stop"));
  EXPECT_TRUE(streamed.answer.has("from a"));
  EXPECT_EQ(first.asked.size(), 1U);
}

TEST_F(Answers, calls_thoughts_and_reasons_come_back_with_ids_of_their_own) {
  cached();
  first.from_now_on(whole(
      200,
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"name-a","choices":[{"index":0,"message":{"role":"assistant","content":null,"reasoning_content":"look it up","tool_calls":[{"id":"call_theirs","type":"function","function":{"name":"level","arguments":"{\"river\":\"Rhine\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}})"));
  const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"level"}}])";
  gateway.ask(chat("both", "How high?", tools));
  const auto again = gateway.ask(chat_stream("both", "How high?", tools));
  EXPECT_EQ(again.answer.field("x-weir-cache"), "hit");
  EXPECT_TRUE(again.answer.has("look it up"));
  EXPECT_TRUE(again.answer.has(R"("name":"level")"));
  EXPECT_TRUE(again.answer.has(R"(\"river\":\"Rhine\")"));
  EXPECT_TRUE(again.answer.has(R"("finish_reason":"tool_calls")"));
  EXPECT_FALSE(again.answer.has("call_theirs"));
}

TEST_F(Answers, what_failed_was_cut_or_filtered_is_asked_again) {
  cached();
  const auto finished = [](std::string_view reason) {
    return whole(
        200,
        fmt::format(
            R"({{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"x"}},"finish_reason":"{}"}}],"usage":{{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}}})",
            reason));
  };
  int number = 0;
  for (const auto& script : {finished("length"), finished("content_filter")}) {
    const auto question = fmt::format("Question {}?", ++number);
    first.from_now_on(script);
    EXPECT_EQ(gateway.ask(chat("both", question)).answer.status, 200);
    EXPECT_EQ(gateway.ask(chat("both", question)).answer.field("x-weir-cache"), "miss") << number;
  }
  for (const auto& script :
       {Script{stream_head(), role(), text("half"), Close{}},
        Script{stream_head(), role(), text("half"), finish("length"), done()},
        Script{stream_head(), role(), text("half"), event(R"({"error":{"message":"broken"}})"), Close{}}}) {
    const auto question = fmt::format("Question {}?", ++number);
    first.from_now_on(script);
    gateway.ask(chat_stream("both", question));
    EXPECT_EQ(gateway.ask(chat_stream("both", question)).answer.field("x-weir-cache"), "miss") << number;
  }
}

TEST_F(Answers, a_stream_that_another_model_went_on_with_is_not_kept) {
  serve({.route = "cache: {ttl: 1h}\n    on_stream_failure: continue"});
  first.from_now_on({stream_head(), role(), text("Once upon "), Close{}});
  second.from_now_on(stream_of({"Once upon ", "a time"}));
  const auto once = gateway.ask(chat_stream("both"));
  EXPECT_EQ(once.answer.said(), "Once upon a time") << once.answer.body;
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.field("x-weir-cache"), "miss");
}

TEST_F(Answers, an_answer_that_came_after_a_failure_nobody_saw_is_kept) {
  cached();
  first.from_now_on({stream_head(), role(), Close{}});
  second.from_now_on(stream_of({"from ", "b"}));
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from b");
  const auto again = gateway.ask(chat_stream("both"));
  EXPECT_EQ(again.answer.field("x-weir-cache"), "hit");
  EXPECT_EQ(again.answer.said(), "from b");
  EXPECT_EQ(again.answer.field("x-weir-model"), "b");
}

TEST_F(Answers, sensitive_requests_never_touch_it_unless_the_route_says_so) {
  cached();
  const auto secret = chat("both", "My mail is jane.doe@example.com");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(gateway.ask(secret).answer.field("x-weir-cache"), "off");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(gateway.ask(chat("both"), {.sensitive = "health"}).answer.field("x-weir-cache"), "off");
  EXPECT_EQ(first.asked.size(), 4U);
  EXPECT_EQ(gateway.answers.stats("both").answers, 0U);
  cached("{ttl: 1h, classes: [personal]}");
  EXPECT_EQ(gateway.ask(secret).answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(gateway.ask(secret).answer.field("x-weir-cache"), "hit");
  EXPECT_EQ(gateway.ask(secret, {.sensitive = "health"}).answer.field("x-weir-cache"), "off") << "of a class more";
}

TEST_F(Answers, callers_do_not_get_each_others) {
  cached();
  const auto key = [](std::string id) {
    auto state = std::make_shared<KeyState>();
    state->record.id = std::move(id);
    state->meter = std::make_shared<KeyMeter>(state->record);
    return std::shared_ptr<const KeyState>(state);
  };
  gateway.ask(chat("both"), {.key = key("key_a")});
  EXPECT_EQ(gateway.ask(chat("both"), {.key = key("key_b")}).answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(gateway.ask(chat("both"), {.key = key("key_a")}).answer.field("x-weir-cache"), "hit");
}

TEST_F(Answers, a_hit_needs_the_keys_permission_and_its_rate_limit_and_takes_nothing_of_its_budget) {
  cached();
  auto state = std::make_shared<KeyState>();
  state->record = {.id = "key_a", .name = "a", .requests_per_minute = 3, .budget_per_day = 20'200};
  state->meter = std::make_shared<KeyMeter>(state->record);
  const AskOptions as_a{.key = state};
  const auto question = chat("both", "What is a weir?", R"(,"max_tokens":1000)");
  EXPECT_EQ(gateway.ask(question, as_a).answer.status, 200);
  EXPECT_EQ(state->meter->budget.standing(wall_clock_us()).spent_today, 200);
  EXPECT_EQ(gateway.ask(question, as_a).answer.field("x-weir-cache"), "hit") << "what is left would not pay for it";
  EXPECT_EQ(state->meter->budget.standing(wall_clock_us()).spent_today, 200);
  EXPECT_EQ(gateway.ask(question, as_a).answer.status, 200);
  EXPECT_EQ(gateway.ask(question, as_a).answer.status, 429) << "the fourth in a minute";
  state->record.routes = {"other"};
  EXPECT_EQ(gateway.ask(question, as_a).answer.status, 403);
}

TEST_F(Answers, callers_may_ask_anew_or_leave_no_trace) {
  cached();
  gateway.ask(chat("both"));
  first.from_now_on(completion("newer"));
  EXPECT_EQ(gateway.ask(chat("both"), {.cache_control = "no-cache"}).answer.field("x-weir-cache"), "miss");
  EXPECT_TRUE(gateway.ask(chat("both")).answer.has("newer")) << "what it was told is kept in place of the older one";
  EXPECT_EQ(gateway.ask(chat("both", "Secretly?"), {.cache_control = "private, No-Store"}).answer.field("x-weir-cache"),
            "off");
  EXPECT_EQ(gateway.ask(chat("both", "Secretly?")).answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(gateway.ask(chat("both"), {.cache_control = "max-age=3600"}).answer.field("x-weir-cache"), "hit");
}

TEST_F(Answers, rules_that_became_stricter_hold_for_what_is_kept) {
  cached();
  gateway.ask(chat("both"));
  // The model that answered counts as cloud from now on, and the route is for local ones.
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: cloud, api_key: k, retries: 0}
  - {id: second, kind: openai_compatible, url: "@second", zone: local, health_check: false, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: name-a}
  - {id: b, provider: second, name: name-b}
routes:
  - {name: both, cache: {ttl: 1h}, rules: [{zones: [local]}, {use: [a, b]}]}
)");
  const auto later = gateway.ask(chat("both"));
  EXPECT_EQ(later.answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(later.answer.field("x-weir-model"), "b");
}

TEST_F(Answers, another_model_under_the_same_name_answers_itself) {
  cached();
  gateway.ask(chat("both"));
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: another-name}
routes:
  - {name: both, cache: {ttl: 1h}, rules: [{use: [a]}]}
)");
  EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-cache"), "miss");
}

TEST_F(Answers, only_where_the_route_says_so_and_only_what_is_not_sampled_if_it_says_that) {
  serve();
  first.from_now_on(completion("from a"));
  for (int i = 0; i < 2; ++i) {
    const auto served = gateway.ask(chat("both"));
    EXPECT_EQ(served.answer.field("x-weir-cache"), "off");
    EXPECT_EQ(served.entry.cache, "");
  }
  cached("{ttl: 1h, sampled: false}");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-cache"), "off");
  gateway.ask(chat("both", "x", R"(,"temperature":0)"));
  EXPECT_EQ(gateway.ask(chat("both", "x", R"(,"temperature":0)")).answer.field("x-weir-cache"), "hit");
  gateway.ask(chat("a"));
  EXPECT_EQ(gateway.ask(chat("a")).answer.field("x-weir-cache"), "off") << "a model that was named directly";
}

// ---- beside judges, placeholders and experiments

TEST_F(Answers, a_draft_is_never_kept_and_the_better_answer_is) {
  serve({.route = "cache: {ttl: 1h}", .rule = "escalate: {below: 0.7}"});
  first.from_now_on(completion("I'm sorry, but I can't help with that."));
  second.from_now_on(whole(500, "{}"));
  EXPECT_TRUE(gateway.ask(chat("both")).answer.has("sorry")) << "the draft is given";
  gateway.wait(10'000);
  second.from_now_on(completion("A weir is a low dam."));
  const auto better = gateway.ask(chat("both"));
  EXPECT_EQ(better.answer.field("x-weir-cache"), "miss");
  EXPECT_TRUE(better.answer.has("low dam"));
  const auto again = gateway.ask(chat("both"));
  EXPECT_EQ(again.answer.field("x-weir-cache"), "hit");
  EXPECT_TRUE(again.answer.has("low dam"));
  EXPECT_EQ(again.answer.field("x-weir-model"), "b");
  EXPECT_TRUE(again.entry.attempts.empty());
  EXPECT_LT(again.entry.score, 0) << "nobody judged it";
}

TEST_F(Answers, a_stream_that_was_a_draft_is_never_kept_and_the_better_answer_is) {
  serve({.route = "cache: {ttl: 1h}", .rule = "escalate: {below: 0.7}"});
  first.from_now_on(stream_of({"I'm sorry, but ", "I can't help with that."}));
  second.from_now_on(whole(500, "{}"));
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "I'm sorry, but I can't help with that.");
  gateway.wait(10'000);
  second.from_now_on(stream_of({"A weir is ", "a low dam."}));
  const auto better = gateway.ask(chat_stream("both"));
  EXPECT_EQ(better.answer.field("x-weir-cache"), "miss");
  EXPECT_EQ(better.answer.said(), "A weir is a low dam.");
  const auto again = gateway.ask(chat_stream("both"));
  EXPECT_EQ(again.answer.field("x-weir-cache"), "hit");
  EXPECT_EQ(again.answer.said(), "A weir is a low dam.");
}

TEST_F(Answers, what_only_a_judge_asked_for_is_not_given_again) {
  serve({.route = "cache: {ttl: 1h}", .rule = "escalate: {below: 0.1, judges: [confidence]}"});
  first.from_now_on(whole(
      200,
      R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Forty-two."},"logprobs":{"content":[{"token":"x","logprob":-0.01,"bytes":null,"top_logprobs":[]}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})"));
  const auto once = gateway.ask(chat("both"));
  EXPECT_EQ(once.answer.field("x-weir-cache"), "miss");
  ASSERT_EQ(once.answer.field("x-weir-model"), "a") << once.answer.body;
  const auto again = gateway.ask(chat("both"));
  EXPECT_EQ(again.answer.field("x-weir-cache"), "hit");
  EXPECT_TRUE(again.answer.has("Forty-two.")) << again.answer.body;
  EXPECT_FALSE(again.answer.has("-0.01")) << again.answer.body;
}

struct Redacting : TwoModels {
  void serve_with(std::string_view rules) {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0}}
  - {{id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}}
models:
  - {{id: a, provider: first, name: name-a}}
  - {{id: b, provider: second, name: name-b}}
routes:
  - {{name: both, cache: {{ttl: 1h, classes: [any]}}, rules: [{}]}}
)",
                              rules));
    first.from_now_on(completion("from a"));
    second.from_now_on(completion("from b"));
  }
};

TEST_F(Redacting, what_went_out_redacted_is_neither_kept_nor_given) {
  const auto mail = chat("both", "My mail is jane.doe@example.com");
  serve_with("{when: {sensitive: any}, redact: [cloud]}, {use: [b]}");
  for (int i = 0; i < 2; ++i) {
    const auto [answer, entry] = gateway.ask(mail);
    EXPECT_EQ(answer.field("x-weir-cache"), "miss");
    EXPECT_TRUE(answer.has("from b"));
    EXPECT_FALSE(entry.redacted.empty());
  }
  EXPECT_EQ(second.asked.size(), 2U);
  EXPECT_EQ(gateway.answers.stats("both").answers, 0U);
  // Kept where it may stay as it is; not given where only the other one may be asked.
  serve_with("{when: {sensitive: any}, redact: [cloud]}, {use: [a, b]}");
  EXPECT_EQ(gateway.ask(mail).answer.field("x-weir-model"), "a");
  EXPECT_EQ(gateway.ask(mail).answer.field("x-weir-cache"), "hit");
  serve_with("{when: {sensitive: any}, redact: [cloud]}, {use: [b]}");
  const auto elsewhere = gateway.ask(mail).answer;
  EXPECT_EQ(elsewhere.field("x-weir-cache"), "miss");
  EXPECT_TRUE(elsewhere.has("from b"));
}

TEST_F(Redacting, a_rule_that_blocks_holds_for_what_is_kept) {
  const auto mail = chat("both", "My mail is jane.doe@example.com");
  serve_with("{use: [a, b]}");
  for (const auto* const wanted : {"miss", "hit"}) EXPECT_EQ(gateway.ask(mail).answer.field("x-weir-cache"), wanted);
  serve_with("{when: {sensitive: any}, block: true}, {use: [a, b]}");
  const auto refused = gateway.ask(mail).answer;
  EXPECT_NE(refused.status, 200);
  EXPECT_FALSE(refused.has("from a"));
}

}  // namespace
}  // namespace weir::test
