// AnswerKeeping: one request of a route that keeps answers for the same question (`cache`). Looks for an answer before
// anybody is asked, and takes down the one that the client gets, whole or as a stream, to keep it when the request has
// ended well. An answer counts only where the plan of this request still keeps the model that gave it, in the same zone
// and with the same settings: rules that became stricter hold for what is kept too. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "answers/answer_cache.h"
#include "answers/stored_answer.h"
#include "formats/shared/assembler.h"
#include "net/event_loop.h"

namespace weir {

class RequestContext;

// What a caller says of the cache (`Cache-Control` of a request).
struct CacheWish {
  bool look = true;         // `no-cache`, `no-store`: not
  bool keep = true;         // `no-store`: not
  int64_t most_age_s = -1;  // `max-age`; -1 = not said
};
[[nodiscard]] CacheWish cache_wish(std::string_view cache_control);

class AnswerKeeping {
 public:
  // Sets the entry's `cache`. Null: the route keeps no answers, or none to this request. The plan is made.
  [[nodiscard]] static std::unique_ptr<AnswerKeeping> begin(RequestContext& context, const CacheWish& wish);
  AnswerKeeping(RequestContext& context, const CacheWish& wish, const AnswerKey& key);

  struct Hit {
    StoredAnswer answer;
    uint32_t model = 0;
  };
  // Also on disk, for a moment.
  net::Task<std::optional<Hit>> find(net::Cancellation& cancellation);

  // A whole answer of `model` goes to the client.
  void take(uint32_t model, const Response& response);
  // A stream that is taken down, held by whoever relays it: two may run at once, and one of them is the answer.
  struct Stream {
    std::optional<AnswerAssembler> answer;  // unset: nothing of it is kept
    std::size_t bytes = 0;                  // that it holds
  };
  [[nodiscard]] Stream begin_stream() const;
  void take(Stream& stream, std::span<const StreamEvent> events) const;
  // It has come to its end, as one of `model`, and the client has it.
  void end_stream(Stream& stream, uint32_t model, const StreamState& state, const Usage& usage);
  // Nothing is to be kept: another model went on with what one had begun.
  void forget();

  // The request ended well, with its costs in the entry: what was taken down is kept.
  void keep();

 private:
  [[nodiscard]] std::optional<Hit> usable(std::string_view bytes) const;
  net::Task<std::shared_ptr<const std::string>> ask_disk(net::Cancellation& cancellation);

  RequestContext& context_;
  const CacheWish wish_;
  const AnswerKey key_;
  bool spoilt_ = false;
  uint32_t model_ = 0;
  std::optional<Response> taken_;
};

}  // namespace weir
