// Relay: takes a plan to an answer. Tries the candidates in order: waits for a slot, asks, and on a failure decides by
// the error's row (core/error.h) whether the same candidate, the next one, or nobody is asked. Never goes back once the
// client has seen content, unless the route says `on_stream_failure: continue`. Loop thread only.
#pragma once

#include "core/http.h"
#include "pipeline/request_context.h"
#include "upstream/exchange.h"

namespace weir {

class Dialect;

// How one attempt ended.
struct AttemptResult {
  std::optional<Error> error;  // unset: the client has its whole answer
  bool stale = false;          // a reused connection broke: the server may never have seen the request
};

// What a client has been given of a stream so far, over all attempts.
struct StreamProgress {
  bool begun = false;       // the head went out
  std::string said;         // text of choice 0, kept only where the route may continue elsewhere
  bool continuable = true;  // only plain text of one choice can be taken over by another model
  StreamState downstream;   // of the client's dialect
};

class Relay {
 public:
  Relay(RequestContext& context, const Dialect& dialect, Downstream& downstream)
      : context_(context), dialect_(dialect), downstream_(downstream) {}

  // Until the client has its answer, or has been told why not. Sets the context's outcome.
  net::Task<void> run();
  // Tells the client of an error, as a whole answer or inside the stream that has begun.
  net::Task<void> refuse(const Error& error);

 private:
  net::Task<std::optional<Error>> try_candidate(uint32_t model, bool last);
  net::Task<Result<SlotLease>> wait_for_slot(uint32_t model, bool last);
  net::Task<AttemptResult> attempt(uint32_t model, Permit permit, bool last);
  net::Task<AttemptResult> whole_answer(uint32_t model, Exchange& exchange, AttemptEntry& entry);
  // Why a wait was cancelled: the client left, or we are going down.
  [[nodiscard]] Error interrupted() const;
  // The client has seen content, and another model may take over.
  [[nodiscard]] bool may_continue() const;
  [[nodiscard]] bool worth_trying(uint32_t model, const std::optional<Error>& last_error) const;
  [[nodiscard]] std::optional<int64_t> retry_delay_ms(const AttemptResult& result, int tries, uint32_t model,
                                                      bool last);
  void close_attempt(AttemptEntry& entry, uint32_t model, const AttemptResult& result, int64_t began_us);
  void note_reason(uint32_t model);

  friend class StreamRelay;
  RequestContext& context_;
  const Dialect& dialect_;
  Downstream& downstream_;
  StreamProgress progress_;
  std::optional<uint32_t> overflowed_;  // its context was too small
};

}  // namespace weir
