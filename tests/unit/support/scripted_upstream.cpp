#include "support/scripted_upstream.h"

#include <unistd.h>

#include "core/json.h"

namespace weir::test {
namespace {

std::string next_socket_path() {
  static int number = 0;
  return fmt::format("{}weir-{}-{}.sock", testing::TempDir(), ::getpid(), ++number);
}

std::string quoted(std::string_view text) {
  std::string out;
  json::Writer(out).value(text);
  return out;
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

constexpr std::string_view chunk_fields =
    R"("id":"chatcmpl-up","object":"chat.completion.chunk","created":1767225600,"model":"upstream-name")";

Say delta(std::string_view inner, std::string_view reason) {
  return event(fmt::format(R"({{{},"choices":[{{"index":0,"delta":{},"finish_reason":{}}}]}})", chunk_fields, inner,
                           reason.empty() ? "null" : quoted(reason)));
}

}  // namespace

Script whole(int status, std::string_view body, std::string_view more_headers) {
  return {Say{fmt::format("HTTP/1.1 {} Said\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}",
                          status, more_headers, body.size(), body)}};
}

Script completion(std::string_view text, int64_t input_tokens, int64_t output_tokens) {
  return whole(
      200,
      fmt::format(R"({{"id":"chatcmpl-up","object":"chat.completion","created":1767225600,"model":"upstream-name",)"
                  R"("choices":[{{"index":0,"message":{{"role":"assistant","content":{}}},"finish_reason":"stop"}}],)"
                  R"("usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}}}})",
                  quoted(text), input_tokens, output_tokens, input_tokens + output_tokens));
}

Say stream_head() {
  return Say{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"};
}
Say event(std::string_view json) { return Say{chunk(fmt::format("data: {}\n\n", json))}; }
Say role() { return delta(R"({"role":"assistant","content":""})", ""); }
Say text(std::string_view text) { return delta(fmt::format(R"({{"content":{}}})", quoted(text)), ""); }
Say finish(std::string_view reason) { return delta("{}", reason); }
Say usage(int64_t input_tokens, int64_t output_tokens) {
  return event(
      fmt::format(R"({{{},"choices":[],"usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}}}})",
                  chunk_fields, input_tokens, output_tokens, input_tokens + output_tokens));
}
Say done() { return Say{chunk("data: [DONE]\n\n") + "0\r\n\r\n"}; }

Script stream_of(std::initializer_list<std::string_view> texts, int64_t input_tokens, int64_t output_tokens) {
  Script script{stream_head(), role()};
  for (const auto piece : texts) script.emplace_back(text(piece));
  script.emplace_back(finish());
  script.emplace_back(usage(input_tokens, output_tokens));
  script.emplace_back(done());
  return script;
}

ScriptedUpstream::ScriptedUpstream(net::EventLoop& loop, Over over) : loop_(loop) {
  auto opened = net::ListenSocket::open(over == Over::tcp ? "127.0.0.1:0" : "unix:" + next_socket_path());
  if (!opened) throw std::runtime_error(opened.error().message);
  url_ = over == Over::tcp ? "http://" + opened->address() : opened->address();
  listener_ = std::make_unique<net::Listener>(loop, std::move(*opened), [this](int fd) { net::spawn(serve(fd)); });
}

ScriptedUpstream::~ScriptedUpstream() {
  listener_.reset();
  const auto alive = alive_;
  for (auto* one : alive) one->request();
  if (alive_.empty()) return;
  const auto wait = [this]() -> net::Task<void> {
    while (!alive_.empty()) co_await loop_.sleep(1);
    loop_.stop();
  };
  loop_.post([&] { net::spawn(wait()); });
  loop_.run();
}

void ScriptedUpstream::then(Script script) {
  if (std::exchange(last_used_, false)) scripts_.clear();
  scripts_.push_back(std::move(script));
}

void ScriptedUpstream::from_now_on(Script script) {
  scripts_.clear();
  last_used_ = false;
  scripts_.push_back(std::move(script));
}

void ScriptedUpstream::close() { listener_.reset(); }

void ScriptedUpstream::use_tls(std::shared_ptr<net::TlsServer> tls, const std::string& host) {
  tls_ = std::move(tls);
  url_ = "https://" + host + url_.substr(url_.rfind(':'));
}

net::Task<void> ScriptedUpstream::serve(int fd) {
  const int number = ++connections;
  net::Cancellation end;
  alive_.push_back(&end);
  {
    net::Socket socket(loop_, fd, net::Socket::State::established);
    std::string buffer;
    bool goes_on = true;
    if (tls_) {
      const auto shaken = co_await socket.handshake(tls_->new_session(), {.cancellation = &end});
      goes_on = shaken.status == net::IoStatus::ok;
    }
    while (goes_on) {
      auto request = co_await read_request(socket, buffer, end);
      if (!request) break;
      request->connection = number;
      asked.push_back(std::move(*request));
      Script script;
      if (!scripts_.empty()) script = scripts_.front();
      last_used_ = scripts_.size() == 1;
      if (scripts_.size() > 1) scripts_.pop_front();
      goes_on = co_await play(socket, script, end);
    }
  }
  std::erase(alive_, &end);
}

// Its head, and as much as its Content-Length says. What is read beyond stays in `buffer`.
net::Task<std::optional<Asked>> ScriptedUpstream::read_request(net::Socket& socket, std::string& buffer,
                                                               net::Cancellation& end) {
  constexpr std::string_view length_field = "Content-Length: ";
  std::array<char, 16 * 1024> piece{};
  for (;;) {
    const auto head = buffer.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto at = buffer.find(length_field);
      const auto length = at < head ? std::strtoull(buffer.c_str() + at + length_field.size(), nullptr, 10) : 0;
      if (buffer.size() >= head + 4 + length) {
        Asked request{.at_ms = loop_.now_us() / 1000,
                      .head = buffer.substr(0, head + 2),
                      .body = buffer.substr(head + 4, length)};
        buffer.erase(0, head + 4 + length);
        co_return request;
      }
    }
    const auto got = co_await socket.read_some(piece, {.cancellation = &end});
    if (got.status != net::IoStatus::ok) co_return std::nullopt;
    buffer.append(piece.data(), got.bytes);
  }
}

net::Task<bool> ScriptedUpstream::play(net::Socket& socket, const Script& script, net::Cancellation& end) {
  for (const auto& step : script) {
    if (const auto* say = std::get_if<Say>(&step)) {
      const auto sent = co_await socket.write_all(say->bytes, {}, {.cancellation = &end});
      if (sent.status != net::IoStatus::ok) {
        left_at_ms.push_back(loop_.now_us() / 1000);
        co_return false;
      }
    } else if (const auto* pause = std::get_if<Pause>(&step)) {
      bool stays = co_await stay(socket, loop_.deadline_in_ms(pause->ms), end);
      if (!stays) co_return false;
    } else if (std::holds_alternative<Hang>(step)) {
      co_await stay(socket, 0, end);
      co_return false;
    } else {
      if (std::holds_alternative<Reset>(step)) socket.abort();
      co_return false;
    }
  }
  co_return !script.empty();
}

// Silent until then; false when the other side goes first.
net::Task<bool> ScriptedUpstream::stay(net::Socket& socket, int64_t until_us, net::Cancellation& end) {
  std::array<char, 4096> piece{};
  const auto got = co_await socket.read_some(piece, {.deadline_us = until_us, .cancellation = &end});
  if (got.status == net::IoStatus::timed_out) co_return true;
  if (got.status != net::IoStatus::cancelled) left_at_ms.push_back(loop_.now_us() / 1000);
  co_return false;
}

}  // namespace weir::test
