#include "pipeline/request_context.h"

#include <algorithm>

#include "core/saturating.h"
#include "ledger/pricing.h"

namespace weir {
namespace {

// Names come from the client: nothing but what can stand in a header, and no more than tells what is meant.
void append_name(std::string& out, std::string_view name) {
  constexpr std::size_t longest = 64;
  for (const char c : name.substr(0, longest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("_-.[]() ").find(c) != std::string_view::npos;
    out += plain ? c : '?';
  }
}

// The caller's fields that the format of whoever answered does not have, and that change nothing of the answer; and
// what the configured parameters took from the body, or changed.
void append_left_out(std::string& fields, const Request& request, const std::vector<std::string>& changed,
                     const Format& format) {
  constexpr int most_named = 16;
  int named = 0;
  const auto add = [&](std::string_view field) {
    if (named > most_named) return;
    fields += named == 0 ? "x-weir-left-out: " : ", ";
    if (++named > most_named) {
      fields += "and more";
    } else {
      append_name(fields, field);
    }
  };
  for (const auto& field : changed) add(field);
  if (format.wire != request.format) {
    for (const auto field : request.left_out) {
      if (!format.model->takes(field)) add(field);
    }
  }
  if (named > 0) fields += "\r\n";
}

}  // namespace

RequestContext::RequestContext(Worker& of, std::string_view id, std::shared_ptr<const KeyState> caller,
                               Operation operation)
    : recorded_(of.blank_entries.take()),
      worker(of),
      deployment(of.deployment),
      key(std::move(caller)),
      entry(recorded_->entry),
      started_us(of.loop.now_us()) {
  entry.id = id;
  entry.time_us = wall_clock_us();
  entry.operation = operation;
  if (key) {
    entry.caller = key->record.name;
    entry.key_id = key->record.id;
  }
}

void RequestContext::answered_by(uint32_t index) {
  answered_ = index;
  entry.model = model(index).id;
  entry.provider = provider_of(index).id;
  entry.zone = to_string(zone_of_model(plan, index, snapshot()));
  entry.sandbox = provider_of(index).adapter == "sandbox";
  entry.http_status = 200;
}

void RequestContext::answered_from_elsewhere(uint32_t index) {
  if (zone_of_model(plan, index, snapshot()).kind != ZoneKind::local) return;
  for (auto& candidate : plan.candidates) candidate.elsewhere = candidate.elsewhere || candidate.model == index;
  for (auto& attempt : entry.attempts) {
    if (attempt.model == model(index).id) attempt.zone = to_string(zone_of_model(plan, index, snapshot()));
  }
  if (deployment->elsewhere[index]->exchange(true)) return;
  worker.log.warn("a local server passes a model on to another's machine; it counts as cloud from now on",
                  {{"model", model(index).id}, {"provider", provider_of(index).id}, {"request", entry.id}});
}

void RequestContext::failed(const Error& why, int http_status) {
  error = why.code;
  entry.http_status = http_status;
}

RequestContext::~RequestContext() {
  if (discarded_) return;
  int64_t tokens = 0;
  for (auto& attempt : entry.attempts) {
    if (!purpose.empty()) attempt.purpose = purpose;
    entry.cost = saturating_add(entry.cost, attempt.cost);
    tokens = saturating_add(tokens, saturating_add(attempt.usage.input, attempt.usage.output));
  }
  entry.usage = used();
  entry.outcome = error ? to_string(*error) : "ok";
  entry.duration_us = worker.loop.now_us() - started_us;
  if (answered_ && plan.baseline) {
    const auto baseline = baseline_cost(snapshot(), *plan.baseline, as_one, entry.time_us);
    entry.baseline_cost = baseline.amount;
    entry.baseline_known = baseline.known;
  }
  reservation.settle(tokens, entry.cost);
  if (error == ErrorCode::client_gone) worker.metrics.add(Count::clients_gone);
  if (purpose.empty()) count();
  if (worker.log.enabled(LogLevel::debug)) {
    worker.log.debug("request", {{"id", entry.id},
                                 {"caller", entry.caller},
                                 {"route", entry.route},
                                 {"model", entry.model},
                                 {"zone", entry.zone},
                                 {"outcome", entry.outcome},
                                 {"status", entry.http_status},
                                 {"duration_us", entry.duration_us},
                                 {"attempts", entry.attempts.size()}});
  }
  worker.ledger.record(std::move(recorded_));
}

void RequestContext::count() const {
  worker.metrics.request({.route = plan.route ? deployment->labels.routes[*plan.route] : RouteSlot{0},
                          .model = answered_ ? deployment->labels.models[*answered_] : ModelSlot{0},
                          .operation = entry.operation,
                          .error = error,
                          .duration_us = entry.duration_us,
                          .first_token_us = entry.first_token_us,
                          .cost = entry.cost,
                          .baseline_cost = entry.baseline_cost,
                          .streamed = entry.stream});
}

Usage RequestContext::used() const {
  Usage sum;
  bool any = false;
  // What was asked behind the answer that was given, for a better one, is no part of it.
  const auto given = std::find_if(entry.attempts.rbegin(), entry.attempts.rend(),
                                  [](const AttemptEntry& one) { return one.purpose.empty() && one.outcome == "ok"; });
  const auto end = given == entry.attempts.rend() ? entry.attempts.end() : given.base();
  for (auto one = entry.attempts.begin(); one != end; ++one) {
    const auto& attempt = *one;
    const auto& usage = attempt.usage;
    if (!attempt.purpose.empty() || attempt.outcome == escalated) continue;
    if (!usage.known && !usage.estimated) continue;
    if (!std::exchange(any, true)) sum.known = true;
    sum += usage;
  }
  return sum;
}

std::size_t RequestContext::tries() const {
  return static_cast<std::size_t>(std::count_if(entry.attempts.begin(), entry.attempts.end(),
                                                [](const AttemptEntry& one) { return one.purpose.empty(); }));
}

std::string RequestContext::answer_fields(std::string memory) const {
  auto fields = std::move(memory);
  fields.clear();
  fields.reserve(512);
  fields.append("x-weir-request-id: ").append(entry.id).append("\r\n");
  fields.append("x-request-id: ").append(entry.id).append("\r\n");  // where SDKs look for it
  if (!id_header.empty()) fields.append(id_header).append(": ").append(entry.id).append("\r\n");
  const bool redacted = answered_ && !entry.attempts.empty() && entry.attempts.back().redacted;
  if (!entry.experiment.empty()) fields.append("x-weir-experiment: ").append(entry.experiment).append("\r\n");
  if (answered_) {
    append_left_out(fields, request, changed, *deployment->formats[model(*answered_).provider]);
    if (redacted) fields.append("x-weir-redacted: ").append(entry.redacted).append("\r\n");
    if (!redacted && !own_reason) {
      fields += worker.answer(plan, snapshot(), *answered_, tries()).fields;
      return fields;
    }
  }
  append_answer_fields(fields, {.model = entry.model,
                                .zone = entry.zone,
                                .reason = entry.reason,
                                .attempts = tries(),
                                .sandbox = entry.sandbox});
  return fields;
}

}  // namespace weir
