// The model side of the benchmarks: an OpenAI-compatible server with canned answers that costs as little CPU as it can,
// so that the gateway in front of it is what is measured. One thread, epoll, one write per answer or streamed chunk.
//
// What it answers is written in the request's `model`:
//   json             a chat completion of about 1 KB
//   sse-K-U          a stream of K chunks, one every U microseconds; U = 0: one per turn of the loop, as fast as it
//   goes cut-K            a stream that is cut off after K chunks error-STATUS     an error in OpenAI's shape
// Anything else, and GET /v1/models, gets the plain answer. Prints `listening PORT` when ready.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <charconv>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sockets.h"

namespace weir::bench {
namespace {

struct Script {
  enum class Kind : uint8_t { json, stream, error };
  Kind kind = Kind::json;
  int status = 200;
  int64_t chunks = 0;
  int64_t interval_ns = 0;
  bool cut = false;
};

int64_t number_in(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Script script_of(std::string_view body) {
  constexpr std::string_view key = "\"model\":";
  const std::size_t at = body.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = body.find('"', at + key.size());
  if (begin == std::string_view::npos) return {};
  const std::string_view model = body.substr(begin + 1, body.find('"', begin + 1) - begin - 1);
  if (model.starts_with("error-"))
    return {.kind = Script::Kind::error, .status = static_cast<int>(number_in(model.substr(6)))};
  if (model.starts_with("cut-"))
    return {.kind = Script::Kind::stream, .chunks = number_in(model.substr(4)), .cut = true};
  if (!model.starts_with("sse-")) return {};
  const std::string_view rest = model.substr(4);
  const std::size_t dash = rest.find('-');
  const int64_t interval_us = dash == std::string_view::npos ? 0 : number_in(rest.substr(dash + 1));
  return {.kind = Script::Kind::stream, .chunks = number_in(rest), .interval_ns = interval_us * 1'000};
}

std::string with_length(int status, std::string_view reason, std::string_view extra, std::string_view body) {
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}", status,
                     reason, extra, body.size(), body);
}

std::string chunk(std::string_view data) { return fmt::format("{:x}\r\n{}\r\n", data.size(), data); }

std::string event(std::string_view choices, std::string_view rest) {
  return chunk(fmt::format(R"(data: {{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,)"
                           R"("model":"bench","choices":[{}]{}}})"
                           "\n\n",
                           choices, rest));
}

// Every byte this server ever sends, made once.
struct Answers {
  Answers() {
    std::string text;
    while (text.size() < 700) text += "A weir both steers a river and measures it. ";
    json = with_length(
        200, "OK", {},
        fmt::format(R"({{"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"bench",)"
                    R"("choices":[{{"index":0,"message":{{"role":"assistant","content":"{}","refusal":null}},)"
                    R"("logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":230,)"
                    R"("completion_tokens":160,"total_tokens":390}}}})",
                    text));
    models =
        with_length(200, "OK", {}, R"({"object":"list","data":[{"id":"json","object":"model","owned_by":"bench"}]})");
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
           event(R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})", "");
    delta = event(R"({"index":0,"delta":{"content":" river"},"finish_reason":null})", "");
    tail = event(R"({"index":0,"delta":{},"finish_reason":"stop"})", "") +
           event("", R"(,"usage":{"prompt_tokens":230,"completion_tokens":50,"total_tokens":280})") +
           chunk("data: [DONE]\n\n") + "0\r\n\r\n";
  }

  std::string json;
  std::string models;
  std::string head;
  std::string delta;
  std::string tail;
};

struct Connection {
  Fd fd;
  uint64_t serial = 0;  // tells a timer of an older connection on the same descriptor apart
  std::string in;       // received, not yet answered
  std::string out;      // answered, not yet taken by the socket
  bool streaming = false;
  int64_t chunks_left = 0;
  int64_t interval_ns = 0;
  bool cut = false;
  bool flat_out = false;  // is in Server::flat_out_
};

struct Timer {
  int64_t at = 0;
  int fd = -1;
  uint64_t serial = 0;
  bool operator<(const Timer& other) const { return at > other.at; }
};

class Server {
 public:
  explicit Server(uint16_t port) : listener_(listen_on_loopback(port)) {
    epoll_.add(listener_.get(), EPOLLIN, nullptr);
  }

  [[nodiscard]] uint16_t port() const { return port_of(listener_); }

  void run() {
    std::array<epoll_event, 512> events{};
    for (;;) {
      const int count = epoll_.wait(events, timeout());
      for (const epoll_event& ready : std::span(events).first(static_cast<std::size_t>(count))) {
        if (ready.data.ptr == nullptr) {
          accept_all();
        } else {
          serve(*static_cast<Connection*>(ready.data.ptr), ready.events);
        }
      }
      run_timers();
      run_flat_out();
      closed_.clear();
    }
  }

 private:
  [[nodiscard]] int64_t timeout() const {
    if (!flat_out_.empty()) return 0;
    if (timers_.empty()) return -1;
    return std::max<int64_t>(0, timers_.top().at - now_ns());
  }

  void accept_all() {
    for (;;) {
      Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd.open()) return;
      set_no_delay(fd.get());
      const int number = fd.get();
      auto connection = std::make_unique<Connection>();
      connection->fd = std::move(fd);
      connection->serial = ++serial_;
      epoll_.add(number, EPOLLIN | EPOLLRDHUP, connection.get());
      connections_[number] = std::move(connection);
    }
  }

  void serve(Connection& connection, uint32_t events) {
    if (!connection.fd.open()) return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close(connection);
    if ((events & EPOLLOUT) != 0 && !flush(connection)) return;
    if ((events & EPOLLIN) == 0) {
      if ((events & EPOLLRDHUP) != 0) close(connection);
      return;
    }
    const ssize_t count = ::read(connection.fd.get(), buffer_.data(), buffer_.size());
    if (count == 0 || (count < 0 && errno != EAGAIN)) return close(connection);
    if (count < 0) return;
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
    if (connection.in.empty() && !connection.streaming) {
      connection.in.assign(bytes.substr(answer_all(connection, bytes)));
    } else {
      connection.in += bytes;
      answer_waiting(connection);
    }
  }

  void answer_waiting(Connection& connection) {
    if (connection.streaming || connection.in.empty()) return;
    const std::string bytes = std::move(connection.in);
    connection.in.clear();
    const std::size_t used = answer_all(connection, bytes);
    connection.in.insert(0, bytes.substr(used));
  }

  // Answers the whole requests at the front of `bytes`; returns how many bytes those were.
  std::size_t answer_all(Connection& connection, std::string_view bytes) {
    std::size_t used = 0;
    while (!connection.streaming && connection.fd.open()) {
      const std::string_view rest = bytes.substr(used);
      const std::size_t end = rest.find("\r\n\r\n");
      if (end == std::string_view::npos) break;
      const std::size_t size = end + 4 + body_size(rest.substr(0, end));
      if (rest.size() < size) break;
      used += size;
      if (rest.starts_with("GET ")) {
        send(connection, answers_.models);
      } else {
        answer(connection, script_of(rest.substr(end + 4, size - end - 4)));
      }
    }
    return used;
  }

  static std::size_t body_size(std::string_view head) {
    for (const std::string_view name : {"\r\ncontent-length:", "\r\nContent-Length:"}) {
      std::size_t at = head.find(name);
      if (at == std::string_view::npos) continue;
      at += name.size();
      while (at < head.size() && head[at] == ' ') ++at;
      return static_cast<std::size_t>(number_in(head.substr(at)));
    }
    return 0;
  }

  void answer(Connection& connection, const Script& script) {
    switch (script.kind) {
      case Script::Kind::json:
        return send(connection, answers_.json);
      case Script::Kind::error:
        return send(connection,
                    with_length(script.status, "Error", script.status == 429 ? "Retry-After: 1\r\n" : "",
                                R"({"error":{"message":"scripted","type":"bench","param":null,"code":null}})"));
      case Script::Kind::stream:
        break;
    }
    connection.streaming = true;
    connection.chunks_left = script.chunks;
    connection.interval_ns = script.interval_ns;
    connection.cut = script.cut;
    send(connection, answers_.head);
    schedule(connection);
  }

  void schedule(Connection& connection) {
    if (!connection.fd.open()) return;
    if (connection.interval_ns > 0) {
      timers_.push({.at = now_ns() + connection.interval_ns, .fd = connection.fd.get(), .serial = connection.serial});
    } else {
      connection.flat_out = true;
      flat_out_.push_back(&connection);
    }
  }

  void run_timers() {
    while (!timers_.empty() && timers_.top().at <= now_ns()) {
      const Timer timer = timers_.top();
      timers_.pop();
      const auto found = connections_.find(timer.fd);
      if (found == connections_.end() || found->second->serial != timer.serial) continue;
      if (step(*found->second)) schedule(*found->second);
    }
  }

  void run_flat_out() {
    std::vector<Connection*> turn = std::move(flat_out_);
    flat_out_.clear();
    for (Connection* connection : turn) {
      connection->flat_out = false;
      if (!connection->fd.open()) continue;
      if (!connection->out.empty() || step(*connection)) {
        connection->flat_out = true;
        flat_out_.push_back(connection);
      }
    }
  }

  // Sends the next chunk; false when the stream ended.
  bool step(Connection& connection) {
    if (connection.chunks_left-- > 0) {
      send(connection, answers_.delta);
      return connection.fd.open();
    }
    if (connection.cut) {
      close(connection);
      return false;
    }
    connection.streaming = false;
    send(connection, answers_.tail);
    if (connection.fd.open()) answer_waiting(connection);
    return false;
  }

  void send(Connection& connection, std::string_view bytes) {
    if (!connection.fd.open()) return;
    if (connection.out.empty()) {
      const ssize_t count = ::send(connection.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN) return close(connection);
      bytes.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
      if (bytes.empty()) return;
      epoll_.change(connection.fd.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP, &connection);
    }
    connection.out += bytes;
  }

  bool flush(Connection& connection) {
    const ssize_t count = ::send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (count < 0) {
      if (errno != EAGAIN) close(connection);
      return connection.fd.open();
    }
    connection.out.erase(0, static_cast<std::size_t>(count));
    if (connection.out.empty()) epoll_.change(connection.fd.get(), EPOLLIN | EPOLLRDHUP, &connection);
    return true;
  }

  // The object lives until the end of this turn of the loop: other events of the turn may still point to it.
  void close(Connection& connection) {
    const auto found = connections_.find(connection.fd.get());
    if (connection.flat_out) std::erase(flat_out_, &connection);
    connection.fd.reset();
    closed_.push_back(std::move(found->second));
    connections_.erase(found);
  }

  Answers answers_;
  Fd listener_;
  Epoll epoll_;
  std::array<char, 256 * 1024> buffer_{};
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> closed_;
  std::vector<Connection*> flat_out_;
  std::priority_queue<Timer> timers_;
  uint64_t serial_ = 0;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app("An OpenAI-compatible upstream with canned answers, for benchmarks");
  uint16_t port = 0;
  app.add_option("--port", port, "on 127.0.0.1; 0 = any free one");
  CLI11_PARSE(app, argc, argv);
  const auto server = std::make_unique<weir::bench::Server>(port);
  fmt::print("listening {}\n", server->port());
  std::fflush(stdout);
  server->run();
}
