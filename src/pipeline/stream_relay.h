// StreamRelay: one streamed attempt. Holds back what carries no content until the first that does, so that a failure
// before it is still a fallback; passes bytes through where both sides speak the same format, with every event checked;
// skips and counts malformed events; joins a stream that another model began. Loop thread only.
#pragma once

#include "core/sse.h"
#include "pipeline/breaker_call.h"
#include "pipeline/relay.h"

namespace weir {

class StreamRelay {
 public:
  StreamRelay(Relay& relay, uint32_t model, Exchange& exchange, BreakerCall& call);
  // `place`: of the attempt's entry in the ledger entry.
  net::Task<AttemptResult> run(std::size_t place, int64_t began_us);

 private:
  // Reads one piece of the upstream's stream and turns it into `out_`. True: the stream is complete.
  net::Task<Result<bool>> step();
  Result<bool> take_chunk(std::string_view chunk);
  Result<bool> end_of_bytes();
  Status take(const FramedEvent& event);
  Status show(const FramedEvent& framed);
  // Drops from a new text what the client already has of it. False: the texts disagree.
  bool join(StreamEvent& event);
  void count_text(const StreamEvent& event);
  void first_content();
  [[nodiscard]] bool hidden() const;
  [[nodiscard]] int64_t read_deadline_us() const;
  net::Task<bool> flush();
  net::Task<AttemptResult> finish();
  AttemptResult broken(Error error);
  [[nodiscard]] Error nothing_said();
  void settle_usage();
  AttemptEntry& entry() { return context_.entry.attempts[place_]; }

  Relay& relay_;
  RequestContext& context_;
  StreamProgress& progress_;
  const uint32_t model_;
  const Provider& adapter_;
  Exchange& exchange_;
  BreakerCall& call_;
  EventFramer framer_;
  StreamState state_;
  std::vector<StreamEvent> events_;
  std::string out_;            // for the client, not yet written
  std::string joined_before_;  // what other attempts have said, still to be matched by a model that starts afresh
  std::size_t place_ = 0;
  int64_t began_us_ = 0;
  std::size_t output_bytes_ = 0;
  Usage usage_;
  const bool pass_through_;
  const bool continuing_;
  bool content_seen_ = false;  // in this attempt
  int64_t finished_choices_ = 0;
  int64_t good_events_ = 0;
  bool finished_ = false;  // every choice has its finish reason
  bool done_ = false;      // the provider said that nothing follows
};

}  // namespace weir
