// Traffic: recorded requests as planning needs them, compact enough to hold a month of millions in memory. Made from a
// ledger by a TrafficReader, which a Store::scan calls row by row; turned into a Workload for the cost model, or fed to
// the replay. Names are interned: a Name is a place in `Traffic::names`, 0 is "". Values; one thread while it is made,
// any thread afterwards. Times are microseconds, money micro-dollars.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/result.h"
#include "economics/base/workload.h"
#include "ledger/scan.h"

namespace weir::plan {

using Name = uint32_t;

// How something ended: ErrorCode as a byte; `ok` where it ended well.
using Outcome = uint8_t;
inline constexpr Outcome outcome_ok = 255;
[[nodiscard]] constexpr Outcome outcome_of_error(ErrorCode code) { return static_cast<Outcome>(code); }
// By the ledger's spelling; `internal` for a name of a newer version.
[[nodiscard]] Outcome outcome_of_name(std::string_view name);

struct Arrival {
  int64_t time_us = 0;  // since the Unix epoch
  int64_t duration_us = 0;
  int64_t first_token_us = 0;  // 0: not streamed, or nothing came
  MicroDollars cost = 0;
  MicroDollars baseline = -1;  // −1: none
  int32_t asked_input = -1;    // tokens, as estimated for the decision; −1: not recorded
  int32_t asked_output = 0;    // max_tokens; 0: none set
  int32_t input = 0;           // tokens of the answer the client got
  int32_t cached = 0;          // of `input`
  int32_t output = 0;
  uint32_t first_attempt = 0;  // place in Traffic::attempts; the others follow
  Name caller = 0;
  Name key = 0;
  Name route = 0;
  Name requested = 0;
  Name classes = 0;
  Name tags = 0;
  Name model = 0;         // that answered; 0: none did
  Name task = 0;          // as estimated; 0: not estimated
  float difficulty = -1;  // the same; −1: not estimated
  uint16_t attempts = 0;
  uint16_t choices = 1;
  Operation operation = Operation::chat;
  Outcome outcome = outcome_ok;
  bool stream : 1 = false;
  bool has_tools : 1 = false;
  bool has_images : 1 = false;
  bool has_files : 1 = false;
  bool has_audio : 1 = false;
  bool priced : 1 = true;
  bool answered_local : 1 = false;  // by a model in zone local
};
static_assert(sizeof(Arrival) <= 112);

struct RecordedAttempt {
  int64_t started_us = 0;  // since the request's start
  int64_t queue_us = 0;
  int64_t duration_us = 0;     // from the slot to the end; for one that got no slot, the wait
  int64_t first_token_us = 0;  // since it got its slot; 0: not streamed, or nothing came
  MicroDollars cost = 0;
  int32_t input = 0;
  int32_t cached = 0;
  int32_t output = 0;
  Name model = 0;
  Name provider = 0;
  int16_t http_status = 0;
  Outcome outcome = outcome_ok;
  bool has_usage : 1 = false;

  // It never held a slot: the queue was full, or its patience (or the client's) ended while it waited.
  [[nodiscard]] bool never_began() const {
    constexpr int64_t bookkeeping_us = 1'000;
    if (outcome == outcome_of_error(ErrorCode::queue_timeout)) return true;
    const bool left = outcome == outcome_of_error(ErrorCode::client_gone) && http_status == 0 && queue_us > 0;
    return left && duration_us >= queue_us && duration_us <= queue_us + bookkeeping_us;
  }
};
static_assert(sizeof(RecordedAttempt) <= 72);

struct Traffic {
  std::vector<std::string> names{""};
  std::vector<Arrival> arrivals;  // by time
  std::vector<RecordedAttempt> attempts;
  int64_t sandbox = 0;  // requests that sandbox models answered: left out of all the rest
  // The span that it stands for: from the start asked for, or from the ledger's first request where that came later,
  // to the moment of reading.
  int64_t since_us = 0;
  int64_t until_us = 0;

  [[nodiscard]] const std::string& name(Name index) const { return names[index]; }
  [[nodiscard]] int64_t span_us() const { return until_us - since_us; }
};

// Collects what a store shows. `take` gives the traffic once the scan is done; it fails on a row that no gateway can
// have written (tokens beyond 2,147,483,647), with the request's time.
class TrafficReader final : public ScanVisitor {
 public:
  explicit TrafficReader(ScanQuery query) : query_(query) {}

  void oldest(int64_t time_us) override { oldest_us_ = time_us; }
  void request(const ScannedRequest& row) override;
  void attempt(const ScannedAttempt& row) override;

  // `until_us`: now. Empties the reader.
  [[nodiscard]] Result<Traffic> take(int64_t until_us);

 private:
  struct Seen {
    std::string_view text;
    Name name = 0;
  };
  [[nodiscard]] Name intern(std::string_view text, Seen& last);
  [[nodiscard]] int32_t narrow(int64_t tokens, std::string_view what);

  ScanQuery query_;
  int64_t oldest_us_ = 0;
  Traffic traffic_;
  std::vector<int64_t> first_numbers_;  // by arrival
  int64_t first_number_ = INT64_MAX;
  int64_t end_number_ = 0;
  int64_t row_time_us_ = 0;
  std::string trouble_;
  std::deque<std::string> owned_;  // the names, at addresses that stay
  std::unordered_map<std::string_view, Name> index_;
  std::array<Seen, 16> last_{};  // per column: most rows repeat the one before
};

// A month of 30 days like this traffic: requests that were answered, by route (or model, where one was named directly)
// and operation, their tokens and hours of the day (UTC), scaled by 30 days / span. Fails with invalid_request where
// there are no answered requests, or where the ledger reaches back less than an hour and less than half of `asked_us`,
// the span that was asked for: a month cannot be told from that.
[[nodiscard]] Result<Workload> to_workload(const Traffic& traffic, int64_t asked_us);

// `2 h 10 min`, `12.5 days`: spans in messages and tables.
[[nodiscard]] std::string format_span(int64_t span_us);

}  // namespace weir::plan
