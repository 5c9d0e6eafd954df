// Entry: the durable record of one request, attempts nested. Made by the pipeline on every exit path, handed to the
// Writer by value. Holds no prompt or answer text. Times are microseconds; money is micro-dollars.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/request.h"
#include "core/usage.h"

namespace weir {

// Where the cost of an attempt comes from, and what is to be known of it: bits, of a request those of all its attempts.
// The numbers are kept in ledgers.
enum PriceMark : uint32_t {
  price_configured = 1U << 0,    // from the configuration
  price_catalog = 1U << 1,       // from the price catalog, which lists the model by this name
  price_by_rule = 1U << 2,       // from the catalog, by a rule for names like this one: it may be another model's
  price_stated = 1U << 3,        // the provider itself said what the answer cost
  price_by_time = 1U << 4,       // the time of a machine (`cost_per_hour`)
  price_of_tier = 1U << 5,       // that of a service tier: a share of the standard price
  price_tier_unknown = 1U << 6,  // nobody said what its service tier costs: counted by an estimate
  price_of_media = 1U << 7,      // sound, images or video were in it, whose price is not known: counted as text
  price_long_prompt = 1U << 8,   // the price of long prompts
};
using PriceMarks = uint32_t;

struct AttemptEntry {
  std::string model;     // model id
  std::string provider;  // provider id
  std::string zone;
  std::string outcome;         // `ok`, or an ErrorCode's name
  std::string message;         // the provider's own error message, at most 500 bytes; "" when ok
  int32_t http_status = 0;     // upstream's; 0 = none came
  int64_t started_us = 0;      // since the request's start
  int64_t first_token_us = 0;  // since the attempt's start; 0 = none came
  int64_t duration_us = 0;
  int64_t queue_us = 0;    // waited for a slot
  int64_t bad_events = 0;  // malformed stream events skipped
  bool partial = false;    // it said something before it failed
  Usage usage;
  std::string purpose;    // "" = to answer the caller; `judge`, `shadow`, `hedge` …
  double score = -1;      // the judges' of this answer, 0 to 1; -1 = not judged
  bool redacted = false;  // values were taken out of what was sent
  MicroDollars cost = 0;
  bool price_known = false;
  PriceMarks price = 0;  // of PriceMark; 0: nothing is known of it
};

// What the decision saw of a request beside what the entry holds anyway: with it the decision can be taken again.
struct AskedFacts {
  int64_t input_tokens = 0;   // estimated, before anything was sent
  int64_t output_tokens = 0;  // max_tokens; 0 = the client set none
  int64_t choices = 1;        // `n`
  bool has_tools = false;
  bool has_images = false;
  bool has_files = false;
  bool has_audio = false;
  bool known = false;  // false: refused before they were gathered, or recorded by a version that did not keep them

  bool operator==(const AskedFacts&) const = default;
};

struct Entry {
  std::string id;       // x-weir-request-id
  int64_t time_us = 0;  // start, since the epoch
  Operation operation = Operation::chat;
  std::string caller;                       // key name; "" without
  std::string key_id;                       // key id; "" without
  std::string route;                        // "" when a model was named directly
  std::string requested;                    // the client's `model`
  std::string reason;                       // x-weir-reason
  std::shared_ptr<const std::string> plan;  // plan as JSON, shared among equal decisions; may be null
  std::string classes;                      // `personal,secret`
  std::string tags;
  std::string task;              // as estimated; "" = not estimated
  double difficulty = -1;        // the same; -1 = not estimated
  std::string redacted;          // what was taken out: `email:2,iban:1`; never a value
  std::string cache;             // `hit`, `miss` …; "" = none was asked
  std::string experiment;        // `NAME:ARM`; "" = in none
  double score = -1;             // of the answer that the client got; -1 = not judged
  MicroDollars cache_saved = 0;  // what the answer cost when it was made
  AskedFacts asked;
  std::string model;  // that answered; "" when none did
  std::string provider;
  std::string zone;
  std::string outcome;      // `ok`, `client_gone`, or an ErrorCode's name
  int32_t http_status = 0;  // ours
  bool stream = false;
  Usage usage;                     // of the answer that the client got, all parts
  MicroDollars cost = 0;           // of all attempts
  MicroDollars baseline_cost = 0;  // what the baseline model would have cost; 0 when none is set
  bool baseline_known = false;
  int64_t first_token_us = 0;
  int64_t duration_us = 0;
  bool sandbox = false;
  std::vector<AttemptEntry> attempts;
};

// Makes `entry` as new, but for the memory of its texts and attempts, which it keeps.
void clear(Entry& entry);

}  // namespace weir
