#include "pipeline/request_context.h"

#include "ledger/pricing.h"

namespace weir {

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
  entry.zone = to_string(provider_of(index).zone);
  entry.sandbox = provider_of(index).adapter == "sandbox";
  entry.http_status = 200;
}

void RequestContext::failed(const Error& why, int http_status) {
  error = why.code;
  entry.http_status = http_status;
}

RequestContext::~RequestContext() {
  int64_t tokens = 0;
  for (const auto& attempt : entry.attempts) {
    entry.cost += attempt.cost;
    tokens += attempt.usage.input + attempt.usage.output;
  }
  entry.outcome = error ? to_string(*error) : "ok";
  entry.duration_us = worker.loop.now_us() - started_us;
  if (answered_ && plan.baseline) {
    const auto baseline = baseline_cost(snapshot(), *plan.baseline, entry.usage);
    entry.baseline_cost = baseline.amount;
    entry.baseline_known = baseline.known;
  }
  reservation.settle(tokens, entry.cost);
  if (error == ErrorCode::client_gone) worker.metrics.add(Count::clients_gone);
  worker.metrics.request({.route = plan.route ? deployment->labels.routes[*plan.route] : RouteSlot{0},
                          .model = answered_ ? deployment->labels.models[*answered_] : ModelSlot{0},
                          .operation = entry.operation,
                          .error = error,
                          .duration_us = entry.duration_us,
                          .first_token_us = entry.first_token_us,
                          .cost = entry.cost,
                          .baseline_cost = entry.baseline_cost,
                          .streamed = entry.stream});
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

std::string RequestContext::answer_fields(std::string memory) const {
  auto fields = std::move(memory);
  fields.clear();
  fields.reserve(512);
  fields.append("x-weir-request-id: ").append(entry.id).append("\r\n");
  if (answered_) {
    fields += worker.answer(plan, snapshot(), *answered_, entry.attempts.size()).fields;
    return fields;
  }
  append_answer_fields(fields, {.model = entry.model,
                                .zone = entry.zone,
                                .reason = entry.reason,
                                .attempts = entry.attempts.size(),
                                .sandbox = entry.sandbox});
  return fields;
}

}  // namespace weir
