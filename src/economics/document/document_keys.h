// The shape of a plan file: one struct per map and one `fields` function per struct, as in config/document.h, whose
// Reader fills them. Only for document.cpp and its tests.
#pragma once

#include <optional>
#include <vector>

#include "config/document.h"
#include "economics/base/money.h"

namespace weir::plan {

using config::Need;
using config::Text;
using config::Texts;

struct WorkloadDoc {
  const yaml::Node* at = nullptr;
  int64_t requests = 0;
  int64_t input_tokens = 0, output_tokens = 0;  // thousandths
  int64_t cached_share = 0, batch_share = 0;
  std::optional<int64_t> peak;  // thousandths
  Texts hours;
  std::optional<int64_t> growth_per_month;
};

struct CloudDoc {
  const yaml::Node* at = nullptr;
  Text model;
  std::optional<int64_t> input_per_million, cached_per_million, output_per_million;  // micro-dollars
  std::optional<int64_t> input_per_1k, cached_per_1k, output_per_1k;                 // 10^-9 dollars
  std::optional<int64_t> batch_discount;
  std::optional<int64_t> usd_per_request;  // 10^-12 dollars
  int64_t usd_per_month = 0;
};

struct OwnedDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> price, residual;
  Text life;
  std::optional<int64_t> watts;
  int64_t electricity_per_kwh = 0;
  int64_t pue = 1'000'000;
};

struct MachineDoc {
  const yaml::Node* at = nullptr;
  Text gpu;
  int64_t gpus = 1;
  std::optional<int64_t> rent_per_hour, rent_per_machine_hour, usd_per_month;
  OwnedDoc owned;
};

struct CapacityDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> tokens_per_second, prompt_tokens_per_second, utilisation, requests_per_month;
};

struct StaffDoc {
  const yaml::Node* at = nullptr;
  int64_t people = 0;  // thousandths
  int64_t usd_per_year = 0;
};

struct LocalDoc {
  const yaml::Node* at = nullptr;
  MachineDoc machine;
  int64_t machines = 1;
  CapacityDoc capacity;
  StaffDoc staff;
  std::optional<int64_t> staff_per_month;
  int64_t monitoring_per_month = 0, infrastructure_per_month = 0;
  Text spill;
};

struct PartDoc {
  const yaml::Node* at = nullptr;
  Text option;
  int64_t share = 0;
};

struct OptionDoc {
  const yaml::Node* at = nullptr;
  Text name;
  CloudDoc cloud;
  LocalDoc local;
  std::vector<PartDoc> parts;
};

struct ClaimDoc {
  const yaml::Node* at = nullptr;
  Text option, part, source;
  Texts monthly_usd, saved_usd, saved_pct, break_even_requests;
};

struct PlanDoc {
  const yaml::Node* at = nullptr;
  Text name;
  int64_t days = 30;
  WorkloadDoc workload;
  std::vector<OptionDoc> options;
  Texts volumes;
  std::vector<ClaimDoc> claims;
};

// Money of a month or a machine: to the micro-dollar, up to a billion dollars.
inline constexpr config::Decimal plan_money{.digits = 6, .least = 0, .most = 1'000'000'000'000'000, .unit = "$"};
inline constexpr config::Decimal per_million{.digits = 6, .least = 0, .most = 10'000'000'000, .unit = "$"};
inline constexpr config::Decimal per_thousand{.digits = 9, .least = 0, .most = 10'000'000'000, .unit = "$"};
inline constexpr config::Decimal per_hour{.digits = 6, .least = 0, .most = 1'000'000'000'000, .unit = "$"};
inline constexpr config::Decimal per_request{.digits = 12, .least = 0, .most = 10'000'000'000'000'000, .unit = "$"};
inline constexpr config::Decimal per_kwh{.digits = 6, .least = 0, .most = 100'000'000, .unit = "$"};
inline constexpr config::Decimal tokens_each{.digits = 3, .least = 0, .most = 10'000'000'000};
inline constexpr config::Decimal token_rate{.digits = 3, .least = 1, .most = 1'000'000'000'000};
inline constexpr config::Range request_count{1, most_requests, true};

template <typename V>
void fields(V& v, WorkloadDoc& d) {
  v.integer("requests", d.requests, request_count,
            {"Requests a month; `700k`, `1M` and `40k/day` are understood.", "1000000", {}, Need::required});
  v.number("input_tokens", d.input_tokens, tokens_each, {"Prompt tokens of a request, on average.", "500", "0"});
  v.number("output_tokens", d.output_tokens, tokens_each, {"Tokens of an answer, on average.", "500", "0"});
  v.share("cached_share", d.cached_share,
          {"How many of the prompt tokens the provider, or the local server, has read before.", "40%", "0%"});
  v.share("batch_share", d.batch_share,
          {"How many of the requests can wait for a cloud provider's batch, at its lower price.", "10%", "0%"});
  v.number("peak", d.peak, config::Decimal{.digits = 3, .least = 1000, .most = 24'000},
           {"The busiest hour of the day, as a multiple of the average hour.", "3.0", "1: all hours alike"});
  v.texts("hours", d.hours,
          {"Instead of `peak`: 24 numbers, how much of the day's requests comes in each hour, in any unit.",
           "[1, 1, 1, 1, 1, 1, 2, 4, 8, 9, 9, 8, 7, 8, 9, 9, 8, 7, 5, 4, 3, 2, 2, 1]", "all alike"});
  v.share("growth_per_month", d.growth_per_month,
          {"How much the requests grow from month to month; the costs of two years are shown.", "10%", "none"});
}

template <typename V>
void fields(V& v, CloudDoc& d) {
  v.text("model", d.model,
         {"A model of the price catalog, as `provider/model`: its prices count where none is given here.",
          "openai/gpt-4o", "prices as given"});
  v.number("input_per_million", d.input_per_million, per_million, {"Dollars per million input tokens.", "2.50"});
  v.number("cached_per_million", d.cached_per_million, per_million,
           {"Dollars per million input tokens from the provider's cache.", "1.25", "as input"});
  v.number("output_per_million", d.output_per_million, per_million, {"Dollars per million output tokens.", "10"});
  v.number("input_per_1k", d.input_per_1k, per_thousand, {"The same, per thousand tokens.", "0.0025"});
  v.number("cached_per_1k", d.cached_per_1k, per_thousand, {"The same, per thousand tokens.", "0.00125", "as input"});
  v.number("output_per_1k", d.output_per_1k, per_thousand, {"The same, per thousand tokens.", "0.01"});
  v.share("batch_discount", d.batch_discount,
          {"What comes off both prices for the workload's batch share.", "50%", "the provider's, where known"});
  v.number("usd_per_request", d.usd_per_request, per_request,
           {"Dollars per request, in addition to tokens that have a price.", "0.045"});
  v.number("usd_per_month", d.usd_per_month, plan_money, {"A fixed fee, whatever the volume.", "500", "0"});
}

template <typename V>
void fields(V& v, OwnedDoc& d) {
  v.number("price", d.price, plan_money,
           {"What the whole machine cost, in dollars.", "3200", "the catalog's price of the GPUs alone"});
  v.text("life", d.life,
         {"How long it is written off over, in months or years; in equal parts.", "36 months", {}, Need::required});
  v.number("residual", d.residual, plan_money, {"What it is still worth then.", "400", "0"});
  v.integer(
      "watts", d.watts, config::Range{0, 1'000'000},
      {"What the whole machine draws on average, in watts.", "450", "the power limit of the GPUs, day and night"});
  v.number("electricity_per_kwh", d.electricity_per_kwh, per_kwh,
           {"Dollars per kilowatt-hour.", "0.18", {}, Need::required});
  v.number("pue", d.pue, config::Decimal{.digits = 6, .least = 1'000'000, .most = 10'000'000},
           {"Power of the building per power of the machine: cooling, losses.", "1.5", "1"});
}

template <typename V>
void fields(V& v, MachineDoc& d) {
  v.text("gpu", d.gpu, {"A GPU of the catalog: its rent, price and power count where none is given.", "a100-80gb"});
  v.integer("gpus", d.gpus, config::Range{1, 1024}, {"How many of them are in one machine.", "2", "1"});
  v.number("rent_per_hour", d.rent_per_hour, per_hour,
           {"Rent of one GPU, in dollars an hour, day and night.", "3.00", "the catalog's"});
  v.number("rent_per_machine_hour", d.rent_per_machine_hour, per_hour, {"Or rent of the whole machine.", "6.00"});
  v.object("owned", d.owned,
           {"Or it is bought.", "{price: 3200, life: 36 months, watts: 450, electricity_per_kwh: 0.18}"});
  v.number("usd_per_month", d.usd_per_month, plan_money, {"Or what one machine costs a month, all in all.", "5000"});
}

template <typename V>
void fields(V& v, CapacityDoc& d) {
  v.number("tokens_per_second", d.tokens_per_second, token_rate,
           {"Output tokens a second of one machine under full load, all requests together.", "2400"});
  v.number("prompt_tokens_per_second", d.prompt_tokens_per_second, token_rate,
           {"Prompt tokens a second that it reads, where that takes time of its own.", "12000", "takes none"});
  v.share("utilisation", d.utilisation,
          {"How much of that it is planned to do in the busiest hour; the rest is headroom.", "70%", "70%"});
  v.integer("requests_per_month", d.requests_per_month, request_count,
            {"Or what one machine serves in a month, with peaks and headroom in it.", "300000"});
}

template <typename V>
void fields(V& v, StaffDoc& d) {
  v.number("people", d.people, config::Decimal{.digits = 3, .least = 0, .most = 1'000'000},
           {"How many people's time it takes.", "0.25", {}, Need::required});
  v.number("usd_per_year", d.usd_per_year, plan_money,
           {"What one of them costs a year.", "144000", {}, Need::required});
}

template <typename V>
void fields(V& v, LocalDoc& d) {
  v.object("machine", d.machine,
           {"What one machine is and costs.", "{gpu: a100-80gb, gpus: 2, rent_per_hour: 3.00}", {}, Need::required});
  v.integer("machines", d.machines, config::Range{1, 100'000},
            {"How many there are at least; with `spill`, how many there are.", "1", "1"});
  v.object("capacity", d.capacity,
           {"What one machine takes: so many are counted as the busiest hour needs.",
            "{tokens_per_second: 2400, utilisation: 70%}", "the machines take any volume"});
  v.object("staff", d.staff, {"People who look after it.", "{people: 0.25, usd_per_year: 144000}"});
  v.number("staff_per_month", d.staff_per_month, plan_money, {"Or their cost a month, in dollars.", "3000", "0"});
  v.number("monitoring_per_month", d.monitoring_per_month, plan_money, {"Dollars a month.", "200", "0"});
  v.number("infrastructure_per_month", d.infrastructure_per_month, plan_money,
           {"Network, storage, space, in dollars a month.", "500", "0"});
  v.text("spill", d.spill,
         {"The option that takes what these machines cannot, hour by hour.", "cloud", "machines are added"});
}

template <typename V>
void fields(V& v, PartDoc& d) {
  v.share("share", d.share, {"Of the requests.", "80%", {}, Need::required});
  v.text("option", d.option, {"Who serves them: a cloud or local option of this plan.", "local", {}, Need::required});
}

template <typename V>
void fields(V& v, OptionDoc& d) {
  v.text("name", d.name, {"What it is called.", "local", {}, Need::required});
  v.object("cloud", d.cloud, {"Paid by what is used.", "{model: openai/gpt-4o}"});
  v.object("local", d.local, {"Paid by the machine.", "{machine: {gpu: l4, rent_per_hour: 0.80}}"});
  v.list(
      "parts", d.parts,
      {"Or shares of the requests go to other options.", "[{share: 80%, option: local}, {share: 20%, option: cloud}]"});
}

template <typename V>
void fields(V& v, ClaimDoc& d) {
  v.text("option", d.option, {"The option that it is about.", "local", {}, Need::required});
  v.text("part", d.part, {"With `monthly_usd`: only this part of the option.", "cloud", "all of it"});
  v.texts("monthly_usd", d.monthly_usd, {"It costs so many dollars a month.", "7820"});
  v.texts("saved_usd", d.saved_usd, {"It saves so many dollars a month against the first option.", "20000"});
  v.texts("saved_pct", d.saved_pct, {"It saves so many percent.", "83"});
  v.texts(
      "break_even_requests", d.break_even_requests,
      {"It costs no more than the first from so many requests a month; two numbers are a range.", "[500000, 1000000]"});
  v.text("source", d.source, {"Who says so.", "a rule of thumb"});
}

template <typename V>
void fields(V& v, PlanDoc& d) {
  v.text("name", d.name, {"What the plan is about.", "One million requests a month", "the file's name"});
  v.integer("days", d.days, config::Range{1, 31}, {"Days of the month.", "30", "30"});
  v.object("workload", d.workload,
           {"What is asked in a month; `--from-ledger` measures it instead.",
            "{requests: 1000000, input_tokens: 500, output_tokens: 500}", "needed without `--from-ledger`"});
  v.list("options", d.options,
         {"Ways to serve it; the others are compared with the first.",
          "[{name: cloud, cloud: {model: openai/gpt-4o}}]",
          {},
          Need::required});
  v.texts("volumes", d.volumes,
          {"Requests a month at which costs are shown too.", "[10k, 100k, 1M, 10M]", "around the workload's"});
  v.list("claims", d.claims,
         {"What is said of an option, to be held against what comes out.", "[{option: local, saved_usd: 20000}]"});
}

}  // namespace weir::plan
