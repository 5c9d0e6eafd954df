// The part of a config file that says how models are put into order: `objective`, `share` and `quality`. Included by
// document.h, which explains the scheme.
#pragma once

#include <cstdint>
#include <optional>

#include "config/document_base.h"
#include "core/usage.h"

namespace weir::config {

inline constexpr Decimal part_of_one{.digits = 6, .least = 0, .most = 1'000'000};
inline constexpr Decimal weight_of_something{.digits = 6, .least = 0, .most = 1'000'000'000};

struct WeightsDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> cost, latency, quality;  // millionths
};

struct ObjectiveDoc {
  const yaml::Node* at = nullptr;
  Text take;
  std::optional<int64_t> least_quality;  // millionths
  std::optional<MicroDollars> most_cost;
  WeightsDoc weights;
  Text unmet{.value = "drop"};
};

struct ShareDoc {
  const yaml::Node* at = nullptr;
  Text to;
  std::optional<int64_t> of;  // parts per million
};

template <typename V>
void fields(V& v, WeightsDoc& d) {
  v.number("cost", d.cost, weight_of_something, {"What the request is estimated to cost there.", "1", "0"});
  v.number("latency", d.latency, weight_of_something, {"How long its answers take of late.", "0.5", "0"});
  v.number("quality", d.quality, weight_of_something, {"The model's `quality`.", "2", "0"});
}

template <typename V>
void fields(V& v, ObjectiveDoc& d) {
  v.text("take", d.take,
         {.text = "Which model comes first: the cheapest for this request, the one of best `quality`, or the one whose "
                  "answers come fastest of late.",
          .example = "cheapest",
          .otherwise = "as written; by `weights` where there are some",
          .choices = {"cheapest", "best", "fastest"}});
  v.number("least_quality", d.least_quality, part_of_one,
           {"Only models whose `quality` for the task is at least this.", "0.8", "not asked"});
  v.dollars("most_cost", d.most_cost,
            {"Only models that are estimated to cost no more than this for the request.", "$0.002", "not asked"});
  v.object("weights", d.weights,
           {"Weighs cost, latency and quality against each other, each as a part of the highest among the models.",
            "{cost: 1, latency: 0.5, quality: 2}", "not weighed"});
  v.text("unmet", d.unmet,
         {.text = "What becomes of models that do not meet the bounds, or of which it is not known: `drop`, or tried "
                  "`last`.",
          .example = "last",
          .choices = {"drop", "last"}});
}

template <typename V>
void fields(V& v, ShareDoc& d) {
  v.text("to", d.to, {"The model of `use` that gets the most difficult requests.", "large", {}, Need::required});
  v.share("of", d.of,
          {"So many of the requests for which this rule gives the models; the difficulty from which on follows the "
           "traffic of late.",
           "20%",
           {},
           Need::required});
}

}  // namespace weir::config
