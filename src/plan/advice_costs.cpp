// What the three choices cost a team: the cost model over cloud and over every kind of machine that holds the local
// model, rented or bought; of each choice the cheapest way. The assumptions are in one place, and told to the reader.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "plan/advice.h"
#include "plan/break_even.h"
#include "plan/cost_model.h"
#include "plan/document.h"
#include "plan/roofline.h"
#include "plan/sizing.h"

namespace weir::plan {
namespace {

// Why each: docs/economics.md, "Advice".
constexpr double real_share = 0.5;                    // of the roofline, that a server reaches
constexpr int64_t utilisation = 700'000;              // of that, at the busiest hour
constexpr int64_t hours_of_care = 20;                 // a month, for machines that serve one model
constexpr MicroDollars own_hour = 75'000'000;         // of one's own people
constexpr MicroDollars hired_hour = 150'000'000;      // of somebody from outside
constexpr MicroDollars monitoring = 100'000'000;      // a month
constexpr MicroDollars infrastructure = 200'000'000;  // a month: network, storage, spare parts
constexpr MicroDollars host_price = 3'000'000'000;    // of the computer around the cards
constexpr int64_t host_watts = 150;
constexpr int64_t life_months = 36;
constexpr MicroDollars per_kwh = 200'000;
constexpr int64_t pue = 1'200'000;
constexpr int64_t least_context = 4096;
constexpr int64_t least_hybrid_percent = 20;  // a machine that must be there can as well take some
constexpr int64_t one_percent = whole_share / 100;

struct LocalModel {
  std::string_view shape;
  std::string_view quantisation;
  std::string_view name;
  std::string_view title;
};

// By how hard the tasks are; for requests that are longer than most models take, one that takes them.
LocalModel local_model_of(Quality quality, int64_t tokens) {
  constexpr int64_t usual_context = 32'768;
  if (tokens > usual_context && quality != Quality::basic) {
    return {"llama-3.3-70b", "awq", "casperhansen/llama-3.3-70b-instruct-awq", "Llama 3.3 70B at 4 bits"};
  }
  switch (quality) {
    case Quality::basic:
      return {"llama-3.1-8b", "bf16", "meta-llama/Llama-3.1-8B-Instruct", "Llama 3.1 8B at 16 bits"};
    case Quality::good:
      return {"qwen2.5-32b", "awq", "Qwen/Qwen2.5-32B-Instruct-AWQ", "Qwen2.5 32B at 4 bits"};
    case Quality::best:
      break;
  }
  return {"qwen2.5-72b", "awq", "Qwen/Qwen2.5-72B-Instruct-AWQ", "Qwen2.5 72B at 4 bits"};
}

std::string_view cloud_model_of(const Answers& answers) {
  const bool eu = answers.residency == Residency::eu;
  switch (answers.quality) {
    case Quality::basic:
      return eu ? "mistral/mistral-small-latest" : "openai/gpt-5.4-nano";
    case Quality::good:
      return eu ? "mistral/mistral-medium-latest" : "openai/gpt-5.4-mini";
    case Quality::best:
      break;
  }
  return eu ? "mistral/mistral-large-latest" : "openai/gpt-5.4";
}

// Who waits for nothing can share a machine with many.
int64_t sequences_of(Latency latency) {
  switch (latency) {
    case Latency::realtime:
      return 4;
    case Latency::interactive:
      return 16;
    case Latency::relaxed:
      return 32;
    case Latency::batch:
      break;
  }
  return 64;
}

MicroDollars staff_of(People people) { return hours_of_care * (people == People::none ? hired_hour : own_hour); }

struct Candidate {
  LocalOption option;
  Hardware hardware;
};

class Costing {
 public:
  Costing(const Answers& answers, const Catalog& prices)
      : answers_(answers),
        tokens_(answers.input_per_request() + answers.output_per_request()),
        model_(local_model_of(answers.quality, tokens_)) {
    out_.cloud_model = cloud_model_of(answers);
    out_.local_model = model_.shape;
    out_.local_name = model_.name;
    out_.local_title = model_.title;
    out_.sequences = sequences_of(answers.latency);
    out_.people = staff_of(answers.people) + monitoring + infrastructure;
    price_cloud(prices);
    find_machines();
  }

  Economics make() {
    Comparison comparison = comparison_with(candidates_);
    keep_the_best(comparison);
    comparison = comparison_with(candidates_);
    const CostModel model(comparison);
    const Volume volume = answers_.workload.requests * one_request;
    put(Verdict::cloud, 0, model.quote(0, volume), std::nullopt);
    cheapest(model, Verdict::local, whole_share / one_percent, whole_share / one_percent);
    const auto [least, most] = hybrid_percents();
    cheapest(model, Verdict::hybrid, least, most);
    for (std::size_t i = 1; i < comparison.options.size(); ++i) {
      const auto stays = break_even(model, i, 0).stays_from();
      if (stays && (!out_.break_even || *stays < *out_.break_even)) out_.break_even = stays;
    }
    curve(model);
    assumptions();
    return std::move(out_);
  }

 private:
  void price_cloud(const Catalog& prices) {
    const ModelPrice price = price_of(out_.cloud_model, prices);
    if (price.price) out_.cloud_prices = price.price->prices;
    price_source_ = price.source;
  }

  [[nodiscard]] CloudOption cloud_option() const {
    const std::string_view provider = std::string_view(out_.cloud_model).substr(0, out_.cloud_model.find('/'));
    return {.model = out_.cloud_model,
            .prices = out_.cloud_prices,
            .batch_discount = batch_discount_of(provider).value_or(0)};
  }

  void find_machines() {
    SizingRequest request;
    request.shape = *shape_named(model_.shape);
    // A request may be twice the average.
    out_.context = std::min(request.shape.context, std::max(least_context, (2 * tokens_ + 1023) / 1024 * 1024));
    request.quantisation = *find_quantisation(model_.quantisation);
    request.context = out_.context;
    request.concurrency = out_.sequences;
    // A context so long that nothing holds so many of them: fewer at a time.
    std::vector<Placement> found = placements(request);
    while (found.empty() && request.concurrency > 1) {
      request.concurrency /= 2;
      found = placements(request);
    }
    out_.sequences = request.concurrency;
    for (const Placement& placement : found) {
      if (placement.gpu.title.starts_with("Apple")) continue;  // servers for many at a time do not run there
      if (placement.gpu.rent_per_hour > 0 && classes_that_stay(answers_) == 0 &&
          answers_.residency != Residency::on_premises) {
        candidates_.push_back(candidate(request, placement, Paid::by_the_hour));
      }
      if (placement.gpu.price > 0) candidates_.push_back(candidate(request, placement, Paid::once));
    }
  }

  enum class Paid : uint8_t { by_the_hour, once };

  [[nodiscard]] Candidate candidate(const SizingRequest& request, const Placement& placement, Paid paid) const {
    const Gpu& gpu = placement.gpu;
    const TokenMix mix{.prompt = answers_.input_per_request(),
                       .output = std::max<int64_t>(1, answers_.output_per_request())};
    const Speed speed = roofline(request, gpu, placement.cards, mix);
    const Memory memory = memory_of(request);
    Candidate out;
    out.hardware = {
        .gpu = std::string(gpu.id),
        .title = placement.cards == 1 ? std::string(gpu.title) : fmt::format("{} × {}", placement.cards, gpu.title),
        .cards = placement.cards,
        .owned = paid == Paid::once,
        .memory_bytes = memory.weights + memory.kv + memory.overhead * static_cast<double>(placement.cards),
        .tokens_per_s = speed.tokens_per_s * real_share,
        .first_token_s = speed.ttft_s / real_share};
    const double prompt_rate = static_cast<double>(mix.prompt) / speed.prefill_s * real_share;
    out.option = {.machine = {.gpu = std::string(gpu.id), .gpus = placement.cards},
                  .capacity = {.output_rate = static_cast<int64_t>(out.hardware.tokens_per_s * 1000),
                               .prompt_rate = static_cast<int64_t>(prompt_rate * 1000),
                               .utilisation = utilisation},
                  .staff = staff_of(answers_.people),
                  .monitoring = monitoring,
                  .infrastructure = infrastructure};
    if (paid == Paid::by_the_hour) {
      out.option.machine.rent_per_hour = gpu.rent_per_hour * placement.cards;
    } else {
      out.option.machine.owned = Owned{.price = gpu.price * placement.cards + host_price,
                                       .life_months = life_months,
                                       .watts = gpu.watts * placement.cards + host_watts,
                                       .dollars_per_kwh = per_kwh,
                                       .pue = pue};
    }
    return out;
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

  // Drops the machines that cost no less than another one which takes as much.
  void keep_the_best(const Comparison& comparison) {
    const CostModel model(comparison);
    std::vector<std::pair<MicroDollars, std::size_t>> by_cost;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Quote one = model.quote(i + 1, one_request);
      candidates_[i].hardware.per_hour = machine_cost(one) / (24 * comparison.days);
      candidates_[i].hardware.requests_per_machine = model.machine_takes(i + 1) / one_request;
      by_cost.emplace_back(machine_cost(one), i);
    }
    std::stable_sort(by_cost.begin(), by_cost.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Candidate> best;
    for (const auto& [cost, i] : by_cost) {
      const int64_t takes = candidates_[i].hardware.requests_per_machine;
      if (takes > 0 && (best.empty() || takes > best.back().hardware.requests_per_machine))
        best.push_back(candidates_[i]);
    }
    candidates_ = std::move(best);
  }

  // Whole percents of requests on local machines, from what must stay to what leaves work for a second supplier.
  [[nodiscard]] std::pair<int64_t, int64_t> hybrid_percents() const {
    const int64_t stays =
        classes_that_stay(answers_) != 0 ? (answers_.sensitive_share + one_percent - 1) / one_percent : 0;
    const int64_t least = std::max(least_hybrid_percent, stays);
    return {least, std::max(least, most_hybrid_share(answers_.quality) / one_percent)};
  }

  void put(Verdict verdict, int64_t percent_local, const Quote& quote, std::optional<Hardware> hardware) {
    auto& option = out_.options[static_cast<std::size_t>(verdict)];
    const MicroDollars people = quote.of(Item::staff) + quote.of(Item::monitoring) + quote.of(Item::infrastructure);
    option = {.monthly = quote.total(),
              .cloud_part = quote.total() - people - machine_cost(quote),
              .machines_part = machine_cost(quote),
              .people_part = people,
              .local_share = percent_local * one_percent,
              .hardware = std::move(hardware)};
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
        point.local = std::min(point.local, model.quote(k + 1, volume).total());
      }
      out_.curve.push_back(point);
    }
  }

  void assumptions() {
    auto& lines = out_.assumptions;
    if (!price_source_.empty()) lines.push_back(price_source_ + ".");
    lines.push_back(fmt::format("Local model: {}, {} tokens of context, {} sequences at a time.", out_.local_title,
                                grouped(out_.context), out_.sequences));
    lines.push_back(
        fmt::format("A server reaches {:.0f} % of what memory and arithmetic allow (measure yours: weir "
                    "bench-model), and is planned at {} of that in the busiest hour.",
                    real_share * 100, percent(utilisation / 1000)));
    lines.push_back(fmt::format("People: {} hours a month at {} an hour, and {} for monitoring and infrastructure.",
                                hours_of_care, dollars(answers_.people == People::none ? hired_hour : own_hour),
                                dollars(monitoring + infrastructure)));
    lines.push_back(
        fmt::format("A bought machine: its cards and {} for the computer around them, over {} months; its "
                    "full power at {} a kWh, with {:.1f} for the building.",
                    dollars(host_price), life_months, dollars(per_kwh), static_cast<double>(pue) / 1e6));
    lines.push_back(
        fmt::format("Traffic: {}. A month has 30 days; nothing of a prompt is cached.", answers_.workload.source));
  }

  const Answers& answers_;
  int64_t tokens_;  // of a request
  LocalModel model_;
  std::string price_source_;
  std::vector<Candidate> candidates_;
  Economics out_;
};

}  // namespace

Economics economics_of(const Answers& answers, const Catalog& prices) { return Costing(answers, prices).make(); }

int64_t most_hybrid_share(Quality quality) {
  return quality == Quality::best ? 800'000 : quality == Quality::good ? 900'000 : 950'000;
}

}  // namespace weir::plan
