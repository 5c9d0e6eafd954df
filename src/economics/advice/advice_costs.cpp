// What the three choices cost a team: the cost model over cloud and over every kind of machine that holds the local
// model, rented or bought; of each choice the cheapest way. The assumptions are in one place, and told to the reader.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "economics/advice/advice.h"
#include "economics/advice/advice_machines.h"
#include "economics/advice/advice_models.h"
#include "economics/cost/break_even.h"
#include "economics/cost/cost_model.h"
#include "economics/document/document.h"
#include "formats/presets.h"

namespace weir::plan {
namespace {

// Why each: docs/economics.md, "Advice".
constexpr int64_t hours_of_care = 20;                       // a month, for machines that serve one model
constexpr MicroDollars own_hour = 75'000'000;               // of one's own people
constexpr MicroDollars hired_hour = 150'000'000;            // of somebody from outside
constexpr MicroDollars usual_infrastructure = 300'000'000;  // a month: monitoring, network, storage, spare parts
constexpr MicroDollars usual_per_kwh = 200'000;
constexpr int64_t least_hybrid_percent = 20;  // a machine that must be there can as well take some
constexpr int64_t one_percent = whole_share / 100;

// `https://huggingface.co/openai/gpt-oss-120b/blob/main/config.json` is of `openai/gpt-oss-120b`.
std::string published_name(const ModelShape& shape) {
  constexpr std::string_view host = "https://huggingface.co/";
  if (!shape.source.starts_with(host)) return shape.name;
  const auto path = shape.source.substr(host.size());
  return path.substr(0, path.find("/blob/"));
}

class Costing {
 public:
  Costing(const Answers& answers, const Catalog& prices)
      : answers_(answers),
        prices_(prices),
        per_kwh_(answers.told.per_kwh.value_or(usual_per_kwh)),
        staff_(answers.told.staff.value_or(hours_of_care * hour_of(answers.people))) {}

  Result<Economics> make() {
    out_.people = staff_ + infrastructure();
    if (auto done = choose_cloud(); !done) return failure(done.error());
    if (auto done = choose_local(); !done) return failure(done.error());
    if (auto done = find_machines(); !done) return failure(done.error());
    keep_the_best();
    say_what_runs_out();
    const Comparison comparison = comparison_with(candidates_);
    const CostModel model(comparison);
    const Volume volume = answers_.workload.requests * one_request;
    put(Verdict::cloud, 0, model.quote(0, volume), std::nullopt);
    cheapest(model, Verdict::local, whole_share / one_percent, whole_share / one_percent);
    const auto [least, most] = hybrid_percents();
    cheapest(model, Verdict::hybrid, least, most);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (candidates_[i].hardware.most_machines > 0) continue;  // nothing is for good with so many and no more
      const auto stays = break_even(model, i + 1, 0).stays_from();
      if (stays && (!out_.break_even || *stays < *out_.break_even)) out_.break_even = stays;
    }
    curve(model);
    assumptions();
    return std::move(out_);
  }

 private:
  static MicroDollars hour_of(People people) { return people == People::none ? hired_hour : own_hour; }
  [[nodiscard]] MicroDollars infrastructure() const {
    return answers_.told.infrastructure.value_or(usual_infrastructure);
  }

  Status choose_cloud() {
    const std::string& told = answers_.told.cloud_model;
    const auto suggested = suggested_clouds(answers_.quality, answers_.residency);
    ModelPrice price;
    if (!told.empty()) {
      price = price_of(told, prices_);
      out_.cloud_model = told;
    }
    for (auto name = suggested.begin(); told.empty() && !price.price && name != suggested.end(); ++name) {
      price = price_of(*name, prices_);
      out_.cloud_model = *name;
    }
    if (!price.price) {
      return failure(ErrorCode::invalid_request,
                     fmt::format("cloud_model {}: {}; {}", out_.cloud_model, price.problem, price.mend));
    }
    out_.cloud_prices = price.price->prices;
    price_source_ = price.source;
    const auto id = std::string_view(out_.cloud_model).substr(0, out_.cloud_model.find('/'));
    for (const Preset& preset : presets()) {
      if (preset.catalog == id && out_.cloud_kind.empty()) out_.cloud_kind = preset.kind;
    }
    return {};
  }

  Status choose_local() {
    const Told& told = answers_.told;
    const LocalSuggestion& suggested = suggested_local(answers_.quality);
    auto shape = shape_named(told.local_model.empty() ? suggested.shape : std::string_view(told.local_model));
    if (!shape) return failure(shape.error());
    shape_ = std::move(*shape);
    quantisation_ = *find_quantisation(told.local_model.empty() ? suggested.quantisation : own_format(shape_).name);
    if (const auto* asked = find_quantisation(told.quantisation)) quantisation_ = *asked;
    out_.local_model = shape_.name;
    out_.quantisation = quantisation_.name;
    out_.local_title = fmt::format("{} at {}", shape_.title, quantisation_.name);
    const bool has_publisher = told.local_model.find('/') != std::string::npos;
    const bool as_suggested = told.local_model.empty() && told.quantisation.empty();
    out_.local_name = as_suggested    ? std::string(suggested.name)
                      : has_publisher ? told.local_model
                                      : published_name(shape_);
    return {};
  }

  Status find_machines() {
    auto found = machines_for({.answers = answers_,
                               .shape = shape_,
                               .quantisation = quantisation_,
                               .title = out_.local_title,
                               .staff = staff_,
                               .infrastructure = infrastructure(),
                               .per_kwh = per_kwh_});
    if (!found) return failure(found.error());
    candidates_ = std::move(found->candidates);
    owned_notes_ = std::move(found->owned);
    out_.context = found->context;
    out_.sequences = found->sequences;
    return {};
  }

  [[nodiscard]] CloudOption cloud_option() const {
    const std::string_view provider = std::string_view(out_.cloud_model).substr(0, out_.cloud_model.find('/'));
    return {.model = out_.cloud_model,
            .prices = out_.cloud_prices,
            .batch_discount = batch_discount_of(provider).value_or(0)};
  }

  [[nodiscard]] Comparison comparison_with(const std::vector<Candidate>& candidates) const {
    Comparison comparison{.name = answers_.name, .workload = answers_.workload};
    comparison.batch_share = answers_.latency == Latency::batch ? whole_share : 0;
    comparison.options.push_back({.name = "cloud", .what = cloud_option()});
    for (const Candidate& one : candidates)
      comparison.options.push_back({.name = one.hardware.title, .what = one.option});
    return comparison;
  }

  static MicroDollars machine_cost(const Quote& quote) {
    return quote.of(Item::machines) + quote.of(Item::amortisation) + quote.of(Item::electricity);
  }

  // Drops the machines that cost no less than another one which takes as much. Owned ones are kept: they run out.
  void keep_the_best() {
    const Comparison comparison = comparison_with(candidates_);
    const CostModel model(comparison);
    std::vector<Candidate> best;
    std::vector<std::pair<MicroDollars, std::size_t>> by_cost;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Quote one = model.quote(i + 1, one_request);
      candidates_[i].hardware.per_hour = machine_cost(one) / (24 * comparison.days);
      candidates_[i].hardware.requests_per_machine = model.machine_takes(i + 1) / one_request;
      if (candidates_[i].hardware.most_machines > 0) {
        best.push_back(candidates_[i]);
      } else {
        by_cost.emplace_back(machine_cost(one), i);
      }
    }
    std::stable_sort(by_cost.begin(), by_cost.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    int64_t most = -1;
    for (const auto& [cost, i] : by_cost) {
      const int64_t takes = candidates_[i].hardware.requests_per_machine;
      if (takes <= most) continue;
      most = takes;
      best.push_back(candidates_[i]);
    }
    candidates_ = std::move(best);
  }

  void say_what_runs_out() {
    for (const Candidate& one : candidates_) {
      const Hardware& hardware = one.hardware;
      if (hardware.most_machines == 0) continue;
      const int64_t takes = hardware.requests_per_machine * hardware.most_machines;
      if (takes >= answers_.workload.requests) continue;
      out_.unused.push_back(fmt::format(
          "The owned {} × ({}) take {} of the {} requests a month: for all of them there must be others.",
          grouped(hardware.most_machines), hardware.title, grouped(takes), grouped(answers_.workload.requests)));
    }
    for (const Assumption& note : owned_notes_) {
      if (note.value == not_used)
        out_.unused.push_back(fmt::format("The owned {} are not used: {}.", note.what, note.from));
    }
  }

  // Whole percents of requests on local machines, from what must stay to what leaves work for a second supplier.
  [[nodiscard]] std::pair<int64_t, int64_t> hybrid_percents() const {
    const int64_t stays =
        classes_that_stay(answers_) != 0 ? (answers_.sensitive_share + one_percent - 1) / one_percent : 0;
    const int64_t least = std::max(least_hybrid_percent, stays);
    return {least, std::max(least, most_hybrid_share(answers_.quality) / one_percent)};
  }

  void put(Verdict verdict, int64_t percent_local, const Quote& quote, std::optional<Hardware> hardware) {
    const MicroDollars people = quote.of(Item::staff) + quote.of(Item::monitoring) + quote.of(Item::infrastructure);
    out_.options[verdict] = {.monthly = quote.total(),
                             .cloud_part = quote.total() - people - machine_cost(quote),
                             .machines_part = machine_cost(quote),
                             .people_part = people,
                             .local_share = percent_local * one_percent,
                             .hardware = std::move(hardware)};
  }

  [[nodiscard]] bool enough(std::size_t candidate, const Quote& quote) const {
    const int64_t most = candidates_[candidate].hardware.most_machines;
    return most == 0 || quote.machines <= most;
  }

  // The cheapest kind of machine and share for a choice; ties go to the larger local share.
  void cheapest(const CostModel& model, Verdict verdict, int64_t least, int64_t most) {
    const int64_t requests = answers_.workload.requests;
    std::optional<MicroDollars> best;
    for (int64_t share = most; share >= least; --share) {
      const Volume local = scaled(requests * one_request, share, 100);
      const Quote cloud = model.quote(0, requests * one_request - local);
      for (std::size_t i = 0; i < candidates_.size(); ++i) {
        Quote quote = model.quote(i + 1, local);
        if (!enough(i, quote)) continue;
        for (std::size_t line = 0; line < item_count; ++line) quote.lines[line] += cloud.lines[line];
        if (best && quote.total() >= *best) continue;
        best = quote.total();
        Hardware hardware = candidates_[i].hardware;
        hardware.machines = quote.machines;
        put(verdict, share, quote, std::move(hardware));
      }
    }
  }

  // Costs from a tenth of the volume to ten times it.
  void curve(const CostModel& model) {
    constexpr int points = 40;
    const auto requests = static_cast<double>(answers_.workload.requests);
    for (int i = 0; i <= points; ++i) {
      const double at = requests * std::pow(10, 2.0 * i / points - 1);
      if (at < 1 || at > static_cast<double>(most_requests)) continue;
      const Volume volume = static_cast<int64_t>(at) * one_request;
      CostPoint point{.requests = volume / one_request, .cloud = model.quote(0, volume).total(), .local = most_money};
      for (std::size_t k = 0; k < candidates_.size(); ++k) {
        const Quote quote = model.quote(k + 1, volume);
        if (enough(k, quote)) point.local = std::min(point.local, quote.total());
      }
      out_.curve.push_back(point);
    }
  }

  void assume(std::string what, std::string value, std::string from) {
    out_.assumptions.push_back({std::move(what), std::move(value), std::move(from)});
  }

  void assumptions() {
    assume_models();
    assume_machines();
    const Told& told = answers_.told;
    if (told.staff) {
      assume("People", dollars(staff_) + " a month", "told");
    } else {
      assume(
          "People",
          fmt::format("{} hours a month at {}: {}", hours_of_care, dollars(hour_of(answers_.people)), dollars(staff_)),
          answers_.people == People::none ? "assumed, from outside; staff_per_month tells it"
                                          : "assumed; staff_per_month tells it");
    }
    assume("Monitoring and infrastructure", dollars(infrastructure()) + " a month",
           told.infrastructure ? "told" : "assumed; infrastructure_per_month tells it");
    const auto& tokens = answers_.workload.tokens;
    const double cached =
        tokens.input == 0 ? 0 : static_cast<double>(tokens.cached) / static_cast<double>(tokens.input);
    assume("Cached share of prompts", fmt::format("{:.1f} %", cached * 100),
           told.cached_share   ? "told"
           : tokens.cached > 0 ? answers_.workload.source
                               : "assumed; cached_share tells it");
    assume("Traffic", fmt::format("{} requests a month of 30 days", grouped(answers_.workload.requests)),
           answers_.workload.source);
  }

  void assume_models() {
    const Told& told = answers_.told;
    assume("Rented model", price_source_,
           told.cloud_model.empty()
               ? fmt::format("suggested for {} tasks; cloud_model tells another", to_string(answers_.quality))
               : "told");
    assume("First token of the rented model", "soon enough", "assumed: providers promise none; measure it");
    assume(
        "Local model",
        fmt::format("{}, {} tokens of context, {} at a time", out_.local_title, grouped(out_.context), out_.sequences),
        told.local_model.empty()
            ? fmt::format("suggested for {} tasks; local_model tells another", to_string(answers_.quality))
            : "told");
    if (!told.quantisation.empty()) assume("Its bits", std::string(quantisation_.name), "told");
  }

  void assume_machines() {
    for (auto& note : owned_notes_) out_.assumptions.push_back(std::move(note));
    for (const Verdict verdict : {Verdict::hybrid, Verdict::local}) {
      const auto& hardware = out_.of(verdict).hardware;
      if (!hardware) continue;
      const std::string spot = hardware->spot_per_hour > 0 ? fmt::format(" ({} where it may end at any minute)",
                                                                         dollars(hardware->spot_per_hour))
                                                           : "";
      assume(fmt::format("Machine of {}", to_string(verdict)),
             fmt::format("{}, {}: {} an hour{}", hardware->title, to_string(hardware->paid),
                         dollars(to_cents(hardware->per_hour)), spot),
             hardware->paid == Paid::owned ? "told; its power alone" : hardware->prices_from);
      if (!hardware->link.empty()) assume(fmt::format("Link of {}", to_string(verdict)), hardware->link, "data sheet");
    }
    assume("Speed", fmt::format("{:.0f} % of what memory and arithmetic allow", assumed::real_share * 100),
           "assumed; weir bench-model measures yours");
    assume("Fullness", fmt::format("{} of that in the busiest hour", percent(assumed::utilisation / 1000)),
           "assumed: fuller machines have queues");
    assume("A bought machine",
           fmt::format("its cards, {} and {} a card for the computer around them, over {} months",
                       dollars(assumed::host_price), dollars(assumed::host_price_per_card), assumed::life_months),
           "assumed: the usual life of a server");
    assume("Electricity",
           fmt::format("full power at {} a kWh, × {:.1f} for the building", dollars(per_kwh_),
                       static_cast<double>(assumed::pue) / 1e6),
           answers_.told.per_kwh ? "told" : "assumed: businesses in Europe; electricity_per_kwh tells it");
  }

  const Answers& answers_;
  const Catalog& prices_;
  MicroDollars per_kwh_;
  MicroDollars staff_;
  ModelShape shape_;
  Quantisation quantisation_;
  std::string price_source_;
  std::vector<Assumption> owned_notes_;
  std::vector<Candidate> candidates_;
  Economics out_;
};

}  // namespace

Result<Economics> economics_of(const Answers& answers, const Catalog& prices) {
  return Costing(answers, prices).make();
}

int64_t most_hybrid_share(Quality quality) {
  return quality == Quality::best ? 800'000 : quality == Quality::good ? 900'000 : 950'000;
}

}  // namespace weir::plan
