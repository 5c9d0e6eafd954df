// HttpSession: one client connection, from its first byte to its last. Reads requests one after the other (so pipelined
// ones are answered in order), enforces the limits, answers what the gateway itself serves, and hands model requests to
// the Pipeline, for which it is the Downstream. Loop thread only; owns itself through `serve_connection`.
#pragma once

#include <memory>
#include <string>

#include "net/buffer.h"
#include "net/http_parser.h"
#include "net/socket.h"
#include "net/tls.h"
#include "pipeline/pipeline.h"
#include "server/gateway_api.h"

namespace weir {

class HttpSession;

// What the sessions of one loop share.
struct SessionHost {
  Worker& worker;
  Pipeline& pipeline;
  GatewayApi& api;
  std::vector<HttpSession*> sessions;  // alive now
  bool draining = false;
  std::string date;  // the Date header's value, made once a second
  int64_t date_made_us = 0;

  // No new requests; connections without one are closed now, the others after their answer.
  void drain();
  // Ends every session at once, whatever it is doing.
  void cut();
  [[nodiscard]] std::string_view http_date();
};

class HttpSession final : public Downstream {
 public:
  HttpSession(SessionHost& host, net::Socket socket);
  ~HttpSession() override;

  net::Task<void> run(std::shared_ptr<net::TlsServer> tls);
  // Closes now if no request is under way, else after its answer.
  void drain();
  void cut();

  [[nodiscard]] net::Cancellation& cancellation() override { return cancellation_; }
  [[nodiscard]] bool shutting_down() const override { return cut_; }
  net::Task<Status> respond(const AnswerHead& head, std::string_view body) override;
  void begin(const AnswerHead& head) override;
  net::Task<Status> write(std::string_view bytes) override;
  net::Task<Status> end() override;

 private:
  struct Request {
    std::string method;
    std::string path;  // without query
    bool keep_alive = true;
    bool chunked_ok = true;  // HTTP/1.1
    bool head_only = false;
    std::string origin;  // of an allowed CORS origin
  };

  net::Task<bool> read_head();
  net::Task<Status> read_body(std::string& body);
  net::Task<Status> read_chunked_body(std::string& body, std::size_t limit);
  // Waits for more of the body, into `buffer_`.
  net::Task<Status> read_body_part(std::size_t most);
  [[nodiscard]] std::optional<Error> misdirected(const DialectMatch& match) const;
  net::Task<void> answer_request();
  net::Task<void> serve_model_request(const DialectMatch& match);
  net::Task<void> answer_options(const DialectMatch& match);
  net::Task<void> refuse(const Error& error);
  net::Task<void> linger();
  [[nodiscard]] Result<std::shared_ptr<const KeyState>> authenticate();
  void begin_request();
  void append_head(std::string& text, const AnswerHead& head, std::optional<std::size_t> length);
  void append_cors(std::string& text) const;
  [[nodiscard]] std::string own_fields(std::string_view reason) const;
  // How long the client may take nothing of an answer; ended early when the request is.
  [[nodiscard]] net::Wait write_patience();
  [[nodiscard]] const Limits& limits() const { return host_.worker.deployment->snapshot->limits; }

  SessionHost& host_;
  net::Socket socket_;
  net::HttpParser parser_{net::HttpParser::Kind::request};
  net::Buffer buffer_;
  net::MessageHead head_;
  std::size_t head_size_ = 0;       // of head_ in buffer_
  std::size_t body_in_buffer_ = 0;  // already taken behind the head
  Request request_;
  std::string request_id_;
  std::string frame_;  // what goes out next, kept for its memory; a stream's head waits here for its first bytes
  net::Cancellation cancellation_;  // of the request under way
  net::Cancellation idle_;          // of the wait for the next one
  bool fresh_ = true;               // no byte has come yet
  bool waiting_ = false;            // for a request
  bool closing_ = false;            // after this answer
  bool cut_ = false;                // by us, before its end
  bool body_read_ = true;           // of the request under way
  bool chunked_ = false;
  bool responded_ = false;
};

// Runs a session to its end and destroys it. `fd` is accepted and non-blocking; `tls` may be null.
net::Task<void> serve_connection(SessionHost& host, int fd, std::shared_ptr<net::TlsServer> tls);

}  // namespace weir
