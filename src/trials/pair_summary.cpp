#include "trials/pair_summary.h"

#include <cmath>

#include <fmt/format.h>

#include "core/experiment_settings.h"

namespace weir {
namespace {

constexpr double dollar = 1'000'000;  // micro-dollars

void count_vote(VoteCount& votes, Vote vote) {
  if (vote == Vote::tested) ++votes.tested;
  if (vote == Vote::reference) ++votes.reference;
  if (vote == Vote::tie) ++votes.ties;
}

void append_interval(json::Writer& out, std::string_view name, double mean, experiments::Interval interval) {
  out.key(name).begin_object();
  out.key("mean").value(mean);
  out.key("low").value(interval.low);
  out.key("high").value(interval.high);
  out.end_object();
}

void append_votes(json::Writer& out, std::string_view name, const VoteCount& votes) {
  out.key(name).begin_object();
  out.key("tested").value(votes.tested);
  out.key("reference").value(votes.reference);
  out.key("ties").value(votes.ties);
  out.end_object();
}

}  // namespace

PairSummary::PairSummary(double of_margin)
    : margin(of_margin),
      win_rate(0, 1, alpha),
      quality(0, 1, alpha),
      of_reference(0, 1, alpha),
      difference(-1, 1, alpha),
      good_enough(of_margin, alpha) {}

void PairSummary::add(const Comparison& one) {
  const double by_score = of_whole(one.tested.score) - of_whole(one.reference.score);
  constexpr double same = 1e-9;
  const auto judge = by_score > same ? Vote::tested : by_score < -same ? Vote::reference : Vote::tie;
  const auto vote = one.vote == Vote::none ? judge : one.vote;
  count_vote(judged, judge);
  count_vote(by_hand, one.vote);
  win_rate.add(vote == Vote::tested ? 1 : vote == Vote::tie ? 0.5 : 0);
  quality.add(of_whole(one.tested.score));
  of_reference.add(of_whole(one.reference.score));
  difference.add(by_score);
  good_enough.add(by_score);
  cost.add(static_cast<double>(one.tested.cost - one.reference.cost) / dollar);
  tested_cost += static_cast<double>(one.tested.cost) / dollar;
  reference_cost += static_cast<double>(one.reference.cost) / dollar;
  if (!one.tested.ok) ++failures;
  if (one.tested.ok && one.reference.ok) {
    time_ms.add(static_cast<double>(one.tested.duration_us - one.reference.duration_us) / 1'000);
  }
  tested = one.tested.model;
  reference = one.reference.model;
}

std::string_view to_string(experiments::Answer answer) {
  switch (answer) {
    case experiments::Answer::yes:
      return "yes";
    case experiments::Answer::no:
      return "no";
    case experiments::Answer::not_yet:
      return "not_yet";
  }
  return "";
}

std::string sentence(const PairSummary& summary) {
  const auto& test = summary.good_enough;
  switch (test.answer()) {
    case experiments::Answer::yes:
      return fmt::format("yes: its answers are no more than {:.1f} points worse", summary.margin * 100);
    case experiments::Answer::no:
      return fmt::format("no: its answers are more than {:.1f} points worse", summary.margin * 100);
    case experiments::Answer::not_yet:
      break;
  }
  if (const auto needed = test.needed()) {
    return fmt::format("not enough evidence yet: about {} more comparison{}", *needed, *needed == 1 ? "" : "s");
  }
  return fmt::format("not enough evidence yet, and as it looks there will be none for a yes ({:+.1f} points so far)",
                     test.mean() * 100);
}

void append_json(json::Writer& out, const PairSummary& summary) {
  out.key("tested").value(summary.tested);
  out.key("reference").value(summary.reference);
  out.key("comparisons").value(summary.count());
  out.key("failures").value(summary.failures);
  append_votes(out, "judged", summary.judged);
  append_votes(out, "by_hand", summary.by_hand);
  append_interval(out, "win_rate", summary.win_rate.mean(), summary.win_rate.interval());
  append_interval(out, "quality", summary.quality.mean(), summary.quality.interval());
  append_interval(out, "reference_quality", summary.of_reference.mean(), summary.of_reference.interval());
  append_interval(out, "quality_difference", summary.difference.mean(), summary.difference.interval());
  if (const auto cost = summary.cost.interval(PairSummary::alpha)) {
    append_interval(out, "cost_difference_usd", summary.cost.mean(), *cost);
  } else {
    out.key("cost_difference_usd").null();
  }
  const auto median = summary.time_ms.value();
  if (const auto time = summary.time_ms.interval(PairSummary::alpha); time && median) {
    out.key("time_difference_ms").begin_object();
    out.key("median").value(*median);
    out.key("low").value(time->low);
    out.key("high").value(time->high);
    out.end_object();
  } else {
    out.key("time_difference_ms").null();
  }
  out.key("margin").value(summary.margin);
  out.key("good_enough").value(to_string(summary.good_enough.answer()));
  if (const auto needed = summary.good_enough.needed()) {
    out.key("needed").value(*needed);
  } else {
    out.key("needed").null();
  }
  out.key("says").value(sentence(summary));
}

std::string to_text(const PairSummary& summary, std::string_view indent) {
  std::string out;
  const auto line = [&](std::string_view text) { out.append(indent).append(text).append("\n"); };
  line(fmt::format("{} against {}: {} comparisons", summary.tested, summary.reference, summary.count()));
  const auto wins = summary.win_rate.interval();
  line(fmt::format("  wins      {:.1f} % [{:.1f}, {:.1f}]: {} won, {} lost, {} ties{}", summary.win_rate.mean() * 100,
                   wins.low * 100, wins.high * 100, summary.judged.tested, summary.judged.reference,
                   summary.judged.ties,
                   summary.by_hand.all() > 0 ? fmt::format("; by hand {} won, {} lost, {} ties", summary.by_hand.tested,
                                                           summary.by_hand.reference, summary.by_hand.ties)
                                             : ""));
  const auto quality = summary.difference.interval();
  line(fmt::format("  quality   {:.3f} against {:.3f}, {:+.3f} [{:+.3f}, {:+.3f}]", summary.quality.mean(),
                   summary.of_reference.mean(), summary.difference.mean(), quality.low, quality.high));
  if (const auto cost = summary.cost.interval(PairSummary::alpha)) {
    line(fmt::format("  cost      {:+.6f} $ a request [{:+.6f}, {:+.6f}]", summary.cost.mean(), cost->low, cost->high));
  } else {
    line(fmt::format("  cost      {:+.6f} $ a request; an interval from {} comparisons on", summary.cost.mean(),
                     experiments::UnboundedMean::least_values));
  }
  const auto median = summary.time_ms.value();
  if (const auto time = summary.time_ms.interval(PairSummary::alpha); time && median) {
    line(
        fmt::format("  time      {:+.0f} ms, half of the requests [{:+.0f}, {:+.0f}]", *median, time->low, time->high));
  } else if (median) {
    line(fmt::format("  time      {:+.0f} ms, half of the requests; too few for an interval", *median));
  }
  if (summary.failures > 0) line(fmt::format("  failures  {}", summary.failures));
  line("  enough?   " + sentence(summary));
  return out;
}

}  // namespace weir
