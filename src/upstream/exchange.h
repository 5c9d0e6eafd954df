// Exchange: one request to a provider and its answer, over one connection of the pool. Destroyed before the answer is
// complete, it resets the connection, so that the model side stops working for nobody. Servers are asked for answers
// without a content coding; one that packs its answer all the same is unpacked here. Loop thread only. The provider
// settings and the pool outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/http.h"
#include "core/result.h"
#include "net/inflate.h"
#include "net/spilled_form.h"
#include "upstream/pool.h"

namespace weir {

// How long an exchange waits. `deadline_us` bounds all of it.
struct ExchangeWaits {
  int64_t deadline_us = 0;
  int64_t head_ms = 60'000;
  int64_t first_piece_ms = 30'000;           // from the head to the first of the body
  int64_t idle_ms = 30'000;                  // between two pieces
  std::string_view head_key = "first_byte";  // the config key that says so, for messages
  // Asked now and then before the head and the first piece: is there no hope any more, although there is time?
  bool (*hopeless)(const void* of) = nullptr;
  const void* of = nullptr;
};

// A moment until which one read waits, and the config key that says so.
struct ReadUntil {
  int64_t us = 0;  // 0 = as the exchange's waits have it
  std::string_view key = {};
};

class Exchange {
 public:
  Exchange(UpstreamPool& pool, const ProviderSettings& provider) : pool_(pool), provider_(provider) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // Sends, and waits for the head of the answer. Sends once: whether a connection that broke is worth another try is
  // the caller's decision (see `was_reused`). Errors: upstream_unreachable, upstream_timeout, upstream_reset,
  // upstream_malformed, client_gone. Messages name the provider's id, never its address: callers read them.
  net::Task<Status> send(const HttpRequest& request, const ExchangeWaits& waits, net::Cancellation* cancellation);

  // Marks in the body stand for files of this form, which outlives the exchange; null: they stand for nothing.
  void take_files(const net::SpilledForm* files) { files_ = files; }

  [[nodiscard]] int status() const { return head_.status; }
  // There was a connection to send over.
  [[nodiscard]] bool connected() const { return connected_; }
  // The connection had served another request before. The server may have closed it without having seen this one.
  [[nodiscard]] bool was_reused() const { return reused_; }
  // Of an answer that is not 2xx; those of a good one are not kept.
  [[nodiscard]] const Headers& headers() const { return headers_; }
  // What the answer is, where it is neither JSON nor events; "" for those.
  [[nodiscard]] const std::string& content_type() const { return content_type_; }

  // The next piece of the body, unpacked, valid until the next call; empty when it is complete. Waits as `send` was
  // told, or until `until`, where that says when; never beyond the attempt's deadline. Errors: upstream_timeout,
  // upstream_truncated, upstream_malformed, client_gone.
  net::Task<Result<std::string_view>> read(ReadUntil until) {
    return coding_ == Coding::none ? read_packed(until) : read_unpacked(until);
  }
  // All of the body, with spare capacity for the JSON parser, in the memory of `body`. upstream_malformed beyond
  // `limit` bytes.
  net::Task<Result<std::string>> read_all(std::size_t limit, std::string body);
  net::Task<Result<std::string>> read_all(std::size_t limit) { return read_all(limit, std::string()); }

  [[nodiscard]] bool complete() const { return complete_ && (!packed_ || packed_->whole()); }
  // Nothing of the answer is wanted any more although more may come: ends it without blaming anybody.
  void abandon();

 private:
  // What the body is packed in.
  enum class Coding : uint8_t { none, known, unknown };

  net::Task<Result<std::string_view>> read_packed(ReadUntil until);
  net::Task<Result<std::string_view>> read_unpacked(ReadUntil until);
  void take_coding();
  [[nodiscard]] Status check_head() const;
  [[nodiscard]] std::string tls_refusal() const;
  net::Task<Status> write_and_read_head(const HttpRequest& request);
  net::Task<net::IoResult> write_request(const HttpRequest& request);
  net::Task<net::IoResult> write_part(uint64_t begin, uint64_t size, net::Wait sending);
  [[nodiscard]] uint64_t size_of(const std::string& body) const;
  void serialize_head(const HttpRequest& request, std::string& head) const;
  Status take_head(std::size_t length);
  [[nodiscard]] Error io_error(net::IoStatus status, std::string_view doing, std::string_view key) const;
  [[nodiscard]] ReadUntil until_after(int64_t ms, std::string_view key) const;
  // The next look at whether there is hope, at most.
  [[nodiscard]] net::Wait wait_until(const ReadUntil& until) const;
  // A wait that timed out is to go on: its own time is not over, and there is hope.
  [[nodiscard]] bool goes_on(const ReadUntil& until) const;
  void finish();

  UpstreamPool& pool_;
  const ProviderSettings& provider_;
  std::unique_ptr<Connection> connection_;
  net::MessageHead head_;
  Headers headers_;
  std::string content_type_;
  std::string decoded_;  // of a chunked body
  Coding coding_ = Coding::none;
  std::unique_ptr<net::Inflate> packed_;  // where the body has a coding
  std::string unpacked_;
  uint64_t remaining_ = 0;  // of a body with a length
  ExchangeWaits waits_;
  net::Cancellation* cancellation_ = nullptr;
  const net::SpilledForm* files_ = nullptr;
  bool connected_ = false;
  bool answered_ = false;  // a byte of the answer has come
  bool body_begun_ = false;
  bool complete_ = false;
  bool reused_ = false;
};

}  // namespace weir
