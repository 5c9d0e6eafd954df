#include "pipeline/stream_relay.h"

#include "dialects/dialect.h"
#include "ledger/pricing.h"

namespace weir {
namespace {

constexpr int64_t usage_patience_ms = 1'000;  // for the usage event of a stream that has finished
constexpr int64_t drain_patience_ms = 20;     // for the end of a body, so that its connection can be used again

// A choice per prompt and `n`; each ends with a finish reason of its own.
int64_t expected_choices(const ChatRequest& request) {
  const auto prompts = request.operation == Operation::completion ? std::max<std::size_t>(request.inputs.size(), 1) : 1;
  return request.n * static_cast<int64_t>(prompts);
}

}  // namespace

StreamRelay::StreamRelay(Relay& relay, uint32_t model, Exchange& exchange, BreakerCall& call)
    : relay_(relay),
      context_(relay.context_),
      progress_(relay.progress_),
      model_(model),
      adapter_(*context_.deployment->adapters[context_.model(model).provider]),
      exchange_(exchange),
      call_(call),
      framer_(adapter_.info().framing, context_.snapshot().limits.event_bytes),
      pass_through_(adapter_.info().dialect == context_.request.dialect && !relay.progress_.begun),
      continuing_(relay.progress_.begun) {
  if (!continuing_) progress_ = StreamProgress{};  // an attempt that failed unseen leaves nothing behind
  if (continuing_ && !context_.provider_of(model).quirks.accepts_prefill) joined_before_ = progress_.said;
}

net::Task<AttemptResult> StreamRelay::run(std::size_t place, int64_t began_us) {
  place_ = place;
  began_us_ = began_us;
  // Awaits stand alone: in a condition, g++ 12 may await what the rest of the condition has already decided.
  for (;;) {
    const auto complete = co_await step();
    const bool nothing = complete && *complete && !content_seen_ && !finished_;
    if (nothing) co_return broken(nothing_said());
    if (complete && *complete) break;
    // What was read before a failure is the client's; it comes before the error.
    if (content_seen_ || finished_) {
      const bool taken = co_await flush();
      if (!taken) co_return broken(relay_.interrupted());
    }
    if (!complete) co_return broken(complete.error());
  }
  co_return co_await finish();
}

int64_t StreamRelay::read_deadline_us() const {
  if (finished_) return context_.worker.loop.deadline_in_ms(usage_patience_ms);
  if (!content_seen_) return began_us_ + context_.provider_of(model_).timeouts.first_token * 1000;
  return 0;
}

net::Task<Result<bool>> StreamRelay::step() {
  const auto chunk = co_await exchange_.read(read_deadline_us());
  if (!chunk) {
    // A stream that has said its last word needs nothing more, whatever becomes of the connection.
    if (finished_ && chunk.error().code != ErrorCode::client_gone) co_return true;
    co_return failure(chunk.error());
  }
  if (chunk->empty()) co_return end_of_bytes();
  co_return take_chunk(*chunk);
}

Result<bool> StreamRelay::take_chunk(std::string_view chunk) {
  framer_.feed(chunk);
  FramedEvent event;
  for (;;) {
    const auto more = framer_.next(event);
    if (!more) return failure(more.error());
    if (!*more) break;
    if (auto taken = take(event); !taken) return failure(taken.error());
    if (done_) return true;
  }
  return finished_ && state_.usage_seen;
}

Result<bool> StreamRelay::end_of_bytes() {
  FramedEvent event;
  const auto rest = framer_.finish(event);
  if (!rest) return failure(rest.error());
  if (*rest) {
    const auto bad_before = entry().bad_events;
    if (auto taken = take(event); !taken) return failure(taken.error());
    if (entry().bad_events > bad_before && !finished_) {
      return failure(ErrorCode::upstream_truncated,
                     context_.provider_of(model_).id + " ended its stream inside an event");
    }
  }
  if (finished_ || done_) return true;
  if (!content_seen_) return failure(nothing_said());
  return failure(ErrorCode::upstream_truncated,
                 context_.provider_of(model_).id + " ended its stream before its answer was complete");
}

// A stream that ended without an answer: one that began well broke off, the others were never a stream.
Error StreamRelay::nothing_said() {
  const auto& provider = context_.provider_of(model_).id;
  if (good_events_ > 0 && !done_) {
    return {.code = ErrorCode::upstream_truncated, .message = provider + " ended its stream before its answer began"};
  }
  return {.code = ErrorCode::upstream_malformed, .message = provider + " sent a stream without an answer in it"};
}

Status StreamRelay::take(const FramedEvent& framed) {
  if (!framed.has_data) return {};  // a ping: says nothing to anybody
  events_.clear();
  if (auto decoded = adapter_.decode_event(framed.data, state_, context_.worker.scratch, events_); !decoded) {
    ++entry().bad_events;
    return {};
  }
  if (!events_.empty()) ++good_events_;
  for (auto& event : events_) {
    switch (event.kind) {
      case StreamEvent::Kind::error:
        return failure(event.error);
      case StreamEvent::Kind::usage:
        usage_ = event.usage;
        break;
      case StreamEvent::Kind::finish:
        finished_ = ++finished_choices_ >= expected_choices(context_.request);
        break;
      case StreamEvent::Kind::done:
        done_ = true;
        break;
      default:
        break;
    }
    if (event.is_content()) count_text(event);
  }
  return show(framed);
}

void StreamRelay::count_text(const StreamEvent& event) {
  output_bytes_ += event.text.size() + event.tool.arguments.size() + event.tool.name.size();
  if (event.kind != StreamEvent::Kind::text || event.index != 0) progress_.continuable = false;
  if (!std::exchange(content_seen_, true)) first_content();
}

void StreamRelay::first_content() {
  const auto now = context_.worker.loop.now_us();
  entry().first_token_us = std::max<int64_t>(now - began_us_, 1);
  if (context_.entry.first_token_us == 0)
    context_.entry.first_token_us = std::max<int64_t>(now - context_.started_us, 1);
  call_.answered(entry().first_token_us / 1000);
}

// The usage event that only we asked for.
bool StreamRelay::hidden() const {
  return !context_.request.include_usage && !events_.empty() &&
         std::all_of(events_.begin(), events_.end(),
                     [](const auto& event) { return event.kind == StreamEvent::Kind::usage; });
}

Status StreamRelay::show(const FramedEvent& framed) {
  const bool keep_text = context_.plan.on_stream_failure == OnStreamFailure::resume && progress_.continuable;
  if (keep_text || continuing_) {
    for (auto& event : events_) {
      if (event.kind != StreamEvent::Kind::text) continue;
      if (!join(event)) {
        return failure(ErrorCode::upstream_truncated,
                       context_.model(model_).id + " would go on differently from what was already said");
      }
      progress_.said += event.text;
    }
  }
  if (pass_through_) {
    // The bytes go on as they came; the dialect's state follows, in case another model has to take over.
    if (progress_.downstream.id.empty()) {
      progress_.downstream.id = state_.id;
      progress_.downstream.model = state_.model;
      progress_.downstream.created = state_.created;
      progress_.downstream.role_sent = true;
    }
    if (!done_ && !hidden()) out_ += framed.raw;
    return {};
  }
  if (progress_.downstream.id.empty()) {
    progress_.downstream.id = state_.id.empty() ? "chatcmpl-" + context_.entry.id.substr(4) : state_.id;
    progress_.downstream.model = state_.model.empty() ? context_.model(model_).name : state_.model;
    progress_.downstream.created = state_.created != 0 ? state_.created : context_.entry.time_us / 1'000'000;
  }
  for (const auto& event : events_) {
    if (event.kind == StreamEvent::Kind::done) continue;
    if (event.kind == StreamEvent::Kind::lifecycle && continuing_) continue;
    if (event.kind == StreamEvent::Kind::text && event.text.empty() && continuing_) continue;
    relay_.dialect_.encode_event(event, context_.request, progress_.downstream, out_);
  }
  return {};
}

bool StreamRelay::join(StreamEvent& event) {
  const auto common = std::min(joined_before_.size(), event.text.size());
  if (std::string_view(event.text).substr(0, common) != std::string_view(joined_before_).substr(0, common))
    return false;
  joined_before_.erase(0, common);
  event.text.erase(0, common);
  return true;
}

net::Task<bool> StreamRelay::flush() {
  if (out_.empty()) co_return true;
  if (!progress_.begun) {
    progress_.begun = true;
    context_.answered_by(model_);
    relay_.note_reason(model_);
    relay_.downstream_.begin({.content_type = "text/event-stream; charset=utf-8", .fields = context_.answer_fields()});
  }
  const auto written = co_await relay_.downstream_.write(out_);
  out_.clear();
  co_return written.has_value();
}

net::Task<AttemptResult> StreamRelay::finish() {
  if (!content_seen_) first_content();
  settle_usage();
  if (continuing_) context_.worker.metrics.add(Count::streams_resumed);
  context_.answered_by(model_);
  const auto say = [&](const StreamEvent& event) {
    relay_.dialect_.encode_event(event, context_.request, progress_.downstream, out_);
  };
  if (!usage_.known && context_.request.include_usage) say({.kind = StreamEvent::Kind::usage, .usage = entry().usage});
  say({.kind = StreamEvent::Kind::done});
  bool written = co_await flush();
  if (written) {
    const auto ended = co_await relay_.downstream_.end();
    written = ended.has_value();
  }
  // The end of the body usually follows at once; a connection that was read to its end can be used again.
  const auto until = context_.worker.loop.deadline_in_ms(drain_patience_ms);
  while (!exchange_.complete()) {
    const auto rest = co_await exchange_.read(until);
    if (!rest || rest->empty()) break;
  }
  co_return AttemptResult{.error = written ? std::nullopt : std::optional(relay_.interrupted())};
}

AttemptResult StreamRelay::broken(Error error) {
  entry().partial = content_seen_;
  if (content_seen_) settle_usage();
  return {.error = std::move(error)};
}

void StreamRelay::settle_usage() {
  entry().usage = usage_.known ? usage_ : estimated_usage(context_.facts.input_tokens, output_bytes_);
  context_.entry.usage.input = std::max(context_.entry.usage.input, entry().usage.input);
  context_.entry.usage.cached += entry().usage.cached;
  context_.entry.usage.output += entry().usage.output;
  context_.entry.usage.reasoning += entry().usage.reasoning;
  context_.entry.usage.known = entry().usage.known;
  context_.entry.usage.estimated |= entry().usage.estimated;
}

}  // namespace weir
