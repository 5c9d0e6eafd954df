#include "pipeline/outgoing.h"

#include "pipeline/in_turns.h"
#include "pipeline/placeholder_sessions.h"
#include "pipeline/request_context.h"
#include "policies/policy.h"
#include "redaction/redactor.h"

namespace weir {
namespace {

// The placeholders that the session of this caller has already given, where the route keeps them.
redaction::Replacements known_of(const RequestContext& context) {
  redaction::Replacements known;
  const auto& plan = context.plan;
  const auto session_ms = plan.route ? context.snapshot().routes[*plan.route].placeholders_ms : 0;
  if (session_ms > 0 && context.deployment->placeholder_sessions) {
    known.numbering =
        PlaceholderSessions::of(context.deployment->placeholder_sessions,
                                {.key_id = context.entry.key_id, .route = context.snapshot().routes[*plan.route].name},
                                session_ms, context.entry.time_us / 1000);
  }
  return known;
}

}  // namespace

net::Task<Result<Outgoing*>> OutgoingGate::pass(RequestContext& context, const Candidate& candidate) {
  const auto zone = zone_of(candidate, context.snapshot());
  const auto wish = redaction_for(context.plan, zone, context.facts, context.snapshot());
  if (wish.classes() == 0) co_return nullptr;
  for (const auto& one : made_) {
    if (one->wish == wish) co_return one.get();
  }
  if (face_ == nullptr) {
    co_return failure(ErrorCode::zone_refused, "Something in this request has to be taken out before it may leave.");
  }
  auto& worker = context.worker;
  redaction::Redactor redactor(context.deployment->guards, context.request, wish, worker.documents, known_of(context));
  co_await in_turns(worker.loop, redactor);
  auto redacted = redactor.take();
  if (!redacted) co_return failure(std::move(redacted.error()));
  Asked asked = asked_;
  asked.body = std::move(redacted->body);
  auto request = face_->read(std::move(asked), worker.documents);
  if (!request) {
    co_return failure(Error{.code = ErrorCode::zone_refused,
                            .message = "Something in this request has to be taken out before it may leave, and what is "
                                       "left is no request: " +
                                       request.error().message,
                            .param = request.error().param});
  }
  if (request->model.empty()) request->model = context.request.model;
  auto made = std::make_unique<Outgoing>();
  made->wish = wish;
  made->request = std::move(*request);
  made->values = std::move(redacted->replacements);
  made_.push_back(std::move(made));
  co_return made_.back().get();
}

Status OutgoingGate::take_out_of_said(RequestContext& context, Outgoing& outgoing, std::string_view said) const {
  if (outgoing.said_in_full == said) return {};
  auto redacted = redaction::redact_said(context.deployment->guards, context.request, said, outgoing.wish,
                                         context.worker.documents, outgoing.values);
  if (!redacted) return failure(std::move(redacted.error()));
  outgoing.said = std::move(*redacted);
  outgoing.said_in_full = said;
  return {};
}

}  // namespace weir
