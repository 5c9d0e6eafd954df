// StreamRelay: one streamed attempt. Holds back what carries no content until the first that does, so that a failure
// before it is still a fallback; passes bytes through where both sides speak the same format, with every event checked
// and rewritten where it is not what clients are promised; joins a stream that another model began. An answer that is
// no stream becomes one. Loop thread only.
#pragma once

#include "core/sse.h"
#include "formats/format.h"
#include "formats/shared/answer_form.h"
#include "formats/shared/mending_reader.h"
#include "pipeline/breaker_call.h"
#include "pipeline/continuation.h"
#include "pipeline/held_stream.h"
#include "pipeline/relay.h"
#include "pipeline/stream_ending.h"
#include "redaction/restore_answer.h"

namespace weir {

class StreamRelay {
 public:
  // `exchange`: null where the answer is there already, for `run_whole`.
  StreamRelay(Relay& relay, uint32_t model, Exchange* exchange, BreakerCall& call, const Waits& waits, Turn turn);
  // `place`: of the attempt's entry in the ledger entry.
  net::Task<AttemptResult> run(std::size_t place, int64_t began_us);
  // An answer that came whole, as a stream.
  net::Task<AttemptResult> run_whole(Response& response, std::size_t place, int64_t began_us);
  // Pieces of an answer before all of it is there; `run_whole` then gets what is left of it. An error: of the client.
  net::Task<Status> tell(std::vector<StreamEvent> news, std::size_t place, int64_t began_us);
  // ... or `stop` what ended it.
  AttemptResult stop(Error error) { return broken(std::move(error)); }

 private:
  // Reads one piece of the upstream's stream and turns it into `out_`. True: the stream is complete.
  net::Task<Result<bool>> step();
  // The same for the first bytes, which tell what form the answer has.
  Result<bool> take_opening(std::string_view chunk);
  Result<bool> take_chunk(std::string_view chunk);
  Result<bool> end_of_bytes();
  // A whole answer, or words, that came in place of a stream.
  Result<bool> end_of_whole();
  Result<bool> take_whole(Response& response);
  Status take(const FramedEvent& event);
  // Bytes between the events that are none: words of an error, or JSON without its `data:`.
  Status take_stray(const FramedEvent& event);
  // What `events_` say, in their order. The error that one of them reports, after all before it was shown.
  Status take_events(const FramedEvent& framed);
  [[nodiscard]] bool is_kept() const;
  void keep_events();
  Status take_kept_back();
  Status show(const FramedEvent& framed);
  void open_writer();
  void show_as_it_came(const FramedEvent& framed);
  void show_in_order(const FramedEvent& framed);
  void append_as_it_came(const FramedEvent& framed, std::string& out) const;
  void show_events();
  [[nodiscard]] bool nothing_came() const;
  // Where another model began: drops from the new texts what the client already has. False: the texts disagree.
  bool join();
  bool join_end(std::size_t before);
  Error disagreement();
  void count_text(const StreamEvent& event);
  void first_content();
  [[nodiscard]] ReadUntil read_until() const;
  net::Task<bool> flush();
  // A stream that is held back until it is judged.
  [[nodiscard]] bool holds() const { return held_ && held_->holding; }
  void collect();
  // Lets it go, or gives it up, where its beginning says enough.
  std::optional<AttemptResult> look();
  void release(const Score& score);
  // All of it is there: true where it is not good enough and was kept as a draft.
  net::Task<bool> falls_short(const Response& answer);
  void drop_logprobs(const FramedEvent& framed);
  net::Task<AttemptResult> finish();
  void write_ending();
  AttemptResult broken(Error error);
  [[nodiscard]] Error nothing_said();
  void settle_usage();
  AttemptEntry& entry() { return context_.entry.attempts[place_]; }

  Relay& relay_;
  RequestContext& context_;
  StreamProgress& progress_;
  const uint32_t model_;
  const Format& format_;
  std::unique_ptr<EventReader> reader_;
  MendingReader mending_;
  Exchange* const exchange_;
  BreakerCall& call_;
  EventFramer framer_;
  StreamState& state_;  // of the reader
  std::vector<StreamEvent> events_;
  StreamEnding ending_;
  AnswerForm form_ = AnswerForm::undecided;
  std::string opening_;  // bytes of an answer whose form is not known yet, or that is no stream
  std::string stray_;    // words between the events
  std::string out_;      // for the client, not yet written
  std::optional<Continuation> continuation_;
  std::optional<redaction::StreamRestorer> restorer_;  // of a request from which something was taken out
  const Waits waits_;
  int64_t alive_us_ = 0;  // its last sign of life
  std::size_t place_ = 0;
  int64_t began_us_ = 0;
  std::size_t output_bytes_ = 0;
  std::vector<std::string> call_ids_;  // of the calls that came
  Usage usage_;
  std::optional<HeldStream> held_;  // where the answer is judged
  AnswerKeeping::Stream kept_;      // where the route keeps answers
  const bool added_logprobs_;       // the client did not ask for them
  bool pass_through_;
  const bool continuing_;
  bool content_seen_ = false;  // in this attempt
  int64_t good_events_ = 0;
  bool finished_ = false;  // every choice has its finish reason, by what was said so far
  bool done_ = false;      // the provider said that nothing follows
  bool disagreed_ = false;
};

}  // namespace weir
