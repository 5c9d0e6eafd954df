#include "plan/advice.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "plan/comparison.h"
#include "plan/money.h"

namespace weir::plan {
namespace {

constexpr std::array all_verdicts = {Verdict::cloud, Verdict::hybrid, Verdict::local};

std::string share_text(int64_t share) { return percent((share + 500) / 1000); }

// Requests of a month, rounded half up.
int64_t share_of(int64_t requests, int64_t share) { return scaled(requests, share, whole_share); }

bool has(const Answers& answers, Regulation regulation) {
  return std::find(answers.regulation.begin(), answers.regulation.end(), regulation) != answers.regulation.end();
}

struct CostStep {
  double times_break_even;  // at least
  int weight;
};
constexpr std::array<CostStep, 7> cost_steps = {{{4, 4}, {2, 3}, {1, 2}, {0.5, -2}, {0.1, -4}, {0.03, -6}, {0, -8}}};

// Each function here is one reason: its pull and the numbers that it comes from. Only `cost` looks at the volume, and
// none looks at the budget.
class Weigher {
 public:
  Weigher(const Answers& answers, const Economics& economics, ClassSet stays)
      : answers_(answers), economics_(economics), stays_(stays) {}

  [[nodiscard]] std::vector<Reason> reasons() const {
    return {cost(), sensitivity(), regulation(), residency(), people(), load(), latency(), quality(), customisation()};
  }

 private:
  // Measured against the volume from which local is cheaper for good, so that one more machine on the staircase does
  // not turn the advice round.
  [[nodiscard]] Reason cost() const {
    const int64_t requests = answers_.workload.requests;
    const std::string costs = fmt::format("cloud {}, local {} a month", dollars(economics_.of(Verdict::cloud).monthly),
                                          dollars(economics_.of(Verdict::local).monthly));
    if (!economics_.break_even) {
      return {.what = "cost", .weight = -8, .number = costs + "; local never becomes cheaper at these prices"};
    }
    const double ratio =
        static_cast<double>(requests) / static_cast<double>(std::max<int64_t>(1, *economics_.break_even));
    const auto* const step = std::find_if(cost_steps.begin(), cost_steps.end() - 1,
                                          [&](const CostStep& one) { return ratio >= one.times_break_even; });
    const int weight = step->weight;
    return {.what = "cost",
            .weight = weight,
            .number = fmt::format("{}; {} requests against break-even at {}", costs, grouped(requests),
                                  grouped(*economics_.break_even))};
  }

  [[nodiscard]] Reason sensitivity() const {
    if (answers_.sensitive == 0) return {.what = "sensitivity", .number = "0 requests hold sensitive data"};
    const int64_t requests = share_of(answers_.workload.requests, answers_.sensitive_share);
    const std::string found =
        fmt::format("{} of requests ({} a month) hold {} data", share_text(answers_.sensitive_share), grouped(requests),
                    ClassNames().join(answers_.sensitive));
    int weight = (answers_.sensitive & (class_health | class_secret)) != 0 ? 3
                 : (answers_.sensitive & class_financial) != 0             ? 2
                                                                           : 1;
    if (answers_.sensitive_share >= 100'000) ++weight;
    if (answers_.sensitive_share >= 500'000) ++weight;
    const bool decides = stays_ != 0;
    return {.what = "sensitivity",
            .weight = weight,
            .decides = decides,
            .number = decides ? fmt::format("{}; {} must stay local", found, ClassNames().join(stays_)) : found};
  }

  [[nodiscard]] Reason regulation() const {
    if (answers_.regulation.empty()) return {.what = "regulation", .number = "0 regulations named"};
    std::string names;
    int weight = 0;
    for (const Regulation one : answers_.regulation) {
      names += (names.empty() ? "" : ", ") + std::string(to_string(one));
      weight = std::max(weight, one == Regulation::gdpr || one == Regulation::ferpa ? 1 : 2);
    }
    return {.what = "regulation",
            .weight = weight,
            .number = fmt::format("{} named: {}", answers_.regulation.size(), names)};
  }

  [[nodiscard]] Reason residency() const {
    switch (answers_.residency) {
      case Residency::anywhere:
        return {.what = "residency", .number = "0 limits on where data may go"};
      case Residency::on_premises:
        return {.what = "residency",
                .weight = 5,
                .decides = true,
                .number = fmt::format("all {} requests stay on premises", grouped(answers_.workload.requests))};
      case Residency::eu:
      case Residency::us:
        break;
    }
    return {.what = "residency",
            .weight = 1,
            .number = fmt::format("1 region allowed: {}; {} is served there", to_string(answers_.residency),
                                  economics_.cloud_model)};
  }

  [[nodiscard]] Reason people() const {
    const std::string cost =
        fmt::format("running local machines takes {} a month of people and infrastructure", dollars(economics_.people));
    switch (answers_.people) {
      case People::none:
        return {.what = "people", .weight = -3, .number = "nobody runs servers; " + cost};
      case People::part_time:
        return {.what = "people", .weight = -1, .number = "somebody beside other work; " + cost};
      case People::dedicated:
        break;
    }
    return {.what = "people", .weight = 2, .number = "people whose work it is; " + cost};
  }

  [[nodiscard]] Reason load() const {
    const auto& hours = answers_.workload.hours;
    const double peak = *std::max_element(hours.begin(), hours.end()) * 24;
    std::string number = fmt::format("the busiest hour has {:.1f} times the average", peak);
    if (const auto& hardware = economics_.of(Verdict::local).hardware) {
      number += fmt::format("; {} machine{} for it", grouped(hardware->machines), hardware->machines == 1 ? "" : "s");
    }
    const int weight = answers_.load == LoadShape::steady ? 1 : answers_.load == LoadShape::office_hours ? 0 : -2;
    return {.what = "load", .weight = weight, .number = std::move(number)};
  }

  [[nodiscard]] Reason latency() const {
    std::string number =
        fmt::format("{}: {} sequences at a time on a machine", to_string(answers_.latency), economics_.sequences);
    if (const auto& hardware = economics_.of(Verdict::local).hardware) {
      number += fmt::format(", first token after {:.0f} ms", hardware->first_token_s * 1000);
    }
    const int weight = answers_.latency == Latency::realtime ? 2 : answers_.latency == Latency::batch ? -1 : 0;
    return {.what = "latency", .weight = weight, .number = std::move(number)};
  }

  [[nodiscard]] Reason quality() const {
    const int weight = answers_.quality == Quality::best ? -2 : answers_.quality == Quality::basic ? 1 : 0;
    return {.what = "quality",
            .weight = weight,
            .number = fmt::format("{}: {} (${:g} / ${:g} a million tokens) or {}", to_string(answers_.quality),
                                  economics_.cloud_model, static_cast<double>(economics_.cloud_prices.input) / 1e6,
                                  static_cast<double>(economics_.cloud_prices.output) / 1e6, economics_.local_title)};
  }

  [[nodiscard]] Reason customisation() const {
    switch (answers_.customisation) {
      case Customisation::none:
        return {.what = "customisation", .number = "0 changes to the model"};
      case Customisation::prompting:
        return {.what = "customisation", .number = "prompts only: they move with 0 changes between models"};
      case Customisation::fine_tuning:
        break;
    }
    return {
        .what = "customisation",
        .weight = 2,
        .number = fmt::format(
            "fine-tuned weights: {:.0f} GB to serve, on machines that take them",
            economics_.of(Verdict::local).hardware ? economics_.of(Verdict::local).hardware->memory_bytes / 1e9 : 0.0)};
  }

  const Answers& answers_;
  const Economics& economics_;
  ClassSet stays_;
};

std::array<Standing, 3> by_data(const Answers& answers, const Advice& advice) {
  std::array<Standing, 3> standing;
  auto& cloud = standing[static_cast<std::size_t>(Verdict::cloud)];
  auto& hybrid = standing[static_cast<std::size_t>(Verdict::hybrid)];
  if (answers.residency == Residency::on_premises) {
    cloud = {.allowed = false, .why_not = "all data stays on premises"};
    hybrid = cloud;
    return standing;
  }
  if (advice.stays_share == 0) return standing;
  cloud = {.allowed = false, .why_not = fmt::format("{} of requests must stay local", share_text(advice.stays_share))};
  if (advice.stays_share > most_hybrid_share(answers.quality)) {
    hybrid = {.allowed = false,
              .why_not = fmt::format("{} of requests must stay local: too few are left for a second supplier",
                                     share_text(advice.stays_share))};
  }
  return standing;
}

void by_budget(const Answers& answers, const Economics& economics, std::array<Standing, 3>& standing) {
  if (!answers.budget) return;
  for (const Verdict verdict : all_verdicts) {
    const MicroDollars monthly = economics.of(verdict).monthly;
    auto& one = standing[static_cast<std::size_t>(verdict)];
    one.affordable = monthly <= *answers.budget;
    if (one.affordable || !one.allowed) continue;
    one.why_not = fmt::format("{} is {} over the budget of {}", dollars(monthly), dollars(monthly - *answers.budget),
                              dollars(*answers.budget));
  }
}

// Tasks that need the best model there is want a rented one for the hardest of them: then hybrid goes before local.
int score(Verdict verdict, int weight, Quality quality) {
  switch (verdict) {
    case Verdict::cloud:
      return -weight - hybrid_band;
    case Verdict::local:
      return weight - hybrid_band;
    case Verdict::hybrid:
      break;
  }
  return quality == Quality::best ? std::max(0, weight - hybrid_band + 1) : 0;
}

// Of those that are allowed and affordable, the one the reasons favour; where nothing is affordable, the cheapest that
// is allowed.
Verdict choose(const Answers& answers, const Advice& advice, const Economics& economics) {
  const auto standing = [&](Verdict verdict) { return advice.standing[static_cast<std::size_t>(verdict)]; };
  std::optional<Verdict> best;
  std::optional<Verdict> cheapest;
  // Local first: among equals, less goes out.
  for (const Verdict verdict : {Verdict::local, Verdict::hybrid, Verdict::cloud}) {
    if (!standing(verdict).allowed) continue;
    if (!cheapest || economics.of(verdict).monthly < economics.of(*cheapest).monthly) cheapest = verdict;
    if (!standing(verdict).affordable) continue;
    if (!best || score(verdict, advice.weight, answers.quality) > score(*best, advice.weight, answers.quality))
      best = verdict;
  }
  return best.value_or(cheapest.value_or(Verdict::local));
}

Reason budget_reason(const Answers& answers, const Advice& advice, const Economics& economics) {
  if (!answers.budget) return {.what = "budget", .number = "no limit said"};
  std::string out;
  int excluded = 0;
  for (const Verdict verdict : all_verdicts) {
    const auto& one = advice.standing[static_cast<std::size_t>(verdict)];
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", to_string(verdict), dollars(economics.of(verdict).monthly));
    if (one.allowed && !one.affordable) ++excluded;
  }
  return {.what = "budget",
          .decides = excluded > 0,
          .number = fmt::format("{} a month; {}", dollars(*answers.budget), out)};
}

// start: the whole cloud bill is less than the people and infrastructure of one machine, so no saving can pay for them.
// scale: past the volume from which local is cheaper for good. growth: between the two.
void set_stage(const Answers& answers, const Economics& economics, Advice& advice) {
  const MicroDollars cloud = economics.of(Verdict::cloud).monthly;
  const int64_t requests = answers.workload.requests;
  if (economics.break_even && requests >= *economics.break_even) {
    advice.stage = Stage::scale;
    advice.stage_reason = fmt::format("{} requests a month are past {}, from where local machines cost less for good",
                                      grouped(requests), grouped(*economics.break_even));
  } else if (cloud < economics.people) {
    advice.stage = Stage::start;
    advice.stage_reason = fmt::format(
        "the whole cloud bill, {}, is below the {} of people and infrastructure that any local machine takes",
        dollars(cloud), dollars(economics.people));
  } else {
    advice.stage = Stage::growth;
    advice.stage_reason = fmt::format(
        "the cloud bill, {}, would pay for the people of a local machine ({}), but {}", dollars(cloud),
        dollars(economics.people),
        economics.break_even
            ? fmt::format("the {} requests from which local costs less are not reached", grouped(*economics.break_even))
            : std::string("at these prices local does not become cheaper at any volume"));
  }
}

std::string machines_text(const Hardware& hardware) {
  return fmt::format("{} machine{} with {}", grouped(hardware.machines), hardware.machines == 1 ? "" : "s",
                     hardware.title);
}

void set_summary(const Economics& economics, Advice& advice) {
  const OptionCost& chosen = economics.of(advice.verdict);
  const OptionCost& cloud = economics.of(Verdict::cloud);
  const OptionCost& local = economics.of(Verdict::local);
  switch (advice.verdict) {
    case Verdict::cloud:
      advice.summary = fmt::format("Cloud: {} costs {} a month; local machines would cost {}.", economics.cloud_model,
                                   dollars(chosen.monthly), dollars(local.monthly));
      return;
    case Verdict::local:
      advice.summary = fmt::format("Local: {} on {} costs {} a month; the cloud would cost {}.", economics.local_title,
                                   chosen.hardware ? machines_text(*chosen.hardware) : "a machine",
                                   dollars(chosen.monthly), dollars(cloud.monthly));
      return;
    case Verdict::hybrid:
      break;
  }
  advice.summary = fmt::format(
      "Hybrid: {} of requests on {}, the rest to {}, costs {} a month; all cloud would cost {}, all local {}.",
      share_text(chosen.local_share), chosen.hardware ? machines_text(*chosen.hardware) : "a machine",
      economics.cloud_model, dollars(chosen.monthly), dollars(cloud.monthly), dollars(local.monthly));
}

bool is_measured(const Answers& answers) { return answers.workload.source != "stated"; }

void set_next_step(const Answers& answers, const Economics& economics, Advice& advice) {
  if (advice.verdict == Verdict::cloud) {
    advice.next_command = "weir serve --config weir.yaml";
    advice.next_reason = fmt::format(
        "put Weir in front of {} now: after a month its ledger replaces the stated {} requests by measured ones "
        "(weir advise --from-ledger 30d)",
        economics.cloud_model, grouped(answers.workload.requests));
    if (is_measured(answers)) {
      advice.next_command = "weir plan --from-ledger 30d";
      advice.next_reason = "the month is measured: see month by month how far off the break-even is";
    }
    return;
  }
  if (is_measured(answers)) {
    advice.next_command = "weir plan replay --from-ledger 30d --config weir.yaml";
    advice.next_reason = fmt::format(
        "replay the {} measured requests a month through the new configuration before "
        "anything is rented or bought",
        grouped(answers.workload.requests));
    return;
  }
  advice.next_command = fmt::format("weir plan size {} --context {} --concurrency {}", economics.local_model,
                                    economics.context, economics.sequences);
  const auto& hardware = economics.of(advice.verdict).hardware;
  advice.next_reason = fmt::format("see what holds {} before {} ${:g} an hour; then measure it with weir bench-model",
                                   economics.local_title,
                                   hardware && hardware->owned ? "buying a machine that comes to" : "renting one at",
                                   hardware ? std::round(static_cast<double>(hardware->per_hour) / 1e4) / 100 : 0.0);
}

}  // namespace

std::string_view to_string(Verdict value) {
  constexpr std::array<std::string_view, 3> names = {"cloud", "hybrid", "local"};
  return names[static_cast<std::size_t>(value)];
}

std::string_view to_string(Stage value) {
  constexpr std::array<std::string_view, 3> names = {"start", "growth", "scale"};
  return names[static_cast<std::size_t>(value)];
}

ClassSet classes_that_stay(const Answers& answers) {
  ClassSet stays = class_health | class_secret;
  if (has(answers, Regulation::pci)) stays |= class_financial;
  if (has(answers, Regulation::hipaa)) stays |= class_personal;
  if (has(answers, Regulation::professional_secrecy) || answers.residency == Residency::on_premises)
    stays = ~ClassSet{0};
  return stays & answers.sensitive;
}

Advice advise(const Answers& answers, const Economics& economics) {
  Advice advice;
  advice.stays_local = classes_that_stay(answers);
  advice.stays_share = advice.stays_local != 0 ? answers.sensitive_share : 0;
  advice.reasons = Weigher(answers, economics, advice.stays_local).reasons();
  for (const Reason& reason : advice.reasons) advice.weight += reason.weight;
  advice.standing = by_data(answers, advice);
  by_budget(answers, economics, advice.standing);
  advice.verdict = choose(answers, advice, economics);
  advice.reasons.push_back(budget_reason(answers, advice, economics));
  set_stage(answers, economics, advice);
  set_summary(economics, advice);
  set_next_step(answers, economics, advice);
  return advice;
}

}  // namespace weir::plan
