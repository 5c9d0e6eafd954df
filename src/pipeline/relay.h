// Relay: takes a plan to an answer. Tries the candidates in order: waits for a slot, asks, and on a failure decides by
// the error's row (core/error.h) whether the same candidate, the next one, or nobody is asked. Never goes back once the
// client has seen content, unless the route says `on_stream_failure: continue`. Loop thread only.
//
// relay.cpp has the order of the candidates, hedge.cpp two of them at once, attempt.cpp one attempt at one of them
// (attempt_exchange.cpp what is sent and comes back, attempt_answer.cpp a whole answer on its way to the client).
#pragma once

#include "core/http.h"
#include "core/slot_rules.h"
#include "core/timeout_rules.h"
#include "formats/format.h"
#include "pipeline/answer_keeping.h"
#include "pipeline/breaker_call.h"
#include "pipeline/cascade.h"
#include "pipeline/heartbeat.h"
#include "pipeline/job.h"
#include "pipeline/request_context.h"
#include "upstream/exchange.h"

namespace weir {

class Lane;

// How one attempt ended.
struct AttemptResult {
  std::optional<Error> error;  // unset: the client has its whole answer
  bool stale = false;          // a reused connection broke: the server may never have seen the request
  bool blameless = false;      // the target did as it should: it only went another way than what was said before
  bool spoke = false;          // the client has seen content of this attempt
  std::shared_ptr<JobRun> left_running;  // a job that nobody waits for any more: to be stopped; null: there is none
  bool poor = false;                     // it answered, but not well enough: the next candidate is asked
  bool other_key = false;                // its key was limited or refused, and the provider has another one
  bool unreached = false;                // there was not even a connection to send it over
};

// Told to nobody: what comes after it is the answer.
[[nodiscard]] inline AttemptResult not_good_enough() {
  return {.error = Error{.code = ErrorCode::unsupported, .message = "Its answer was not good enough."}, .poor = true};
}

// What a client has been given of a stream so far, over all attempts.
struct StreamProgress {
  bool begun = false;                   // the head went out
  std::string said;                     // text of choice 0, kept only where the route may continue elsewhere
  bool continuable = true;              // only plain text of one choice can be taken over by another model
  std::optional<uint32_t> broken;       // the model that broke off first
  std::unique_ptr<EventWriter> writer;  // of the client's format
  bool opened = false;                  // the writer knows its head
};

class Relay {
 public:
  Relay(RequestContext& context, const ClientFace& face, Downstream& downstream)
      : context_(context),
        face_(face),
        downstream_(downstream),
        cascade_(context),
        heartbeat_(context.worker.loop, downstream) {}

  // Until the client has its answer, or has been told why not. Sets the context's outcome.
  net::Task<void> run();
  // Tells the client of an error, as a whole answer or inside the stream that has begun.
  net::Task<void> refuse(const Error& error);
  // Gives the client an answer that was kept, in the dialect and the form that it asks for (replay.cpp).
  net::Task<void> replay(const AnswerKeeping::Hit& hit);
  // Tells the client how many tokens its request has, by our own estimate.
  net::Task<void> count_tokens();

 private:
  // What is asked of one candidate at one time.
  struct Ask {
    uint32_t model = 0;
    Permit permit = Permit::no;
    Turn turn = Turn::last;
  };
  // Whether a candidate may be asked now, perhaps after a wait. `no`: why not is in `error`.
  struct Permission {
    Permit permit = Permit::no;
    Error error;
  };

  net::Task<void> run_candidates();
  // The answer that was not good enough, as the better model has none. Why not is in `error`.
  net::Task<void> give_draft(Draft draft, const Error& error);
  // The head of a stream, unless a comment took it along.
  void begin_stream();

  // hedge.cpp
  struct Raced {
    std::optional<Error> error;                // unset: the client has its answer
    std::optional<std::size_t> failed_beside;  // the candidate that was asked as well, and has failed
  };
  // How long the first candidate may be silent until another one is asked as well; nullopt: nobody is.
  [[nodiscard]] std::optional<int64_t> hedge_after_us(std::size_t first) const;
  net::Task<Raced> race(std::size_t first, int64_t after_us);
  // Who is asked as well, now that it is time, with tokens and money reserved for it; nullopt: nobody can be.
  std::optional<std::size_t> choose_second(std::size_t first);
  bool reserve_beside(uint32_t model);
  net::Task<void> run_on_lane(uint32_t model, Turn turn);
  void take_over(Relay& ran);
  void note_hedge(std::string& reason);
  // Whoever is about to say something to the client asks first, and again whenever it likes. False: another candidate
  // answers, and nothing goes out.
  [[nodiscard]] bool claim();
  [[nodiscard]] bool lost() const;
  // `model` answers the client.
  void answered(uint32_t model);

  net::Task<std::optional<Error>> try_candidate(uint32_t model, Turn turn);
  net::Task<Permission> permission(uint32_t model, Turn turn);
  // After all were tried: one that asked for a moment, or the one that broke off, is asked once more.
  net::Task<std::optional<Error>> second_look(Error error);
  net::Task<Result<SlotLease>> wait_for_slot(const Ask& ask);
  net::Task<AttemptResult> attempt(const Ask& ask);
  net::Task<AttemptResult> exchange_with(const Ask& ask, std::size_t place, BreakerCall& call, int64_t began_us);
  // The request as it goes out, signed, after the parameters of provider and model.
  Result<HttpRequest> write(uint32_t model, const Target& target);
  // Exchanges the token that the model's provider is asked with, where that can be and there is reason to. True: there
  // is a new one.
  enum class Renewal : uint8_t { refused, ends_soon };
  net::Task<bool> renew_token(uint32_t model, Renewal why);
  [[nodiscard]] uint64_t tokens_exchanged(uint32_t model) const;  // by the model's provider, so far
  // Whom it goes to, with the key that the attempt uses.
  [[nodiscard]] Target target(uint32_t model);
  net::Task<AttemptResult> whole_answer(const Ask& ask, Exchange& exchange, std::size_t place);
  // Files, batches and predictions take nothing, but for those that are finished: what one took counts once, at the
  // price of its own model, in an entry of the ledger under the id that is returned; "" where nothing is to be counted.
  [[nodiscard]] std::string bill_once(uint32_t keeper, Response& response, std::size_t place);
  // An answer that comes in several steps, whole or as a stream (job_answer.cpp).
  net::Task<AttemptResult> job_answer(const Ask& ask, JobRun& run, HttpRequest& first, std::size_t place,
                                      BreakerCall& call);
  // Sends the client what `model` answered. `said_type`: what its server said that the answer is.
  net::Task<AttemptResult> give(const Ask& ask, Response& response, std::string_view said_type, std::size_t place);
  // Judges what `model` answered. True: not good enough; `draft`, the answer as the
  // client would have got it, is kept.
  net::Task<bool> falls_short(const Response& response, Draft& draft, Turn turn);
  // An id for an answer that has none, or one of another format.
  [[nodiscard]] std::string own_id() const;
  // The same without the prefill that it refused.
  [[nodiscard]] bool refused_prefill(const Ask& ask, const Error& error) const;
  [[nodiscard]] bool sends_prefill(uint32_t model) const;
  [[nodiscard]] Waits waits(const Ask& ask, AskedForm form) const;
  [[nodiscard]] ExchangeWaits exchange_waits(const Ask& ask, const Waits& limits, AskedForm form) const;
  // Lets the key that was used rest where that is why the attempt failed; true where another one goes on.
  bool rest_key(uint32_t model, std::size_t key, Error& error);
  // What the breaker and the memory of abilities take from an attempt that failed.
  void learn(const Ask& ask, const AttemptResult& result, const AttemptEntry& entry, BreakerCall& call);
  // Why a wait was cancelled: the client left, or we are going down.
  [[nodiscard]] Error interrupted() const;
  [[nodiscard]] bool out_of_time() const;
  [[nodiscard]] Error too_late(std::string_view last_failure) const;
  // The client has seen content, and another model may take over.
  [[nodiscard]] bool may_continue() const;
  [[nodiscard]] bool worth_trying(uint32_t model) const;
  // After an overflow: those of the route's `larger_context` that may help stand behind the `kept` first from now on.
  std::size_t call_reserves(std::size_t kept);
  // Which of two failures the client is told.
  [[nodiscard]] Error told(Error before, const Error& failed, uint32_t model) const;
  [[nodiscard]] std::optional<int64_t> retry_delay_ms(const AttemptResult& result, int tries, uint32_t model,
                                                      Turn turn);
  void close_attempt(AttemptEntry& entry, uint32_t model, const AttemptResult& result, int64_t began_us);
  // A local server that answers a cut prompt has not answered the request: says so; nullopt where it was not cut.
  [[nodiscard]] std::optional<Error> cut_prompt(uint32_t model, const Usage& usage) const;
  void note_reason(uint32_t model);
  // How quickly it answered, and where its calls came from.
  void note_pace(uint32_t model, const AttemptEntry& entry);
  void note_silence(uint32_t model, const AttemptEntry& entry, int64_t since_us);
  void note_calls(uint32_t model, const std::vector<std::string>& call_ids);
  [[nodiscard]] int64_t now_ms() const { return context_.worker.loop.now_us() / 1000; }

  // What goes to the candidate that is tried now: the request, or what was made of it.
  [[nodiscard]] const Request& asked() const { return outgoing_ != nullptr ? outgoing_->request : context_.request; }
  // Sets that. An error: it may not go there, and the candidate is dropped.
  net::Task<std::optional<Error>> pass_gate(uint32_t model);

  // One of two that run at once for the same client.
  Relay(const Relay& whole, Lane& lane);

  friend class StreamRelay;
  friend class JobListener;
  RequestContext& context_;
  const ClientFace& face_;
  Downstream& downstream_;
  Cascade cascade_;
  Heartbeat heartbeat_;
  StreamProgress progress_;
  Lane* lane_ = nullptr;               // null: nobody else is asked at the same time
  std::optional<std::size_t> place_;   // of the last attempt's entry
  std::vector<std::string> changed_;   // as RequestContext::changed, of the last attempt
  uint64_t tokens_exchanged_ = 0;      // before the attempt
  Outgoing* outgoing_ = nullptr;       // null: the request itself goes out
  bool poor_ = false;                  // the last candidate answered, and not well enough
  bool overflowed_ = false;            // a context was too small
  int64_t overflowed_context_ = 0;     // the largest that was; 0 = not known
  std::optional<std::size_t> key_;     // of several, that the attempt uses
  std::optional<uint32_t> priced_as_;  // what the answer took, another model than the one that was asked took
};

}  // namespace weir
