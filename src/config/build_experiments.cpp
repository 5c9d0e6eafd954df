// Experiments and dials: names resolved, values checked.
#include <algorithm>
#include <chrono>

#include "config/build.h"
#include "core/nearest.h"
#include "judges/comparison.h"

namespace weir::config {
namespace {

// A day as `2027-03-31`, in microseconds since the epoch; nullopt when it is none.
std::optional<int64_t> day_us(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_integer(text.substr(0, 4));
  const auto month = parse_integer(text.substr(5, 2));
  const auto day = parse_integer(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::sys_days(date).time_since_epoch()).count();
}

ExperimentKind kind_of(std::string_view text) {
  if (text == "ab") return ExperimentKind::ab;
  return text == "canary" ? ExperimentKind::canary : ExperimentKind::shadow;
}

StickTo sticky_of(const Text& text, StickTo otherwise) {
  if (text.value == "caller") return StickTo::caller;
  if (text.value == "tag") return StickTo::tag;
  if (text.value == "conversation") return StickTo::conversation;
  return otherwise;
}

}  // namespace

std::vector<std::string_view> experiment_judges() { return comparisons(); }

void Builder::experiment(const ExperimentDoc& doc) {
  if (!doc.name || !doc.route || !doc.kind) return;  // reported by the reader
  if (!claim(experiment_lines_, doc.name, "an experiment")) return;
  ExperimentSettings out{.name = doc.name.value, .kind = kind_of(doc.kind.value), .route = doc.route.value};
  if (doc.name.value.find(':') != std::string::npos) {
    reading_.error(doc.name.at, "a name with `:` is one of Weir's own experiments", "use another name");
  }
  const auto route = std::find_if(snapshot_.routes.begin(), snapshot_.routes.end(),
                                  [&](const RouteSettings& one) { return one.name == doc.route.value; });
  if (route == snapshot_.routes.end()) {
    std::vector<std::string_view> names;
    for (const auto& one : snapshot_.routes) names.emplace_back(one.name);
    const auto near = nearest(doc.route.value, names);
    reading_.error(doc.route.at, "`route` names one that does not exist",
                   near.empty() ? "name one of `routes`" : "did you mean `" + std::string(near) + "`?");
    return;
  }
  for (const auto& name : doc.models) {
    if (const auto model = model_of(name, "models")) out.models.push_back(*model);
  }
  const std::size_t wanted = out.kind == ExperimentKind::ab ? 2 : 1;
  if (doc.models.size() != wanted) {
    reading_.error(doc.at->find("models"),
                   wanted == 2 ? "an A/B experiment has two models" : "a " + doc.kind.value + " has one model",
                   wanted == 2 ? "write [ONE, OTHER]" : "write [MODEL]; make an experiment of each");
  }
  if (out.models.size() != wanted) return;
  out.sticky = sticky_of(doc.sticky, StickTo::caller);
  out.sample = doc.sample.value_or(out.sample);
  out.margin = doc.margin.value_or(out.margin);
  out.slower = doc.slower;
  out.judge = doc.judge.value;
  out.keep_answers = doc.keep_answers;
  out.keep_sensitive = doc.keep_sensitive;
  out.keep_ms = doc.keep_ms;
  out.at_once = doc.at_once;
  out.per_minute = doc.per_minute;
  out.share = doc.share.value_or(out.kind == ExperimentKind::canary ? whole_share / 100 : whole_share / 2);
  if (out.kind == ExperimentKind::ab && (out.share == 0 || out.share == whole_share)) {
    reading_.warning(doc.at->find("share"), "one of the two models gets no request",
                     "write a share between 1% and 99%");
  }
  for (const auto& step : doc.steps) {
    const auto share = parse_share(step.value);
    if (!share || *share == 0 || (!out.steps.empty() && *share <= out.steps.back())) {
      reading_.error(step.at, "`steps` are shares, each larger than the one before", "write [5%, 25%, 100%]");
      return;
    }
    out.steps.push_back(*share);
  }
  if (out.kind == ExperimentKind::canary) {
    if (out.steps.empty()) out.steps = {10'000, 50'000, 100'000, 250'000, 500'000, whole_share};
    if (doc.share) {
      std::erase_if(out.steps, [&](int64_t step) { return step <= out.share; });
      out.steps.insert(out.steps.begin(), out.share);
    }
  } else if (!doc.steps.empty()) {
    reading_.error(doc.steps.front().at, "`steps` are for canaries", "remove it, or write kind: canary");
  }
  if (doc.until) {
    if (const auto until = day_us(doc.until.value)) {
      out.until_us = *until;
    } else {
      reading_.error(doc.until.at, "`until` must be a day", "write it as 2027-03-31");
    }
  }
  snapshot_.experiments.push_back(std::make_shared<const ExperimentSettings>(std::move(out)));
}

void Builder::dial(const RouteDoc& doc, RouteSettings& out) {
  if (doc.dial.at == nullptr || !doc.dial.of) return;
  DialSettings made;
  made.keep_quality = doc.dial.keep_quality.value_or(made.keep_quality);
  made.most = doc.dial.most.value_or(made.most);
  const auto large = model_of(doc.dial.of, "of");
  if (!large) return;
  made.of = *large;
  if (doc.dial.model) {
    const auto model = model_of(doc.dial.model, "model");
    if (!model) return;
    made.model = *model;
  } else {
    std::optional<uint32_t> other;
    for (const auto& rule : out.rules) {
      for (const auto model : rule.use) {
        if (!other && model != made.of) other = model;
      }
    }
    if (!other) {
      reading_.error(doc.dial.at, "no rule of this route names a model besides `" + doc.dial.of.value + "`",
                     "say which one: model: NAME");
      return;
    }
    made.model = *other;
  }
  if (made.model == made.of) {
    reading_.error(doc.dial.at, "a dial needs two models", "name another one");
    return;
  }
  ExperimentSettings pairs{.name = "dial:" + out.name,
                           .kind = ExperimentKind::dial,
                           .route = out.name,
                           .models = {made.model, made.of},
                           .sticky = sticky_of(doc.dial.sticky, StickTo::conversation)};
  pairs.sample = doc.dial.sample.value_or(pairs.sample);
  pairs.margin = whole_share - made.keep_quality;
  pairs.judge = doc.dial.judge.value;
  pairs.at_once = doc.dial.at_once;
  pairs.per_minute = doc.dial.per_minute;
  snapshot_.experiments.push_back(std::make_shared<const ExperimentSettings>(std::move(pairs)));
  out.dial = std::make_shared<const DialSettings>(made);
}

}  // namespace weir::config
