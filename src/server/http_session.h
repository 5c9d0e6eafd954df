// HttpSession: one client connection, from its first byte to its last. Reads requests one after the other (so pipelined
// ones are answered in order), enforces the limits, answers what the gateway itself serves, and hands model requests to
// the Pipeline, for which it is the Downstream. Loop thread only; owns itself through `serve_connection`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "formats/unserved.h"
#include "net/buffer.h"
#include "net/http_parser.h"
#include "net/socket.h"
#include "net/tls.h"
#include "server/body_type.h"
#include "server/form_spool.h"
#include "server/session_host.h"

namespace weir {

// A surplus session is one beyond the limit of connections: it has time for one request, and only health probes are
// answered.
enum class Standing : uint8_t { regular, surplus };

class HttpSession final : public Downstream, private IdleList::Entry {
 public:
  HttpSession(SessionHost& host, net::Socket socket, const Door& door, Standing standing);
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
    std::string path;        // without query
    std::string deployment;  // the model, where the path names it
    std::string query;
    const Format* format = nullptr;          // of the path, or of who asks: for the shape of errors; null: OpenAI's
    const UnservedPath* unserved = nullptr;  // what the path is, where that is known and not served
    std::string_view authority;              // of an absolute-form target; into the head
    bool keep_alive = true;
    bool chunked_ok = true;  // HTTP/1.1
    bool head_only = false;
    std::string origin;  // of an allowed CORS origin
  };

  void close_idle() override;
  // False: there is nobody to serve; who spoke plain HTTP has been told so.
  net::Task<bool> shake_hands(net::TlsServer& tls);
  // True: a whole head is in `head_`.
  net::Task<bool> next_request();
  net::Task<bool> read_head();
  // What came is no request, and where it ends nobody knows.
  net::Task<void> refuse_head(const Error& error);
  net::Task<void> decline_http2();
  net::Task<Status> read_body(std::string& body, ContentCoding coding);
  // A form with sounds or files in it: the large ones go to disk.
  net::Task<Status> read_form_body(FormSpool& form);
  // nullopt: the body is no such form.
  [[nodiscard]] std::optional<FormSpool> spool_for(const PathPattern& pattern, ContentCoding coding) const;
  net::Task<void> say_continue();
  net::Task<Status> read_sized_body(std::string& body, std::size_t length);
  net::Task<Status> read_chunked_body(std::string& body, std::size_t limit);
  // Undoes a content coding, with pauses in which the loop serves others.
  net::Task<Status> unpack(std::string& body, std::size_t limit);
  // Waits for more of the body, into `buffer_`.
  net::Task<Status> read_body_part(std::size_t most);
  [[nodiscard]] std::optional<Error> misdirected(const PathMatch& match) const;
  // Without keys: does this come from whom we serve?
  [[nodiscard]] Status check_sender() const;
  // With what /metrics asks for.
  [[nodiscard]] Status check_metrics_key() const;
  net::Task<void> answer_surplus();
  net::Task<void> answer_feedback();
  net::Task<void> answer_own();
  [[nodiscard]] Result<std::shared_ptr<const KeyState>> key_for_own();
  net::Task<void> answer_request();
  net::Task<void> serve_model_request(const PathMatch& match);
  // What a format's clients ask of the gateway itself: its models, in their own shape.
  net::Task<void> answer_inquiry(const Format& format, const PathPattern& pattern, std::string named);
  // What a format's clients ask of answers that are kept.
  net::Task<void> answer_kept(const Format& format, const PathPattern& pattern, std::string id);
  // Header values that come from the client go into the ledger and into rules: printable ASCII, of a sane length.
  [[nodiscard]] static std::string clean(std::string_view value);
  // The values of all header lines of that name, as the one list that they are. A list that is cut would say less than
  // the caller did, so one that is too long is refused.
  [[nodiscard]] Result<std::string> listed(std::string_view name) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> carried_headers(const ClientFace& face) const;
  net::Task<void> answer_options();
  // Of the path, for headers: `GET, HEAD, OPTIONS`.
  [[nodiscard]] std::string allowed_methods() const;
  [[nodiscard]] std::string served_methods() const;
  // What the front page may show to who asks.
  [[nodiscard]] OwnRequest::Sees sees(const KeyState* key) const;
  [[nodiscard]] std::string base_url() const;
  net::Task<void> refuse(const Error& error);
  [[nodiscard]] std::string error_body(const Error& error) const;
  // After an answer that did not wait for the whole request: takes the rest, so that the client can read it.
  net::Task<void> linger();
  // Has the client sent all that it announced? `last`: the end of what came.
  [[nodiscard]] bool all_sent(std::string_view last) const;
  [[nodiscard]] Result<std::shared_ptr<const KeyState>> authenticate();
  void begin_request();
  void append_head(std::string& text, const AnswerHead& head, std::optional<std::size_t> length);
  void append_cors(std::string& text) const;
  [[nodiscard]] std::string own_fields(std::string_view reason) const;
  // How long the client may take nothing of an answer; ended early when the request is.
  [[nodiscard]] net::Wait write_patience();
  [[nodiscard]] const ServerSettings& settings() const { return host_.worker.deployment->snapshot->server; }
  [[nodiscard]] const Limits& limits() const { return host_.worker.deployment->snapshot->limits; }

  [[nodiscard]] IdleList& idle_list();

  SessionHost& host_;
  net::Socket socket_;
  const Door& door_;
  Standing standing_;
  std::size_t place_ = 0;  // in host_.sessions
  net::HttpParser parser_{net::HttpParser::Kind::request};
  net::Buffer buffer_;
  net::MessageHead head_;
  std::size_t head_size_ = 0;       // of head_ in buffer_
  std::size_t body_in_buffer_ = 0;  // already taken behind the head
  Request request_;
  std::string request_id_;
  std::string frame_;  // what goes out next, kept for its memory; a stream's head waits here for its first bytes
  int64_t body_deadline_us_ = 0;
  uint64_t body_arrived_ = 0;  // bytes of it, with its framing
  std::size_t read_this_turn_ = 0;
  int64_t answered_us_ = -1;        // when the last request was read, by the loop's clock
  net::Cancellation cancellation_;  // of the request under way
  net::Cancellation idle_;          // of the wait for the next one
  bool fresh_ = true;               // no byte has come yet
  bool waiting_ = false;            // for a request
  bool closing_ = false;            // after this answer
  bool cut_ = false;                // by us, before its end
  bool body_read_ = true;           // of the request under way
  bool said_all_ = false;           // nothing more is awaited of the client, whatever it announced
  bool chunked_ = false;
  bool responded_ = false;
};

// A client that was just accepted.
struct Accepted {
  int fd;  // non-blocking
  const Door& door;
  Standing standing = Standing::regular;
  std::shared_ptr<net::TlsServer> tls;  // null: plain
};

// Runs a session to its end and destroys it.
net::Task<void> serve_connection(SessionHost& host, Accepted connection);

}  // namespace weir
