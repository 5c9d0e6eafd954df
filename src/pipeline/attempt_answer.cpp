// A whole answer on its way to the client: its usage, its judges, its last form. Methods of Relay.
#include "core/cut_prompt.h"
#include "formats/format.h"
#include "formats/shared/answer_form.h"
#include "ledger/pricing.h"
#include "ledger/usage_bounds.h"
#include "pipeline/relay.h"
#include "policies/policy.h"
#include "redaction/restore_answer.h"

namespace weir {
namespace {

// All that a model wrote.
std::size_t answer_bytes(const Response& response) {
  std::size_t bytes = 0;
  for (const auto& choice : response.choices) {
    for (const auto& part : choice.parts)
      bytes += part.text.size() + part.call.name.size() + part.call.arguments.size();
  }
  return bytes;
}

std::vector<std::string> call_ids_of(const Response& response) {
  std::vector<std::string> ids;
  for (const auto& choice : response.choices) {
    for (const auto& part : choice.parts) {
      if (part.kind == Part::Kind::tool_call) ids.push_back(part.call.id);
    }
  }
  return ids;
}

bool passes_anything(Operation operation) {
  return operation == Operation::speech || operation == Operation::transcription || operation == Operation::file;
}

Error said_nothing(std::string_view model) {
  return {.code = ErrorCode::upstream_malformed, .message = fmt::format("{} gave an answer without a word", model)};
}

}  // namespace

net::Task<AttemptResult> Relay::give(const Ask& ask, Response& response, std::string_view said_type,
                                     std::size_t place) {
  const auto model = ask.model;
  auto& entry = context_.entry.attempts[place];
  const auto& format = *context_.deployment->formats[context_.model(model).provider];
  auto& documents = context_.worker.documents;
  if (response.passed_on) context_.answered_from_elsewhere(model);
  if (outgoing_ != nullptr) redaction::restore(outgoing_->values, response);

  const bool counts_tokens = names_a_model(context_.request.operation);
  const auto bounds = usage_bounds(context_.model(model), context_.request, context_.facts.input_tokens);
  const auto billed = counts_tokens ? std::string() : bill_once(model, response, place);
  if (counts_tokens) response.usage = plausible_usage(response.usage, bounds);
  if (!response.pictures.empty()) response.usage.units = static_cast<int64_t>(response.pictures.size()) * 1'000;
  if (auto cut = cut_prompt(model, response.usage)) co_return AttemptResult{.error = std::move(cut)};
  entry.usage = counts_tokens
                    ? with_units(believed_usage(response.usage, context_.facts.input_tokens, answer_bytes(response)),
                                 context_.request)
                    : response.usage;
  response.usage = entry.usage;
  const bool same = format.wire == context_.request.format;
  // Sound and transcripts have one form, whoever made them.
  const bool as_is = (same || passes_anything(response.operation)) && !response.raw.empty();
  if (response.id.empty() || !same) response.id = own_id();
  if (response.created == 0) response.created = context_.entry.time_us / 1'000'000;
  if (response.model.empty()) response.model = context_.model(model).name;
  auto content_type = std::exchange(response.content_type, {});
  // Sound, subtitles: what it is, its server says.
  if (content_type.empty() && passes_anything(context_.request.operation)) content_type = said_type;
  const bool added_logprobs = cascade_.wants_logprobs(model);
  std::vector<std::string> sure;  // what the judges read of it and the caller did not ask for
  if (added_logprobs) {
    if (as_is) response.raw = without_logprobs(response.raw);
    for (auto& choice : response.choices) sure.push_back(std::exchange(choice.logprobs, {}));
  }
  auto answer = as_is ? std::move(response.raw) : face_.write(response, context_.request);
  if (!as_is) content_type.clear();
  for (std::size_t i = 0; i < sure.size(); ++i) response.choices[i].logprobs = std::move(sure[i]);
  if (cascade_.judges()) {
    Draft draft{.model = model, .place = place, .content_type = content_type, .bytes = std::move(answer)};
    auto judging = falls_short(response, draft, ask.turn);
    const bool poor = co_await std::move(judging);
    // The last one is given whatever it says, unless that is nothing, and there is something else to give.
    if (poor && ask.turn == Turn::last) co_return AttemptResult{.error = said_nothing(context_.model(model).id)};
    if (poor) co_return not_good_enough();
    answer = std::move(draft.bytes);
  }
  if (!claim()) co_return AttemptResult{.error = interrupted()};
  note_calls(model, call_ids_of(response));
  answered(model);
  if (priced_as_) context_.entry.model = context_.model(*priced_as_).id;
  context_.as_one = context_.entry.attempts[place].usage;
  note_reason(model);
  if (context_.heard) context_.heard->hear(response);
  if (context_.keeping && outgoing_ == nullptr) {
    if (added_logprobs) {
      for (auto& choice : response.choices) choice.logprobs.clear();
    }
    context_.keeping->take(model, response);
  }
  // Named before it is awaited: g++ 12 destroys a braced temporary in a co_await expression twice.
  AnswerHead head{.fields = context_.answer_fields(documents.spare_text())};
  if (!content_type.empty()) head.content_type = content_type;
  const auto written = co_await downstream_.respond(head, answer);
  if (!billed.empty()) context_.entry.id = billed;
  documents.keep(std::move(head.fields));
  documents.keep(std::move(answer));
  co_return AttemptResult{.error = written ? std::nullopt : std::optional(interrupted())};
}

net::Task<bool> Relay::falls_short(const Response& response, Draft& draft, Turn turn) {
  if (!cascade_.holds(turn == Turn::others_follow)) {
    const auto score = cascade_.judge_alone(response);
    if (score.value == 0 && cascade_.draft()) co_return true;
    context_.entry.attempts[draft.place].score = score.value;
    cascade_.note_given(draft.model, response, score);
    co_return false;
  }
  auto judging = cascade_.judge(draft.model, response, downstream_.cancellation());
  const auto score = co_await std::move(judging);
  const bool poor = !downstream_.cancellation().requested() && cascade_.is_poor(score);
  cascade_.note(draft.model, draft.place, score, poor);
  if (!poor) {
    cascade_.note_given(draft.model, response, score);
    co_return false;
  }
  draft.score = score.value;
  draft.usage = context_.entry.attempts[draft.place].usage;
  draft.changed = changed_;
  cascade_.keep_draft(std::move(draft), response);
  co_return true;
}

std::string Relay::own_id() const {
  return face_.make_id(std::string_view(context_.entry.id).substr(4), context_.request.operation);
}

std::optional<Error> Relay::cut_prompt(uint32_t model, const Usage& usage) const {
  const bool local = zone_of_model(context_.plan, model, context_.snapshot()).kind == ZoneKind::local;
  if (!local || !was_cut(context_.request, usage)) return std::nullopt;
  return Error{
      .code = ErrorCode::context_overflow,
      .message = fmt::format("{} read only {} tokens of a longer prompt: it runs with a shorter context. Let it run "
                             "with a longer one, or give the model its `context_length`",
                             context_.model(model).id, usage.input)};
}

void Relay::note_calls(uint32_t model, const std::vector<std::string>& call_ids) {
  if (call_ids.empty() || context_.request.operation != Operation::chat) return;
  const auto marks = marks_of_calls(context_.request, context_.entry.key_id, call_ids);
  context_.deployment->turns->remember(marks, context_.model(model).id, context_.entry.key_id);
}

}  // namespace weir
