// ScriptedDownstream: a client as the pipeline sees it, over strings. Keeps what it was given and when; it may leave,
// or take its time with every piece.
#pragma once

#include "core/json.h"
#include "pipeline/downstream.h"

namespace weir::test {

// What a client got.
struct Answer {
  int status = 0;  // 0: nothing
  std::string content_type;
  std::string fields;  // header lines
  std::string body;    // of a stream: all of it
  bool streamed = false;
  bool ended = false;  // a stream came to its end in good order
  int64_t took_ms = 0;
  std::vector<std::pair<int64_t, std::string>> pieces;  // of a stream, with the time since the request began

  // The value of an x-weir-* line, or of any other; "" where there is none.
  [[nodiscard]] std::string field(std::string_view name) const {
    const auto at = ("\r\n" + fields).find(fmt::format("\r\n{}: ", name));
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 2;
    return fields.substr(from, fields.find("\r\n", from) - from);
  }
  [[nodiscard]] bool has(std::string_view text) const { return body.find(text) != std::string::npos; }
  // What a stream said: the contents of all its deltas.
  [[nodiscard]] std::string said() const {
    std::string out;
    constexpr std::string_view mark = "\"content\":\"";
    for (auto at = body.find(mark); at != std::string::npos; at = body.find(mark, at + 1)) {
      const auto from = at + mark.size();
      out += body.substr(from, body.find('"', from) - from);
    }
    return out;
  }
};

class ScriptedDownstream final : public Downstream {
 public:
  explicit ScriptedDownstream(net::EventLoop& loop) : loop_(loop), began_us_(loop.now_us()) {}

  [[nodiscard]] net::Cancellation& cancellation() override { return cancellation_; }
  [[nodiscard]] bool shutting_down() const override { return shutting_down_; }
  net::Task<Status> respond(const AnswerHead& head, std::string_view body) override {
    keep(head);
    co_return co_await take(body);
  }
  void begin(const AnswerHead& head) override {
    keep(head);
    answer.streamed = true;
  }
  net::Task<Status> write(std::string_view bytes) override {
    answer.pieces.emplace_back((loop_.now_us() - began_us_) / 1000, bytes);
    co_return co_await take(bytes);
  }
  net::Task<Status> end() override {
    answer.ended = true;
    co_return co_await take({});
  }

  // Goes after `ms`; `ours`: it is the gateway that goes down.
  enum class Who : uint8_t { client, gateway };
  net::Task<void> leave_after(int64_t ms, Who who) {
    co_await loop_.sleep(ms);
    shutting_down_ = who == Who::gateway;
    cancellation_.request();
  }

  Answer answer;
  int64_t ms_per_piece = 0;

 private:
  void keep(const AnswerHead& head) {
    answer.status = head.status;
    answer.content_type = head.content_type;
    answer.fields = head.fields;
  }
  net::Task<Status> take(std::string_view bytes) {
    answer.body += bytes;
    if (ms_per_piece > 0) {
      const auto slept = co_await loop_.sleep(ms_per_piece, &cancellation_);
      if (slept == net::Outcome::cancelled) co_return failure(ErrorCode::client_gone, "The client left.");
    }
    if (cancellation_.requested()) co_return failure(ErrorCode::client_gone, "The client left.");
    co_return Status{};
  }

  net::EventLoop& loop_;
  int64_t began_us_;
  net::Cancellation cancellation_;
  bool shutting_down_ = false;
};

}  // namespace weir::test
