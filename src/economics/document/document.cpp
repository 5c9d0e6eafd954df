#include "economics/document/document.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "config/reader.h"
#include "core/nearest.h"
#include "economics/cost/cost_model.h"
#include "economics/document/document_keys.h"
#include "economics/document/document_options.h"

namespace weir::plan {
namespace {

constexpr int64_t most_tokens = 1'000'000'000'000'000;  // a month

class ComparisonMaker {
 public:
  ComparisonMaker(config::Reading& reading, const PlanDoc& doc, const PriceBook& book)
      : reading_(reading), doc_(doc), book_(book) {}

  Comparison make(const std::string& file, const std::optional<Workload>& measured) {
    const auto slash = file.find_last_of('/');
    out_.name = doc_.name ? doc_.name.value : file.substr(slash == std::string::npos ? 0 : slash + 1);
    out_.days = doc_.days;
    if (measured) {
      out_.workload = *measured;
      out_.batch_share = doc_.workload.batch_share;
    } else {
      workload();
    }
    out_.growth = doc_.workload.growth_per_month;
    if (measured && doc_.workload.at != nullptr)
      reading_.warning(doc_.workload.at,
                       "`workload` is measured from the ledger: only batch_share and growth_per_month of it count", "");
    options();
    for (const auto& text : doc_.volumes) volume(text);
    std::sort(out_.volumes.begin(), out_.volumes.end());
    for (const auto& claim : doc_.claims) claims(claim);
    return std::move(out_);
  }

 private:
  void workload() {
    const auto& doc = doc_.workload;
    auto& work = out_.workload;
    if (doc.at == nullptr) {
      if (doc_.at->find("workload") == nullptr)
        reading_.error(doc_.at, "`workload` is missing",
                       "add workload: {requests: 1000000, input_tokens: 500, output_tokens: 500}, or measure it with "
                       "--from-ledger 30d");
      return;
    }
    work.requests = doc.requests;
    work.source = "stated";
    out_.batch_share = doc.batch_share;
    if (Wide{doc.requests} * std::max(doc.input_tokens, doc.output_tokens) / 1000 > most_tokens) {
      reading_.error(doc.at, "`requests` times tokens is more than a quadrillion tokens a month",
                     "check `requests`, `input_tokens` and `output_tokens`");
      return;
    }
    work.tokens.input = scaled(doc.requests, doc.input_tokens, 1000);
    work.tokens.output = scaled(doc.requests, doc.output_tokens, 1000);
    work.tokens.cached = scaled(work.tokens.input, doc.cached_share, whole_share);
    if (doc.peak && !doc.hours.empty())
      reading_.error(doc.at, "`peak` and `hours` both say when requests come", "keep one of them");
    if (doc.peak) work.hours = hours_with_peak(static_cast<double>(*doc.peak) / 1000);
    if (!doc.hours.empty()) hours(doc.hours);
  }

  void hours(const Texts& texts) {
    double sum = 0;
    auto& shares = out_.workload.hours;
    for (std::size_t h = 0; h < texts.size(); ++h) {
      const auto value = parse_decimal(texts[h].value, 6);
      if (!value || *value > most_money)
        return reading_.error(texts[h].at,
                              "`hours` must be numbers from 0 up, not `" + texts[h].value.substr(0, 40) + "`",
                              "write how much of the day's requests comes in that hour, in any unit");
      if (h < shares.size()) shares[h] = static_cast<double>(*value);
      sum += static_cast<double>(*value);
    }
    if (texts.size() != shares.size())
      return reading_.error(texts.front().at, fmt::format("`hours` has {} numbers, not 24", texts.size()),
                            "write one for each hour of the day, from midnight UTC");
    if (sum <= 0)
      return reading_.error(texts.front().at, "`hours` are all 0", "write how much of the day comes in each hour");
    for (auto& share : shares) share /= sum;
  }

  void options() {
    if (doc_.options.empty()) {
      if (const auto* node = doc_.at->find("options"); node != nullptr && node->kind == yaml::Node::Kind::list)
        reading_.error(node, "`options` is empty", "add one, as in - {name: cloud, cloud: {model: openai/gpt-4o}}");
      return;
    }
    if (doc_.options.size() > most_options) {
      reading_.error(doc_.options[most_options].at, fmt::format("a plan compares {} options at most", most_options),
                     "split it into several plans");
      return;
    }
    OptionNames names;
    for (const auto& option : doc_.options) names.push_back(option.name.value);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& name = doc_.options[i].name;
      if (name && name.value.empty()) reading_.error(name.at, "`name` is empty", "give the option a name");
      if (name && std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), name.value) !=
                      names.begin() + static_cast<std::ptrdiff_t>(i))
        reading_.error(name.at, fmt::format("two options are called `{}`", name.value.substr(0, 40)),
                       "give each a name of its own");
    }
    const OptionMaker maker(reading_, book_, names, doc_.options, out_);
    for (const auto& option : doc_.options) out_.options.push_back(maker.make(option));
  }

  void volume(const Text& text) {
    if (const auto count = parse_count(text.value)) {
      out_.volumes.push_back(*count);
    } else {
      reading_.error(text.at, "`volumes` must be numbers of requests, not `" + text.value.substr(0, 40) + "`",
                     "write volumes: [10k, 100k, 1M]");
    }
  }

  void claims(const ClaimDoc& doc) {
    OptionNames names;
    for (const auto& option : doc_.options) names.push_back(option.name.value);
    const auto option = find_option(reading_, doc.option, "option", names);
    const auto part = doc.part ? find_option(reading_, doc.part, "part", names) : std::nullopt;
    if (part && option) check_part(doc, *option, *part);
    if (part && (!doc.saved_usd.empty() || !doc.saved_pct.empty() || !doc.break_even_requests.empty()))
      reading_.error(doc.part.at, "of a `part`, only `monthly_usd` can be claimed", "make it a claim of its own");
    const auto add = [&](Claim::What what, const Texts& values, int digits) {
      if (!values.empty() && option)
        claim({.option = *option, .part = part, .what = what, .source = doc.source.value}, values, digits);
    };
    constexpr int money_digits = 6;
    add(Claim::What::monthly_usd, doc.monthly_usd, money_digits);
    add(Claim::What::saved_usd, doc.saved_usd, money_digits);
    add(Claim::What::saved_pct, doc.saved_pct, money_digits);
    add(Claim::What::break_even_requests, doc.break_even_requests, 0);
    if (doc.monthly_usd.empty() && doc.saved_usd.empty() && doc.saved_pct.empty() && doc.break_even_requests.empty() &&
        doc.at->entries.size() < 3)
      reading_.error(doc.at, "the claim claims nothing",
                     "add one of monthly_usd, saved_usd, saved_pct, break_even_requests");
  }

  void check_part(const ClaimDoc& doc, std::size_t option, std::size_t part) {
    const auto* hybrid = option < out_.options.size() ? std::get_if<HybridOption>(&out_.options[option].what) : nullptr;
    const auto is_it = [&](const Part& one) { return one.option == part; };
    if (hybrid == nullptr || std::none_of(hybrid->parts.begin(), hybrid->parts.end(), is_it))
      reading_.error(doc.part.at,
                     fmt::format("`{}` has no part `{}`", doc.option.value.substr(0, 40), doc.part.value.substr(0, 40)),
                     "name one of the option's parts");
  }

  void claim(Claim out, const Texts& values, int digits) {
    const auto what = out.what;
    std::array<int64_t, 2> numbers{};
    if (values.size() > numbers.size())
      return reading_.error(values[2].at, fmt::format("`{}` takes one number, or two for a range", to_string(what)),
                            "");
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::string_view text = values[i].value;
      if (text.starts_with('$')) text.remove_prefix(1);
      if (text.ends_with('%')) text.remove_suffix(1);
      const auto number = digits == 0 ? parse_count(text) : parse_decimal(text, digits);
      if (!number || *number > most_money)
        return reading_.error(
            values[i].at,
            fmt::format("`{}` must be a number, not `{}`", to_string(what), values[i].value.substr(0, 40)),
            fmt::format("write {}: {}", to_string(what), digits == 0 ? "500000" : "83"));
      numbers[i] = *number;
      const auto written = decimals_written(text);
      out.digits = i == 0 ? written : std::max(out.digits, written);
    }
    out.from = numbers[0];
    out.to = values.size() == 2 ? numbers[1] : numbers[0];
    if (out.to < out.from)
      return reading_.error(values[1].at, fmt::format("the range of `{}` runs backwards", to_string(what)),
                            "write the smaller number first");
    out_.claims.push_back(out);
  }

  // `82.6`: 1; `37k`: -3.
  static int decimals_written(std::string_view number) {
    const auto amount = number.substr(0, number.find_last_of("0123456789.") + 1);
    const auto point = amount.find('.');
    const int decimals = point == std::string_view::npos ? 0 : static_cast<int>(amount.size() - point - 1);
    const auto unit = number.substr(amount.size());
    return decimals - (unit.empty() ? 0 : unit.ends_with('k') || unit.ends_with('K') ? 3 : unit.ends_with('M') ? 6 : 9);
  }

  config::Reading& reading_;
  const PlanDoc& doc_;
  const PriceBook& book_;
  Comparison out_;
};

// What only shows when prices meet volumes.
void check_amounts(config::Reading& reading, const PlanDoc& doc, const Comparison& comparison) {
  const CostModel model(comparison);
  for (std::size_t i = 0; i < comparison.options.size(); ++i) {
    const auto& option = comparison.options[i];
    const auto* local = std::get_if<LocalOption>(&option.what);
    if (local != nullptr && local->capacity.known() && model.machine_takes(i) < one_request) {
      reading.error(doc.options[i].local.capacity.at, "one machine takes less than one request a month",
                    "check `capacity` and the workload's tokens");
      return;
    }
  }
  for (std::size_t i = 0; i < comparison.options.size(); ++i) {
    if (model.quote(i, comparison.workload.requests * one_request).too_much())
      reading.error(doc.options[i].at,
                    fmt::format("option `{}` costs more than a trillion dollars a month", comparison.options[i].name),
                    "check its prices and the workload's `requests`");
  }
}

}  // namespace

std::optional<int64_t> parse_count(std::string_view text) {
  int digits = 0;
  if (text.ends_with('k') || text.ends_with('K')) digits = 3;
  if (text.ends_with('M')) digits = 6;
  if (text.ends_with('G') || text.ends_with('B')) digits = 9;
  if (digits > 0) text.remove_suffix(1);
  const auto count = parse_decimal(text, digits);
  return count && *count >= 1 && *count <= most_requests ? count : std::nullopt;
}

PlanRead read_plan(std::string_view text, const std::string& file, const PriceBook& book,
                   const std::optional<Workload>& measured) {
  PlanRead out;
  yaml::Tree tree;
  if (!tree.parse(text, file, out.problems)) return out;
  const Environment nothing;
  config::Reading reading(file, nothing, out.problems);
  if (tree.root().kind != yaml::Node::Kind::map) {
    reading.error(&tree.root(), "a plan is a map of keys and values", "begin with name:, workload: and options:");
    return out;
  }
  PlanDoc doc;
  config::Reader::read(reading, tree.root(), doc);
  ComparisonMaker maker(reading, doc, book);
  auto comparison = maker.make(file, measured);
  if (!has_errors(out.problems)) check_amounts(reading, doc, comparison);
  if (!has_errors(out.problems)) out.comparison = std::move(comparison);
  std::stable_sort(out.problems.begin(), out.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return out;
}

}  // namespace weir::plan
