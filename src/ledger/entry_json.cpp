// A ledger entry as JSON. Times are microseconds, money micro-dollars, and their names say so.
#include "core/json.h"
#include "core/saturating.h"
#include "ledger/pricing.h"
#include "ledger/query.h"

namespace weir {
namespace {

void append_usage(json::Writer& out, const Usage& usage, Operation operation) {
  out.key("usage");
  if (!usage.known && !usage.estimated) {
    out.null();
    return;
  }
  out.begin_object();
  out.key("input_tokens").value(usage.input).key("cached_tokens").value(usage.cached);
  out.key("cache_write_tokens").value(usage.written);
  out.key("output_tokens").value(usage.output).key("reasoning_tokens").value(usage.reasoning);
  if (usage.units > 0 && !unit_name(operation).empty()) {
    out.key("units").value(static_cast<double>(usage.units) / 1'000).key("unit").value(unit_name(operation));
  }
  out.key("estimated").boolean(usage.estimated).key("implausible").boolean(usage.implausible).end_object();
}

// What is empty is null: "" would look like a value.
void append_text(json::Writer& out, std::string_view key, std::string_view text) {
  out.key(key);
  text.empty() ? out.null() : out.value(text);
}

// `personal,secret` → ["personal","secret"]
void append_list(json::Writer& out, std::string_view key, std::string_view list) {
  out.key(key).begin_array();
  while (!list.empty()) {
    const auto comma = list.find(',');
    out.value(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  out.end_array();
}

// What few requests have is there only for them.
void append_share(json::Writer& out, std::string_view key, double share) {
  if (share >= 0) out.key(key).value(share);
}

void append_attempt(json::Writer& out, const AttemptEntry& attempt, Operation operation) {
  out.begin_object();
  append_text(out, "model", attempt.model);
  append_text(out, "provider", attempt.provider);
  append_text(out, "zone", attempt.zone);
  append_text(out, "outcome", attempt.outcome);
  append_text(out, "message", attempt.message);
  out.key("http_status").value(attempt.http_status);
  out.key("started_us").value(attempt.started_us).key("queue_us").value(attempt.queue_us);
  out.key("first_token_us").value(attempt.first_token_us).key("duration_us").value(attempt.duration_us);
  out.key("bad_events").value(attempt.bad_events).key("partial").boolean(attempt.partial);
  if (!attempt.purpose.empty()) out.key("purpose").value(attempt.purpose);
  append_share(out, "score", attempt.score);
  if (attempt.redacted) out.key("redacted").boolean(true);
  append_usage(out, attempt.usage, operation);
  out.key("cost_micro_usd");
  attempt.price_known ? out.value(attempt.cost) : out.null();
  out.key("price_known").boolean(attempt.price_known);
  append_text(out, "price_source", price_source(attempt.price));
  append_text(out, "price_note", price_note(attempt.price));
  out.end_object();
}

}  // namespace

std::string entry_json(const Entry& entry) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("id").value(entry.id).key("object").value("weir.request");
  out.key("time").value(format_time(entry.time_us)).key("time_us").value(entry.time_us);
  out.key("operation").value(to_string(entry.operation));
  append_text(out, "caller", entry.caller);
  append_text(out, "key_id", entry.key_id);
  append_text(out, "route", entry.route);
  append_text(out, "requested", entry.requested);
  append_text(out, "model", entry.model);
  append_text(out, "provider", entry.provider);
  append_text(out, "zone", entry.zone);
  append_text(out, "outcome", entry.outcome);
  append_text(out, "reason", entry.reason);
  out.key("http_status").value(entry.http_status).key("stream").boolean(entry.stream);
  append_list(out, "classes", entry.classes);
  append_list(out, "tags", entry.tags);
  if (!entry.task.empty()) out.key("task").value(entry.task);
  append_share(out, "difficulty", entry.difficulty);
  if (!entry.redacted.empty()) append_list(out, "redacted", entry.redacted);
  if (!entry.experiment.empty()) out.key("experiment").value(entry.experiment);
  append_share(out, "score", entry.score);
  if (!entry.cache.empty()) out.key("cache").value(entry.cache).key("cache_saved_micro_usd").value(entry.cache_saved);
  append_usage(out, entry.usage, entry.operation);
  out.key("cost_micro_usd").value(entry.cost);
  out.key("baseline_micro_usd");
  entry.baseline_known ? out.value(entry.baseline_cost) : out.null();
  out.key("saved_micro_usd");
  entry.baseline_known ? out.value(saturating_subtract(entry.baseline_cost, entry.cost)) : out.null();
  out.key("first_token_us").value(entry.first_token_us).key("duration_us").value(entry.duration_us);
  out.key("sandbox").boolean(entry.sandbox);
  out.key("plan");
  entry.plan && !entry.plan->empty() ? out.raw(*entry.plan) : out.null();
  out.key("attempts").begin_array();
  for (const auto& attempt : entry.attempts) append_attempt(out, attempt, entry.operation);
  out.end_array().end_object();
  return text;
}

}  // namespace weir
