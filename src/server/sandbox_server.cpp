#include "server/sandbox_server.h"

#include <thread>

#include "core/json.h"
#include "formats/sandbox/model.h"
#include "net/buffer.h"
#include "net/http_parser.h"
#include "net/listener.h"
#include "net/socket.h"

namespace weir {
namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t max_body = 64 * 1024 * 1024;

// One connection from Weir's own adapters: well-formed HTTP/1.1 with a length, so this reads only that.
class SandboxSession {
 public:
  SandboxSession(net::EventLoop& loop, int fd) : loop_(loop), socket_(loop, fd, net::Socket::State::established) {}

  net::Task<void> run() {
    HttpRequest request;
    while (co_await read(request)) {
      left_.reset();
      socket_.on_peer_closed([this] { left_.request(); });
      const bool goes_on = co_await play(sandbox_reply(request, persona_of(request)));
      socket_.on_peer_closed(nullptr);
      if (!goes_on) break;
    }
  }

 private:
  net::Task<bool> more() {
    const auto got = co_await socket_.read_some(buffer_.room(read_size), {});
    if (got.status != net::IoStatus::ok) co_return false;
    buffer_.commit(got.bytes);
    co_return true;
  }

  net::Task<bool> read(HttpRequest& request) {
    net::MessageHead head;
    for (;;) {
      const auto length = net::HttpParser::find_head(buffer_.unused(), 0);
      if (!length) co_return false;
      if (*length == 0) {
        if (!(co_await more())) co_return false;
        continue;
      }
      if (!parser_.parse_head(buffer_.unused().substr(0, *length), head)) co_return false;
      request = HttpRequest{.method = std::string(head.method), .path = std::string(head.target)};
      for (const auto& header : head.headers) request.headers.add(std::string(header.name), std::string(header.value));
      buffer_.consume(*length);
      break;
    }
    if (head.framing == net::BodyFraming::chunked || head.content_length > max_body) co_return false;
    while (buffer_.size() < head.content_length) {
      if (!(co_await more())) co_return false;
    }
    request.body = buffer_.unused().substr(0, static_cast<std::size_t>(head.content_length));
    buffer_.consume(request.body.size());
    co_return true;
  }

  static const SandboxPersona& persona_of(const HttpRequest& request) {
    const auto personas = sandbox_personas();
    json::Document document;
    json::Object root;
    if (!request.body.empty() && document.parse_request(request.body) &&
        document.root().get(root) == simdjson::SUCCESS) {
      const auto model = json::string_or(root, "model");
      for (const auto& persona : personas) {
        if (persona.model == model) return persona;
      }
    }
    return personas.front();
  }

  net::Task<bool> pause(int64_t ms) {
    if (ms <= 0) co_return !left_.requested();
    co_return co_await loop_.sleep(ms, &left_) != net::Outcome::cancelled;
  }

  net::Task<bool> send(std::string_view bytes) {
    co_return (co_await socket_.write_all(bytes, {}, {.cancellation = &left_})).status == net::IoStatus::ok;
  }

  // True: the connection can take another request.
  net::Task<bool> play(SandboxReply reply) {
    if (!(co_await pause(reply.head_delay_ms))) co_return false;
    std::string head = fmt::format("HTTP/1.1 {} Sandbox\r\nTransfer-Encoding: chunked\r\n", reply.status);
    for (const auto& [name, value] : reply.headers.all()) head += name + ": " + value + "\r\n";
    if (!(co_await send(head + "\r\n"))) co_return false;
    for (const auto& step : reply.steps) {
      if (!(co_await pause(step.delay_ms))) co_return false;
      if (step.bytes.empty()) continue;
      if (!(co_await send(fmt::format("{:x}\r\n{}\r\n", step.bytes.size(), step.bytes)))) co_return false;
    }
    if (reply.end == SandboxReply::End::cut) co_return false;
    if (reply.end == SandboxReply::End::stall) {
      while (co_await pause(60'000)) {
      }
      co_return false;
    }
    co_return co_await send("0\r\n\r\n");
  }

  net::EventLoop& loop_;
  net::Socket socket_;
  net::HttpParser parser_{net::HttpParser::Kind::request};
  net::Buffer buffer_;
  net::Cancellation left_;
};

net::Task<void> serve_one(net::EventLoop& loop, int fd) {
  SandboxSession session(loop, fd);
  co_await session.run();
}

}  // namespace

struct SandboxServer::Running {
  net::EventLoop loop;
  std::unique_ptr<net::Listener> listener;
  std::thread thread;
  uint16_t port = 0;
};

SandboxServer::SandboxServer() = default;

SandboxServer::~SandboxServer() {
  if (!running_) return;
  running_->loop.stop();
  running_->thread.join();
}

Result<uint16_t> SandboxServer::start() {
  if (running_) return running_->port;
  auto socket = net::ListenSocket::open("127.0.0.1:0");
  if (!socket) return failure(socket.error());
  auto running = std::make_unique<Running>();
  const auto& address = socket->address();
  const auto colon = address.rfind(':') + 1;
  std::from_chars(address.data() + colon, address.data() + address.size(), running->port);
  running->listener = std::make_unique<net::Listener>(
      running->loop, std::move(*socket), [&inside = *running](int fd) { net::spawn(serve_one(inside.loop, fd)); });
  running->thread = std::thread([&inside = *running] { inside.loop.run(); });
  running_ = std::move(running);
  return running_->port;
}

}  // namespace weir
