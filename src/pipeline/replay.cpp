// An answer that was kept, told once more. A method of Relay.
#include "formats/shared/assembler.h"
#include "pipeline/relay.h"
#include "pipeline/stream_ending.h"

namespace weir {
namespace {

// Ids are new each time: a client that keeps answers by them keeps this one as another.
void give_new_ids(Response& response, std::string_view unique) {
  std::size_t calls = 0;
  for (auto& choice : response.choices) {
    for (auto& part : choice.parts) {
      if (part.kind == Part::Kind::tool_call) part.call.id = fmt::format("call_{}_{}", unique.substr(0, 20), calls++);
    }
  }
}

// As a stream that a provider gave: the finishes and the usage stand last.
std::string streamed(EventWriter& writer, const Response& response, const Request& request, int64_t input_tokens) {
  std::string out;
  StreamEnding ending;
  writer.begin({.id = response.id, .model = response.model, .created = response.created, .input_tokens = input_tokens});
  for (const auto& event : events_of(response)) {
    if (event.kind == StreamEvent::Kind::done) continue;
    if (event.is_content()) ending.content(event);
    if (event.kind == StreamEvent::Kind::finish) {
      ending.finish(event, {});
    } else {
      writer.write(event, out);
    }
  }
  ending.write(writer, request, out);
  if (!response.usage.known && request.include_usage)
    writer.write({.kind = StreamEvent::Kind::usage, .usage = response.usage}, out);
  writer.end(out);
  return out;
}

}  // namespace

net::Task<void> Relay::replay(const AnswerKeeping::Hit& hit) {
  auto response = hit.answer.response;
  auto& entry = context_.entry;
  context_.keeping.reset();
  context_.answered_by(hit.model);
  context_.as_one = response.usage;
  entry.cache = "hit";
  entry.cache_saved = hit.answer.cost;
  entry.reason = fmt::format("the same was asked {} s ago; {} answered then",
                             std::max<int64_t>((entry.time_us - hit.answer.made_us) / 1'000'000, 0), entry.model);
  context_.worker.metrics.add(Count::cache_hits);
  context_.worker.metrics.add(Count::cache_saved, static_cast<uint64_t>(entry.cache_saved));
  response.id = own_id();
  response.created = entry.time_us / 1'000'000;
  give_new_ids(response, std::string_view(entry.id).substr(4));
  AnswerHead head{.fields = context_.answer_fields()};
  if (!context_.request.stream) {
    const auto body = face_.write(response, context_.request);
    const auto written = co_await downstream_.respond(head, body);
    if (!written) context_.error = ErrorCode::client_gone;
    co_return;
  }
  const auto writer = face_.stream(context_.request);
  const auto body = streamed(*writer, response, context_.request, context_.facts.input_tokens);
  head.content_type = face_.stream_type(context_.request);
  entry.first_token_us = std::max<int64_t>(context_.worker.loop.now_us() - context_.started_us, 1);
  downstream_.begin(head);
  auto written = co_await downstream_.write(body);
  if (written) written = co_await downstream_.end();
  if (!written) context_.error = ErrorCode::client_gone;
}

}  // namespace weir
