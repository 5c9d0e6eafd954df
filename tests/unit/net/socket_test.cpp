#include "net/socket.h"

#include <sys/socket.h>

#include "net/listener.h"
#include "net/resolver.h"

namespace weir::net {
namespace {

struct Pair {
  explicit Pair(EventLoop& loop) {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    a = std::make_unique<Socket>(loop, fds[0], Socket::State::established);
    b = std::make_unique<Socket>(loop, fds[1], Socket::State::established);
  }
  std::unique_ptr<Socket> a;
  std::unique_ptr<Socket> b;
};

// Runs `work` on a loop of its own until it has ended.
template <typename Work>
void run(Work work) {
  EventLoop loop;
  const auto main = [&]() -> Task<void> {
    co_await work(loop);
    loop.stop();
  };
  loop.post([&] { spawn(main()); });
  loop.run();
}

TEST(Socket, a_write_larger_than_the_buffers_waits_for_the_reader_and_loses_nothing) {
  run([](EventLoop& loop) -> Task<void> {
    Pair pair(loop);
    std::string sent(3'000'000, 'x');
    for (std::size_t i = 0; i < sent.size(); i += 1000) sent[i] = static_cast<char>('a' + i / 1000 % 26);
    bool written = false;
    const auto writer = [&]() -> Task<void> {
      const auto result =
          co_await pair.a->write_all(std::string_view(sent).substr(0, 7), std::string_view(sent).substr(7), {});
      EXPECT_EQ(result.status, IoStatus::ok);
      EXPECT_EQ(result.bytes, sent.size());
      written = true;
    };
    spawn(writer());
    EXPECT_FALSE(written);
    std::string got;
    std::array<char, 65536> piece{};
    while (got.size() < sent.size()) {
      const auto result = co_await pair.b->read_some(piece, {});
      EXPECT_EQ(result.status, IoStatus::ok);
      if (result.status != IoStatus::ok) co_return;
      got.append(piece.data(), result.bytes);
    }
    EXPECT_TRUE(got == sent);
    EXPECT_TRUE(written);
  });
}

TEST(Socket, reads_end_by_deadline_by_cancellation_and_by_the_peers_close) {
  run([](EventLoop& loop) -> Task<void> {
    Pair pair(loop);
    std::array<char, 16> piece{};
    EXPECT_EQ((co_await pair.a->read_some(piece, {.deadline_us = loop.deadline_in_ms(5)})).status, IoStatus::timed_out);

    Cancellation cancellation;
    const auto cancel_soon = [&]() -> Task<void> {
      co_await loop.sleep(1);
      cancellation.request();
    };
    spawn(cancel_soon());
    EXPECT_EQ((co_await pair.a->read_some(piece, {.cancellation = &cancellation})).status, IoStatus::cancelled);
    EXPECT_EQ((co_await pair.a->read_some(piece, {.cancellation = &cancellation})).status, IoStatus::cancelled);

    EXPECT_EQ((co_await pair.b->write_all("bye", {}, {})).status, IoStatus::ok);
    pair.b.reset();
    EXPECT_EQ((co_await pair.a->read_some(piece, {})).bytes, 3U);
    EXPECT_EQ((co_await pair.a->read_some(piece, {})).status, IoStatus::end);
    EXPECT_EQ((co_await pair.a->write_all("x", {}, {})).status, IoStatus::failed);
  });
}

TEST(Socket, a_close_is_told_while_nobody_reads) {
  run([](EventLoop& loop) -> Task<void> {
    Pair pair(loop);
    Signal told(loop, {.deadline_us = loop.deadline_in_ms(2'000)});
    pair.a->on_peer_closed([&] { told.fire(); });
    pair.b.reset();
    EXPECT_EQ(co_await told, Outcome::ready);
    EXPECT_TRUE(pair.a->peer_closed());
  });
}

TEST(ListenSocket, a_taken_address_and_a_bad_one_are_named) {
  const auto first = ListenSocket::open("127.0.0.1:0");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->loopback());
  EXPECT_TRUE(first->another());
  for (const char* bad : {"nonsense", "127.0.0.1:99999", "256.1.1.1:80", "unix:relative/missing/folder/x"}) {
    const auto opened = ListenSocket::open(bad);
    ASSERT_FALSE(opened) << bad;
    EXPECT_NE(opened.error().message.find(bad), std::string::npos) << opened.error().message;
  }
}

TEST(Resolver, literal_addresses_and_local_names_resolve_and_unknown_ones_fail) {
  run([](EventLoop& loop) -> Task<void> {
    Resolver resolver;
    const auto literal = co_await resolver.resolve(loop, "127.0.0.1", 80, {});
    EXPECT_TRUE(literal && literal->size() == 1);
    const auto name = co_await resolver.resolve(loop, "localhost", 80, {.deadline_us = loop.deadline_in_ms(5'000)});
    EXPECT_TRUE(name && !name->empty());
    const auto unknown =
        co_await resolver.resolve(loop, "no-such-host.invalid", 80, {.deadline_us = loop.deadline_in_ms(5'000)});
    EXPECT_FALSE(unknown);
  });
}

}  // namespace
}  // namespace weir::net
