#include "economics/advice/verdict.h"

#include <algorithm>

namespace weir::plan {
namespace {

using Options = std::vector<Verdict>;

class Chooser {
 public:
  // Without the need at `left_out`.
  Chooser(const ByVerdict<MicroDollars>& monthly, const std::vector<Need>& needs, std::optional<std::size_t> left_out)
      : monthly_(monthly), needs_(needs), left_out_(left_out) {}

  [[nodiscard]] Verdict choose() const {
    Options left = lawful();
    bool affordable = true;
    for (std::size_t i = 0; i < needs_.size(); ++i) {
      if (counts(i) && needs_[i].strength == Strength::money) affordable = keep(needs_[i], left) && affordable;
    }
    if (affordable) {
      for (std::size_t i = 0; i < needs_.size(); ++i) {
        if (counts(i) && needs_[i].strength == Strength::wish) keep(needs_[i], left);
      }
    }
    return best_of(left);
  }

  // Of several at one price: the one that meets more needs, then the one that sends less out.
  [[nodiscard]] Verdict best_of(const Options& options) const {
    Verdict best = options.front();
    for (const Verdict one : options) {
      const auto rank = [&](Verdict verdict) {
        return std::tuple(to_cents(monthly_[verdict]), -met(verdict), -static_cast<int>(verdict));
      };
      if (rank(one) < rank(best)) best = one;
    }
    return best;
  }

  [[nodiscard]] int met(Verdict verdict) const {
    int count = 0;
    for (std::size_t i = 0; i < needs_.size(); ++i) count += counts(i) && needs_[i].met_by(verdict) ? 1 : 0;
    return count;
  }

 private:
  [[nodiscard]] bool counts(std::size_t need) const { return left_out_ != need; }

  // Local meets every law, so that something is left.
  [[nodiscard]] Options lawful() const {
    Options left;
    for (const Verdict verdict : all_verdicts) {
      bool fits = true;
      for (std::size_t i = 0; i < needs_.size(); ++i) {
        fits = fits && (!counts(i) || needs_[i].strength != Strength::law || needs_[i].met_by(verdict));
      }
      if (fits) left.push_back(verdict);
    }
    if (left.empty()) left.push_back(Verdict::local);
    return left;
  }

  // Drops the options that do not meet the need, if any meets it.
  static bool keep(const Need& need, Options& left) {
    Options meeting;
    std::copy_if(left.begin(), left.end(), std::back_inserter(meeting),
                 [&](Verdict verdict) { return need.met_by(verdict); });
    if (meeting.empty()) return false;
    left = std::move(meeting);
    return true;
  }

  const ByVerdict<MicroDollars>& monthly_;
  const std::vector<Need>& needs_;
  std::optional<std::size_t> left_out_;
};

}  // namespace

std::string_view to_string(Verdict value) {
  constexpr std::array<std::string_view, 3> names = {"cloud", "hybrid", "local"};
  return names[static_cast<std::size_t>(value)];
}

MicroDollars to_cents(MicroDollars amount) {
  constexpr MicroDollars cent = 10'000;
  return (amount + cent / 2) / cent * cent;
}

Choice choose(const ByVerdict<MicroDollars>& monthly, const std::vector<Need>& needs) {
  const Chooser chooser(monthly, needs, std::nullopt);
  const auto cost = [&](Verdict verdict) { return to_cents(monthly[verdict]); };
  Choice choice{.verdict = chooser.choose(), .cheapest = chooser.best_of({all_verdicts.begin(), all_verdicts.end()})};
  for (const Verdict other : all_verdicts) {
    const bool as_good = std::all_of(needs.begin(), needs.end(), [&](const Need& need) {
      return need.met_by(other) || !need.met_by(choice.verdict);
    });
    if (other != choice.verdict && as_good && cost(other) == cost(choice.verdict)) choice.ties.push_back(other);
  }
  for (std::size_t i = 0; i < needs.size(); ++i) {
    std::optional<MicroDollars> costs;
    if (needs[i].met_by(choice.verdict)) costs = cost(choice.verdict) - cost(Chooser(monthly, needs, i).choose());
    choice.costs.push_back(costs);
  }
  choice.needs_cost = cost(choice.verdict) - cost(choice.cheapest);
  return choice;
}

}  // namespace weir::plan
