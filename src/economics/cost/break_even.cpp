#include "economics/cost/break_even.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::plan {
namespace {

// Finds the first volume where the `candidate` costs at most the `other` plus a slack.
class Search {
 public:
  Search(const CostModel& model, std::size_t candidate, std::size_t other, MicroDollars slack)
      : model_(model),
        candidate_(candidate),
        other_(other),
        slack_(slack),
        rounding_(model.rounding(candidate) + model.rounding(other)) {}

  // In [low, high], whole requests.
  std::optional<int64_t> first(int64_t low, int64_t high) {
    if (low > high) return std::nullopt;
    return within(at(low), at(high));
  }
  // It gave up before it knew.
  [[nodiscard]] bool exhausted() const { return halvings_ > most_halvings; }

 private:
  struct Place {
    int64_t volume = 0;
    MicroDollars candidate = 0;
    MicroDollars other = 0;
    int64_t shape = 0;
  };

  [[nodiscard]] Place at(int64_t volume) const {
    const auto mine = model_.quote(candidate_, volume * one_request);
    const auto theirs = model_.quote(other_, volume * one_request);
    return {.volume = volume, .candidate = mine.total(), .other = theirs.total(), .shape = mine.shape + theirs.shape};
  }
  [[nodiscard]] bool holds(const Place& place) const { return place.candidate <= place.other + slack_; }

  [[nodiscard]] std::optional<int64_t> within(const Place& low, const Place& high) {
    if (holds(low)) return low.volume;
    if (high.volume - low.volume <= 1) return holds(high) ? std::optional(high.volume) : std::nullopt;
    if (low.candidate > high.other + slack_) return std::nullopt;
    if (low.shape == high.shape) {
      const auto lead = [&](const Place& place) { return place.other + slack_ - place.candidate; };
      if (std::max(lead(low), lead(high)) < -rounding_) return std::nullopt;
    }
    if (exhausted() || ++halvings_ > most_halvings) return std::nullopt;
    const auto middle = at(low.volume + (high.volume - low.volume) / 2);
    const auto found = within(low, middle);
    if (found || exhausted()) return found;
    return within(middle, high);
  }

  // Options that run beside each other a hair apart, step after step, could be halved without end.
  static constexpr int most_halvings = 20'000;
  const CostModel& model_;
  std::size_t candidate_;
  std::size_t other_;
  MicroDollars slack_;
  MicroDollars rounding_;
  int halvings_ = 0;
};

int64_t last_volume(const CostModel& model, std::size_t a, std::size_t b) {
  int64_t last = most_requests;
  const auto too_much = [&](int64_t volume) {
    return model.quote(a, volume * one_request).too_much() || model.quote(b, volume * one_request).too_much();
  };
  while (last > 1 && too_much(last)) last /= 10;
  return last;
}

std::string why(const CostModel& model, const BreakEven& found) {
  const auto& options = model.comparison().options;
  const auto& name = options[found.option].name;
  const auto& other = options[found.against].name;
  const auto cost = [&](std::size_t option, int64_t volume) {
    return model.quote(option, volume * one_request).total();
  };
  if (found.undecided) return fmt::format("{} and {} cost so nearly the same that it was not decided", name, other);
  if (found.requests() == 1 && !found.ahead.front().last)
    return fmt::format("{} costs no more than {} from the first request on", name, other);
  if (!found.ahead.empty()) return {};
  const auto volume = std::min<int64_t>(found.looked_to, model.comparison().workload.requests);
  return fmt::format("{} costs more than {} at every volume up to {} requests a month: {} against {} at {}", name,
                     other, grouped(found.looked_to), dollars(cost(found.option, volume)),
                     dollars(cost(found.against, volume)), grouped(volume));
}

}  // namespace

std::optional<int64_t> BreakEven::requests() const {
  return ahead.empty() ? std::nullopt : std::optional(ahead.front().first);
}

std::optional<int64_t> BreakEven::stays_from() const {
  return ahead.empty() || more || ahead.back().last ? std::nullopt : std::optional(ahead.back().first);
}

BreakEven break_even(const CostModel& model, std::size_t option, std::size_t against) {
  BreakEven found{.option = option, .against = against, .looked_to = last_volume(model, option, against)};
  const MicroDollars rounding = model.rounding(option) + model.rounding(against);
  // Behind: `against` costs less than the option by more than rounding.
  Search ahead(model, option, against, 0);
  Search behind(model, against, option, -rounding - 1);
  int64_t from = 1;
  while (const auto first = ahead.first(from, found.looked_to)) {
    if (found.ahead.size() == most_stretches) {
      found.more = true;
      break;
    }
    const auto behind_again = behind.first(*first, found.looked_to);
    found.ahead.push_back({.first = *first, .last = behind_again ? std::optional(*behind_again - 1) : std::nullopt});
    if (!behind_again) break;
    from = *behind_again;
  }
  found.undecided = ahead.exhausted() || behind.exhausted();
  found.reason = why(model, found);
  return found;
}

MicroDollars hardware_price(const CostModel& model, std::size_t option, Volume volume) {
  const auto& what = model.comparison().options[option].what;
  if (const auto* local = std::get_if<LocalOption>(&what)) {
    if (!local->machine.owned) return 0;
    return capped(Wide{local->machine.owned->price} * model.quote(option, volume).machines);
  }
  Wide sum = 0;
  for (const auto& part : model.parts(option, volume)) sum += hardware_price(model, part.option, part.volume);
  return capped(sum);
}

std::optional<int64_t> payback_tenths(const CostModel& model, std::size_t option, std::size_t against, Volume volume) {
  const auto price = hardware_price(model, option, volume);
  const auto quote = model.quote(option, volume);
  const auto saved = model.quote(against, volume).total() - (quote.total() - quote.of(Item::amortisation));
  if (price == 0 || saved <= 0) return std::nullopt;
  return scaled(price, 10, saved);
}

}  // namespace weir::plan
