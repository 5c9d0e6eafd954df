// Tokens of one answer, and money. Values; safe from any thread.
#pragma once

#include <array>
#include <cstdint>

namespace weir {

// Integer micro-dollars: 1'000'000 = $1. Sums are exact; a price times tokens is rounded half up once, per attempt.
using MicroDollars = int64_t;

// How a provider says that it served a request, where that has a price of its own.
enum class ServiceTier : uint8_t { standard, flex, batch, priority, other };
inline constexpr std::size_t service_tiers = 5;

struct Usage {
  int64_t input = 0;         // all prompt tokens, those read from a cache and those written to one included
  int64_t cached = 0;        // of `input`: read from the provider's prompt cache
  int64_t written = 0;       // of `input`: written to that cache
  int64_t written_long = 0;  // of `written`: to be kept for an hour instead of minutes
  int64_t output = 0;        // all generated tokens, reasoning included
  int64_t reasoning = 0;     // of `output`
  int64_t media = 0;         // of both: sound, images, video, which have prices of their own
  // Thousandths of what its operation is paid by where that is no token (unit_name in core/operation.h): a picture, a
  // second of sound, a character spoken, a search; -1 = there were some, and nobody knows how many.
  int64_t units = 0;
  MicroDollars stated = -1;  // what the provider itself says that the answer cost; -1 = it does not say
  ServiceTier tier = ServiceTier::standard;
  bool total_only = false;  // the provider gave one sum for both: it stands in `output`
  bool known = false;       // the provider reported it
  bool estimated = false;   // counted by us from the text, because the provider did not say
  // The provider reported what cannot be (negative, beyond the context, no whole number): this is the nearest that can.
  bool implausible = false;

  bool operator==(const Usage&) const = default;
  // The tokens of both. Known only where both are; what was guessed or cut stays marked.
  Usage& operator+=(const Usage& other);
};

// Of one kind of request, in micro-dollars per million tokens ($2.50 / 1M = 2'500'000).
struct TokenRates {
  MicroDollars input = 0;
  MicroDollars cached = 0;
  MicroDollars output = 0;
  MicroDollars written = -1;       // -1 = as `input`
  MicroDollars written_long = -1;  // -1 = as `written`

  bool operator==(const TokenRates&) const = default;
};

// Hours of the day, in minutes UTC; may go over midnight. Empty where both are equal.
struct DayWindow {
  int32_t from = 0;
  int32_t until = 0;

  [[nodiscard]] constexpr bool holds(int64_t minute) const {
    return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
  }
  bool operator==(const DayWindow&) const = default;
};

// What a model costs, in micro-dollars per million tokens. The first prices are those of a short prompt in the dearest
// hours of the day.
struct Prices {
  MicroDollars input = 0;
  MicroDollars cached = 0;  // reading cached input; equals `input` where the provider gives no discount
  MicroDollars output = 0;
  bool known = false;              // false: no price is known; cost is recorded as 0 and marked
  MicroDollars written = -1;       // writing input to the cache; -1 = as `input`
  MicroDollars written_long = -1;  // ... where it is kept for an hour; -1 = as `written`
  MicroDollars unit = -1;          // of one of Usage::units (not thousandths), beside the tokens; -1 = there is no such
  bool output_known = true;        // false: what its answers cost is not said by tokens of text (images, video)
  int64_t long_above = 0;  // prompts of more tokens than this pay `long_prompt` for all; 0 = there is no such step
  TokenRates long_prompt;
  std::array<DayWindow, 2> cheap_hours;  // in which `cheap` holds instead, for prompts of any length
  TokenRates cheap;
  // Of the standard price, in percent, by ServiceTier; -1 = nobody said what that tier costs.
  std::array<int32_t, service_tiers> tier_percent{100, -1, -1, -1, -1};

  bool operator==(const Prices&) const = default;
};

}  // namespace weir
