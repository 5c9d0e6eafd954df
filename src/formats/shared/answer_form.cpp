#include "formats/shared/answer_form.h"

#include <fmt/format.h>

#include "formats/shared/assembler.h"
#include "formats/shared/errors.h"
#include "formats/shared/mending_reader.h"
#include "formats/shared/promised.h"

namespace weir {
namespace {

// Events of any framing as one answer.
Result<Response> assemble(const ModelFace& model, const Request& request, std::string_view body, Framing framing,
                          json::DocumentPool& pool) {
  EventFramer framer(framing, body.size() + 1);
  const auto reader = model.stream(request);
  MendingReader mending(*reader, expected_choices(request));
  AnswerAssembler assembler;
  std::vector<StreamEvent> events;
  auto scratch = pool.take();
  FramedEvent framed;
  const auto take = [&]() -> Status {
    if (!framed.has_data) return {};
    if (framed.name == "error") return failure(classify_text(framed.data));
    events.clear();
    if (!mending.read(framed, *scratch, events)) return {};  // noise
    for (auto& event : events) {
      if (auto added = assembler.add(std::move(event)); !added) return added;
    }
    return {};
  };
  framer.feed(body);
  for (;;) {
    const auto more = framer.next(framed);
    if (!more) return failure(more.error());
    if (!*more) break;
    if (auto taken = take(); !taken) return failure(std::move(taken.error()));
  }
  const auto rest = framer.finish(framed);
  if (rest && *rest) {
    if (auto taken = take(); !taken) return failure(std::move(taken.error()));
  }
  return assembler.take(request.operation, reader->state());
}

bool is_silent(const Choice& choice) {
  return std::all_of(choice.parts.begin(), choice.parts.end(), [](const AnswerPart& part) {
    return part.kind != Part::Kind::tool_call && part.text.empty() && part.signature.empty();
  });
}

// Has an answer of this operation words of a model in it?
bool has_choices(Operation operation) { return operation == Operation::chat || operation == Operation::completion; }

bool is_lines_of_json(std::string_view body) {
  const auto end = body.find('\n');
  if (end == std::string_view::npos) return false;
  const auto next = body.find_first_not_of(" \t\r\n", end);
  const auto last = body.find_last_not_of(" \t\r", end - 1);
  return next != std::string_view::npos && body[next] == '{' && last < end && body[last] == '}';
}

}  // namespace

AnswerForm form_of(std::string_view begin) {
  if (begin.starts_with("\xEF\xBB\xBF")) begin.remove_prefix(3);
  const auto first = begin.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return AnswerForm::undecided;
  begin.remove_prefix(first);
  if (begin[0] == '{' || begin[0] == '[') return AnswerForm::json;
  if (begin[0] == ':') return AnswerForm::events;
  for (const std::string_view field : {"data", "event", "id", "retry"}) {
    const auto common = std::min(field.size(), begin.size());
    if (begin.substr(0, common) != field.substr(0, common)) continue;
    if (begin.size() == common) return AnswerForm::undecided;
    const char next = begin[common];
    if (next == ':' || next == '\n' || next == '\r') return AnswerForm::events;
  }
  return AnswerForm::text;
}

namespace {

Result<Response> decode(const ModelFace& model, const Request& request, std::string body, json::DocumentPool& pool) {
  // Sound, subtitles and files are neither JSON nor events.
  if (request.operation == Operation::speech || request.operation == Operation::transcription ||
      request.operation == Operation::file)
    return model.read(request, std::move(body), pool);
  const auto form = form_of(body);
  if (form == AnswerForm::text) return failure(classify_text(body));
  if (has_choices(request.operation)) {
    if (form == AnswerForm::events) return unless_silent(assemble(model, request, body, Framing::sse, pool));
    if (form == AnswerForm::json && is_lines_of_json(body))
      return unless_silent(assemble(model, request, body, Framing::ndjson, pool));
  }
  return unless_silent(model.read(request, std::move(body), pool));
}

}  // namespace

Result<Response> decode_answer(const ModelFace& model, const Request& request, std::string body,
                               json::DocumentPool& pool) {
  auto response = decode(model, request, std::move(body), pool);
  if (!response) return response;
  const auto changed = keep_promises(*response, expected_choices(request));
  if (!changed) return failure(changed.error());
  if (*changed) response->raw.clear();
  return response;
}

Result<Response> decode_instead_of_stream(const ModelFace& model, const Request& request, std::string body,
                                          json::DocumentPool& pool) {
  auto response = decode_answer(model, request, std::move(body), pool);
  if (response) response->raw.clear();
  return response;
}

Result<Response> unless_silent(Result<Response> response) {
  if (response && has_choices(response->operation) && says_nothing(*response)) {
    return failure(ErrorCode::upstream_malformed,
                   "The provider answered with nothing: no text, no tool call and no tokens.");
  }
  return response;
}

bool says_nothing(const Response& response) {
  if (response.usage.output > 0) return false;
  return std::all_of(response.choices.begin(), response.choices.end(), [](const Choice& choice) {
    const bool ended = choice.finish == FinishReason::none || choice.finish == FinishReason::stop;
    return ended && !choice.has_other && is_silent(choice);
  });
}

}  // namespace weir
