#include "economics/document/document_options.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/nearest.h"

namespace weir::plan {
namespace {

std::string short_name(std::string_view name) { return "`" + std::string(name.substr(0, 40)) + "`"; }

std::string listed(const OptionNames& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name.substr(0, 40);
  return out;
}

// `36 months`, `3 years`
std::optional<int64_t> months_of(std::string_view text) {
  const auto space = text.find_first_not_of("0123456789.");
  if (space == std::string_view::npos) return std::nullopt;
  auto unit = text.substr(space);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit.ends_with('s')) unit.remove_suffix(1);
  constexpr int64_t year = 12;
  constexpr int64_t longest = 40 * year;
  const int64_t factor = unit == "month" ? 1 : unit == "year" ? year : 0;
  const auto number = parse_decimal(text.substr(0, space), 3);
  if (factor == 0 || !number || *number > longest * 1000 || *number * factor % 1000 != 0) return std::nullopt;
  const auto months = *number * factor / 1000;
  return months >= 1 && months <= longest ? std::optional(months) : std::nullopt;
}

std::string share_text(int64_t share) { return decimal_text(share, 4) + " %"; }

}  // namespace

std::optional<std::size_t> find_option(config::Reading& reading, const Text& name, std::string_view key,
                                       const OptionNames& names) {
  const auto found = std::find(names.begin(), names.end(), name.value);
  if (found != names.end() && !name.value.empty()) return static_cast<std::size_t>(found - names.begin());
  if (!name) return std::nullopt;  // reported as missing
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto near = nearest(name.value, views);
  reading.error(name.at, fmt::format("`{}`: there is no option {}", key, short_name(name.value)),
                near.empty() ? "the options are " + listed(names) : fmt::format("did you mean {}?", short_name(near)));
  return std::nullopt;
}

Option OptionMaker::make(const OptionDoc& doc) const {
  Option out{.name = doc.name.value};
  const auto* parts = doc.at->find("parts");
  const std::array<const yaml::Node*, 3> kinds = {doc.at->find("cloud"), doc.at->find("local"), parts};
  const auto given = kinds.size() - static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), nullptr));
  if (given != 1) {
    reading_.error(doc.at,
                   fmt::format("option {} has {} `cloud`, `local` and `parts`", short_name(out.name),
                               given == 0 ? "none of" : "more than one of"),
                   "give it one of them, as in cloud: {model: openai/gpt-4o}");
    return out;
  }
  if (doc.cloud.at != nullptr) {
    out.what = cloud(doc.cloud, out.sources);
  } else if (doc.local.at != nullptr) {
    out.what = local(doc.local, doc, out.sources);
  } else if (parts != nullptr) {
    out.what = hybrid(doc);
  }
  return out;
}

CloudOption OptionMaker::cloud(const CloudDoc& doc, std::vector<std::string>& sources) const {
  CloudOption out;
  token_prices(doc, out, sources);
  out.pico_per_request = doc.usd_per_request.value_or(0);
  out.fee_per_month = doc.usd_per_month;
  if (doc.usd_per_request)
    sources.push_back(fmt::format("${} per request, as stated", decimal_text(*doc.usd_per_request, 12)));
  if (doc.at->find("usd_per_month") != nullptr)
    sources.push_back(fmt::format("{} a month whatever the volume, as stated", dollars(doc.usd_per_month)));
  if (doc.at->entries.empty())
    reading_.error(doc.at, "`cloud` says no price",
                   "add model: openai/gpt-4o, or input_per_million and output_per_million, or usd_per_request");
  batch(doc, out, sources);
  return out;
}

void OptionMaker::token_prices(const CloudDoc& doc, CloudOption& out, std::vector<std::string>& sources) const {
  if (doc.model) {
    auto found = price_of(doc.model.value, book_.models);
    if (!found.price) return reading_.error(doc.model.at, found.problem, found.mend);
    out.model = doc.model.value;
    out.prices = found.price->prices;
    sources.push_back(found.source);
  }
  bool stated = false;
  const auto one = [&](std::string_view key, const std::optional<int64_t>& per_million_tokens,
                       const std::optional<int64_t>& per_1k) {
    if (per_million_tokens && per_1k)
      reading_.error(doc.at, fmt::format("`{}_per_million` and `{}_per_1k` are the same price", key, key),
                     "keep one of them");
    stated = stated || per_million_tokens || per_1k;
    return per_million_tokens ? per_million_tokens : per_1k;  // 10^-9 dollars per 1k are micro-dollars per million
  };
  const auto input = one("input", doc.input_per_million, doc.input_per_1k);
  const auto cached = one("cached", doc.cached_per_million, doc.cached_per_1k);
  const auto output = one("output", doc.output_per_million, doc.output_per_1k);
  if (!stated) return;
  const auto& tokens = comparison_.workload.tokens;
  const auto needed = [&](std::string_view key, const std::optional<int64_t>& price, int64_t used) {
    if (!price && used > 0 && !out.prices.known)
      reading_.error(doc.at, fmt::format("`{}_per_million` is missing", key),
                     fmt::format("add it (or {}_per_1k), or name a model of the catalog", key));
  };
  needed("input", input, tokens.input);
  needed("output", output, tokens.output);
  if (!out.prices.known || (input && !cached)) out.prices.cached = input.value_or(0);
  out.prices.input = input.value_or(out.prices.input);
  out.prices.output = output.value_or(out.prices.output);
  out.prices.cached = cached.value_or(out.prices.cached);
  out.prices.known = true;
  sources.push_back(fmt::format("{} input, {} output per million tokens, as stated", dollars(out.prices.input),
                                dollars(out.prices.output)));
  if (cached) sources.back() += fmt::format("; {} cached", dollars(out.prices.cached));
}

void OptionMaker::batch(const CloudDoc& doc, CloudOption& out, std::vector<std::string>& sources) const {
  const auto& tokens = comparison_.workload.tokens;
  if (out.prices.known && !doc.usd_per_request && tokens.input == 0 && tokens.output == 0 &&
      comparison_.workload.requests > 0)
    reading_.error(doc.at, "it is paid by tokens, and `workload` has none",
                   "add input_tokens and output_tokens to the workload, or a usd_per_request here");
  if (!out.prices.known || comparison_.batch_share == 0) return;
  const auto provider = std::string_view(out.model).substr(0, out.model.find('/'));
  const auto usual = batch_discount_of(provider);
  if (doc.batch_discount) {
    out.batch_discount = *doc.batch_discount;
  } else if (usual) {
    out.batch_discount = *usual;
  } else {
    return reading_.error(doc.at, "`batch_discount` is missing: what batches cost here is not known",
                          "add batch_discount: 50%, or 0% where batches cost the same");
  }
  sources.push_back(fmt::format("batches: {} off the list prices, {}; no further discount for cached tokens",
                                share_text(out.batch_discount),
                                doc.batch_discount ? "as stated" : "as its provider publishes"));
}

LocalOption OptionMaker::local(const LocalDoc& doc, const OptionDoc& option, std::vector<std::string>& sources) const {
  LocalOption out;
  if (doc.machine.at != nullptr) out.machine = machine(doc.machine, sources);
  out.machines = doc.machines;
  out.capacity = doc.capacity.at != nullptr ? capacity(doc.capacity, sources) : Capacity{};
  if (doc.staff.at != nullptr && doc.staff_per_month)
    reading_.error(doc.staff.at, "`staff` and `staff_per_month` are the same cost", "keep one of them");
  constexpr int64_t months_a_year = 12;
  out.staff = doc.staff_per_month.value_or(scaled(doc.staff.usd_per_year, doc.staff.people, 1000 * months_a_year));
  if (doc.staff.at != nullptr && !doc.staff_per_month)
    sources.push_back(fmt::format("staff: {} people at {} a year", decimal_text(doc.staff.people, 3),
                                  dollars(doc.staff.usd_per_year)));
  out.monitoring = doc.monitoring_per_month;
  out.infrastructure = doc.infrastructure_per_month;
  spill(doc, option, out);
  return out;
}

Machine OptionMaker::machine(const MachineDoc& doc, std::vector<std::string>& sources) const {
  Machine out{.gpu = doc.gpu.value, .gpus = doc.gpus};
  std::optional<Gpu> gpu;
  if (doc.gpu) {
    if (book_.gpu) gpu = book_.gpu(doc.gpu.value);
    if (!gpu) {
      const auto near = book_.nearest_gpu ? book_.nearest_gpu(doc.gpu.value) : std::string_view{};
      reading_.error(doc.gpu.at, fmt::format("`gpu`: the catalog has no {}", short_name(doc.gpu.value)),
                     near.empty()
                         ? "leave `gpu` out and give the machine's cost yourself"
                         : fmt::format("did you mean `{}`? Or leave it out and give the machine's cost", near));
      return out;
    }
  }
  if (gpu && doc.gpus > 1) sources.push_back(link_note(*gpu, doc.gpus));
  std::string given;
  int costs = 0;
  for (const std::string_view key : {"rent_per_hour", "rent_per_machine_hour", "owned", "usd_per_month"}) {
    if (doc.at->find(key) == nullptr) continue;
    ++costs;
    given += fmt::format("{}`{}`", given.empty() ? "" : " and ", key);
  }
  if (costs > 1) {
    reading_.error(doc.at, fmt::format("{} each say what the machine costs", given), "keep one of them");
    return out;
  }
  if (doc.owned.at != nullptr) {
    out.owned = owned(doc.owned, doc, gpu, sources);
  } else if (doc.usd_per_month) {
    out.usd_per_month = *doc.usd_per_month;
    sources.push_back(fmt::format("{} a month for one machine, as stated", dollars(*doc.usd_per_month)));
  } else if (doc.rent_per_machine_hour) {
    out.rent_per_hour = *doc.rent_per_machine_hour;
    sources.push_back(fmt::format("{} an hour for one machine, as stated", dollars(*doc.rent_per_machine_hour)));
  } else if (doc.rent_per_hour) {
    out.rent_per_hour = *doc.rent_per_hour * doc.gpus;
    sources.push_back(doc.gpus == 1 ? fmt::format("{} an hour, as stated", dollars(*doc.rent_per_hour))
                                    : fmt::format("{} an hour for each of {} GPUs, as stated",
                                                  dollars(*doc.rent_per_hour), doc.gpus));
  } else if (gpu && gpu->rent_per_hour > 0 && costs == 0) {
    out.rent_per_hour = gpu->rent_per_hour * doc.gpus;
    sources.push_back(fmt::format("{} an hour for each of {} × {}; GPU catalog of {}", dollars(gpu->rent_per_hour),
                                  doc.gpus, gpu->title, gpu->as_of));
    if (gpu->spot_per_hour > 0) {
      sources.push_back(
          fmt::format("that is on demand; where it may end at short notice, {} is asked", dollars(gpu->spot_per_hour)));
    }
  } else if (costs == 0) {
    reading_.error(doc.at, "`machine` does not say what it costs",
                   "add rent_per_hour (per GPU), rent_per_machine_hour, usd_per_month, or owned: {price: …}");
  }
  return out;
}

Owned OptionMaker::owned(const OwnedDoc& doc, const MachineDoc& machine, const std::optional<Gpu>& gpu,
                         std::vector<std::string>& sources) const {
  Owned out{.residual = doc.residual.value_or(0), .dollars_per_kwh = doc.electricity_per_kwh, .pue = doc.pue};
  const bool price_written = doc.at->find("price") != nullptr;
  const bool watts_written = doc.at->find("watts") != nullptr;
  if (doc.price) {
    out.price = *doc.price;
    sources.push_back(fmt::format("{} for one machine, as stated", dollars(out.price)));
  } else if (gpu && gpu->price > 0 && !price_written) {
    out.price = gpu->price * machine.gpus;
    const std::string_view what = gpu->link == Link::network ? "whole computers" : "without the computer around";
    sources.push_back(fmt::format("{} for {} × {}, {}; GPU catalog of {}", dollars(out.price), machine.gpus, gpu->title,
                                  what, gpu->as_of));
  } else if (!price_written) {
    reading_.error(doc.at, "`price` is missing", "add what the whole machine cost, as in price: 3200");
  }
  if (doc.watts) {
    out.watts = *doc.watts;
  } else if (gpu && !watts_written) {
    out.watts = gpu->watts * machine.gpus;
  } else if (!watts_written) {
    reading_.error(doc.at, "`watts` is missing", "add what the machine draws on average, as in watts: 450");
  }
  if (doc.life) {
    const auto months = months_of(doc.life.value);
    if (!months)
      reading_.error(doc.life.at,
                     fmt::format("`life` must be from 1 month to 40 years, not {}", short_name(doc.life.value)),
                     "write life: 36 months, or life: 3 years");
    out.life_months = months.value_or(1);
  } else {
    out.life_months = 1;  // reported as missing
  }
  if (out.residual > out.price)
    reading_.error(doc.at, "`residual` is more than `price`", "write what the machine is still worth after its life");
  sources.push_back(fmt::format("written off in equal parts over {} months; {} W day and night at {} a kWh, PUE {}",
                                out.life_months, grouped(out.watts), dollars(out.dollars_per_kwh),
                                decimal_text(out.pue, 6)));
  if (!doc.watts && gpu) sources.back() += "; the power is the GPUs' limit by their data sheet";
  return out;
}

Capacity OptionMaker::capacity(const CapacityDoc& doc, std::vector<std::string>& sources) const {
  Capacity out;
  const bool rate_written = doc.at->find("tokens_per_second") != nullptr;
  const bool month_written = doc.at->find("requests_per_month") != nullptr;
  if (rate_written == month_written) {
    reading_.error(doc.at,
                   rate_written ? "`tokens_per_second` and `requests_per_month` both say what a machine takes"
                                : "`capacity` says nothing",
                   rate_written ? "keep one of them" : "add tokens_per_second: 2400, or requests_per_month: 300000");
    return out;
  }
  if (month_written) {
    if (doc.at->entries.size() > 1)
      reading_.error(doc.at, "`requests_per_month` has peaks and headroom in it already", "remove the other keys");
    out.requests_per_month = doc.requests_per_month.value_or(1);
    sources.push_back(
        fmt::format("one machine serves {} requests a month, as stated", grouped(out.requests_per_month)));
    return out;
  }
  constexpr int64_t usual_utilisation = 700'000;
  out.output_rate = doc.tokens_per_second.value_or(1);
  out.prompt_rate = doc.prompt_tokens_per_second.value_or(0);
  out.utilisation = doc.utilisation.value_or(usual_utilisation);
  if (out.utilisation == 0)
    reading_.error(doc.at, "`utilisation` of 0% means a machine that does nothing", "write utilisation: 70%");
  const auto& tokens = comparison_.workload.tokens;
  if (tokens.output == 0 && (out.prompt_rate == 0 || tokens.input == 0) && comparison_.workload.requests > 0)
    reading_.error(doc.at, "`tokens_per_second` says nothing about requests without tokens",
                   "add output_tokens to the workload, or write requests_per_month here");
  sources.push_back(fmt::format("one machine gives {} output tokens/s", decimal_text(out.output_rate, 3)));
  if (out.prompt_rate > 0)
    sources.back() += fmt::format(" and reads {} prompt tokens/s", decimal_text(out.prompt_rate, 3));
  sources.back() += fmt::format(", used to {} in the busiest hour ({})", share_text(out.utilisation),
                                doc.utilisation ? "as stated" : "Weir's default");
  return out;
}

void OptionMaker::spill(const LocalDoc& doc, const OptionDoc& option, LocalOption& out) const {
  if (!doc.spill) return;
  const auto to = find_option(reading_, doc.spill, "spill", names_);
  if (!to) return;
  if (!out.capacity.known() && doc.at->find("capacity") == nullptr)
    return reading_.error(doc.spill.at, "`spill` needs to know what the machines take",
                          "add capacity: {tokens_per_second: 2400}");
  // Along the chain of spills: it must not come back.
  const auto* at = doc_of(*to);
  for (std::size_t step = 0; step <= docs_.size(); ++step) {
    if (at == &option)
      return reading_.error(doc.spill.at, "`spill` comes back to the option itself", "end the chain at a cloud option");
    if (at->at->find("parts") != nullptr)
      return reading_.error(doc.spill.at, "`spill` must name a cloud or local option, not one with parts",
                            "name the option that takes the rest");
    const auto next = std::find(names_.begin(), names_.end(), at->local.spill.value);
    if (!at->local.spill || next == names_.end()) break;
    at = doc_of(static_cast<std::size_t>(next - names_.begin()));
  }
  out.spill = to;
}

HybridOption OptionMaker::hybrid(const OptionDoc& doc) const {
  HybridOption out;
  if (doc.parts.empty()) {
    const auto* node = doc.at->find("parts");
    if (node->kind == yaml::Node::Kind::list)
      reading_.error(node, "`parts` is empty", "add two, as in - {share: 80%, option: local}");
    return out;
  }
  if (doc.parts.size() > most_options) {
    reading_.error(doc.at, fmt::format("an option has {} parts at most", most_options), "");
    return out;
  }
  int64_t sum = 0;
  for (const auto& part : doc.parts) {
    sum += part.share;
    const auto option = find_option(reading_, part.option, "option", names_);
    if (!option) continue;
    if (doc_of(*option) == &doc) {
      reading_.error(part.option.at, fmt::format("option {} is a part of itself", short_name(doc.name.value)),
                     "name a cloud or local option");
    } else if (doc_of(*option)->at->find("parts") != nullptr) {
      reading_.error(part.option.at, fmt::format("part {} has parts itself", short_name(part.option.value)),
                     "name its cloud and local options here");
    } else if (std::any_of(out.parts.begin(), out.parts.end(),
                           [&](const Part& one) { return one.option == *option; })) {
      reading_.error(part.option.at, fmt::format("option {} is named twice", short_name(part.option.value)),
                     "add the two shares up");
    }
    out.parts.push_back({.option = *option, .share = part.share});
  }
  const bool all_written = std::all_of(doc.parts.begin(), doc.parts.end(),
                                       [](const PartDoc& part) { return part.at->find("share") != nullptr; });
  if (sum != whole_share && all_written && !reading_.full())
    reading_.error(doc.at->find("parts"), fmt::format("the shares of `parts` sum to {}, not to 100 %", share_text(sum)),
                   "change them so that every request goes somewhere");
  return out;
}

}  // namespace weir::plan
