// Front: the HTTP side of a Gateway: sessions over socket pairs, with clients that say what a test says and keep what
// they get, on the same scripted clock.
#pragma once

#include <sys/socket.h>

#include "server/http_session.h"
#include "support/gateway.h"

namespace weir::test {

// One answer as it came.
struct Reply {
  int status = 0;
  std::string head;
  std::string body;  // chunks joined

  [[nodiscard]] std::string field(std::string_view name) const {
    const auto mark = fmt::format("\r\n{}: ", name);
    const auto at = head.find(mark);
    if (at == std::string::npos) return {};
    return head.substr(at + mark.size(), head.find("\r\n", at + 2) - at - mark.size());
  }
  [[nodiscard]] bool has(std::string_view text) const { return body.find(text) != std::string::npos; }
};

// What came over one connection.
struct Talk {
  std::vector<Reply> replies;
  std::string rest;  // what is no whole answer
  int64_t closed_after_ms = 0;
};

inline std::string joined_chunks(std::string_view& bytes) {
  std::string out;
  for (;;) {
    const auto line = bytes.find("\r\n");
    if (line == std::string::npos) return out;
    const auto size = std::strtoull(std::string(bytes.substr(0, line)).c_str(), nullptr, 16);
    bytes.remove_prefix(line + 2);
    if (size == 0) {
      bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 2));
      return out;
    }
    out += bytes.substr(0, size);
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), size + 2));
  }
}

// `heads`: answers without a body, as to HEAD.
inline Talk parse_talk(std::string_view bytes, std::size_t heads) {
  Talk talk;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos || !bytes.starts_with("HTTP/1.1 ")) break;
    Reply reply{.status = std::atoi(std::string(bytes.substr(9, 3)).c_str()),
                .head = std::string(bytes.substr(0, end + 2))};
    bytes.remove_prefix(end + 4);
    const auto length = reply.field("Content-Length");
    if (reply.status >= 200 && talk.replies.size() >= heads) {
      if (!length.empty()) {
        reply.body = bytes.substr(0, std::stoul(length));
        bytes.remove_prefix(reply.body.size());
      } else if (reply.field("Transfer-Encoding") == "chunked") {
        reply.body = joined_chunks(bytes);
      } else if (reply.status != 204) {
        reply.body = bytes;
        bytes = {};
      }
    }
    talk.replies.push_back(std::move(reply));
  }
  talk.rest = bytes;
  return talk;
}

struct TalkOptions {
  int64_t reads_after_ms = 0;  // takes nothing before
  int64_t bytes_a_second = 0;  // 0: as they come
  std::size_t heads = 0;       // answers without a body
};

struct Front {
  Gateway gateway;
  ScriptedUpstream& model = gateway.upstream("model");
  ProcessState process{.metrics = gateway.metrics, .started_s = 1'767'225'600};
  GatewayApi api{*gateway.worker, process};
  SessionHost host{.worker = *gateway.worker, .pipeline = *gateway.pipeline, .api = api};
  Door door;

  void serve(std::string_view limits = "{}", std::string_view more = "") {
    gateway.serve(fmt::format(R"(
limits: {}
providers:
  - {{id: one, kind: openai_compatible, url: "@model", zone: local, health_check: false, retries: 0}}
models:
  - {{id: a, provider: one, name: name-a}}
{})",
                              limits, more));
    process.ready = true;
  }

  // Says all of `script` and takes what comes until the other side closes. A `Close` leaves at once.
  Talk talk(const Script& script, const TalkOptions& options = {}) {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    process.connections.fetch_add(1);
    std::string received;
    int64_t closed_after_ms = 0;
    const auto main = [&]() -> net::Task<void> {
      auto& loop = gateway.loop;
      const auto began = loop.now_us();
      net::Socket client(loop, fds[1], net::Socket::State::established);
      net::spawn(serve_connection(host, {.fd = fds[0], .door = door}));
      bool saying = true;
      bool left = false;
      net::Cancellation enough;
      const auto say = [&]() -> net::Task<void> {
        for (const auto& step : script) {
          if (const auto* bytes = std::get_if<Say>(&step)) {
            co_await client.write_all(bytes->bytes, {}, {});
          } else if (const auto* pause = std::get_if<Pause>(&step)) {
            co_await loop.sleep(pause->ms);
          } else {
            left = true;
            enough.request();
          }
        }
        saying = false;
      };
      net::spawn(say());
      if (options.reads_after_ms > 0) co_await loop.sleep(options.reads_after_ms);
      std::vector<char> piece(options.bytes_a_second > 0 ? static_cast<std::size_t>(options.bytes_a_second) : 65'536);
      for (;;) {
        const auto got = co_await client.read_some(piece, {.cancellation = &enough});
        if (got.status != net::IoStatus::ok) break;
        received.append(piece.data(), got.bytes);
        if (options.bytes_a_second > 0) co_await loop.sleep(1'000);
      }
      closed_after_ms = (loop.now_us() - began) / 1000;
      while (saying && !left) co_await loop.sleep(1);
    };
    const auto settle = [&]() -> net::Task<void> {
      co_await main();
      co_await gateway.loop.sleep(1);
    };
    gateway.run(settle());
    auto talk = parse_talk(received, options.heads);
    talk.closed_after_ms = closed_after_ms;
    return talk;
  }
  // One request on a connection of its own.
  Reply ask(const std::string& request, const TalkOptions& options = {}) {
    auto one = talk({Say{request}}, options);
    EXPECT_EQ(one.replies.size(), 1U) << one.rest;
    return one.replies.empty() ? Reply{} : one.replies.front();
  }
};

inline std::string get(std::string_view path, std::string_view fields = "Connection: close\r\n") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, fields);
}
inline std::string post(std::string_view body, std::string_view fields = "Connection: close\r\n",
                        std::string_view path = "/v1/chat/completions") {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", path,
      body.size(), fields, body);
}

}  // namespace weir::test
