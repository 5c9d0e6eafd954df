// ScriptedUpstream: a model server that does what a test says, byte for byte and millisecond for millisecond, on the
// loop of what is tested. It listens on a Unix socket, where all that one side sends is at the other side at once, so
// that no run differs from another; or on a TCP port. Records what it was asked, when, and on which connection.
#pragma once

#include <deque>
#include <variant>

#include "net/listener.h"
#include "net/socket.h"
#include "net/tls.h"

namespace weir::test {

struct Say {
  std::string bytes;
};
struct Pause {
  int64_t ms;
};
struct Hang {};   // says nothing more until the other side goes
struct Close {};  // in good order
struct Reset {};  // TCP only: on a Unix socket it is a close

using Script = std::vector<std::variant<Say, Pause, Hang, Close, Reset>>;

// A whole answer; the connection stays.
[[nodiscard]] Script whole(int status, std::string_view body, std::string_view more_headers = {});
// A good chat completion of OpenAI's format.
[[nodiscard]] Script completion(std::string_view text, int64_t input_tokens = 10, int64_t output_tokens = 5);
// A stream, in pieces: head, one event, the end.
[[nodiscard]] Say stream_head();
[[nodiscard]] Say event(std::string_view json);
[[nodiscard]] Say role();
[[nodiscard]] Say text(std::string_view text);
[[nodiscard]] Say finish(std::string_view reason = "stop");
[[nodiscard]] Say usage(int64_t input_tokens, int64_t output_tokens);
[[nodiscard]] Say done();  // `[DONE]` and the end of the body
// All of these: a good stream of `texts`.
[[nodiscard]] Script stream_of(std::initializer_list<std::string_view> texts, int64_t input_tokens = 10,
                               int64_t output_tokens = 5);

struct Asked {
  int64_t at_ms = 0;  // of the loop's clock
  int connection = 0;
  std::string head;
  std::string body;
};

class ScriptedUpstream {
 public:
  enum class Over : uint8_t { unix_socket, tcp };
  explicit ScriptedUpstream(net::EventLoop& loop, Over over = Over::unix_socket);
  ~ScriptedUpstream();
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

  // `unix:/…` or `http://127.0.0.1:PORT`.
  [[nodiscard]] const std::string& url() const { return url_; }
  // What it does for the requests to come, in order; the last one is repeated when no other is left.
  void then(Script script);
  // Forgets what is left of `then`.
  void from_now_on(Script script);
  // Takes connections no more.
  void close();
  // TCP only: speaks TLS from here on, and `url` begins with https://HOST.
  void use_tls(std::shared_ptr<net::TlsServer> tls, const std::string& host);

  std::vector<Asked> asked;
  int connections = 0;
  std::vector<int64_t> left_at_ms;  // when the other side went away before the script was over

 private:
  net::Task<void> serve(int fd);
  net::Task<std::optional<Asked>> read_request(net::Socket& socket, std::string& buffer, net::Cancellation& end);
  net::Task<bool> play(net::Socket& socket, const Script& script, net::Cancellation& end);
  net::Task<bool> stay(net::Socket& socket, int64_t until_us, net::Cancellation& end);

  net::EventLoop& loop_;
  std::string url_;
  std::unique_ptr<net::Listener> listener_;
  std::shared_ptr<net::TlsServer> tls_;
  std::deque<Script> scripts_;
  bool last_used_ = false;  // the only one left was played already: it stays until another follows
  std::vector<net::Cancellation*> alive_;
};

}  // namespace weir::test
