#include "economics/from_ledger/ledger_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "economics/advice/advice_models.h"
#include "economics/document/document.h"
#include "economics/sizing/roofline.h"

namespace weir::plan {
namespace {

constexpr std::size_t most_clouds = 3;
// Real servers reach about half of what memory and arithmetic allow; of that, 70 % at the busiest hour.
constexpr int64_t share_of_bound = 500'000;
constexpr int64_t usual_utilisation = 700'000;
constexpr int64_t sequences_at_a_time = 16;
constexpr int64_t local_share = 800'000;  // of the hybrid

bool was_answered(const Arrival& arrival) { return arrival.model != 0 && arrival.outcome == outcome_ok; }

// What was paid for every request, failed attempts included, spread over the answered ones.
Option as_paid(const Traffic& traffic) {
  Wide paid = 0;
  int64_t answered = 0;
  int64_t unknown = 0;
  for (const auto& arrival : traffic.arrivals) {
    paid += arrival.cost;
    answered += was_answered(arrival) ? 1 : 0;
    unknown += arrival.priced ? 0 : 1;
  }
  CloudOption what;
  what.pico_per_request = static_cast<int64_t>((paid * one_request + answered / 2) / std::max<int64_t>(answered, 1));
  Option out{.name = "as paid", .what = what};
  out.sources.push_back(fmt::format("{} recorded for {} answered requests; machines by the time that they were busy",
                                    dollars(static_cast<MicroDollars>(paid)), grouped(answered)));
  if (unknown > 0)
    out.sources.push_back(fmt::format("{} requests had no known price and count as free", grouped(unknown)));
  if (traffic.sandbox > 0)
    out.sources.push_back(
        fmt::format("{} requests were answered by sandbox models: they are left out", grouped(traffic.sandbox)));
  return out;
}

// The same usage at the routes' baseline models, as recorded; nullopt where no route had one.
std::optional<Option> on_baseline(const Traffic& traffic) {
  Wide cost = 0;
  int64_t counted = 0;
  for (const auto& arrival : traffic.arrivals) {
    if (!was_answered(arrival) || arrival.baseline < 0) continue;
    cost += arrival.baseline;
    ++counted;
  }
  if (counted == 0) return std::nullopt;
  CloudOption what;
  what.pico_per_request = static_cast<int64_t>((cost * one_request + counted / 2) / counted);
  Option out{.name = "all on the baseline", .what = what};
  out.sources.push_back(fmt::format("{} recorded as the baseline of {} requests",
                                    dollars(static_cast<MicroDollars>(cost)), grouped(counted)));
  return out;
}

struct SeenModel {
  std::string model;
  std::string provider;
  int64_t requests = 0;
};

// Cloud models that answered, those with most requests first.
std::vector<SeenModel> cloud_models(const Traffic& traffic) {
  std::map<Name, SeenModel> seen;
  for (const auto& arrival : traffic.arrivals) {
    if (!was_answered(arrival) || arrival.answered_local || arrival.attempts == 0) continue;
    auto& one = seen[arrival.model];
    one.model = traffic.name(arrival.model);
    const auto& last = traffic.attempts[arrival.first_attempt + arrival.attempts - 1U];
    one.provider = traffic.name(last.provider);
    ++one.requests;
  }
  std::vector<SeenModel> out;
  for (auto& [name, one] : seen) out.push_back(std::move(one));
  std::stable_sort(out.begin(), out.end(),
                   [](const SeenModel& a, const SeenModel& b) { return a.requests > b.requests; });
  return out;
}

std::optional<Option> all_on(const SeenModel& seen, const Snapshot* config, const Catalog& catalog) {
  Option out{.name = "all on " + seen.model};
  CloudOption what;
  const auto model = config != nullptr ? find_model(*config, seen.model) : std::nullopt;
  if (model && config->models[*model].prices.known) {
    const auto& settings = config->models[*model];
    what.prices = settings.prices;
    out.sources.push_back(fmt::format(
        "{} input, {} output per million tokens; {}", dollars(what.prices.input), dollars(what.prices.output),
        settings.prices_as_of.empty() ? "from the configuration" : "price catalog of " + settings.prices_as_of));
  } else {
    const auto found = price_of(seen.provider + "/" + seen.model, catalog);
    if (!found.price) return std::nullopt;
    what.prices = found.price->prices;
    out.sources.push_back(found.source);
  }
  out.what = what;
  return out;
}

// The cheapest accelerators to rent that hold an open model as it is published, as fast as half the roofline.
std::optional<Option> local_candidate(const LocalSuggestion& model, const Workload& workload) {
  const auto shape = shape_named(model.shape);
  const auto* bits = find_quantisation(model.quantisation);
  if (!shape || bits == nullptr) return std::nullopt;
  const auto per_request = [&](int64_t tokens) { return std::max<int64_t>(1, tokens / workload.requests); };
  const TokenMix mix{.prompt = per_request(workload.tokens.input), .output = per_request(workload.tokens.output)};
  constexpr int64_t least_context = 8192;
  SizingRequest request{.shape = *shape, .quantisation = *bits, .concurrency = sequences_at_a_time};
  request.context = std::min(std::max(least_context, 2 * (mix.prompt + mix.output)),
                             shape->context > 0 ? shape->context : least_context);
  for (const auto& place : placements(request)) {
    if (place.gpu.rent_per_hour <= 0) continue;
    const auto speed = roofline(request, place.gpu, place.cards, mix);
    constexpr double per_thousandth = 1000.0 * share_of_bound / whole_share;
    LocalOption what;
    what.machine = {
        .gpu = std::string(place.gpu.id), .gpus = place.cards, .rent_per_hour = place.gpu.rent_per_hour * place.cards};
    what.capacity = {.output_rate = std::max<int64_t>(1, std::llround(speed.tokens_per_s * per_thousandth)),
                     .prompt_rate = std::max<int64_t>(
                         1, std::llround(static_cast<double>(mix.prompt) / speed.prefill_s * per_thousandth)),
                     .utilisation = usual_utilisation};
    Option out{.name = fmt::format("{} on {}", shape->title, cards_text(place.gpu, place.cards)), .what = what};
    if (place.cards > 1) out.sources.push_back(link_note(place.gpu, place.cards));
    out.sources.push_back(fmt::format("{} an hour for each of {} × {}; GPU catalog of {}",
                                      dollars(place.gpu.rent_per_hour), place.cards, place.gpu.title, place.gpu.as_of));
    out.sources.push_back(fmt::format(
        "{:.0f} output tokens/s of one machine: half of what the roofline allows at {} requests at a time, used "
        "to 70 % in the busiest hour; measure yours with weir bench-model",
        speed.tokens_per_s / 2, sequences_at_a_time));
    out.sources.emplace_back("no staff and no monitoring are in it: state them in a plan file");
    return out;
  }
  return std::nullopt;
}

}  // namespace

Result<Comparison> comparison_of(const Traffic& traffic, const Workload& workload, const Snapshot* config,
                                 const Catalog& catalog) {
  Comparison out{.name = "From the ledger", .workload = workload};
  out.options.push_back(as_paid(traffic));
  if (auto baseline = on_baseline(traffic)) out.options.push_back(std::move(*baseline));
  std::optional<std::size_t> cloud;
  if (out.options.size() > 1) cloud = 1;
  const auto before = out.options.size();
  for (const auto& seen : cloud_models(traffic)) {
    if (out.options.size() - before == most_clouds) break;
    if (auto option = all_on(seen, config, catalog)) {
      if (!cloud) cloud = out.options.size();
      out.options.push_back(std::move(*option));
    }
  }
  std::optional<std::size_t> local;
  for (const auto quality : {Quality::basic, Quality::best}) {
    const LocalSuggestion& model = suggested_local(quality);
    if (auto option = local_candidate(model, workload)) {
      if (!local) local = out.options.size();
      out.options.push_back(std::move(*option));
    }
  }
  if (cloud && local) {
    out.options.push_back({.name = "hybrid 80/20",
                           .what = HybridOption{{{.option = *local, .share = local_share},
                                                 {.option = *cloud, .share = whole_share - local_share}}}});
  }
  if (std::get<CloudOption>(out.options[0].what).pico_per_request == 0 && !cloud)
    return failure(ErrorCode::invalid_request,
                   "nothing in the ledger had a price: state prices in the configuration, or write a plan file");
  return out;
}

}  // namespace weir::plan
