// The keys of `experiments:` and of a route's `dial:`. As document.h, which includes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/document_base.h"
#include "core/dial_settings.h"
#include "core/experiment_settings.h"

namespace weir::config {

struct ExperimentDoc {
  const yaml::Node* at = nullptr;
  Text name, kind, route, sticky, judge{.value = "structural"}, until;
  Texts models, steps;
  std::optional<int64_t> share, sample, margin;  // parts per million
  int64_t slower = ExperimentSettings{}.slower;
  bool keep_answers = ExperimentSettings{}.keep_answers;
  bool keep_sensitive = ExperimentSettings{}.keep_sensitive;
  int64_t keep_ms = ExperimentSettings{}.keep_ms;
  int64_t at_once = ExperimentSettings{}.at_once;
  int64_t per_minute = ExperimentSettings{}.per_minute;
};

struct DialDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> keep_quality, most, sample;  // parts per million
  Text of, model, sticky, judge{.value = "structural"};
  int64_t at_once = ExperimentSettings{}.at_once;
  int64_t per_minute = ExperimentSettings{}.per_minute;
};

// Of whoever scores answers.
[[nodiscard]] std::vector<std::string_view> experiment_judges();

template <typename V>
void fields(V& v, ExperimentDoc& d) {
  v.text("name", d.name, {"What it is called in the ledger and on the command line.", "trial", {}, Need::required});
  v.text(
      "kind", d.kind,
      {.text = "`shadow`: after the caller has its answer, another model is asked the same; `ab`: two models answer, "
               "each its callers; `canary`: a model that gets more and more of the requests while it is good enough.",
       .example = "shadow",
       .need = Need::required,
       .choices = {"shadow", "ab", "canary"}});
  v.text("route", d.route, {"The route whose requests take part.", "assistant", {}, Need::required});
  v.texts("models", d.models, {"shadow, canary: the model in question. ab: the two.", "[small]", {}, Need::required});
  v.share("share", d.share, {"ab: of the second model. canary: where it begins.", "50%", "50%; canary: 1%"});
  v.texts("steps", d.steps, {"canary: the shares that it grows by.", "[5%, 25%, 100%]", "1%, 5%, 10%, 25%, 50%, 100%"});
  v.text("sticky", d.sticky,
         {.text = "ab, canary: what stays in its arm. Without keys, and without tags, that is the conversation.",
          .example = "conversation",
          .otherwise = "caller",
          .choices = {"caller", "tag", "conversation"}});
  v.share("sample", d.sample, {"shadow: of the answers that are compared.", "20%", "10%"});
  v.text("judge", d.judge, {.text = "Who scores answers.", .example = "structural", .choices = experiment_judges()});
  v.share("margin", d.margin, {"How much worse, in points of the score, is as good.", "5%", "5%"});
  v.number("slower", d.slower, Decimal{.digits = 2, .least = 100, .most = 10'000},
           {"canary: times the others' time that it may take.", "1.5", "1.5"});
  v.text("until", d.until, {"The UTC day on which it ends.", "2027-03-31", "it has no end"});
  v.flag("keep_answers", d.keep_answers,
         {"Keep questions and both answers in the data folder, for `weir experiment judge`.", "true"});
  v.flag("keep_sensitive", d.keep_sensitive, {"Also of requests whose class made a rule narrow the zones.", "true"});
  v.duration("keep", d.keep_ms, {"For how long.", "14d"});
  v.integer("at_once", d.at_once, Range{1, 1'000}, {"Most copies that are being answered at once.", "4"});
  v.integer("per_minute", d.per_minute, Range{1, 100'000}, {"Most copies a minute.", "120"});
}

template <typename V>
void fields(V& v, DialDoc& d) {
  v.share("keep_quality", d.keep_quality,
          {"The quality that callers get at least, as a share of the large model's.", "0.95", "0.95"});
  v.text("of", d.of, {"The large model.", "large", {}, Need::required});
  v.text("model", d.model, {"The model that takes its place.", "small", "the first other one that the rules name"});
  v.share("most", d.most, {"The share that it never goes beyond.", "80%", "100%"});
  v.share("sample", d.sample, {"Of the answers: the other model is asked the same, to compare.", "10%", "10%"});
  v.text("sticky", d.sticky,
         {.text = "What stays with its model while the share stays.",
          .example = "conversation",
          .otherwise = "conversation",
          .choices = {"caller", "tag", "conversation"}});
  v.text("judge", d.judge, {.text = "Who scores answers.", .example = "structural", .choices = experiment_judges()});
  v.integer("at_once", d.at_once, Range{1, 1'000}, {"Most copies that are being answered at once.", "4"});
  v.integer("per_minute", d.per_minute, Range{1, 100'000}, {"Most copies a minute.", "120"});
}

}  // namespace weir::config
