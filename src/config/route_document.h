// What a config says of a route: its rules, and what they ask of a request. As document.h, which includes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/document_base.h"
#include "config/escalation_document.h"
#include "config/experiments_document.h"
#include "config/load_document.h"
#include "config/objective_document.h"
#include "core/snapshot.h"
#include "routing/tasks.h"

namespace weir::config {

struct WhenDoc {
  const yaml::Node* at = nullptr;
  Texts sensitive, callers, tags, models, operations, tasks, difficulty;
  Text confidence, budget_left;
  std::optional<int64_t> tokens_above, tokens_below;
  std::optional<bool> has_tools, has_images, has_files, has_audio, stream;
};

struct SpillDoc {
  const yaml::Node* at = nullptr;
  std::optional<int64_t> queue_ms;
};

struct RuleDoc {
  const yaml::Node* at = nullptr;
  WhenDoc when;
  Texts zones, redact, use;
  bool block = false;
  SpillDoc spill;
  EscalateDoc escalate;
  ObjectiveDoc objective;
  ShareDoc share;
};

struct RouteDoc {
  const yaml::Node* at = nullptr;
  Text name, description, policy{.value = "rules"}, baseline, on_stream_failure{.value = "end"},
      prefer{.value = "fast"};
  Texts accept_unreadable, larger_context;
  std::optional<int64_t> patience_ms;
  int64_t total_ms = RouteSettings{}.total_ms;
  bool store_responses = RouteSettings{}.store_responses;
  LessonsDoc keep_lessons;
  std::optional<int64_t> audit_ms;
  std::optional<int64_t> redact_session_ms;
  DialDoc dial;
  CacheDoc cache;
  HedgeDoc hedge;
  std::vector<RuleDoc> rules;
};

// From the tables of the folders that own them.
[[nodiscard]] std::vector<std::string_view> policy_names();
[[nodiscard]] std::vector<std::string_view> unreadable_names();

template <typename V>
void fields(V& v, WhenDoc& d) {
  v.texts("sensitive", d.sensitive,
          {"The request has any of these classes; `any` is any class at all, `unreadable` among them.",
           "[personal, health]", "not asked"});
  v.text("confidence", d.confidence,
         {.text = "How sure the guards are at least of one of those classes; what a caller declares and what cannot be "
                  "read is certain.",
          .example = "high",
          .otherwise = "low",
          .choices = {confidence_names[0], confidence_names[1], confidence_names[2]}});
  v.texts("callers", d.callers, {"Its key has one of these names.", "[night-batch]", "not asked"});
  v.texts("tags", d.tags, {"It carries all of these tags (`x-weir-tags`).", "[batch]", "not asked"});
  v.texts("models", d.models, {"It asks for one of these routes or models.", "[assistant]", "not asked"});
  v.texts("task", d.tasks,
          {.text = "It is estimated to be one of these tasks, by what the user said last.",
           .example = "[greeting, faq]",
           .otherwise = "not asked",
           .choices = {routing::task_names.begin(), routing::task_names.end()}});
  v.texts(
      "difficulty", d.difficulty,
      {"How likely a small model's answer is estimated to be not good enough, 0 to 1: a bound, or one on each side.",
       "\"> 0.7\"", "not asked"});
  v.integer("tokens_above", d.tokens_above, any_count,
            {"Its input is estimated at more tokens than this.", "8000", "not asked"});
  v.integer("tokens_below", d.tokens_below, any_count,
            {"Its input is estimated at fewer tokens than this.", "500", "not asked"});
  v.flag("has_tools", d.has_tools, {"It has tools, or has none.", "true", "not asked"});
  v.flag("has_images", d.has_images, {"It has images, or has none.", "true", "not asked"});
  v.flag("has_files", d.has_files, {"It has files (a PDF, the id of one), or has none.", "true", "not asked"});
  v.flag("has_audio", d.has_audio, {"It has audio, or has none.", "true", "not asked"});
  v.flag("stream", d.stream, {"It wants a stream, or wants none.", "true", "not asked"});
  v.text(
      "budget_left", d.budget_left,
      {"Less than this share of the budget of its key is left, of the day or of the month; keys without a budget have "
       "all of it.",
       "'< 20%'", "not asked"});
  v.texts("operations", d.operations,
          {.text = "It is one of these.",
           .example = "[embedding]",
           .otherwise = "not asked",
           .choices = {"chat", "completion", "embedding"}});
}

template <typename V>
void fields(V& v, SpillDoc& d) {
  v.duration("queue", d.queue_ms,
             {"Longest wait for a slot before the next candidate is tried.", "300ms", "the provider's `queue`"});
}

template <typename V>
void fields(V& v, RuleDoc& d) {
  v.object("when", d.when, {"All that is set must hold; without it, the rule always does.", "{sensitive: [personal]}"});
  v.texts("zones", d.zones,
          {"The request may go only there. Zones of all rules that hold are intersected: none widens them.", "[local]",
           "does not narrow"});
  v.texts(
      "redact", d.redact,
      {"What makes the rule hold may enter these zones only as placeholders (`<EMAIL_1>`), which the answer has turned "
       "back. What cannot be taken out does not go there.",
       "[cloud]", "takes nothing out"});
  v.flag("block", d.block, {"Refuse the request, whoever would answer it.", "true"});
  v.texts("use", d.use,
          {"Models to try, in order. The first rule that holds and has `use` counts.", "[small, large]", "names none"});
  v.object("spill", d.spill, {"When to go on to the next candidate because a local one is full.", "{queue: 300ms}"});
  v.object("escalate", d.escalate,
           {"When to go on to the next candidate because an answer is not good enough.",
            "{below: 0.7, judges: [structural, confidence]}"});
  v.object("objective", d.objective,
           {"How `use` is put into order for each request.", "{take: cheapest, least_quality: 0.8}", "as written"});
  v.object("share", d.share,
           {"Sends the most difficult part of the requests to one model first.", "{to: large, of: 20%}", "as written"});
}

template <typename V>
void fields(V& v, RouteDoc& d) {
  v.text("name", d.name, {"What callers put into `model`.", "assistant", {}, Need::required});
  v.text("description", d.description, {"For people; shown in the list of models.", "Help desk"});
  v.list("rules", d.rules, {"Read from top to bottom.", "[{use: [small, large]}]", {}, Need::required});
  v.text("baseline", d.baseline,
         {"The model that would be used if all went to the cloud: savings are counted against it.", "large", "none"});
  v.text("on_stream_failure", d.on_stream_failure,
         {.text = "What happens when a stream breaks after its first content: end it with an error, or continue it "
                  "with the next candidate.",
          .example = "continue",
          .choices = {"end", "continue"}});
  v.texts("larger_context", d.larger_context,
          {"Models for prompts that are too long for those that the rules name: asked only then, in the same zones.",
           "[big]", "none"});
  v.texts("accept_unreadable", d.accept_unreadable,
          {.text = "Kinds of content that no guard can read and that do not make a request `unreadable` here.",
           .example = "[images, audio]",
           .otherwise = "none",
           .choices = unreadable_names()});
  v.duration("total", d.total_ms, {"For all attempts together.", "2m"});
  v.text("prefer", d.prefer,
         {.text = "When the first choice asks for a moment (Retry-After): `fast` asks the next candidate at once, "
                  "`first_choice` waits for up to `patience` and asks it again.",
          .example = "first_choice",
          .choices = {"fast", "first_choice"}});
  v.duration("patience", d.patience_ms,
             {"The longest wait that a provider may ask for and that is waited for.", "2s",
              "2s; 10s where no other model is left"});
  v.flag("store_responses", d.store_responses,
         {"Answers of this route may be kept for clients of OpenAI's Responses API that go on from them.", "false"});
  v.object("keep_lessons", d.keep_lessons,
           {"Keep what escalations taught, prompts and answers included, in the data folder: for feedback and "
            "`weir export`. Without it nothing is kept.",
            "{keep: 90d}"});
  v.duration("audit_keep", d.audit_ms,
             {"How long the audit's rows of this route say what they were about; then only their place in the chain is "
              "left.",
              "400d", "for ever"});
  v.duration("redact_session", d.redact_session_ms,
             {"How long a caller's values keep their placeholders from one request to the next; in memory only, and "
              "without the values.",
              "30m", "for the request alone"});
  v.object(
      "dial", d.dial,
      {"Let Weir find the share of the local model itself, task by task, as far as comparisons show that the quality "
       "is kept.",
       "{keep_quality: 0.95, of: large}", "shares are as written"});
  v.object("cache", d.cache,
           {"Answers are kept and given again to the same caller for the same question.", "{ttl: 1h, size: 64MiB}",
            "none is kept"});
  v.object_or("hedge", d.hedge, &HedgeDoc::after, "after",
              {"The next candidate is asked as well when the first has not said anything by then; whoever has "
               "something to say first answers, and the other one is stopped.",
               "p95", "one candidate is asked at a time"});
  v.text("policy", d.policy, {.text = "What orders the candidates.", .example = "rules", .choices = policy_names()});
}

}  // namespace weir::config
