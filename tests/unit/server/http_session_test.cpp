// One client connection: what is answered, what is refused, and how long anybody waits for anything.
#include "front.h"

namespace weir::test {
namespace {

struct Sessions : testing::Test, Front {};

// `rests`: each ends with the clock's next tick.
void expect_about(int64_t ms, int64_t wanted_ms, int rests = 3) {
  EXPECT_GE(ms, wanted_ms);
  EXPECT_LE(ms, wanted_ms + 5 * rests);
}

// ---- answers

TEST_F(Sessions, a_model_request_is_answered_with_what_weir_did) {
  serve();
  model.then(completion("A low dam."));
  const auto reply = ask(post(chat("a")));
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("A low dam."));
  EXPECT_EQ(reply.field("Content-Type"), "application/json");
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_EQ(reply.field("x-weir-model"), "a");
  EXPECT_TRUE(reply.field("x-weir-request-id").starts_with("req_"));
  EXPECT_FALSE(reply.field("Date").empty());
}

TEST_F(Sessions, the_date_is_that_of_the_answer) {
  serve();
  ask(get("/healthz"));
  const std::string long_ago = "Thu, 01 Jan 1970 00:00:00 GMT";
  host.date = long_ago;
  gateway.wait(1'000);
  EXPECT_NE(ask(get("/healthz")).field("Date"), long_ago);
}

TEST_F(Sessions, pipelined_requests_are_answered_in_their_order_slow_ones_first) {
  serve();
  model.then({Pause{3'000}, completion("slow")[0]});
  model.then(completion("quick"));
  const auto [replies, rest, closed] = talk({Say{post(chat("a"), "") + post(chat("a"), "") + get("/healthz")}});
  ASSERT_EQ(replies.size(), 3U) << rest;
  EXPECT_TRUE(replies[0].has("slow"));
  EXPECT_TRUE(replies[1].has("quick"));
  EXPECT_TRUE(replies[2].has("ok"));
  EXPECT_NE(replies[0].field("x-weir-request-id"), replies[1].field("x-weir-request-id"));
  EXPECT_EQ(replies[0].field("Connection"), "");
  expect_about(closed, 3'000);
}

TEST_F(Sessions, a_request_cut_anywhere_is_the_same_request) {
  serve();
  model.then(completion("x"));
  const auto request = post(chat("a"));
  for (std::size_t cut = 1; cut < request.size(); cut += 7) {
    const auto one = talk({Say{request.substr(0, cut)}, Pause{5}, Say{request.substr(cut)}});
    ASSERT_EQ(one.replies.size(), 1U);
    EXPECT_EQ(one.replies[0].status, 200) << cut;
  }
  ASSERT_FALSE(model.asked.empty());
  for (const auto& asked : model.asked) EXPECT_EQ(asked.body, model.asked[0].body);
}

TEST_F(Sessions, chunked_bodies_are_read_to_their_end) {
  serve();
  model.then(completion("x"));
  const auto body = chat("a");
  const auto one = talk({Say{fmt::format("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                         "application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n",
                                         10, body.substr(0, 10))},
                         Pause{20}, Say{fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", body.size() - 10, body.substr(10))},
                         Say{get("/healthz")}});
  ASSERT_EQ(one.replies.size(), 2U) << one.rest;
  EXPECT_EQ(one.replies[0].status, 200);
  EXPECT_EQ(one.replies[1].status, 200);
}

TEST_F(Sessions, a_stream_arrives_piece_by_piece_and_the_connection_stays) {
  serve();
  model.then(stream_of({"Once ", "upon ", "a time"}));
  const auto one = talk({Say{post(chat_stream("a"), "") + get("/healthz")}});
  ASSERT_EQ(one.replies.size(), 2U) << one.rest;
  EXPECT_EQ(one.replies[0].field("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(one.replies[0].field("Content-Type").starts_with("text/event-stream"));
  EXPECT_TRUE(one.replies[0].has("Once "));
  EXPECT_TRUE(one.replies[0].body.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(one.replies[1].status, 200);
}

TEST_F(Sessions, an_http_1_0_client_gets_no_chunks_and_its_stream_ends_with_the_connection) {
  serve();
  model.then(stream_of({"old ", "times"}));
  const auto body = chat_stream("a");
  const auto reply =
      ask(fmt::format("POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      "Connection: keep-alive\r\nContent-Length: {}\r\n\r\n{}",
                      body.size(), body));
  EXPECT_EQ(reply.field("Transfer-Encoding"), "");
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_TRUE(reply.body.starts_with("data: "));
  EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(Sessions, an_http_1_0_client_may_keep_its_connection) {
  serve();
  const std::string request = "GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
  const auto one = talk({Say{request + request + "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"}});
  ASSERT_EQ(one.replies.size(), 3U);
  EXPECT_EQ(one.replies[0].field("Connection"), "keep-alive");
  EXPECT_EQ(one.replies[2].field("Connection"), "close");
}

TEST_F(Sessions, head_has_the_length_of_get_and_no_body) {
  serve();
  const auto got = ask(get("/healthz"));
  const auto said = talk({Say{"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"}}, {.heads = 1});
  ASSERT_EQ(said.replies.size(), 1U);
  EXPECT_EQ(said.rest, "") << "it would be taken for the next answer";
  const auto& head = said.replies[0];
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Content-Length"), got.field("Content-Length"));
  EXPECT_EQ(got.field("Content-Length"), std::to_string(got.body.size()));
}

TEST_F(Sessions, unknown_paths_and_wrong_methods_are_told_apart_and_leave_the_connection) {
  serve();
  const auto one = talk({Say{get("/nothing/here", "") + get("/v1/chat/completions", "") +
                             "DELETE /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/healthz")}});
  ASSERT_EQ(one.replies.size(), 4U) << one.rest;
  EXPECT_EQ(one.replies[0].status, 404);
  EXPECT_EQ(one.replies[1].status, 405);
  EXPECT_EQ(one.replies[1].field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(one.replies[2].status, 405);
  EXPECT_EQ(one.replies[2].field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(one.replies[3].status, 200);
}

TEST_F(Sessions, a_path_of_a_format_that_is_not_served_answers_in_its_shape) {
  serve();
  struct Case {
    std::string_view path;
    std::string_view begins;
  };
  for (const auto& c : {Case{"/v1/complete", R"({"type":"error","error":{"type":"not_found_error","message":")"},
                        Case{"/v1/conversations", R"({"error":{"message":"Weir does not serve OpenAI's conversations)"},
                        Case{"/v1beta1/x", R"({"error":{"code":404,"message":")"},
                        Case{"/api/delete", R"({"error":"Weir does not serve this part of Ollama's API)"},
                        Case{"/v2/classify", R"({"message":"Weir does not serve this part of Cohere's API)"}}) {
    const auto reply = ask(post("{}", "Connection: close\r\n", c.path));
    EXPECT_EQ(reply.status, 404) << c.path;
    EXPECT_TRUE(reply.body.starts_with(c.begins)) << reply.body;
    EXPECT_FALSE(reply.field("x-request-id").empty());
  }
  // What is served says in its own shape what is wrong.
  for (const auto& c :
       {Case{"/v1/messages", R"({"type":"error","error":{"type":"invalid_request_error")"},
        Case{"/messages", R"({"type":"error")"}, Case{"/v1/v1/messages", R"({"type":"error")"},
        Case{"/anthropic/v1/messages", R"({"type":"error")"}, Case{"/v1/responses", R"({"error":{"message":")"},
        Case{"/responses", R"({"error":{"message":")"},
        Case{"/openai/deployments/d/images/generations", R"({"error":{"message":")"},
        Case{"/v1beta/models/x:generateContent", R"({"error":{"code":4)"},
        Case{"/v1beta/models/x%3AgenerateContent", R"({"error":{"code":4)"},
        Case{"/v1/models/x:streamGenerateContent?alt=sse", R"({"error":{"code":4)"}, Case{"/api/chat", R"({"error":")"},
        Case{"/v2/chat", R"({)"}}) {
    const auto reply = ask(post("{}", "Connection: close\r\n", c.path));
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << c.path << reply.status;
    EXPECT_TRUE(reply.body.starts_with(c.begins)) << c.path << reply.body;
  }
  const auto wrong = ask(get("/v1/messages"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.field("Allow"), "POST, OPTIONS");
  EXPECT_TRUE(wrong.body.starts_with(R"({"type":"error","error":{"type":"invalid_request_error")")) << wrong.body;
  EXPECT_EQ(ask(get("/api/tags")).status, 200);
  const auto head = ask("HEAD /api/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", {.heads = 1});
  EXPECT_EQ(head.status, 200);
  const auto page = ask(post("{}", "Connection: close\r\nOrigin: https://evil.example\r\n", "/v1/messages"));
  EXPECT_EQ(page.status, 403);
  EXPECT_TRUE(page.body.starts_with(R"({"type":"error","error":{"type":"permission_error")")) << page.body;
}

TEST_F(Sessions, with_keys_a_stranger_is_refused_in_the_shape_of_its_format) {
  serve();
  FakeStore store(gateway.store);
  const auto created = create_key(store, {.name = "app"}, 1);
  ASSERT_TRUE(created);
  ASSERT_TRUE(gateway.keys.reload_if_changed(store, 1));
  const auto stranger = ask(post("{}", "Connection: close\r\nx-api-key: sk-ant-1\r\n", "/v1/messages"));
  EXPECT_EQ(stranger.status, 401);
  EXPECT_TRUE(stranger.body.starts_with(R"({"type":"error","error":{"type":"authentication_error")")) << stranger.body;
  EXPECT_TRUE(ask(post("{}", "Connection: close\r\n", "/api/chat")).body.starts_with(R"({"error":")"));
  for (const char* header : {"x-api-key", "api-key", "x-goog-api-key"}) {
    const auto field = fmt::format("Connection: close\r\n{}: {}\r\n", header, created->secret);
    EXPECT_EQ(ask(post("{}", field, "/v1beta/models/x:generateContent")).status, 400) << header;
    EXPECT_EQ(ask(get("/v1/models", field)).status, 200) << header;
  }
}

TEST_F(Sessions, a_deployment_in_the_path_is_the_model_whatever_the_body_says) {
  serve("{}", "  - {id: org/b, provider: one, name: name-b}\n");
  for (int i = 0; i < 4; ++i) model.then(completion("x"));
  const auto deployment = [&](std::string_view name, std::string_view body) {
    return ask(post(body, "Connection: close\r\n",
                    fmt::format("/openai/deployments/{}/chat/completions?api-version=2024-10-21", name)));
  };
  constexpr std::string_view nameless = R"({"messages":[{"role":"user","content":"hi"}]})";
  EXPECT_EQ(deployment("a", nameless).field("x-weir-model"), "a");
  EXPECT_EQ(deployment("org%2Fb", nameless).field("x-weir-model"), "org/b");
  EXPECT_EQ(deployment("a", chat("org/b")).field("x-weir-model"), "a");
  EXPECT_EQ(deployment("a", chat("a")).field("x-weir-model"), "a");
  const auto unknown = deployment("none", chat("a"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(unknown.has("none")) << unknown.body;
  EXPECT_EQ(deployment("a", "[]").status, 400);
  EXPECT_EQ(deployment("a", R"({"model":"a","model":"b"})").status, 400);
}

TEST_F(Sessions, expect_continue_is_answered_before_the_body_comes_and_not_after) {
  serve();
  model.then(completion("x"));
  const auto request = post(chat("a"), "Connection: close\r\nExpect: 100-continue\r\n");
  const auto head = request.find("\r\n\r\n") + 4;
  const auto waiting = talk({Say{request.substr(0, head)}, Pause{100}, Say{request.substr(head)}});
  ASSERT_EQ(waiting.replies.size(), 2U);
  EXPECT_EQ(waiting.replies[0].status, 100);
  EXPECT_EQ(waiting.replies[1].status, 200);
  const auto sent = talk({Say{request}});
  ASSERT_EQ(sent.replies.size(), 1U);
  EXPECT_EQ(sent.replies[0].status, 200);
}

// ---- what is refused before it was read

// A head that announces `length` bytes, and none of them.
std::string announcing(std::size_t length, std::string_view fields = "") {
  const auto whole = post(std::string(length, 'x'), fields);
  return whole.substr(0, whole.size() - length);
}
// `times` pieces of `bytes`, a second apart.
Script piecewise(const std::string& head, int times, const std::string& piece) {
  Script script{Say{head}};
  for (int i = 0; i < times; ++i) {
    script.emplace_back(Pause{1'000});
    script.emplace_back(Say{piece});
  }
  return script;
}

TEST_F(Sessions, a_client_that_is_still_sending_is_heard_to_the_end_of_what_it_announced) {
  serve("{body: 4096}");
  const std::string piece(1'000, 'x');
  const auto sized = talk(piecewise(announcing(10'000), 10, piece));
  ASSERT_EQ(sized.replies.size(), 1U) << sized.rest;
  EXPECT_EQ(sized.replies[0].status, 413);
  expect_about(sized.closed_after_ms, 10'000, 10);
  const auto chunk = fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  auto script = piecewise(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      9, chunk);
  script.emplace_back(Say{"0\r\n"});
  script.emplace_back(Pause{500});
  script.emplace_back(Say{"\r\n"});
  const auto chunked = talk(script);
  ASSERT_EQ(chunked.replies.size(), 1U) << chunked.rest;
  EXPECT_EQ(chunked.replies[0].status, 413);
  expect_about(chunked.closed_after_ms, 9'500, 10);
}

TEST_F(Sessions, nobody_is_heard_for_ever) {
  serve("{body: 4096}");
  const auto silent = talk({Say{announcing(10'000) + "xxx"}});
  ASSERT_EQ(silent.replies.size(), 1U);
  expect_about(silent.closed_after_ms, 2'000);
  const auto endless = talk(piecewise(announcing(10'000), 40, "x"));
  ASSERT_EQ(endless.replies.size(), 1U);
  expect_about(endless.closed_after_ms, 30'000);
  const auto asks_first = talk({Say{announcing(10'000, "Expect: 100-continue\r\n")}});
  ASSERT_EQ(asks_first.replies.size(), 1U);
  EXPECT_EQ(asks_first.replies[0].status, 413);
  expect_about(asks_first.closed_after_ms, 0);
}

TEST_F(Sessions, who_sends_what_is_no_request_is_told_so_after_it_has_said_all) {
  serve();
  for (const std::string head : {"POST /v1/chat/completions HTTP/2.0\r\nHost: localhost\r\n\r\n",
                                 "POST /v1/chat/completions HTTP/1.1\nHost: localhost\n\n",
                                 "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
    Script script{Say{head}};
    for (int i = 0; i < 10; ++i) {
      script.emplace_back(Pause{100});
      script.emplace_back(Say{std::string(1'000, 'x')});
    }
    const auto one = talk(script);
    ASSERT_EQ(one.replies.size(), 1U) << one.rest;
    EXPECT_TRUE(one.replies[0].has("malformed")) << one.replies[0].body;
    expect_about(one.closed_after_ms, 1'200, 11);
  }
}

TEST_F(Sessions, http_2_without_asking_is_declined_in_its_own_words) {
  using namespace std::string_view_literals;
  serve();
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const auto declined =
      "\0\0\0\4\0\0\0\0\0"              // SETTINGS, none
      "\0\0\4\3\0\0\0\0\1\0\0\0\xd"sv;  // RST_STREAM of stream 1: HTTP_1_1_REQUIRED
  for (std::size_t cut = 1; cut <= preface.size(); ++cut) {
    const auto one = talk({Say{preface.substr(0, cut)}, Pause{5}, Say{preface.substr(cut) + std::string(60, '\0')}});
    EXPECT_TRUE(one.replies.empty());
    EXPECT_EQ(one.rest, declined) << cut;
  }
}

TEST_F(Sessions, what_the_whole_server_takes_can_be_asked) {
  serve();
  const auto reply = ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(reply.status, 204);
  EXPECT_NE(reply.field("Allow"), "");
  EXPECT_EQ(ask("GET * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status, 404);
}

TEST_F(Sessions, a_text_in_another_encoding_is_called_by_its_name) {
  using namespace std::string_view_literals;
  serve();
  for (const auto body : {"\xFF\xFE{\0\"\0"sv, "\xFE\xFF\0{\0\""sv, "{\0\"\0"sv, "\0{\0\""sv, "\0\0\0{"sv}) {
    const auto reply = ask(post(body));
    EXPECT_EQ(reply.status, 415);
    EXPECT_TRUE(reply.has("UTF-16")) << reply.body;
  }
}

// ---- keys

TEST_F(Sessions, with_keys_a_stranger_is_refused_before_its_body_is_looked_at) {
  serve();
  FakeStore store(gateway.store);
  const auto created = create_key(store, {.name = "app"}, 1);
  ASSERT_TRUE(created);
  ASSERT_TRUE(gateway.keys.reload_if_changed(store, 1));
  model.then(completion("x"));
  const auto stranger = ask(post("this is no JSON"));
  EXPECT_EQ(stranger.status, 401);
  EXPECT_EQ(stranger.field("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(ask(post(chat("a"), "Connection: close\r\nAuthorization: Bearer wk-wrong\r\n")).status, 401);
  for (const char* header : {"Authorization: Bearer {}\r\n", "x-api-key: {}\r\n"}) {
    const auto field = "Connection: close\r\n" + fmt::format(fmt::runtime(header), created->secret);
    EXPECT_EQ(ask(post(chat("a"), field)).status, 200) << header;
    EXPECT_EQ(ask(get("/v1/models", field)).status, 200) << header;
    EXPECT_EQ(ask(get("/v1/models/a", field)).status, 200) << header;
  }
  for (const char* closed : {"/v1/models", "/v1/models/a", "/v1/models/none", "/v1/requests/req_1"}) {
    EXPECT_EQ(ask(get(closed)).status, 401) << closed;
  }
  for (const char* open : {"/healthz", "/readyz"}) EXPECT_EQ(ask(get(open)).status, 200) << open;
  ASSERT_TRUE(gateway.ledger->flush());
  EXPECT_EQ(gateway.store->entries.back().caller, "app");
  EXPECT_EQ(gateway.store->entries.back().key_id, created->record.id);
}

TEST_F(Sessions, a_key_sees_and_uses_only_its_routes) {
  serve("{}", "  - {id: b, provider: one, name: name-b}\nroutes:\n  - {name: r, rules: [{use: [a]}]}\n");
  FakeStore store(gateway.store);
  const auto created = create_key(store, {.name = "app", .routes = {"b"}}, 1);
  ASSERT_TRUE(created);
  ASSERT_TRUE(gateway.keys.reload_if_changed(store, 1));
  model.then(completion("x"));
  const auto field = "Connection: close\r\nAuthorization: Bearer " + created->secret + "\r\n";
  EXPECT_EQ(ask(post(chat("b"), field)).status, 200);
  EXPECT_EQ(ask(post(chat("a"), field)).status, 403);
  const auto models = ask(get("/v1/models", field));
  EXPECT_TRUE(models.has("\"id\":\"b\""));
  EXPECT_FALSE(models.has("\"id\":\"a\""));
  EXPECT_FALSE(models.has("\"id\":\"r\""));
  EXPECT_EQ(ask(get("/v1/models/r", field)).status, 404);
  EXPECT_EQ(ask(get("/v1/models/a", field)).status, 404);
  EXPECT_EQ(ask(get("/v1/models/b", field)).status, 200);
}

// ---- limits

TEST_F(Sessions, heads_and_bodies_have_their_limits_to_the_byte) {
  serve("{headers: 2048, body: 4096}");
  model.then(completion("x"));
  const auto with_head = [](std::size_t size) {
    std::string head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Filler: ";
    return head + std::string(size - head.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(ask(with_head(2'048)).status, 200);
  EXPECT_EQ(ask(with_head(2'049)).status, 431);
  const auto with_body = [](std::size_t size) {
    const auto frame = chat("a", "").size();
    return chat("a", std::string(size - frame, 'x'));
  };
  EXPECT_EQ(ask(post(with_body(4'096))).status, 200);
  EXPECT_EQ(ask(post(with_body(4'097))).status, 413);
  EXPECT_EQ(ask(post(with_body(9'000), "")).field("Connection"), "close") << "the rest of it is not read";
  const auto chunked = [&](std::size_t size) {
    const auto body = with_body(size);
    return fmt::format(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: "
        "close\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        body.size(), body);
  };
  EXPECT_EQ(ask(chunked(4'096)).status, 200);
  EXPECT_EQ(ask(chunked(4'097)).status, 413);
}

// ---- how long

TEST_F(Sessions, who_says_nothing_at_all_is_let_go_after_the_time_for_a_head) {
  serve("{header_wait: 10s, idle: 75s}");
  const auto one = talk({});
  EXPECT_TRUE(one.replies.empty());
  expect_about(one.closed_after_ms, 10'000);
}

TEST_F(Sessions, a_head_that_trickles_has_one_deadline_from_its_first_byte) {
  serve("{header_wait: 10s, idle: 75s}");
  Script slowly{Pause{4'000}};
  for (int i = 0; i < 40; ++i) {
    slowly.emplace_back(Say{"G"});
    slowly.emplace_back(Pause{1'000});
  }
  const auto one = talk(slowly);
  ASSERT_EQ(one.replies.size(), 1U);
  EXPECT_EQ(one.replies[0].status, 408);
  EXPECT_TRUE(one.replies[0].has("10000 ms"));
  expect_about(one.closed_after_ms, 14'000);
}

TEST_F(Sessions, a_connection_between_two_requests_is_kept_for_its_idle_time) {
  serve("{header_wait: 10s, idle: 75s}");
  const auto one = talk({Say{get("/healthz", "")}, Pause{74'000}, Say{get("/healthz", "")}});
  EXPECT_EQ(one.replies.size(), 2U);
  EXPECT_EQ(one.rest, "");
  EXPECT_GE(one.closed_after_ms, 149'000);
  EXPECT_LE(one.closed_after_ms, 149'030);
}

TEST_F(Sessions, a_body_that_stops_coming_is_let_go_of) {
  serve("{body_wait: 20s}");
  const auto request = post(chat("a", std::string(2'000, 'x')));
  const auto one = talk({Say{request.substr(0, 500)}, Pause{1'000}, Say{request.substr(500, 500)}});
  ASSERT_EQ(one.replies.size(), 1U);
  EXPECT_EQ(one.replies[0].status, 408);
  EXPECT_GE(one.closed_after_ms, 20'000);
  EXPECT_LE(one.closed_after_ms, 23'100);
  EXPECT_TRUE(model.asked.empty());
}

TEST_F(Sessions, a_large_answer_reaches_a_slow_client_whole) {
  serve("{write_wait: 60s}");
  std::string text;
  for (int i = 0; text.size() < 3'000'000; ++i) text += fmt::format("{} ", i);
  model.then(completion(text));
  const auto reply = ask(post(chat("a")), {.bytes_a_second = 20'000});
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has(text)) << "longer under way than any limit, but never without progress for so long";
}

TEST_F(Sessions, a_client_that_takes_nothing_is_gone_after_write_wait) {
  serve("{write_wait: 30s}");
  model.then(completion(std::string(3'000'000, 'x')));
  const auto one = talk({Say{post(chat("a"))}}, {.reads_after_ms = 100'000});
  EXPECT_FALSE(one.rest.empty() && one.replies.size() == 1 && one.replies[0].body.size() > 3'000'000);
  ASSERT_TRUE(gateway.ledger->flush());
  const auto& entry = gateway.store->entries.at(0);
  EXPECT_EQ(entry.outcome, "client_gone");
  expect_about(entry.duration_us / 1000, 30'000);
}

TEST_F(Sessions, a_client_that_leaves_stops_the_model) {
  serve();
  model.then({stream_head(), role(), text("Once "), Hang{}});
  talk({Say{post(chat_stream("a"))}, Pause{2'000}, Close{}});
  ASSERT_EQ(model.left_at_ms.size(), 1U);
  expect_about(model.left_at_ms[0] - model.asked.at(0).at_ms, 2'000);
  ASSERT_TRUE(gateway.ledger->flush());
  EXPECT_EQ(gateway.store->entries.at(0).outcome, "client_gone");
  EXPECT_EQ(process.connections.load(), 0);
  EXPECT_TRUE(host.sessions.empty());
}

TEST_F(Sessions, for_a_client_that_has_left_already_no_model_works) {
  serve();
  model.then(completion("x"));
  // The end of the request and that of the client are there at once.
  const auto main = [&]() -> net::Task<void> {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    process.connections.fetch_add(1);
    net::Socket client(gateway.loop, fds[1], net::Socket::State::established);
    net::spawn(serve_connection(host, {.fd = fds[0], .door = door}));
    const auto request = post(chat("a"));
    const auto middle = request.size() / 2;
    co_await client.write_all(std::string_view(request).substr(0, middle), {}, {});
    co_await gateway.loop.sleep(5);
    co_await client.write_all(std::string_view(request).substr(middle), {}, {});
    client.shutdown_write();
    co_await gateway.loop.sleep(5);
  };
  gateway.run(main());
  EXPECT_TRUE(model.asked.empty());
}

// ---- going down

TEST_F(Sessions, a_drain_closes_idle_connections_and_lets_the_others_finish) {
  serve();
  model.then({Pause{5'000}, completion("finished")[0]});
  const auto drain_later = [&]() -> net::Task<void> {
    co_await gateway.loop.sleep(1'000);
    EXPECT_EQ(host.sessions.size(), 1U);
    host.drain();
  };
  gateway.loop.post([&] { net::spawn(drain_later()); });
  auto busy = talk({Say{post(chat("a"), "")}});
  ASSERT_EQ(busy.replies.size(), 1U);
  EXPECT_TRUE(busy.replies[0].has("finished"));
  EXPECT_EQ(busy.replies[0].field("Connection"), "close");
  expect_about(busy.closed_after_ms, 5'000);
  const auto late = talk({Say{post(chat("a"), "")}});
  ASSERT_EQ(late.replies.size(), 1U);
  EXPECT_EQ(late.replies[0].status, 503);
  EXPECT_EQ(late.replies[0].field("Retry-After"), "1");
  EXPECT_TRUE(late.replies[0].has("shutting_down"));
}

TEST_F(Sessions, a_drain_ends_the_wait_for_another_request) {
  serve();
  const auto drain_later = [&]() -> net::Task<void> {
    co_await gateway.loop.sleep(1'000);
    host.drain();
  };
  gateway.loop.post([&] { net::spawn(drain_later()); });
  const auto idle = talk({Say{get("/healthz", "")}});
  ASSERT_EQ(idle.replies.size(), 1U);
  expect_about(idle.closed_after_ms, 1'000);
}

TEST_F(Sessions, what_outlives_the_drain_is_cut_with_a_word) {
  serve();
  model.then({stream_head(), role(), text("Once "), Hang{}});
  const auto cut_later = [&]() -> net::Task<void> {
    co_await gateway.loop.sleep(3'000);
    host.cut();
  };
  gateway.loop.post([&] { net::spawn(cut_later()); });
  const auto one = talk({Say{post(chat_stream("a"), "")}});
  expect_about(one.closed_after_ms, 3'000);
  ASSERT_EQ(one.replies.size(), 1U);
  EXPECT_TRUE(one.replies[0].has("Once "));
  ASSERT_TRUE(gateway.ledger->flush());
  EXPECT_EQ(gateway.store->entries.at(0).outcome, "shutting_down");
}

TEST_F(Sessions, cors_is_for_the_origins_on_the_list) {
  serve("{}", "server: {cors: ['https://good.example']}\n");
  const auto good = ask(get("/healthz", "Connection: close\r\nOrigin: https://good.example\r\n"));
  EXPECT_EQ(good.field("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(good.field("Vary"), "Origin");
  const auto bad = ask(get("/healthz", "Connection: close\r\nOrigin: https://good.example.evil\r\n"));
  EXPECT_EQ(bad.field("Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace weir::test
