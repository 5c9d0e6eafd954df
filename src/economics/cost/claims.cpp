// Claims: whether what somebody says of an option follows from the plan's numbers.
#include <algorithm>

#include <fmt/format.h>

#include "config/values.h"
#include "economics/cost/assessment.h"

namespace weir::plan {
namespace {

constexpr int fine = 6;  // digits of a claim's numbers, but for requests

std::string share_of(int64_t share) { return decimal_text(share, 4) + " %"; }

// `value` as it would be written with the claim's decimals, to the last digit.
int64_t rounded(int64_t value, const Claim& claim) {
  const int last = claim.what == Claim::What::break_even_requests ? 0 : fine;
  int64_t unit = 1;
  for (int i = claim.digits; i < last; ++i) unit *= 10;
  const auto size = value < 0 ? -value : value;
  const auto whole = (size + unit / 2) / unit * unit;
  return value < 0 ? -whole : whole;
}

std::string of_parts(const CostModel& model, const OptionResult& result) {
  std::string out;
  for (const auto& part : result.parts) {
    out += fmt::format("{}{} of the requests at {} cost {}", out.empty() ? "" : ", ", share_of(part.share),
                       model.comparison().options[part.option].name, dollars(part.quote.total()));
  }
  return out.empty() ? out : out + ": ";
}

std::string why_saved(const CostModel& model, const Claim& claim, const std::vector<OptionResult>& results) {
  const auto& mine = results[claim.option];
  const auto& options = model.comparison().options;
  return fmt::format("{}{} costs {} and {} costs {}, which is {} less ({})", of_parts(model, mine), options[0].name,
                     dollars(results[0].quote.total()), options[claim.option].name, dollars(mine.quote.total()),
                     dollars(mine.saved), percent(mine.saved_tenths));
}

// What would have to be true for a break-even at `requests`: the option's cost there, spread over them.
MicroDollars needed_price(const CostModel& model, std::size_t option, int64_t requests) {
  return scaled(model.quote(option, requests * one_request).total(), 1, requests);
}

std::string why_break_even(const CostModel& model, const Claim& claim, const BreakEven* found) {
  const auto& options = model.comparison().options;
  const auto& name = options[claim.option].name;
  const auto& first = options[0].name;
  std::string out;
  if (found == nullptr) return fmt::format("{} is what the others are compared with", first);
  const auto at = found->requests();
  if (at && *at > 1) {
    out = fmt::format("{} costs {} at {} requests a month, where {} costs {}; one request less, and it is dearer", name,
                      dollars(model.quote(claim.option, *at * one_request).total()), grouped(*at), first,
                      dollars(model.quote(0, *at * one_request).total()));
  } else {
    out = found->reason;
  }
  if (at && claim.from <= *at && *at <= claim.to) return out;
  const auto asked = std::max<int64_t>(claim.from, 1);
  const auto theirs = model.quote(0, asked * one_request).total();
  out += fmt::format(". At {} requests {} costs {} and {} {}", grouped(asked), name,
                     dollars(model.quote(claim.option, asked * one_request).total()), first, dollars(theirs));
  out += fmt::format("; for a break-even there a request would have to cost {} at {}",
                     dollars(needed_price(model, claim.option, asked)), first);
  if (claim.to != claim.from)
    out += fmt::format(" ({} for one at {})", dollars(needed_price(model, claim.option, claim.to)), grouped(claim.to));
  return out + fmt::format(", where it costs {}", dollars(scaled(theirs, 1, asked)));
}

}  // namespace

ClaimResult judge(const Claim& claim, const CostModel& model, const std::vector<OptionResult>& results) {
  const auto& mine = results[claim.option];
  const auto& options = model.comparison().options;
  ClaimResult out{.claim = claim};
  switch (claim.what) {
    case Claim::What::monthly_usd: {
      out.computed = mine.quote.total();
      out.why = fmt::format("{}{} costs {}", of_parts(model, mine), options[claim.option].name, dollars(*out.computed));
      for (const auto& part : mine.parts) {
        if (part.option != claim.part) continue;
        out.computed = part.quote.total();
        out.why = fmt::format("{} of the requests at the prices of {} cost {}", share_of(part.share),
                              options[part.option].name, dollars(*out.computed));
      }
      break;
    }
    case Claim::What::saved_usd:
      out.computed = mine.saved;
      out.why = why_saved(model, claim, results);
      break;
    case Claim::What::saved_pct: {
      const auto whole = results[0].quote.total();
      constexpr int64_t hundred = 100'000'000;
      const auto size = mine.saved < 0 ? -mine.saved : mine.saved;
      const auto share = whole == 0 ? 0 : scaled(size, hundred, whole);
      out.computed = mine.saved < 0 ? -share : share;
      out.why = why_saved(model, claim, results);
      break;
    }
    case Claim::What::break_even_requests: {
      const auto* found = mine.against_first ? &*mine.against_first : nullptr;
      if (found != nullptr) out.computed = found->requests();
      out.why = why_break_even(model, claim, found);
      break;
    }
  }
  if (out.computed) {
    const auto shown = rounded(*out.computed, claim);
    out.follows = claim.from <= shown && shown <= claim.to;
  }
  return out;
}

}  // namespace weir::plan
