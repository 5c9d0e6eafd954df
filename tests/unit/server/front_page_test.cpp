// The page at `/`: who sees what of it, and that nothing on it can be more than text.
#include "server/front_page.h"

#include <thread>

#include "front.h"

namespace weir::test {
namespace {

constexpr std::string_view hostile = "<img src=x onerror=alert(1)>\"'&amp;\x01\xe2\x80\xae";

struct Page : testing::Test, Front {
  static constexpr std::string_view html = "Connection: close\r\nAccept: text/html,*/*\r\n";
  // The ledger's thread is real, the clock of its patience is not: whoever comes too early comes again.
  Reply page(std::string_view fields = html) {
    auto shown = ask(get("/", fields));
    for (int i = 0; i < 200 && !gateway.store->failing && shown.has("The ledger did not answer"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      shown = ask(get("/", fields));
    }
    return shown;
  }
  void record(std::string_view requested, std::string_view reason) {
    Entry entry{.id = gateway.worker->ids.next(1'795'444'000'000'000),
                .time_us = 1'795'444'000'000'000,
                .requested = std::string(requested),
                .reason = std::string(reason),
                .model = "a",
                .zone = "local",
                .outcome = "ok"};
    gateway.ledger->record(std::move(entry));
  }
};

TEST_F(Page, a_browser_gets_a_page_and_a_program_a_few_words) {
  serve();
  model.then(completion("SECRET-ANSWER"));
  EXPECT_EQ(ask(post(chat("a", "SECRET-PROMPT"))).status, 200);
  const auto shown = page();
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(shown.has("base_url = http://localhost/v1"));
  EXPECT_TRUE(shown.has("a (local)")) << "who answered";
  EXPECT_TRUE(shown.has("Spend and savings"));
  EXPECT_FALSE(shown.has("SECRET")) << "no prompt, no answer";
  for (const char* fields : {"Connection: close\r\n", "Connection: close\r\nAccept: */*\r\n"}) {
    const auto words = page(fields);
    EXPECT_EQ(words.status, 200);
    EXPECT_EQ(words.field("Content-Type"), "application/json");
    EXPECT_TRUE(words.has(R"("base_url":"http://localhost/v1")")) << words.body;
    EXPECT_FALSE(words.has("(local)"));
  }
  EXPECT_EQ(ask("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", {.heads = 1}).status, 200);
  EXPECT_EQ(ask(post("{}", html, "/")).status, 405);
}

TEST_F(Page, nothing_is_loaded_run_framed_or_read_from_elsewhere) {
  serve("{}", "server: {cors: [\"https://app.example\"]}\n");
  const auto shown = page("Connection: close\r\nAccept: text/html\r\nOrigin: https://app.example\r\n");
  EXPECT_EQ(shown.field("Access-Control-Allow-Origin"), "");
  const auto policy = shown.field("Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'sha256-")) << policy;
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(shown.field("Cross-Origin-Resource-Policy"), "same-origin");
  for (const char* never : {"<script", "http-equiv", "src=", " style=\"", "@import", "url("}) {
    EXPECT_FALSE(shown.has(never)) << never;
  }
}

TEST_F(Page, what_comes_from_outside_is_text) {
  serve();
  record(hostile, hostile);
  ASSERT_TRUE(gateway.ledger->flush());
  const auto shown = page();
  EXPECT_FALSE(shown.has("<img"));
  EXPECT_TRUE(shown.has("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;amp;")) << shown.body;
  EXPECT_FALSE(shown.has("\x01"));
  EXPECT_FALSE(shown.has("\xe2\x80\xae")) << "no change of the writing's direction";
}

TEST_F(Page, with_keys_only_an_admin_sees_what_others_did) {
  serve();
  FakeStore store(gateway.store);
  const auto app = create_key(store, {.name = "app"}, 1);
  const auto admin = create_key(store, {.name = "boss", .admin = true}, 1);
  ASSERT_TRUE(app && admin);
  ASSERT_TRUE(gateway.keys.reload_if_changed(store, 1));
  record("asked-for", "some reason");
  const auto as = [&](std::string_view secret) {
    return page(fmt::format("{}Authorization: Bearer {}\r\n", html, secret));
  };
  for (const auto& stranger : {page(), as("wk-wrong"), as(app->secret)}) {
    EXPECT_EQ(stranger.status, 200);
    EXPECT_TRUE(stranger.has("Keys are in use here"));
    for (const char* hidden : {"asked-for", "some reason", "Spend", "What was found", "name-a"}) {
      EXPECT_FALSE(stranger.has(hidden)) << hidden;
    }
  }
  EXPECT_TRUE(as(admin->secret).has("asked-for"));
}

TEST_F(Page, from_elsewhere_nothing_of_the_ledger_is_seen) {
  serve("{}", "server: {hosts: [ai.example.org]}\n");
  record("asked-for", "some reason");
  const auto closed = [&](std::string_view name, std::string_view fields = "") {
    const auto shown = ask(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n{}{}\r\n", name, fields, html));
    return shown.status == 200 && shown.has("on the machine itself only") && !shown.has("asked-for") &&
           !shown.has("What was found");
  };
  EXPECT_FALSE(closed("127.0.0.1:4077"));
  EXPECT_FALSE(closed("[::1]:4077"));
  EXPECT_TRUE(closed("ai.example.org"));
  EXPECT_TRUE(closed("host.docker.internal"));
  EXPECT_TRUE(closed("localhost", "X-Forwarded-For: 192.0.2.1\r\n"));
  EXPECT_TRUE(closed("localhost", "Forwarded: for=192.0.2.1\r\n"));
  EXPECT_EQ(ask(fmt::format("GET / HTTP/1.1\r\nHost: evil.example\r\n{}\r\n", html)).status, 403);
  door.reach = Reach::beyond;
  EXPECT_TRUE(closed("localhost"));
  EXPECT_TRUE(closed("192.168.1.7:4077"));
  door.reach = Reach::unix_socket;
  EXPECT_TRUE(closed("localhost"));
}

TEST_F(Page, a_ledger_that_fails_is_said) {
  serve();
  gateway.store->failing = true;
  const auto shown = page();
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(shown.has("The ledger did not answer"));
  EXPECT_TRUE(shown.has("What was found"));
}

TEST_F(Page, models_that_fail_are_shown_as_failing) {
  serve();
  EXPECT_TRUE(page().has("in use"));
  gateway.breaker("a").mark_down();
  EXPECT_TRUE(page().has("does not answer"));
}

}  // namespace
}  // namespace weir::test
