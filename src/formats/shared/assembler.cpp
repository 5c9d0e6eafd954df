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

AnswerAssembler::Part& AnswerAssembler::part_of(int64_t index) {
  for (auto& part : parts_) {
    if (part.choice.index == index) return part;
  }
  parts_.emplace_back().choice.index = index;
  return parts_.back();
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
  auto& [choice, logprobs] = part_of(event.index);
  if (!event.logprobs.empty()) logprobs.push_back(std::move(event.logprobs));
  if (event.kind == Kind::text) choice.text += event.text;
  if (event.kind == Kind::reasoning) choice.reasoning += event.text;
  if (event.kind == Kind::refusal) choice.refusal += event.text;
  if (event.kind == Kind::finish) choice.finish = event.finish;
  if (event.kind == Kind::tool_call) {
    const auto place = static_cast<std::size_t>(std::clamp<int64_t>(event.tool_index, 0, 1023));
    if (choice.tool_calls.size() <= place) choice.tool_calls.resize(place + 1);
    auto& call = choice.tool_calls[place];
    if (call.id.empty()) call.id = std::move(event.tool.id);
    call.name += event.tool.name;
    call.arguments += event.tool.arguments;
  }
  return {};
}

Result<Response> AnswerAssembler::take(Operation operation, const StreamState& state) {
  Response response{.operation = operation, .id = state.id, .model = state.model, .created = state.created};
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.choice.index < b.choice.index; });
  bool finished = !parts_.empty();
  for (auto& [choice, logprobs] : parts_) {
    finished = finished && choice.finish != FinishReason::none;
    if (choice.finish == FinishReason::none)
      choice.finish = choice.tool_calls.empty() ? FinishReason::stop : FinishReason::tool_calls;
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

std::vector<StreamEvent> events_of(const Response& response) {
  std::vector<StreamEvent> events;
  for (const auto& choice : response.choices) {
    const auto piece = [&](Kind kind, const std::string& text) {
      if (!text.empty()) events.push_back({.kind = kind, .index = choice.index, .text = text});
    };
    piece(Kind::reasoning, choice.reasoning);
    const auto logprobs_at = events.size();
    piece(Kind::text, choice.text);
    if (!choice.logprobs.empty()) {
      if (events.size() == logprobs_at) events.push_back({.kind = Kind::text, .index = choice.index});
      events.back().logprobs = choice.logprobs;
    }
    piece(Kind::refusal, choice.refusal);
    int64_t number = 0;
    for (const auto& call : choice.tool_calls) {
      events.push_back({.kind = Kind::tool_call, .index = choice.index, .tool_index = number++, .tool = call});
    }
    const auto meant = choice.tool_calls.empty() ? FinishReason::stop : FinishReason::tool_calls;
    events.push_back({.kind = Kind::finish,
                      .index = choice.index,
                      .finish = choice.finish == FinishReason::none ? meant : choice.finish});
  }
  if (response.usage.known) events.push_back({.kind = Kind::usage, .usage = response.usage});
  events.push_back({.kind = Kind::done});
  return events;
}

}  // namespace weir
