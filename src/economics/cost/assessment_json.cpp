#include <cmath>

#include <fmt/format.h>

#include "core/json.h"
#include "economics/cost/assessment.h"

namespace weir::plan {
namespace {

double usd(MicroDollars amount) { return static_cast<double>(amount) / 1e6; }

class AssessmentWriter {
 public:
  AssessmentWriter(std::string& out, const Assessment& found, const Comparison& comparison)
      : w_(out), found_(found), comparison_(comparison) {}

  void write() {
    w_.begin_object();
    w_.key("name").value(comparison_.name);
    w_.key("days").value(comparison_.days);
    workload();
    w_.key("options").begin_array();
    for (std::size_t i = 0; i < found_.options.size(); ++i) option(i);
    w_.end_array();
    w_.key("break_even").begin_array();
    for (const auto& result : found_.options) {
      if (result.against_first && !is_cloud(comparison_.options[0])) break_even(*result.against_first);
    }
    for (const auto& one : found_.against_cloud) break_even(one);
    w_.end_array();
    w_.key("volumes").begin_array();
    for (const auto& row : found_.volumes) volume(row, 0);
    w_.end_array();
    w_.key("months").begin_array();
    for (const auto& row : found_.months) volume(row.costs, row.month);
    w_.end_array();
    w_.key("sensitivity").begin_array();
    for (const auto& row : found_.variations) changed(row);
    w_.end_array();
    w_.key("claims").begin_array();
    for (const auto& one : found_.claims) claim(one);
    w_.end_array();
    texts("assumptions", found_.assumptions);
    texts("cautions", found_.cautions);
    w_.end_object();
  }

 private:
  void money(std::string_view what, MicroDollars amount) {
    w_.key(fmt::format("{}_usd", what));
    number(usd(amount));
    w_.key(fmt::format("{}_micro_usd", what)).value(amount);
  }
  // As JSON writes whole numbers where it is one.
  void number(double value) {
    constexpr double exact = 9e15;
    if (value == std::floor(value) && std::abs(value) < exact)
      w_.value(static_cast<int64_t>(value));
    else
      w_.value(value);
  }
  void count_or_null(std::string_view key, std::optional<int64_t> count) {
    w_.key(key);
    if (count)
      w_.value(*count);
    else
      w_.null();
  }
  void text_or_null(std::string_view key, const std::string& text) {
    w_.key(key);
    if (text.empty())
      w_.null();
    else
      w_.value(text);
  }
  void texts(std::string_view key, const std::vector<std::string>& items) {
    w_.key(key).begin_array();
    for (const auto& item : items) w_.value(item);
    w_.end_array();
  }

  void workload() {
    const auto& work = comparison_.workload;
    w_.key("workload").begin_object();
    w_.key("requests").value(work.requests);
    w_.key("input_tokens").value(work.tokens.input);
    w_.key("cached_tokens").value(work.tokens.cached);
    w_.key("output_tokens").value(work.tokens.output);
    w_.key("batch_share_pct");
    number(static_cast<double>(comparison_.batch_share) / 1e4);
    w_.key("hours").begin_array();
    for (const auto share : work.hours) w_.value(share);
    w_.end_array();
    w_.key("mix").begin_array();
    for (const auto& slice : work.mix) {
      w_.begin_object().key("name").value(slice.name).key("requests").value(slice.requests);
      w_.key("input_tokens").value(slice.tokens.input).key("cached_tokens").value(slice.tokens.cached);
      w_.key("output_tokens").value(slice.tokens.output).end_object();
    }
    w_.end_array();
    w_.key("source").value(work.source);
    w_.end_object();
  }

  void money_of(std::size_t item, const Quote& quote) {
    w_.key(to_string(static_cast<Item>(item)));
    number(usd(quote.lines[item]));
  }

  void breakdown(const Quote& quote) {
    w_.key("breakdown").begin_object();
    for (std::size_t i = 0; i < item_count; ++i) {
      if (quote.lines[i] != 0) money_of(i, quote);
    }
    w_.end_object();
    w_.key("breakdown_micro_usd").begin_object();
    for (std::size_t i = 0; i < item_count; ++i) {
      if (quote.lines[i] != 0) w_.key(to_string(static_cast<Item>(i))).value(quote.lines[i]);
    }
    w_.end_object();
  }

  void option(std::size_t at) {
    const auto& option = comparison_.options[at];
    const auto& result = found_.options[at];
    w_.begin_object();
    w_.key("name").value(option.name);
    w_.key("kind").value(is_cloud(option) ? "cloud" : is_local(option) ? "local" : "hybrid");
    money("monthly", result.quote.total());
    breakdown(result.quote);
    w_.key("parts").begin_array();
    for (const auto& part : result.parts) {
      w_.begin_object().key("option").value(comparison_.options[part.option].name);
      w_.key("share_pct");
      number(static_cast<double>(part.share) / 1e4);
      w_.key("requests");
      number(static_cast<double>(part.volume) / 1e6);
      money("monthly", part.quote.total());
      w_.end_object();
    }
    w_.end_array();
    w_.key("machines").value(result.quote.machines);
    w_.key("machine_takes_requests");
    if (result.machine_takes > 0)
      w_.value(result.machine_takes / one_request);
    else
      w_.null();
    w_.key("spilled_requests");
    number(static_cast<double>(result.quote.spilled) / 1e6);
    money("saved_vs_first", result.saved);
    w_.key("saved_vs_first_pct");
    number(static_cast<double>(result.saved_tenths) / 10);
    count_or_null("break_even_requests", result.against_first ? result.against_first->requests() : std::nullopt);
    count_or_null("stays_cheaper_from", result.against_first ? result.against_first->stays_from() : std::nullopt);
    text_or_null("break_even_reason", result.against_first ? result.against_first->reason : "it is the first option");
    w_.key("payback_months");
    if (result.payback_tenths)
      number(static_cast<double>(*result.payback_tenths) / 10);
    else
      w_.null();
    if (result.hardware > 0) money("hardware", result.hardware);
    texts("sources", option.sources);
    w_.end_object();
  }

  void break_even(const BreakEven& one) {
    w_.begin_object();
    w_.key("option").value(comparison_.options[one.option].name);
    w_.key("against").value(comparison_.options[one.against].name);
    count_or_null("requests", one.requests());
    count_or_null("stays_cheaper_from", one.stays_from());
    w_.key("cheaper").begin_array();
    for (const auto& stretch : one.ahead) {
      w_.begin_object().key("from").value(stretch.first);
      count_or_null("to", stretch.last);
      w_.end_object();
    }
    w_.end_array();
    w_.key("looked_to").value(one.looked_to);
    text_or_null("reason", one.reason);
    w_.end_object();
  }

  void volume(const VolumeRow& row, int64_t month) {
    w_.begin_object();
    if (month > 0) w_.key("month").value(month);
    w_.key("requests").value(row.requests);
    w_.key("options").begin_array();
    for (std::size_t i = 0; i < row.quotes.size(); ++i) {
      w_.begin_object().key("name").value(comparison_.options[i].name);
      money("monthly", row.quotes[i].total());
      w_.key("machines").value(row.quotes[i].machines);
      w_.end_object();
    }
    w_.end_array().end_object();
  }

  void changed(const VariationRow& row) {
    w_.begin_object();
    w_.key("input").value(row.input);
    w_.key("change_pct").value(row.change);
    text_or_null("not_possible", row.why_not);
    w_.key("options").begin_array();
    for (std::size_t i = 0; i < row.outcomes.size(); ++i) {
      w_.begin_object().key("name").value(comparison_.options[i].name);
      money("monthly", row.outcomes[i].total);
      count_or_null("break_even_requests", row.outcomes[i].break_even);
      w_.end_object();
    }
    w_.end_array().end_object();
  }

  void claim(const ClaimResult& one) {
    const bool requests = one.claim.what == Claim::What::break_even_requests;
    const auto unit = [&](int64_t value) { number(static_cast<double>(value) / (requests ? 1 : 1e6)); };
    w_.begin_object();
    w_.key("option").value(comparison_.options[one.claim.option].name);
    if (one.claim.part) w_.key("part").value(comparison_.options[*one.claim.part].name);
    w_.key("what").value(to_string(one.claim.what));
    w_.key("claimed").begin_array();
    unit(one.claim.from);
    if (one.claim.to != one.claim.from) unit(one.claim.to);
    w_.end_array();
    w_.key("computed");
    if (one.computed)
      unit(*one.computed);
    else
      w_.null();
    w_.key("follows").boolean(one.follows);
    w_.key("why").value(one.why);
    text_or_null("source", one.claim.source);
    w_.end_object();
  }

  json::Writer w_;
  const Assessment& found_;
  const Comparison& comparison_;
};

}  // namespace

std::string to_json(const Assessment& assessment, const Comparison& comparison) {
  std::string out;
  AssessmentWriter(out, assessment, comparison).write();
  return out;
}

}  // namespace weir::plan
