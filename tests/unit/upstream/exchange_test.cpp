// One request to a model server and its answer, byte by byte: what is understood, what is refused, and which
// connections are used again.
#include "upstream/exchange.h"

#include <unistd.h>

#include "support/clock.h"
#include "support/scripted_upstream.h"

namespace weir::test {
namespace {

struct Exchanged {
  Status sent;
  int status = 0;
  std::string header;  // x-test
  Result<std::string> body = std::string();
  bool reused = false;
  int64_t took_ms = 0;
};

struct Exchanges : testing::Test {
  ScriptedClock clock;
  net::EventLoop loop{&clock};
  Dialer dialer;
  UpstreamPool pool{loop, dialer};
  std::unique_ptr<ScriptedUpstream> server = std::make_unique<ScriptedUpstream>(loop);
  ProviderSettings provider = settings(*server);
  std::size_t limit = 1'000'000;
  int64_t deadline_ms = 600'000;

  static ProviderSettings settings(const ScriptedUpstream& of) {
    ProviderSettings made{.id = "one", .kind = "openai_compatible", .adapter = "openai"};
    EXPECT_TRUE(parse_url(of.url(), made.url));
    return made;
  }
  // As the provider's own timeouts have it.
  ExchangeWaits waits(int64_t whole_ms) {
    const auto& said = provider.timeouts;
    const auto idle_ms = said.idle > 0 ? said.idle : 30'000;
    return {.deadline_us = loop.deadline_in_ms(whole_ms),
            .head_ms = said.first_byte > 0 ? said.first_byte : 60'000,
            .first_piece_ms = said.first_token > 0 ? said.first_token : idle_ms,
            .idle_ms = idle_ms};
  }
  void run(net::Task<void> work) {
    const auto main = [&](net::Task<void> inner) -> net::Task<void> {
      co_await std::move(inner);
      co_await loop.sleep(1);
      loop.stop();
    };
    loop.post([&] { net::spawn(main(std::move(work))); });
    loop.run();
  }
  void wait(int64_t ms) {
    const auto sleep = [&]() -> net::Task<void> { co_await loop.sleep(ms); };
    run(sleep());
  }
  Exchanged ask(HttpRequest request = {.path = "/v1/x", .body = "{}"}) {
    Exchanged result;
    const auto main = [&]() -> net::Task<void> {
      const auto began = loop.now_us();
      Exchange exchange(pool, provider);
      const auto limits = waits(deadline_ms);
      result.sent = co_await exchange.send(request, limits, nullptr);
      result.status = exchange.status();
      result.reused = exchange.was_reused();
      result.header = exchange.headers().get("x-test");
      if (result.sent) result.body = co_await exchange.read_all(limit);
      result.took_ms = (loop.now_us() - began) / 1000;
    };
    run(main());
    return result;
  }
  ErrorCode failure_of(Script script) {
    server->from_now_on(std::move(script));
    const auto result = ask();
    if (!result.sent) return result.sent.error().code;
    if (!result.body) return result.body.error().code;
    ADD_FAILURE() << "it was taken: " << *result.body;
    return ErrorCode::internal;
  }
};

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\n";

TEST_F(Exchanges, a_request_goes_out_whole_with_its_headers_and_its_length) {
  server->then(whole(200, "{}"));
  HttpRequest request{.path = "/v1/x?y=1", .body = R"({"model":"m"})"};
  request.headers.add("Authorization", "Bearer k");
  ask(request);
  ASSERT_EQ(server->asked.size(), 1U);
  EXPECT_EQ(server->asked[0].head,
            "POST /v1/x?y=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\nAccept-Encoding: "
            "identity\r\nContent-Length: 13\r\n");
  EXPECT_EQ(server->asked[0].body, request.body);
}

TEST_F(Exchanges, no_coding_is_asked_for_unless_the_config_does) {
  server->from_now_on(whole(200, "{}"));
  ask();
  EXPECT_NE(server->asked[0].head.find("Accept-Encoding: identity\r\n"), std::string::npos);
  HttpRequest request{.path = "/v1/x", .body = "{}"};
  request.headers.add("accept-encoding", "br");
  ask(request);
  EXPECT_EQ(server->asked[1].head.find("identity"), std::string::npos);
}

TEST_F(Exchanges, a_post_without_a_body_says_so_and_a_get_says_nothing) {
  server->from_now_on(whole(200, "{}"));
  ask({.path = "/v1/x"});
  EXPECT_NE(server->asked.at(0).head.find("\r\nContent-Length: 0\r\n"), std::string::npos) << server->asked[0].head;
  ask({.method = "GET", .path = "/v1/x"});
  EXPECT_EQ(server->asked.at(1).head.find("Content-Length"), std::string::npos) << server->asked[1].head;
}

TEST_F(Exchanges, a_large_body_arrives_as_it_is) {
  server->then(whole(200, "{}"));
  HttpRequest request{.path = "/v1/x"};
  for (int i = 0; request.body.size() < 3'000'000; ++i) request.body += std::to_string(i);
  ask(request);
  ASSERT_EQ(server->asked.size(), 1U);
  EXPECT_TRUE(server->asked[0].body == request.body);
}

TEST_F(Exchanges, the_host_header_names_the_port_only_where_it_is_not_the_usual_one) {
  ScriptedUpstream tcp(loop, ScriptedUpstream::Over::tcp);
  tcp.then(whole(200, "{}"));
  provider = settings(tcp);
  clock.patience_ms = 20;
  ask();
  ASSERT_EQ(tcp.asked.size(), 1U);
  EXPECT_NE(tcp.asked[0].head.find(fmt::format("\r\nHost: 127.0.0.1:{}\r\n", provider.url.port)), std::string::npos);
}

TEST_F(Exchanges, a_path_before_the_api_stays_before_it) {
  server->then(whole(200, "{}"));
  provider.url.path = "/proxy/openai";
  ask();
  EXPECT_TRUE(server->asked.at(0).head.starts_with("POST /proxy/openai/v1/x HTTP/1.1\r\n"));
}

TEST_F(Exchanges, an_answer_cut_anywhere_is_the_same_answer) {
  const std::string chunked =
      std::string(ok) + "Transfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n7;x=y\r\n, world\r\n0\r\n\r\n";
  const std::string sized = std::string(ok) + "Content-Length: 12\r\n\r\nHello, world";
  const std::string hinted = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + sized;
  for (const auto& answer : {chunked, sized, hinted}) {
    for (std::size_t cut = 1; cut < answer.size(); ++cut) {
      server->from_now_on({Say{answer.substr(0, cut)}, Pause{1}, Say{answer.substr(cut)}});
      const auto result = ask();
      ASSERT_TRUE(result.sent) << cut << result.sent.error().message;
      ASSERT_TRUE(result.body) << cut << result.body.error().message;
      ASSERT_EQ(*result.body, "Hello, world") << cut;
      ASSERT_EQ(result.status, 200);
    }
  }
  EXPECT_EQ(server->connections, 1) << "each of them left the connection fit for the next";
}

TEST_F(Exchanges, a_body_without_a_length_ends_with_the_connection_which_is_not_used_again) {
  server->from_now_on({Say{std::string(ok) + "\r\nHello"}, Pause{10}, Say{", world"}, Close{}});
  for (const int connection : {1, 2}) {
    EXPECT_EQ(ask().body.value_or(""), "Hello, world");
    EXPECT_EQ(server->connections, connection);
  }
}

TEST_F(Exchanges, connection_close_is_taken_at_its_word) {
  server->from_now_on({Say{std::string(ok) + "Connection: close\r\nContent-Length: 2\r\n\r\n{}"}});
  ask();
  ask();
  EXPECT_EQ(server->connections, 2);
}

TEST_F(Exchanges, bytes_behind_an_answer_make_a_connection_unfit) {
  server->from_now_on(
      {Say{std::string(ok) + "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"}});
  EXPECT_EQ(ask().body.value_or(""), "{}");
  EXPECT_EQ(ask().body.value_or(""), "{}");
  EXPECT_EQ(server->connections, 2);
}

TEST_F(Exchanges, bytes_that_come_while_nothing_was_asked_make_a_connection_unfit) {
  server->from_now_on({Say{std::string(ok) + "Content-Length: 2\r\n\r\n{}"}, Pause{50},
                       Say{"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"}});
  EXPECT_EQ(ask().body.value_or(""), "{}");
  wait(200);
  EXPECT_EQ(ask().body.value_or(""), "{}");
  EXPECT_EQ(server->connections, 2);
}

TEST_F(Exchanges, a_connection_is_used_again_and_again_and_says_so) {
  server->then(whole(200, "{}"));
  EXPECT_FALSE(ask().reused);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(ask().reused);
  EXPECT_EQ(server->connections, 1);
}

TEST_F(Exchanges, an_idle_connection_is_closed_by_us_before_common_servers_close_it) {
  server->then(whole(200, "{}"));
  ask();
  wait(54'900);
  EXPECT_EQ(pool.take_idle(provider) == nullptr, false);
  ask();
  wait(55'100);
  EXPECT_EQ(pool.take_idle(provider), nullptr);
}

TEST_F(Exchanges, the_time_of_an_idle_connection_is_over_when_it_is_used) {
  server->then(whole(200, "{}"));
  server->then({Pause{5'000}, Say{std::string(ok) + "Content-Length: 2\r\n\r\n{}"}});
  ask();
  wait(54'000);
  const auto later = ask();
  EXPECT_TRUE(later.reused);
  EXPECT_EQ(later.body.value_or(""), "{}");
  EXPECT_TRUE(server->left_at_ms.empty()) << "it was closed under the request";
}

TEST_F(Exchanges, a_connection_that_the_server_closed_is_not_tried) {
  auto closing = whole(200, "{}");
  closing.emplace_back(Pause{100});
  closing.emplace_back(Close{});
  server->from_now_on(closing);
  ask();
  wait(500);
  const auto second = ask();
  EXPECT_FALSE(second.reused);
  EXPECT_TRUE(second.sent);
}

TEST_F(Exchanges, as_many_connections_are_kept_as_were_in_use_at_once) {
  server->from_now_on({Pause{100}, whole(200, "{}")[0]});
  const auto twenty = [&]() -> net::Task<void> {
    const auto one = [&]() -> net::Task<void> {
      Exchange exchange(pool, provider);
      const HttpRequest request{.path = "/v1/x"};
      const auto limits = waits(10'000);
      const auto sent = co_await exchange.send(request, limits, nullptr);
      EXPECT_TRUE(sent);
      const auto body = co_await exchange.read_all(limit);
      EXPECT_TRUE(body);
    };
    for (int i = 1; i < 20; ++i) net::spawn(one());
    co_await one();
  };
  for (int round = 0; round < 3; ++round) {
    run(twenty());
    wait(10);
  }
  EXPECT_EQ(server->asked.size(), 60U);
  EXPECT_EQ(server->connections, 20);
}

TEST_F(Exchanges, when_a_reused_connection_breaks_its_siblings_are_given_up_too) {
  server->then({Pause{100}, whole(200, "{}")[0]});
  const auto both = [&]() -> net::Task<void> {
    const auto one = [&]() -> net::Task<void> {
      Exchange exchange(pool, provider);
      const HttpRequest request{.path = "/v1/x"};
      const auto limits = waits(10'000);
      const auto sent = co_await exchange.send(request, limits, nullptr);
      EXPECT_TRUE(sent);
      const auto body = co_await exchange.read_all(limit);
      EXPECT_TRUE(body);
    };
    net::spawn(one());
    co_await one();
  };
  run(both());
  wait(10);
  ASSERT_EQ(server->connections, 2);
  server->from_now_on({Close{}});
  const auto broken = ask();
  ASSERT_FALSE(broken.sent);
  EXPECT_EQ(broken.sent.error().code, ErrorCode::upstream_reset);
  EXPECT_TRUE(broken.reused);
  EXPECT_EQ(pool.take_idle(provider), nullptr);
}

TEST_F(Exchanges, headers_of_a_failure_are_kept_and_those_of_a_good_answer_are_not) {
  server->then(whole(503, "{}", "X-Test: why\r\n"));
  server->then(whole(200, "{}", "X-Test: why\r\n"));
  EXPECT_EQ(ask().header, "why");
  EXPECT_EQ(ask().header, "");
}

TEST_F(Exchanges, what_is_no_http_is_malformed_and_what_breaks_off_is_told_from_what_never_began) {
  EXPECT_EQ(failure_of({Say{"SSH-2.0-OpenSSH_9.2\r\n\r\n"}}), ErrorCode::upstream_malformed);
  EXPECT_EQ(failure_of({Say{"SSH-2.0-OpenSSH_9.2\r\n"}, Close{}}), ErrorCode::upstream_malformed);
  EXPECT_EQ(failure_of({Say{std::string(ok) + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"}}),
            ErrorCode::upstream_malformed);
  EXPECT_EQ(failure_of({Close{}}), ErrorCode::upstream_reset);
  EXPECT_EQ(failure_of({Say{std::string(ok) + "Content-Length: 10\r\n\r\nabc"}, Close{}}),
            ErrorCode::upstream_truncated);
  EXPECT_EQ(failure_of({Say{std::string(ok) + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}, Close{}}),
            ErrorCode::upstream_truncated);
  EXPECT_EQ(failure_of({Say{std::string(ok) + "Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n"}}),
            ErrorCode::upstream_malformed);
}

TEST_F(Exchanges, a_head_without_end_is_refused_at_64_kib) {
  std::string head(ok);
  while (head.size() < 60 * 1024) head += "X-Filler: " + std::string(1'000, 'x') + "\r\n";
  auto fits = head + "Content-Length: 2\r\n\r\n{}";
  server->from_now_on({Say{fits}});
  EXPECT_TRUE(ask().sent);
  while (head.size() < 80 * 1024) head += "X-Filler: " + std::string(1'000, 'x') + "\r\n";
  EXPECT_EQ(failure_of({Say{head}, Hang{}}), ErrorCode::upstream_malformed);
}

TEST_F(Exchanges, a_body_of_the_limit_is_taken_and_one_byte_more_is_not) {
  limit = 100;
  for (const bool chunked : {false, true}) {
    const auto answer = [&](std::size_t size) {
      const std::string body(size, 'x');
      return chunked ? fmt::format("{}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n", ok, size, body)
                     : fmt::format("{}Content-Length: {}\r\n\r\n{}", ok, size, body);
    };
    server->from_now_on({Say{answer(100)}});
    EXPECT_EQ(ask().body.value_or("").size(), 100U);
    EXPECT_EQ(failure_of({Say{answer(101)}}), ErrorCode::upstream_malformed);
  }
  const auto piece = fmt::format("{:x}\r\n{}\r\n", 60, std::string(60, 'x'));
  EXPECT_EQ(
      failure_of({Say{std::string(ok) + "Transfer-Encoding: chunked\r\n\r\n" + piece}, Pause{10}, Say{piece}, Hang{}}),
      ErrorCode::upstream_malformed)
      << "the pieces count together";
}

TEST_F(Exchanges, an_answer_that_comes_before_the_request_was_read_is_believed) {
  // 16 MiB do not fit into any socket: the server refuses, reads nothing more and goes.
  HttpRequest request{.path = "/v1/x", .body = std::string(16U << 20, 'x')};
  auto opened = net::ListenSocket::open("unix:" + provider.url.host + "2");
  ASSERT_TRUE(opened);
  provider.url.host += "2";
  net::Listener listener(loop, std::move(*opened), [&](int fd) {
    constexpr std::string_view refusal = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    ASSERT_EQ(::write(fd, refusal.data(), refusal.size()), static_cast<ssize_t>(refusal.size()));
    ::shutdown(fd, SHUT_RD);
    const auto close_later = [&](int which) -> net::Task<void> {
      co_await loop.sleep(100);
      ::close(which);
    };
    net::spawn(close_later(fd));
  });
  const auto result = ask(request);
  ASSERT_TRUE(result.sent) << result.sent.error().message;
  EXPECT_EQ(result.status, 413);
}

TEST_F(Exchanges, each_wait_has_its_own_length) {
  provider.timeouts = {.connect = 1'000, .first_byte = 3'000, .first_token = 9'000, .idle = 5'000, .total = 600'000};
  server->from_now_on({Hang{}});
  auto result = ask();
  ASSERT_FALSE(result.sent);
  EXPECT_EQ(result.sent.error().code, ErrorCode::upstream_timeout);
  EXPECT_GE(result.took_ms, 3'000);
  EXPECT_LE(result.took_ms, 3'010);

  server->from_now_on({Say{std::string(ok) + "Content-Length: 9\r\n\r\na"}, Pause{4'900}, Say{"b"}, Hang{}});
  result = ask();
  ASSERT_FALSE(result.body);
  EXPECT_EQ(result.body.error().code, ErrorCode::upstream_timeout);
  EXPECT_GE(result.took_ms, 9'900);
  EXPECT_LE(result.took_ms, 9'920);

  server->from_now_on({Say{std::string(ok) + "Content-Length: 9\r\n\r\n"}, Hang{}});
  result = ask();
  ASSERT_FALSE(result.body);
  EXPECT_GE(result.took_ms, 9'000);
  EXPECT_LE(result.took_ms, 9'010);

  server->from_now_on({Say{std::string(ok) + "Content-Length: 9\r\n\r\na"}, Pause{4'900}, Say{"b"}, Hang{}});
  deadline_ms = 2'000;  // of the whole attempt: before everything else
  result = ask();
  ASSERT_FALSE(result.body);
  EXPECT_GE(result.took_ms, 2'000);
  EXPECT_LE(result.took_ms, 2'010);
}

TEST_F(Exchanges, one_that_is_given_up_half_way_tells_the_server_at_once) {
  server->then({stream_head(), text("x"), Hang{}});
  const auto half = [&]() -> net::Task<void> {
    Exchange exchange(pool, provider);
    const HttpRequest request{.path = "/v1/x"};
    const auto limits = waits(60'000);
    const auto sent = co_await exchange.send(request, limits, nullptr);
    EXPECT_TRUE(sent);
    const ReadUntil until{.us = loop.deadline_in_ms(1'000), .key = "idle"};
    const auto piece = co_await exchange.read(until);
    EXPECT_TRUE(piece && !piece->empty());
  };
  run(half());
  wait(1);
  EXPECT_EQ(server->left_at_ms.size(), 1U);
  EXPECT_EQ(pool.take_idle(provider), nullptr);
}

TEST_F(Exchanges, a_cancelled_one_ends_at_once_wherever_it_waits) {
  for (const bool before_the_head : {true, false}) {
    server->from_now_on(before_the_head ? Script{Hang{}} : Script{stream_head(), Hang{}});
    net::Cancellation cancellation;
    int64_t took_ms = 0;
    const auto main = [&]() -> net::Task<void> {
      const auto began = loop.now_us();
      const auto cancel = [&]() -> net::Task<void> {
        co_await loop.sleep(300);
        cancellation.request();
      };
      net::spawn(cancel());
      Exchange exchange(pool, provider);
      const HttpRequest request{.path = "/v1/x"};
      const auto limits = waits(60'000);
      const auto sent = co_await exchange.send(request, limits, &cancellation);
      if (before_the_head) {
        EXPECT_EQ(sent ? ErrorCode::internal : sent.error().code, ErrorCode::client_gone);
      } else {
        const ReadUntil as_told;
        const auto piece = co_await exchange.read(as_told);
        EXPECT_EQ(piece ? ErrorCode::internal : piece.error().code, ErrorCode::client_gone);
      }
      took_ms = (loop.now_us() - began) / 1000;
    };
    run(main());
    EXPECT_GE(took_ms, 300);
    EXPECT_LE(took_ms, 310);
  }
}

TEST_F(Exchanges, a_server_that_is_not_there_is_unreachable) {
  server->close();
  const auto result = ask();
  ASSERT_FALSE(result.sent);
  EXPECT_EQ(result.sent.error().code, ErrorCode::upstream_unreachable);
}

}  // namespace
}  // namespace weir::test
