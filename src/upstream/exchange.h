// Exchange: one request to a provider and its answer, over one connection of the pool. Destroyed before the answer is
// complete, it resets the connection, so that the model side stops working for nobody. Loop thread only. The provider
// settings and the pool outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/http.h"
#include "core/result.h"
#include "upstream/pool.h"

namespace weir {

class Exchange {
 public:
  Exchange(UpstreamPool& pool, const ProviderSettings& provider) : pool_(pool), provider_(provider) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // Sends, and waits for the head of the answer. `deadline_us` bounds the whole attempt. Sends once: whether a
  // connection that broke is worth another try is the caller's decision (see `was_reused`). Errors:
  // upstream_unreachable, upstream_timeout, upstream_reset, upstream_malformed, client_gone.
  net::Task<Status> send(const HttpRequest& request, int64_t deadline_us, net::Cancellation* cancellation);

  [[nodiscard]] int status() const { return head_.status; }
  // The connection had served another request before. The server may have closed it without having seen this one.
  [[nodiscard]] bool was_reused() const { return reused_; }
  // Of an answer that is not 2xx; those of a good one are not kept.
  [[nodiscard]] const Headers& headers() const { return headers_; }

  // The next piece of the body, valid until the next call; empty when it is complete. Waits for the idle timeout at
  // most, or until `until_us` (first token), where that is not 0; never beyond the attempt's deadline. Errors:
  // upstream_timeout, upstream_truncated, upstream_malformed, client_gone.
  net::Task<Result<std::string_view>> read(int64_t until_us);
  // All of the body, with spare capacity for the JSON parser, in the memory of `body`. upstream_malformed beyond
  // `limit` bytes.
  net::Task<Result<std::string>> read_all(std::size_t limit, std::string body);
  net::Task<Result<std::string>> read_all(std::size_t limit) { return read_all(limit, std::string()); }

  [[nodiscard]] bool complete() const { return complete_; }
  // Nothing of the answer is wanted any more although more may come: ends it without blaming anybody.
  void abandon();

 private:
  net::Task<Status> write_and_read_head(const HttpRequest& request);
  void serialize_head(const HttpRequest& request, std::string& head) const;
  Status take_head(std::size_t length);
  [[nodiscard]] Error io_error(net::IoStatus status, std::string_view doing) const;
  [[nodiscard]] net::Wait wait_for(int64_t ms) const;
  [[nodiscard]] net::Wait wait_until(int64_t until_us) const;
  void finish();

  UpstreamPool& pool_;
  const ProviderSettings& provider_;
  std::unique_ptr<Connection> connection_;
  net::MessageHead head_;
  Headers headers_;
  std::string decoded_;     // of a chunked body
  uint64_t remaining_ = 0;  // of a body with a length
  int64_t deadline_us_ = 0;
  net::Cancellation* cancellation_ = nullptr;
  bool answered_ = false;  // a byte of the answer has come
  bool complete_ = false;
  bool reused_ = false;
};

}  // namespace weir
