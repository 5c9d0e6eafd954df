// The keys of a file of answers, once each: `fields` is called by a Reader (config/reader.h) to read and check a file,
// and by the interviewer in answers.cpp to ask. Only for answers.cpp and its tests.
#pragma once

#include <optional>

#include "config/document.h"
#include "economics/base/money.h"

namespace weir::plan {

using config::Need;
using config::Text;
using config::Texts;

struct AnswersDoc {
  const yaml::Node* at = nullptr;
  Text name;
  std::optional<int64_t> requests, input_tokens, output_tokens;
  Text load{.value = "steady"};
  Texts sensitive;
  std::optional<int64_t> sensitive_share;  // parts per million
  Texts regulation;
  Text residency{.value = "anywhere"};
  Text latency{.value = "interactive"};
  Text quality{.value = "good"};
  Text customisation{.value = "none"};
  Text people;
  std::optional<MicroDollars> budget;
  Text cloud_model, local_model, quantisation;
  Texts owned;
  std::optional<int64_t> cached_share;  // parts per million
  std::optional<MicroDollars> staff, infrastructure, per_kwh;
  bool only_asked = false;  // without the keys that nobody is asked for
  bool measured = false;    // volume, tokens and load are known from a ledger
};

// What is told instead of assumed: in a file or by an option of the same name; nobody is asked for it.
template <typename V>
void told_fields(V& v, AnswersDoc& d) {
  v.text("cloud_model", d.cloud_model,
         {"The rented model, as PROVIDER/MODEL of the price catalog.", "openai/gpt-5.4-mini", "by `quality`"});
  v.text("local_model", d.local_model,
         {"The model on machines of your own, in any spelling that `weir plan size` takes.", "gpt-oss-120b",
          "by `quality`"});
  v.text("quantisation", d.quantisation,
         {"Bits of its weights, as `weir plan size --quant` takes them.", "q4_k_m", "as the model is published"});
  v.texts("owned", d.owned, {"Cards that are there already: only their power is counted.", "[2 x rtx-4090]", "none"});
  v.share("cached_share", d.cached_share,
          {"How many of the prompt tokens the model has read before.", "40%", "0%, or as measured"});
  v.dollars("staff_per_month", d.staff,
            {"Dollars a month for whoever runs local machines.", "0", "20 hours by `people`"});
  v.dollars("infrastructure_per_month", d.infrastructure,
            {"Dollars a month for monitoring, network and spare parts.", "0", "300"});
  v.dollars("electricity_per_kwh", d.per_kwh, {"Dollars for a kilowatt-hour.", "0.20", "0.20"});
}

template <typename V>
void fields(V& v, AnswersDoc& d) {
  const Need stated = d.measured ? Need::optional : Need::required;
  v.text("name", d.name, {"A name for the team or the product.", "Support bot", "none"});
  v.integer("requests_per_month", d.requests, config::Range{1, most_requests, true},
            {"Requests in a month: every call of a model counts as one.", "20000", {}, stated});
  v.integer("input_tokens", d.input_tokens, config::Range{1, 130'000},
            {"Prompt tokens of a request, on average. A page of text has about 700.", "500", {}, stated});
  v.integer("output_tokens", d.output_tokens, config::Range{1, 30'000},
            {"Tokens of an answer, on average. A paragraph has about 150.", "300", {}, stated});
  v.text("load", d.load,
         {"When requests come: evenly round the clock (steady), mostly in working hours (office_hours), or in bursts.",
          "office_hours",
          "steady",
          Need::optional,
          {"steady", "office_hours", "bursty"}});
  v.texts("sensitive", d.sensitive,
          {"What is in the requests that others must not see. Several: personal, health.",
           "[personal]",
           {},
           Need::required,
           {"none", "personal", "financial", "health", "secret"}});
  v.share("sensitive_share", d.sensitive_share,
          {"How many of the requests have such data in them.", "30%", "none; needed when `sensitive` names something"});
  v.texts("regulation", d.regulation,
          {"What the team must comply with. Several: gdpr, hipaa.",
           "[gdpr]",
           "none",
           Need::optional,
           {"none", "gdpr", "hipaa", "pci", "dora", "ferpa", "professional_secrecy"}});
  v.text("residency", d.residency,
         {"Where any of the data may go, by law or contract.",
          "eu",
          "anywhere",
          Need::optional,
          {"anywhere", "eu", "us", "on_premises"}});
  v.text(
      "latency", d.latency,
      {"How long somebody waits: for a voice or a game (realtime), a chat (interactive), a form (relaxed), or nobody "
       "does (batch).",
       "interactive",
       "interactive",
       Need::optional,
       {"realtime", "interactive", "relaxed", "batch"}});
  v.text(
      "quality", d.quality,
      {"How hard the tasks are: sorting and short answers (basic), drafting and summaries (good), reasoning and code "
       "(best).",
       "good",
       "good",
       Need::optional,
       {"basic", "good", "best"}});
  v.text(
      "customisation", d.customisation,
      {"How the model is made one's own.", "prompting", "none", Need::optional, {"none", "prompting", "fine_tuning"}});
  v.text("people", d.people,
         {"Who can run servers: nobody, somebody beside other work, or people whose work it is.",
          "part_time",
          {},
          Need::required,
          {"none", "part_time", "dedicated"}});
  v.dollars("budget_per_month", d.budget, {"Dollars a month that it may cost, people included.", "2000", "no limit"});
  if (!d.only_asked) told_fields(v, d);
}

}  // namespace weir::plan
