// `objective` and `share` of a rule, `quality` of a model, `task` and `difficulty` of a condition.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "config/build.h"
#include "core/nearest.h"
#include "core/objective.h"
#include "routing/tasks.h"

namespace weir::config {
namespace {

constexpr double million = 1e6;

std::optional<double> part_of_one_in(std::string_view text) {
  const auto value = parse_decimal(text, 6);
  if (!value || *value > 1'000'000) return std::nullopt;
  return static_cast<double>(*value) / million;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Take take_of(const ObjectiveDoc& doc) {
  if (doc.weights.at != nullptr) return Take::weighted;
  if (doc.take.value == "cheapest") return Take::cheapest;
  if (doc.take.value == "best") return Take::best;
  return doc.take.value == "fastest" ? Take::fastest : Take::as_written;
}

double weight(const std::optional<int64_t>& millionths) {
  return static_cast<double>(millionths.value_or(0)) / million;
}

}  // namespace

// `> 0.7`, `>= 0.7`, `< 0.3`, `<= 0.3`; bounds of both kinds may be given.
void Builder::difficulty(const Texts& texts, When& out) {
  for (const auto& text : texts) {
    const auto written = trimmed(text.value);
    const bool above = written.starts_with('>');
    const bool inclusive = written.size() > 1 && written[1] == '=';
    const auto number =
        part_of_one_in(trimmed(written.substr(std::min<std::size_t>(written.size(), inclusive ? 2 : 1))));
    if (!number || !(above || written.starts_with('<'))) {
      reading_.error(text.at, "this is no bound of a difficulty",
                     "write \"> 0.7\", \">= 0.7\", \"< 0.3\" or \"<= 0.3\", within 0 and 1");
      continue;
    }
    auto& bound = above ? out.difficulty_above : out.difficulty_below;
    if (bound) reading_.error(text.at, "two bounds on the same side", "keep one of them");
    const double beyond = above ? -1.0 : 2.0;
    bound = inclusive ? std::nextafter(*number, beyond) : *number;
  }
}

void Builder::model_quality(const ModelDoc& doc, uint32_t model) {
  ModelQuality out;
  for (const auto& [name, text] : doc.quality) {
    const auto value = part_of_one_in(text.value);
    if (!value) {
      reading_.error(text.at, "a quality is a number from 0 to 1", "write " + name + ": 0.8");
    } else if (name == "all") {
      out.of_all = *value;
    } else if (!routing::find_task(name)) {
      const std::vector<std::string_view> names(routing::task_names.begin(), routing::task_names.end());
      const auto near = nearest(name, names);
      reading_.error(text.at, "`" + name + "` is no task",
                     near.empty() ? fmt::format("write `all`, or a task: {}", fmt::join(names, ", "))
                                  : "did you mean `" + std::string(near) + "`?");
    } else {
      out.of_task.emplace_back(name, *value);
    }
  }
  if (!doc.quality.empty()) qualities_.emplace(model, std::move(out));
}

void Builder::objective(const RuleDoc& doc, Rule& rule) {
  const bool ordered = doc.objective.at != nullptr;
  const bool shared = doc.share.at != nullptr;
  if (!ordered && !shared) return;
  if (rule.use.empty()) {
    reading_.error(ordered ? doc.objective.at : doc.share.at, "it orders the models of `use`, and there is none",
                   "name the models in `use` of the same rule");
    return;
  }
  Objective out{.take = take_of(doc.objective), .most_cost = doc.objective.most_cost};
  if (doc.objective.least_quality) out.least_quality = weight(doc.objective.least_quality);
  out.cost_weight = weight(doc.objective.weights.cost);
  out.latency_weight = weight(doc.objective.weights.latency);
  out.quality_weight = weight(doc.objective.weights.quality);
  out.unmet_last = doc.objective.unmet.value == "last";
  const bool bounded = out.least_quality || out.most_cost;
  if (ordered && out.take == Take::as_written && !bounded) {
    reading_.error(doc.objective.at, "an objective that says nothing", "give it `take`, `weights` or a bound");
  }
  if (out.take == Take::weighted && doc.objective.take) {
    reading_.error(doc.objective.take.at, "`take` beside `weights`", "keep one of them");
  }
  bool any_quality = false;
  for (const auto model : rule.use) {
    const auto known = qualities_.find(model);
    any_quality = any_quality || known != qualities_.end();
    out.qualities.push_back(known == qualities_.end() ? ModelQuality() : known->second);
  }
  const bool asks_quality = out.take == Take::best || out.least_quality || out.quality_weight > 0;
  if (asks_quality && !any_quality) {
    reading_.error(doc.objective.at, "it asks for quality, and no model of `use` says how good it is",
                   "give the models `quality: {all: 0.8}`");
  }
  if (shared) share(doc.share, rule, out);
  rule.objective = std::make_shared<const Objective>(std::move(out));
}

void Builder::share(const ShareDoc& doc, const Rule& rule, Objective& out) {
  const auto to = model_of(doc.to, "to");
  if (!to || !doc.of) return;
  if (std::find(rule.use.begin(), rule.use.end(), *to) == rule.use.end()) {
    reading_.error(doc.to.at, "`" + doc.to.value + "` is not in `use` of this rule", "add it there");
    return;
  }
  out.share = ShareRule{.to = *to, .of = static_cast<double>(*doc.of) / million, .place = shares_++};
}

}  // namespace weir::config
