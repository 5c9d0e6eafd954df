#include "economics/advice/advice.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "economics/base/money.h"
#include "economics/cost/comparison.h"

namespace weir::plan {
namespace {

std::string share_text(int64_t share) { return percent((share + 500) / 1000); }

bool has(const Answers& answers, Regulation regulation) {
  return std::find(answers.regulation.begin(), answers.regulation.end(), regulation) != answers.regulation.end();
}

// Requests of which not even one in a hundred may leave: nothing is left that a second supplier could be for.
constexpr int64_t all_stays = whole_share / 100 * 99;

int64_t share_that_stays(const Answers& answers) {
  return classes_that_stay(answers) != 0 ? answers.sensitive_share : 0;
}

// Each function is one need: what the team stated, and what of it an option does not meet.
class Needs {
 public:
  Needs(const Answers& answers, const Economics& economics) : answers_(answers), economics_(economics) {}

  [[nodiscard]] std::vector<Need> all() && {
    premises();
    data();
    budget();
    first_token();
    own_weights();
    best_model();
    return std::move(out_);
  }

 private:
  Need& add(std::string_view name, std::string stated, Strength strength) {
    return out_.emplace_back(
        Need{.name = std::string(name), .stated = std::move(stated), .strength = strength, .why_not = {}});
  }

  void premises() {
    if (answers_.residency != Residency::on_premises) return;
    Need& need = add("residency", "all data stays on premises", Strength::law);
    need.why_not[Verdict::cloud] = "all of it would leave";
    need.why_not[Verdict::hybrid] = "a part of it would leave";
  }

  void data() {
    const ClassSet stays = classes_that_stay(answers_);
    const int64_t share = share_that_stays(answers_);
    if (share == 0) return;
    Need& need =
        add("data", fmt::format("{} data, in {} of requests, stays local", ClassNames().join(stays), share_text(share)),
            Strength::law);
    need.why_not[Verdict::cloud] = fmt::format("{} of requests would leave that must not", share_text(share));
    if (share > all_stays) need.why_not[Verdict::hybrid] = "all requests must stay: that is local";
  }

  void budget() {
    if (!answers_.budget) return;
    Need& need = add("budget", fmt::format("{} a month at most", dollars(*answers_.budget)), Strength::money);
    for (const Verdict verdict : all_verdicts) {
      const MicroDollars over = to_cents(economics_.of(verdict).monthly) - to_cents(*answers_.budget);
      if (over > 0) need.why_not[verdict] = fmt::format("{} over", dollars(over));
    }
  }

  // What is not stated as real time is met by choosing the machine, or by waiting.
  void first_token() {
    if (answers_.latency != Latency::realtime) return;
    const double limit = *first_token_limit(answers_.latency);
    Need& need = add("latency", fmt::format("the first token within {:.0f} ms", limit * 1000), Strength::wish);
    for (const Verdict verdict : {Verdict::hybrid, Verdict::local}) {
      const auto& hardware = economics_.of(verdict).hardware;
      if (hardware && hardware->first_token_s > limit) {
        need.why_not[verdict] = fmt::format("it comes after {:.0f} ms", hardware->first_token_s * 1000);
      }
    }
  }

  void own_weights() {
    if (answers_.customisation != Customisation::fine_tuning) return;
    Need& need = add("customisation", "weights of one's own, fine-tuned, are served", Strength::wish);
    need.why_not[Verdict::cloud] = fmt::format("{}'s price is for the provider's weights", economics_.cloud_model);
    need.why_not[Verdict::hybrid] = fmt::format("{} of requests get the provider's weights",
                                                share_text(whole_share - economics_.of(Verdict::hybrid).local_share));
  }

  // A local model that was named is good enough: whoever named it said so.
  void best_model() {
    if (answers_.quality != Quality::best || !answers_.told.local_model.empty()) return;
    Need& need = add("quality", "the hardest tasks get the best model there is, a rented one", Strength::wish);
    need.why_not[Verdict::local] = fmt::format("all of them get {}", economics_.local_title);
  }

  const Answers& answers_;
  const Economics& economics_;
  std::vector<Need> out_;
};

std::string machines_text(const Hardware& hardware) {
  return fmt::format("{} machine{} with {}, {}", grouped(hardware.machines), hardware.machines == 1 ? "" : "s",
                     hardware.title, to_string(hardware.paid));
}

std::vector<Fact> facts_of(const Answers& answers, const Economics& economics) {
  std::vector<Fact> facts;
  const auto& local = economics.of(Verdict::local);
  facts.push_back({"break-even", economics.break_even
                                     ? fmt::format("from {} requests a month on local costs less than cloud for good; "
                                                   "there are {}",
                                                   grouped(*economics.break_even), grouped(answers.workload.requests))
                                     : "at these prices local never becomes cheaper than cloud for good"});
  if (answers.sensitive != 0) {
    facts.push_back(
        {"sensitivity", fmt::format("{} of requests hold {} data; by these answers {} must stay",
                                    share_text(answers.sensitive_share), ClassNames().join(answers.sensitive),
                                    classes_that_stay(answers) == 0 ? std::string("none of it")
                                                                    : ClassNames().join(classes_that_stay(answers)))});
  }
  std::string names;
  for (const Regulation one : answers.regulation) names += (names.empty() ? "" : ", ") + std::string(to_string(one));
  if (!names.empty()) facts.push_back({"regulation", names + ": what it keeps from leaving is in the needs"});
  if (answers.residency == Residency::eu || answers.residency == Residency::us) {
    facts.push_back({"residency", fmt::format("1 region: {}; that {} and rented machines are there is agreed with who "
                                              "rents them out",
                                              to_string(answers.residency), economics.cloud_model)});
  }
  facts.push_back({"people", fmt::format("{}; local machines take {} a month of people and infrastructure",
                                         to_string(answers.people), dollars(economics.people))});
  const double peak = *std::max_element(answers.workload.hours.begin(), answers.workload.hours.end()) * 24;
  std::string load = fmt::format("the busiest hour has {:.1f} times the average", peak);
  if (local.hardware)
    load += fmt::format("; {} machine{} for it", grouped(local.hardware->machines),
                        local.hardware->machines == 1 ? "" : "s");
  facts.push_back({"load", std::move(load)});
  std::string latency = fmt::format("{}: {} at a time on a machine", to_string(answers.latency), economics.sequences);
  if (local.hardware) latency += fmt::format(", first token after {:.0f} ms", local.hardware->first_token_s * 1000);
  facts.push_back({"latency", std::move(latency)});
  return facts;
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
    const std::string people = economics.people == 0
                                   ? "nobody is paid for local machines"
                                   : fmt::format("the cloud bill, {}, would pay for the people of a local machine ({})",
                                                 dollars(cloud), dollars(economics.people));
    advice.stage_reason = fmt::format(
        "{}, but {}", people,
        economics.break_even
            ? fmt::format("the {} requests from which local costs less are not reached", grouped(*economics.break_even))
            : std::string("at these prices local does not become cheaper at any volume"));
  }
}

void set_summary(const Economics& economics, Advice& advice) {
  const OptionCost& chosen = economics.of(advice.verdict);
  const std::string machines = chosen.hardware ? machines_text(*chosen.hardware) : "a machine";
  std::string others;
  for (const Verdict other : all_verdicts) {
    if (other == advice.verdict) continue;
    others += fmt::format("{}{} would cost {}", others.empty() ? "" : ", ", to_string(other),
                          dollars(economics.of(other).monthly));
  }
  switch (advice.verdict) {
    case Verdict::cloud:
      advice.summary = fmt::format("Cloud: {} costs {} a month", economics.cloud_model, dollars(chosen.monthly));
      break;
    case Verdict::local:
      advice.summary =
          fmt::format("Local: {} on {}, costs {} a month", economics.local_title, machines, dollars(chosen.monthly));
      break;
    case Verdict::hybrid:
      advice.summary = fmt::format("Hybrid: {} of requests to {} on {}, the rest to {}, costs {} a month",
                                   share_text(chosen.local_share), economics.local_title, machines,
                                   economics.cloud_model, dollars(chosen.monthly));
      break;
  }
  advice.summary += fmt::format("; {}.", others);
}

std::string names_of(const std::vector<Verdict>& verdicts) {
  std::string out;
  for (const Verdict one : verdicts) out += (out.empty() ? "" : " and ") + std::string(to_string(one));
  return out;
}

// Why this option and no cheaper one, in the words of the needs.
void set_because(const Economics& economics, Advice& advice) {
  const Choice& choice = advice.choice;
  auto& out = advice.because;
  const bool all_met = std::all_of(choice.costs.begin(), choice.costs.end(), [](const auto& cost) { return cost; });
  if (all_met && choice.needs_cost == 0) {
    out.push_back(fmt::format(
        "{} is the cheapest of all{}.", to_string(advice.verdict),
        advice.needs.empty() ? ", and no need was stated that asks for another" : ", and meets every stated need"));
  } else if (all_met) {
    out.push_back(
        fmt::format("{} is the cheapest that meets every stated need; {} would be cheaper: the needs cost {} a "
                    "month together.",
                    to_string(advice.verdict), to_string(choice.cheapest), dollars(choice.needs_cost)));
  } else {
    out.push_back(
        fmt::format("Nothing meets every stated need: {} is the cheapest of what meets the strongest of them.",
                    to_string(advice.verdict)));
  }
  for (std::size_t i = 0; i < advice.needs.size(); ++i) {
    const Need& need = advice.needs[i];
    if (!choice.costs[i]) {
      out.push_back(fmt::format("Not met: {} ({}).", need.stated, need.why_not[advice.verdict]));
    } else if (*choice.costs[i] > 0) {
      out.push_back(fmt::format("That {} costs {} a month.", need.stated, dollars(*choice.costs[i])));
    }
  }
  if (!choice.ties.empty()) {
    out.push_back(fmt::format("A tie: {} costs the same and meets as much; {} is taken because less leaves the house.",
                              names_of(choice.ties), to_string(advice.verdict)));
  }
  out.insert(out.end(), economics.unused.begin(), economics.unused.end());
  // Estimates do not tell apart what is so close.
  constexpr int64_t close_percent = 5;
  for (const Verdict other : all_verdicts) {
    const MicroDollars more = to_cents(economics.of(other).monthly) - to_cents(economics.of(advice.verdict).monthly);
    const bool meets_all =
        std::all_of(advice.needs.begin(), advice.needs.end(), [&](const Need& need) { return need.met_by(other); });
    if (meets_all && more > 0 && more * 100 <= economics.of(advice.verdict).monthly * close_percent) {
      out.push_back(fmt::format("{} is within {} % of it: these estimates do not tell the two apart.", to_string(other),
                                close_percent));
    }
  }
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
  const auto& hardware = economics.of(advice.verdict).hardware;
  advice.next_command = fmt::format("weir plan size {} --quant {} --context {} --concurrency {}", economics.local_model,
                                    economics.quantisation, economics.context, economics.sequences);
  if (hardware) advice.next_command += fmt::format(" --gpu {} --cards {}", hardware->gpu, hardware->cards);
  const Paid paid = hardware ? hardware->paid : Paid::rented;
  const std::string_view before = paid == Paid::owned    ? "see how fast your machine can be with"
                                  : paid == Paid::bought ? "before a machine is bought, see how it holds"
                                                         : "before a machine is rented, see how it holds";
  advice.next_reason = fmt::format("{} {}; then measure it with weir bench-model", before, economics.local_title);
}

}  // namespace

std::string_view to_string(Stage value) {
  constexpr std::array<std::string_view, 3> names = {"start", "growth", "scale"};
  return names[static_cast<std::size_t>(value)];
}

std::string_view to_string(Paid value) {
  constexpr std::array<std::string_view, 3> names = {"rented", "bought", "owned"};
  return names[static_cast<std::size_t>(value)];
}

ByVerdict<MicroDollars> Economics::monthly() const {
  ByVerdict<MicroDollars> out;
  for (const Verdict verdict : all_verdicts) out[verdict] = of(verdict).monthly;
  return out;
}

ClassSet classes_that_stay(const Answers& answers) {
  ClassSet stays = class_health | class_secret;
  if (has(answers, Regulation::pci)) stays |= class_financial;
  if (has(answers, Regulation::hipaa)) stays |= class_personal;
  if (has(answers, Regulation::professional_secrecy) || answers.residency == Residency::on_premises)
    stays = ~ClassSet{0};
  return stays & answers.sensitive;
}

std::optional<double> first_token_limit(Latency latency) {
  switch (latency) {
    case Latency::realtime:
      return 0.5;
    case Latency::interactive:
      return 2;
    case Latency::relaxed:
      return 10;
    case Latency::batch:
      break;
  }
  return std::nullopt;
}

std::vector<Need> needs_of(const Answers& answers, const Economics& economics) {
  return Needs(answers, economics).all();
}

Advice advise(const Answers& answers, const Economics& economics) {
  Advice advice;
  advice.stays_local = classes_that_stay(answers);
  advice.stays_share = share_that_stays(answers);
  advice.needs = needs_of(answers, economics);
  advice.choice = choose(economics.monthly(), advice.needs);
  advice.verdict = advice.choice.verdict;
  advice.facts = facts_of(answers, economics);
  set_stage(answers, economics, advice);
  set_summary(economics, advice);
  set_because(economics, advice);
  set_next_step(answers, economics, advice);
  return advice;
}

}  // namespace weir::plan
