#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "config/values.h"
#include "economics/cost/assessment.h"

namespace weir::plan {
namespace {

constexpr std::size_t options_a_table = 4;  // so that a table of dollars fits 80 columns

Column left(std::string title) { return {.title = std::move(title)}; }
Column right(std::string title) { return {.title = std::move(title), .align = Align::right}; }

std::string count_or(const std::optional<int64_t>& count, std::string otherwise) {
  return count ? grouped(*count) : std::move(otherwise);
}

// A change as it stands in titles: `-20 %`, `+20 %`.
std::string signed_percent(int64_t change) { return fmt::format("{}{} %", change > 0 ? "+" : "", change); }

class ReportMaker {
 public:
  ReportMaker(const Assessment& found, const Comparison& comparison)
      : found_(found), comparison_(comparison), model_(comparison) {}

  Report make() {
    const auto& work = comparison_.workload;
    Report report{.title = comparison_.name,
                  .subtitle = fmt::format("{} requests a month, {}; dollars a month of {} days", grouped(work.requests),
                                          work.source, comparison_.days)};
    report.sections.push_back({.title = "", .blocks = {options(), break_even_notes()}});
    Section made_of{.title = "What the cost is made of"};
    breakdown(made_of);
    if (auto table = parts(); !table.rows.empty()) made_of.blocks.emplace_back(std::move(table));
    made_of.blocks.emplace_back(breakdown_chart());
    report.sections.push_back(std::move(made_of));
    if (!found_.claims.empty()) report.sections.push_back(claims());
    report.sections.push_back(over_volume());
    if (auto table = against_cloud(); !table.rows.empty())
      report.sections.push_back({.title = "Break-even against each cloud option", .blocks = {std::move(table)}});
    if (!found_.months.empty()) report.sections.push_back(over_months());
    if (comparison_.options.size() > 1) report.sections.push_back(variation_section());
    Section basis{.title = "Where the numbers come from"};
    basis.blocks.emplace_back(Notes{.title = "Assumptions", .items = found_.assumptions});
    if (!found_.cautions.empty()) basis.blocks.emplace_back(Notes{.title = "Beware", .items = found_.cautions});
    report.sections.push_back(std::move(basis));
    return report;
  }

  // One row an option, numbers as a program reads them.
  Table plain() {
    Table table;
    for (const auto* title : {"option", "kind", "monthly_usd", "saved_vs_first_usd", "saved_vs_first_pct",
                              "break_even_requests", "stays_cheaper_from", "machines", "payback_months"})
      table.columns.push_back(left(title));
    for (std::size_t i = 0; i < item_count; ++i)
      table.columns.push_back(left(std::string(to_string(static_cast<Item>(i))) + "_usd"));
    for (std::size_t i = 0; i < comparison_.options.size(); ++i) table.rows.push_back(plain_row(i));
    return table;
  }

 private:
  [[nodiscard]] const std::string& name(std::size_t option) const { return comparison_.options[option].name; }

  std::vector<std::string> plain_row(std::size_t at) {
    const auto& option = comparison_.options[at];
    const auto& result = found_.options[at];
    const auto amount = [](MicroDollars value) {
      return value < 0 ? "-" + decimal_text(-value, 6) : decimal_text(value, 6);
    };
    const auto count = [](const std::optional<int64_t>& value) { return value ? std::to_string(*value) : ""; };
    const auto tenths = [](int64_t value) {
      return value < 0 ? "-" + decimal_text(-value, 1) : decimal_text(value, 1);
    };
    const auto& against = result.against_first;
    std::vector<std::string> row = {option.name,
                                    is_cloud(option)   ? "cloud"
                                    : is_local(option) ? "local"
                                                       : "hybrid",
                                    amount(result.quote.total()),
                                    amount(result.saved),
                                    tenths(result.saved_tenths),
                                    count(against ? against->requests() : std::nullopt),
                                    count(against ? against->stays_from() : std::nullopt),
                                    std::to_string(result.quote.machines),
                                    result.payback_tenths ? tenths(*result.payback_tenths) : ""};
    for (const auto line : result.quote.lines) row.push_back(amount(line));
    return row;
  }

  Table options() {
    Table table;
    const bool machines = std::any_of(found_.options.begin(), found_.options.end(),
                                      [](const OptionResult& one) { return one.quote.machines > 0; });
    const bool payback = std::any_of(found_.options.begin(), found_.options.end(),
                                     [](const OptionResult& one) { return one.hardware > 0; });
    table.columns = {left("Option"), right("Monthly"), right("Saved"), right("of it"), right("Break-even")};
    if (machines) table.columns.push_back(right("Machines"));
    if (payback) table.columns.push_back(right("Payback"));
    for (std::size_t i = 0; i < found_.options.size(); ++i) {
      const auto& one = found_.options[i];
      std::vector<std::string> row = {name(i), dollars(one.quote.total()), i == 0 ? "-" : dollars(one.saved),
                                      i == 0 ? "" : percent(one.saved_tenths),
                                      one.against_first ? from_text(*one.against_first) : "-"};
      if (machines) row.push_back(one.quote.machines > 0 ? grouped(one.quote.machines) : "-");
      if (payback) row.push_back(payback_text(one));
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  static std::string from_text(const BreakEven& one) {
    if (one.undecided) return "too close";
    return count_or(one.requests(), "never");
  }

  static std::string payback_text(const OptionResult& one) {
    if (one.hardware == 0) return "-";
    return one.payback_tenths ? decimal_text(*one.payback_tenths, 1) + " months" : "never";
  }

  Notes break_even_notes() {
    Notes notes;
    for (const auto& one : found_.options) {
      if (one.against_first) notes.items.push_back(in_words(*one.against_first));
      if (one.against_first && one.payback_tenths)
        notes.items.push_back(fmt::format("{}: hardware of {} is paid for after {} months of what it saves against {}",
                                          name(one.against_first->option), dollars(one.hardware),
                                          decimal_text(*one.payback_tenths, 1), name(0)));
    }
    return notes;
  }

  std::string in_words(const BreakEven& one) {
    if (!one.reason.empty()) return one.reason;
    std::string out = fmt::format("{} costs no more than {} ", name(one.option), name(one.against));
    for (std::size_t i = 0; i < one.ahead.size(); ++i) {
      const auto& stretch = one.ahead[i];
      if (i > 0) out += i + 1 == one.ahead.size() ? " and " : ", ";
      out += stretch.last ? fmt::format("from {} to {}", grouped(stretch.first), grouped(*stretch.last))
                          : fmt::format("from {} on", grouped(stretch.first));
    }
    out += ", in requests a month";
    if (one.more) return out + ", and in further stretches: each new machine puts it behind again for a while";
    if (one.ahead.size() > 1) out += ": a new machine puts it behind again for a while";
    return out;
  }

  // A table with one column an option, in pieces that fit.
  template <typename Cell>
  void by_option(Section& section, const std::string& title, const std::string& first_column,
                 const std::vector<std::string>& names, const Cell& cell) {
    for (std::size_t from = 0; from < comparison_.options.size(); from += options_a_table) {
      Table table{.title = from == 0 ? title : title.empty() ? "continued" : title + ", continued"};
      table.columns.push_back(left(first_column));
      const auto to = std::min(from + options_a_table, comparison_.options.size());
      for (auto i = from; i < to; ++i) table.columns.push_back(right(name(i)));
      for (std::size_t r = 0; r < names.size(); ++r) {
        std::vector<std::string> row = {names[r]};
        for (auto i = from; i < to; ++i) row.push_back(cell(r, i));
        table.rows.push_back(std::move(row));
      }
      section.blocks.emplace_back(std::move(table));
    }
  }

  [[nodiscard]] std::vector<Item> items_used() const {
    std::vector<Item> used;
    for (std::size_t i = 0; i < item_count; ++i) {
      const auto item = static_cast<Item>(i);
      const bool any = std::any_of(found_.options.begin(), found_.options.end(),
                                   [&](const OptionResult& one) { return one.quote.of(item) != 0; });
      if (any) used.push_back(item);
    }
    return used;
  }

  void breakdown(Section& section) {
    const auto items = items_used();
    std::vector<std::string> names;
    for (const auto item : items) names.emplace_back(title_of(item));
    names.emplace_back("total");
    by_option(section, "", "Paid for", names, [&](std::size_t row, std::size_t option) {
      const auto& quote = found_.options[option].quote;
      const auto amount = row < items.size() ? quote.of(items[row]) : quote.total();
      return amount == 0 && row < items.size() ? std::string("-") : dollars(amount);
    });
  }

  Table parts() {
    Table table{.title = "Who serves what"};
    table.columns = {left("Option"), left("Part"), right("Share"), right("Requests"), right("Monthly")};
    for (std::size_t i = 0; i < found_.options.size(); ++i) {
      for (const auto& part : found_.options[i].parts)
        table.rows.push_back({name(i), name(part.option), decimal_text(part.share, 4) + " %",
                              grouped((part.volume + one_request / 2) / one_request), dollars(part.quote.total())});
      const auto spilled = found_.options[i].quote.spilled;
      const auto* local = std::get_if<LocalOption>(&comparison_.options[i].what);
      if (spilled == 0 || local == nullptr || !local->spill) continue;
      const auto all = comparison_.workload.requests * one_request;
      table.rows.push_back({name(i), name(*local->spill) + " (spill)", percent(scaled(spilled, 1000, all)),
                            grouped((spilled + one_request / 2) / one_request),
                            dollars(model_.quote(*local->spill, spilled).total())});
    }
    return table;
  }

  Chart breakdown_chart() {
    Chart chart{.title = "What the cost is made of", .kind = ChartKind::bars, .y_label = "dollars a month"};
    for (const auto& option : comparison_.options) chart.categories.push_back(option.name);
    for (const auto item : items_used()) {
      Series series{.name = std::string(title_of(item))};
      for (std::size_t i = 0; i < found_.options.size(); ++i)
        series.points.push_back(
            {.x = static_cast<double>(i), .y = static_cast<double>(found_.options[i].quote.of(item)) / 1e6});
      chart.series.push_back(std::move(series));
    }
    return chart;
  }

  Section claims() {
    Section section{.title = "What was claimed, and what follows"};
    Table table;
    table.columns = {left("Option"), left("Claim"), right("Claimed"), right("Computed"), left("Follows")};
    Notes notes{.title = "Why"};
    for (const auto& one : found_.claims) {
      const auto& claim = one.claim;
      auto about = name(claim.option) + (claim.part ? ", part " + name(*claim.part) : "");
      auto claimed = in_unit(claim, claim.from);
      if (claim.to != claim.from) claimed += " to " + in_unit(claim, claim.to);
      table.rows.push_back({about, claim_title(claim.what), claimed,
                            one.computed ? in_unit(claim, *one.computed) : "none", one.follows ? "yes" : "no"});
      notes.items.push_back(fmt::format("{}: {}{}. {}", about, one.follows ? "follows" : "does not follow",
                                        claim.source.empty() ? "" : " (" + claim.source + ")", one.why));
    }
    section.blocks = {std::move(table), std::move(notes)};
    return section;
  }

  static std::string claim_title(Claim::What what) {
    switch (what) {
      case Claim::What::monthly_usd:
        return "costs a month";
      case Claim::What::saved_usd:
        return "saves a month";
      case Claim::What::saved_pct:
        return "saves";
      case Claim::What::break_even_requests:
        return "break-even";
    }
    return "";
  }

  static std::string in_unit(const Claim& claim, int64_t value) {
    if (claim.what == Claim::What::break_even_requests) return grouped(value);
    if (claim.what != Claim::What::saved_pct) return dollars(value);
    constexpr int64_t hundredth = 10'000;
    const auto size = (std::abs(value) + hundredth / 2) / hundredth;
    return (value < 0 ? "-" : "") + decimal_text(size, 2) + " %";
  }

  [[nodiscard]] bool many_machines() const {
    return std::any_of(found_.options.begin(), found_.options.end(),
                       [](const OptionResult& one) { return one.machine_takes > 0; });
  }

  std::string cost_cell(const Quote& quote) const {
    auto out = dollars(quote.total());
    if (many_machines() && quote.machines > 0) out += fmt::format(" ({})", grouped(quote.machines));
    return out;
  }

  Section over_volume() {
    Section section{.title = "Over volume"};
    std::vector<std::string> names;
    for (const auto& row : found_.volumes)
      names.push_back(grouped(row.requests) + (row.requests == comparison_.workload.requests ? " (plan)" : ""));
    by_option(section, many_machines() ? "Dollars a month (machines)" : "", "Requests a month", names,
              [&](std::size_t row, std::size_t option) { return cost_cell(found_.volumes[row].quotes[option]); });
    section.blocks.emplace_back(volume_chart());
    return section;
  }

  Chart volume_chart() {
    Chart chart{.title = "Cost over volume",
                .kind = ChartKind::line,
                .x_label = "requests a month",
                .y_label = "dollars a month",
                .x_scale = Scale::logarithmic,
                .y_scale = Scale::logarithmic};
    const auto low = found_.volumes.front().requests;
    const auto high = std::max(found_.volumes.back().requests, low + 1);
    std::vector<int64_t> volumes;
    constexpr int steps = 80;
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      const double at =
          static_cast<double>(low) * std::pow(static_cast<double>(high) / static_cast<double>(low), share);
      volumes.push_back(std::clamp(static_cast<int64_t>(std::llround(at)), low, high));
    }
    for (std::size_t i = 0; i < comparison_.options.size(); ++i) {
      auto mine = volumes;
      add_steps(mine, i, low, high);
      Series series{.name = name(i)};
      for (const auto volume : mine) {
        const auto total = model_.quote(i, volume * one_request).total();
        if (total > 0)  // zero has no place on a logarithmic scale
          series.points.push_back({.x = static_cast<double>(volume), .y = static_cast<double>(total) / 1e6});
      }
      chart.series.push_back(std::move(series));
      const auto& against = found_.options[i].against_first;
      const auto at = against ? against->requests() : std::nullopt;
      if (at && *at > low && *at < high)
        chart.marks.push_back({.label = name(i) + " breaks even", .x = static_cast<double>(*at)});
    }
    chart.marks.push_back({.label = "plan", .x = static_cast<double>(comparison_.workload.requests)});
    return chart;
  }

  // Both sides of every new machine, where they are few enough to be seen.
  void add_steps(std::vector<int64_t>& volumes, std::size_t option, int64_t low, int64_t high) {
    constexpr int64_t most_steps = 60;
    const auto takes = model_.machine_takes(option) / one_request;
    if (takes > 0 && high / takes <= most_steps) {
      for (auto at = takes; at < high; at += takes) {
        if (at > low) volumes.insert(volumes.end(), {at, at + 1});
      }
    }
    std::sort(volumes.begin(), volumes.end());
    volumes.erase(std::unique(volumes.begin(), volumes.end()), volumes.end());
  }

  Table against_cloud() {
    Table table;
    std::vector<std::size_t> clouds;
    for (std::size_t i = 0; i < comparison_.options.size(); ++i) {
      if (is_cloud(comparison_.options[i])) clouds.push_back(i);
    }
    if (clouds.empty() || (clouds.size() == 1 && clouds[0] == 0)) return table;
    table.columns = {left("Option"), left("Against"), right("Cheaper from"), right("Stays so from")};
    for (const auto& one : found_.against_cloud)
      table.rows.push_back({name(one.option), name(one.against), from_text(one), count_or(one.stays_from(), "-")});
    return table;
  }

  Section over_months() {
    Section section{.title = fmt::format("With {} more requests every month",
                                         percent(scaled(*comparison_.growth, 1000, whole_share)))};
    std::vector<std::string> names;
    for (const auto& row : found_.months)
      names.push_back(fmt::format("{}: {}", row.month, grouped(row.costs.requests)));
    by_option(section, many_machines() ? "Dollars a month (machines)" : "", "Month: requests", names,
              [&](std::size_t row, std::size_t option) { return cost_cell(found_.months[row].costs.quotes[option]); });
    Chart chart{.title = "Cost over months", .kind = ChartKind::staircase, .x_label = "month", .y_label = "dollars"};
    Notes notes;
    for (std::size_t i = 0; i < comparison_.options.size(); ++i) {
      Series series{.name = name(i)};
      MicroDollars sum = 0;
      for (const auto& row : found_.months) {
        series.points.push_back(
            {.x = static_cast<double>(row.month), .y = static_cast<double>(row.costs.quotes[i].total()) / 1e6});
        sum = capped(Wide{sum} + row.costs.quotes[i].total());
      }
      notes.items.push_back(fmt::format("{}: {} in {} months", name(i), dollars(sum), found_.months.size()));
      chart.series.push_back(std::move(series));
    }
    section.blocks.emplace_back(std::move(notes));
    section.blocks.emplace_back(std::move(chart));
    return section;
  }

  Section variation_section() {
    Section section{.title = "If an input changes"};
    const auto saved = [](const VariationRow& row, std::size_t i) {
      return dollars(row.outcomes[0].total - row.outcomes[i].total);
    };
    const auto even = [](const VariationRow& row, std::size_t i) {
      return count_or(row.outcomes[i].break_even, "never");
    };
    for (std::size_t i = 1; i < comparison_.options.size(); ++i) {
      section.blocks.emplace_back(
          changed(i, fmt::format("{}: saved a month against {}", name(i), name(0)), Requests::shown, saved));
      const auto now = found_.options[i].against_first->requests();
      const bool moves = std::any_of(found_.variations.begin(), found_.variations.end(), [&](const VariationRow& row) {
        return !row.outcomes.empty() && row.outcomes[i].break_even != now;
      });
      if (moves)
        section.blocks.emplace_back(
            changed(i, fmt::format("{}: break-even, requests a month", name(i)), Requests::left_out, even));
    }
    return section;
  }

  // A break-even is a number of requests: more of them do not move it.
  enum class Requests : uint8_t { shown, left_out };

  template <typename Cell>
  Table changed(std::size_t option, std::string title, Requests requests, const Cell& cell) {
    Table table{.title = std::move(title)};
    table.columns.push_back(left("Input"));
    for (const auto& row : found_.variations) {
      if (row.input == "requests" && requests == Requests::left_out) continue;
      if (table.rows.empty() || table.rows.back().front() != row.input) table.rows.push_back({row.input});
      if (table.rows.size() == 1) table.columns.push_back(right(signed_percent(row.change)));
      table.rows.back().push_back(row.outcomes.empty() ? "-" : cell(row, option));
    }
    // Inputs that another option has, and this one does not.
    std::erase_if(table.rows, [](const std::vector<std::string>& row) {
      return std::all_of(row.begin() + 2, row.end(), [&](const std::string& one) { return one == row[1]; });
    });
    return table;
  }

  const Assessment& found_;
  const Comparison& comparison_;
  CostModel model_;
};

}  // namespace

Report to_report(const Assessment& assessment, const Comparison& comparison) {
  return ReportMaker(assessment, comparison).make();
}

Report to_plain_table(const Assessment& assessment, const Comparison& comparison) {
  Report report{.title = comparison.name};
  report.sections.push_back({.blocks = {ReportMaker(assessment, comparison).plain()}});
  return report;
}

}  // namespace weir::plan
