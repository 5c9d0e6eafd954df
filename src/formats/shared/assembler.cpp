#include "formats/shared/assembler.h"

#include "core/json.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

// Lists of the pieces one behind the other, under the name they have; the rest as the first piece has it.
std::string join_logprobs(const std::vector<std::string>& pieces) {
  if (pieces.size() <= 1) return pieces.empty() ? std::string() : pieces.front();
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  for (const auto& field : json::top_level_fields(pieces.front())) {
    const auto first = std::string_view(pieces.front()).substr(field.value_begin, field.value_end - field.value_begin);
    writer.key(field.key);
    if (!first.starts_with('[')) {
      writer.raw(first);
      continue;
    }
    writer.begin_array();
    for (const auto& piece : pieces) {
      for (const auto element : json::elements(json::member(piece, field.key))) writer.raw(element);
    }
    writer.end_array();
  }
  writer.end_object();
  return out;
}

}  // namespace

AnswerAssembler::Building& AnswerAssembler::building(int64_t index) {
  for (auto& one : choices_) {
    if (one.choice.index == index) return one;
  }
  choices_.emplace_back().choice.index = index;
  return choices_.back();
}

Status AnswerAssembler::add(StreamEvent event) {
  switch (event.kind) {
    case Kind::error:
      return failure(std::move(event.error));
    case Kind::usage:
      usage_ = event.usage;
      return {};
    case Kind::done:
      done_ = true;
      return {};
    case Kind::lifecycle:
    case Kind::other:
      return {};
    default:
      break;
  }
  auto& [choice, calls, logprobs] = building(event.index);
  if (!event.logprobs.empty()) logprobs.push_back(std::move(event.logprobs));
  if (event.kind == Kind::text && !event.text.empty()) choice.add_text(Part::Kind::text, event.text);
  if (event.kind == Kind::reasoning && !event.text.empty()) choice.add_text(Part::Kind::thinking, event.text);
  if (event.kind == Kind::refusal && !event.text.empty()) choice.add_text(Part::Kind::refusal, event.text);
  if (event.kind == Kind::signature) choice.add_signature(event.text);
  if (event.kind == Kind::finish) {
    choice.finish = event.finish;
    choice.stop_sequence = std::move(event.text);
  }
  if (event.kind == Kind::tool_call) {
    const auto known =
        std::find_if(calls.begin(), calls.end(), [&](const auto& call) { return call.first == event.tool_index; });
    if (known == calls.end()) {
      calls.emplace_back(event.tool_index, choice.parts.size());
      choice.add_call(std::move(event.tool));
      return {};
    }
    auto& call = choice.parts[known->second].call;
    if (call.id.empty()) call.id = std::move(event.tool.id);
    if (call.signature.empty()) call.signature = std::move(event.tool.signature);
    call.name += event.tool.name;
    call.arguments += event.tool.arguments;
  }
  return {};
}

Result<Response> AnswerAssembler::take(Operation operation, const StreamState& state) {
  Response response{.operation = operation, .id = state.id, .model = state.model, .created = state.created};
  std::sort(choices_.begin(), choices_.end(),
            [](const Building& a, const Building& b) { return a.choice.index < b.choice.index; });
  bool finished = !choices_.empty();
  for (auto& [choice, calls, logprobs] : choices_) {
    finished = finished && choice.finish != FinishReason::none;
    if (choice.finish == FinishReason::none)
      choice.finish = calls.empty() ? FinishReason::stop : FinishReason::tool_calls;
    choice.logprobs = join_logprobs(logprobs);
    response.choices.push_back(std::move(choice));
  }
  if (!finished && !done_) {
    return failure(ErrorCode::upstream_truncated, "The provider ended its stream before its answer was complete.");
  }
  if (response.choices.empty()) {
    return failure(ErrorCode::upstream_malformed, "The provider sent a stream without an answer in it.");
  }
  response.usage = usage_.known || !state.usage.known ? usage_ : state.usage;
  return response;
}

namespace {

StreamEvent event_of(const AnswerPart& part, int64_t index) {
  StreamEvent event{.index = index, .text = part.text};
  switch (part.kind) {
    case Part::Kind::thinking:
      event.kind = Kind::reasoning;
      break;
    case Part::Kind::refusal:
      event.kind = Kind::refusal;
      break;
    case Part::Kind::tool_call:
      event.kind = Kind::tool_call;
      event.tool = part.call;
      break;
    default:
      event.kind = Kind::text;
      break;
  }
  return event;
}

}  // namespace

std::vector<StreamEvent> events_of(const Response& response) {
  std::vector<StreamEvent> events;
  for (const auto& choice : response.choices) {
    auto logprobs = choice.logprobs;
    int64_t calls = 0;
    for (const auto& part : choice.parts) {
      auto event = event_of(part, choice.index);
      if (event.kind == Kind::text) event.logprobs = std::exchange(logprobs, {});
      if (event.kind == Kind::tool_call) event.tool_index = calls++;
      const bool silent = event.kind != Kind::tool_call && event.text.empty() && event.logprobs.empty();
      if (!silent) events.push_back(std::move(event));
      if (!part.signature.empty())
        events.push_back({.kind = Kind::signature, .index = choice.index, .text = part.signature});
    }
    if (!logprobs.empty()) events.push_back({.kind = Kind::text, .index = choice.index, .logprobs = logprobs});
    const auto meant = calls == 0 ? FinishReason::stop : FinishReason::tool_calls;
    events.push_back({.kind = Kind::finish,
                      .index = choice.index,
                      .text = choice.stop_sequence,
                      .finish = choice.finish == FinishReason::none ? meant : choice.finish});
  }
  if (response.usage.known) events.push_back({.kind = Kind::usage, .usage = response.usage});
  events.push_back({.kind = Kind::done});
  return events;
}

}  // namespace weir
