#include "pipeline/stream_relay.h"

#include "core/saturating.h"
#include "formats/shared/assembler.h"
#include "formats/shared/errors.h"
#include "ledger/pricing.h"
#include "ledger/usage_bounds.h"

namespace weir {
namespace {

constexpr int64_t last_word_patience_ms = 1'000;  // for what follows the finish: usage, [DONE]
constexpr int64_t doubtful_patience_ms = 5'000;   // where the provider's finishes do not mean that it has finished
constexpr std::size_t longest_words = 64 * 1024;  // of an error that came in place of a stream
constexpr std::size_t longest_stray = 500;
constexpr int64_t drain_patience_ms = 20;  // for the end of a body, so that its connection can be used again

}  // namespace

StreamRelay::StreamRelay(Relay& relay, uint32_t model, Exchange* exchange, BreakerCall& call, const Waits& waits,
                         Turn turn)
    : relay_(relay),
      context_(relay.context_),
      progress_(relay.progress_),
      model_(model),
      format_(*context_.deployment->formats[context_.model(model).provider]),
      reader_(format_.model->stream(relay.asked())),
      mending_(*reader_, expected_choices(relay.asked())),
      exchange_(exchange),
      call_(call),
      framer_(format_.framing, context_.snapshot().limits.event_bytes),
      state_(reader_->state()),
      waits_(waits),
      alive_us_(context_.worker.loop.now_us()),
      added_logprobs_(relay.cascade_.wants_logprobs(model)),
      pass_through_(format_.wire == context_.request.format && !relay.progress_.begun && relay.outgoing_ == nullptr),
      continuing_(relay.progress_.begun) {
  if (!continuing_) {  // an attempt that failed unseen leaves nothing behind
    progress_ = StreamProgress{};
    progress_.writer = relay.face_.stream(context_.request);
  }
  if (relay.outgoing_ != nullptr) restorer_.emplace(relay.outgoing_->values);
  if (is_kept() && !continuing_) kept_ = context_.keeping->begin_stream();
  state_.forwarding.wanted = pass_through_;
  state_.forwarding.usage_asked = context_.request.include_usage;
  state_.forwarding.id = relay.own_id();
  state_.forwarding.created = context_.entry.time_us / 1'000'000;
  // What goes on from another's words is that answer's rest: it is judged no more.
  if (relay.cascade_.judges() && !continuing_)
    held_.emplace().holding = relay.cascade_.holds(turn == Turn::others_follow);
  if (!continuing_) return;
  continuation_.emplace(progress_.said,
                        relay.sends_prefill(model) ? Continuation::Begins::behind : Continuation::Begins::at_start);
}

net::Task<AttemptResult> StreamRelay::run(std::size_t place, int64_t began_us) {
  place_ = place;
  began_us_ = began_us;
  // What two models said together is neither's answer.
  if (continuing_) context_.heard.reset();
  if (context_.heard) context_.heard->begin_anew();
  // Awaits stand alone: in a condition, g++ 12 may await what the rest of the condition has already decided.
  for (;;) {
    auto complete = co_await step();
    if (complete && *complete && restorer_) {
      auto rest = take_kept_back();
      if (!rest) complete = failure(rest.error());
    }
    const bool nothing = complete && *complete && nothing_came();
    if (nothing) co_return broken(nothing_said());
    if (complete && *complete) break;
    if (complete && holds()) {
      if (auto ended = look()) co_return std::move(*ended);
    }
    // What was read before a failure is the client's; it comes before the error.
    if (content_seen_) {
      const bool taken = co_await flush();
      if (!taken) co_return broken(relay_.interrupted());
    }
    if (!complete) co_return broken(complete.error());
  }
  co_return co_await finish();
}

net::Task<AttemptResult> StreamRelay::run_whole(Response& response, std::size_t place, int64_t began_us) {
  place_ = place;
  began_us_ = began_us;
  // What two models said together is neither's answer.
  if (continuing_) context_.heard.reset();
  if (context_.heard) context_.heard->begin_anew();
  const auto taken = take_whole(response);
  if (!taken) co_return broken(taken.error());
  if (nothing_came()) co_return broken(nothing_said());
  co_return co_await finish();
}

net::Task<Status> StreamRelay::tell(std::vector<StreamEvent> news, std::size_t place, int64_t began_us) {
  place_ = place;
  began_us_ = began_us;
  pass_through_ = false;
  events_ = std::move(news);
  ++good_events_;
  if (auto taken = take_events({}); !taken) co_return failure(taken.error());
  if (!content_seen_) co_return Status{};
  const bool written = co_await flush();
  if (!written) co_return failure(relay_.interrupted());
  co_return Status{};
}

// Before the first content each sign of life (a comment, a role) begins the silence anew, within a limit for all of it.
ReadUntil StreamRelay::read_until() const {
  const auto& loop = context_.worker.loop;
  if (finished_) {
    const auto patience = ending_.doubtful() ? doubtful_patience_ms : last_word_patience_ms;
    return {.us = loop.deadline_in_ms(patience), .key = "idle"};
  }
  if (content_seen_) return {.us = loop.deadline_in_ms(waits_.idle_ms), .key = "idle"};
  return {.us = std::min(alive_us_ + waits_.silence_ms * 1000, began_us_ + waits_.content_ms * 1000),
          .key = "first_token"};
}

net::Task<Result<bool>> StreamRelay::step() {
  const auto until = read_until();
  const auto chunk = co_await exchange_->read(until);
  if (!chunk) {
    // A stream that has said its last word needs nothing more, whatever becomes of the connection.
    if (finished_ && chunk.error().code != ErrorCode::client_gone) co_return true;
    co_return failure(chunk.error());
  }
  alive_us_ = context_.worker.loop.now_us();
  if (chunk->empty()) co_return end_of_bytes();
  co_return form_ == AnswerForm::events ? take_chunk(*chunk) : take_opening(*chunk);
}

Result<bool> StreamRelay::take_opening(std::string_view chunk) {
  const bool lines = format_.framing == Framing::ndjson;
  opening_ += chunk;
  // A binary message begins with its length, of 25 MB at most.
  const bool binary = format_.framing == Framing::amazon && opening_.front() <= '\1' && opening_.front() >= '\0';
  if (binary) {
    form_ = AnswerForm::events;
    return take_chunk(std::exchange(opening_, {}));
  }
  if (form_ == AnswerForm::undecided) form_ = form_of(opening_);
  if (form_ == AnswerForm::events && format_.framing != Framing::sse)
    framer_ = EventFramer(Framing::sse, context_.snapshot().limits.event_bytes);
  if (form_ == AnswerForm::json && lines) form_ = AnswerForm::events;
  if (form_ == AnswerForm::events) return take_chunk(std::exchange(opening_, {}));
  if (form_ == AnswerForm::text && opening_.size() > longest_words) return end_of_whole();
  if (opening_.size() > context_.snapshot().limits.response_bytes) {
    return failure(ErrorCode::upstream_malformed,
                   fmt::format("{} answered with more than {} bytes", context_.provider_of(model_).id,
                               context_.snapshot().limits.response_bytes));
  }
  return false;
}

Result<bool> StreamRelay::end_of_whole() {
  auto response =
      decode_instead_of_stream(*format_.model, relay_.asked(), std::move(opening_), context_.worker.documents);
  if (!response) return failure(std::move(response.error()));
  return take_whole(*response);
}

Result<bool> StreamRelay::take_whole(Response& response) {
  pass_through_ = false;
  state_.id = response.id;
  state_.model = response.model;
  state_.created = response.created;
  events_ = events_of(response);
  ++good_events_;
  if (auto taken = take_events({}); !taken) return failure(std::move(taken.error()));
  return true;
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
  return false;
}

Result<bool> StreamRelay::end_of_bytes() {
  if (form_ != AnswerForm::events && !opening_.empty()) return end_of_whole();
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
  if (!stray_.empty() && !content_seen_) return failure(classify_text(stray_));
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

bool StreamRelay::nothing_came() const {
  return !content_seen_ && (!finished_ || (ending_.only_stopped() && usage_.output == 0));
}

Status StreamRelay::take(const FramedEvent& framed) {
  if (!framed.has_data) return take_stray(framed);
  if (framed.name == "error") return failure(classify_text(framed.data));
  events_.clear();
  if (auto read = mending_.read(framed, context_.worker.scratch, events_); !read) {
    ++entry().bad_events;
    return {};
  }
  if (!events_.empty()) ++good_events_;
  return take_events(framed);
}

Status StreamRelay::take_stray(const FramedEvent& framed) {
  const auto begin = framed.raw.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || framed.raw[begin] == ':') return {};  // a ping: says nothing to anybody
  const auto words = framed.raw.substr(begin);
  const auto form = form_of(words);
  if (form == AnswerForm::text && stray_.empty()) stray_ = words.substr(0, longest_stray);
  if (form != AnswerForm::json) return {};
  events_.clear();
  const FramedEvent bare{
      .data = words.substr(0, words.find_last_not_of("\r\n") + 1), .raw = framed.raw, .has_data = true};
  if (!mending_.read(bare, context_.worker.scratch, events_)) {
    ++entry().bad_events;
    return {};
  }
  state_.forwarding.way = Forwarding::Way::from_events;
  return take_events(framed);
}

Status StreamRelay::take_events(const FramedEvent& framed) {
  if (state_.passed_on) context_.answered_from_elsewhere(model_);
  if (restorer_) restorer_->restore(events_);
  std::optional<Error> reported;
  for (std::size_t i = 0; i < events_.size() && !reported; ++i) {
    auto& event = events_[i];
    switch (event.kind) {
      case StreamEvent::Kind::error:
        reported = std::move(event.error);
        if (reported->code == ErrorCode::upstream_malformed) ++entry().bad_events;
        events_.resize(i);
        break;
      case StreamEvent::Kind::usage:
        event.usage = plausible_usage(
            event.usage, usage_bounds(context_.model(model_), context_.request, context_.facts.input_tokens));
        if (auto cut = relay_.cut_prompt(model_, event.usage)) return failure(std::move(*cut));
        usage_ = event.usage;
        break;
      case StreamEvent::Kind::done:
        done_ = true;
        break;
      default:
        if (event.is_content()) {
          count_text(event);
          if (event.kind == StreamEvent::Kind::tool_call && !event.tool.id.empty()) call_ids_.push_back(event.tool.id);
          ending_.content(event);
        }
        break;
    }
  }
  // What cannot be read may be half an event: its bytes would run into those of the error that follows.
  if (reported) state_.forwarding.way = Forwarding::Way::from_events;
  if (is_kept()) keep_events();
  if (context_.heard) {
    for (const auto& event : events_) context_.heard->hear(event);
  }
  if (auto shown = show(framed); !shown) return shown;
  finished_ = ending_.finished() >= expected_choices(context_.request);
  if (reported) return failure(std::move(*reported));
  return {};
}

// What was restored has values in it that were not to be kept anywhere.
bool StreamRelay::is_kept() const { return context_.keeping != nullptr && relay_.outgoing_ == nullptr; }

// One that another began is not kept: nobody gave all of it.
void StreamRelay::keep_events() {
  if (continuing_) return context_.keeping->forget();
  if (!added_logprobs_) return context_.keeping->take(kept_, events_);
  auto events = events_;
  for (auto& event : events) event.logprobs.clear();
  context_.keeping->take(kept_, events);
}

// What may have become a placeholder and did not.
Status StreamRelay::take_kept_back() {
  events_ = restorer_->end();
  return events_.empty() ? Status{} : take_events({});
}

void StreamRelay::count_text(const StreamEvent& event) {
  const bool seal = event.kind == StreamEvent::Kind::signature;
  if (!seal) output_bytes_ += event.text.size() + event.tool.arguments.size() + event.tool.name.size();
  const bool can_be_repeated =
      seal || event.kind == StreamEvent::Kind::text || event.kind == StreamEvent::Kind::reasoning;
  if (!can_be_repeated || event.index != 0) progress_.continuable = false;
  if (!std::exchange(content_seen_, true)) first_content();
}

void StreamRelay::first_content() {
  const auto now = context_.worker.loop.now_us();
  entry().first_token_us = std::max<int64_t>(now - began_us_, 1);
  // The client's comes when it is let go, and from whoever answers it.
  if (context_.entry.first_token_us == 0 && !holds() && relay_.claim())
    context_.entry.first_token_us = std::max<int64_t>(now - context_.started_us, 1);
  call_.began(entry().first_token_us / 1000);
}

net::Task<bool> StreamRelay::flush() {
  if (out_.empty() || holds()) co_return true;
  if (!relay_.claim()) co_return false;
  if (!progress_.begun) {
    progress_.begun = true;
    relay_.answered(model_);
    relay_.note_reason(model_);
    co_await relay_.heartbeat_.stop();
    relay_.begin_stream();
  }
  const auto written = co_await relay_.downstream_.write(out_);
  out_.clear();
  co_return written.has_value();
}

net::Task<AttemptResult> StreamRelay::finish() {
  if (!content_seen_) first_content();
  // Counted with every piece, but not at the end: the last count is the answer's.
  if (!usage_.known && (state_.usage.input != 0 || state_.usage.output != 0)) usage_ = state_.usage;
  if (!usage_.known) ending_.usage({});
  settle_usage();
  if (held_) {
    const auto answer = held_->answer();
    if (holds()) {
      auto judging = falls_short(answer);
      const bool poor = co_await std::move(judging);
      if (poor) co_return not_good_enough();
    } else {
      context_.entry.score = relay_.cascade_.judge_alone(answer).value;
      entry().score = context_.entry.score;
    }
    relay_.cascade_.note_given(model_, answer, {.value = context_.entry.score});
  }
  if (!relay_.claim()) co_return AttemptResult{.error = relay_.interrupted()};
  relay_.note_calls(model_, call_ids_);
  relay_.answered(model_);
  if (is_kept()) context_.keeping->end_stream(kept_, model_, state_, entry().usage);
  if (continuing_) {
    context_.worker.metrics.add(Count::streams_resumed);
    relay_.note_reason(model_);
  }
  write_ending();
  bool written = co_await flush();
  if (written) {
    const auto ended = co_await relay_.downstream_.end();
    written = ended.has_value();
  }
  // The end of the body usually follows at once; a connection that was read to its end can be used again.
  const ReadUntil until{.us = context_.worker.loop.deadline_in_ms(drain_patience_ms), .key = "idle"};
  while (exchange_ != nullptr && !exchange_->complete()) {
    const auto rest = co_await exchange_->read(until);
    if (!rest || rest->empty()) break;
  }
  co_return AttemptResult{.error = written ? std::nullopt : std::optional(relay_.interrupted())};
}

AttemptResult StreamRelay::broken(Error error) {
  entry().partial = content_seen_;
  if (content_seen_) settle_usage();
  if (holds()) context_.as_one = {};  // nobody saw it
  return {.error = std::move(error), .blameless = disagreed_};
}

void StreamRelay::settle_usage() {
  entry().usage = with_units(believed_usage(usage_, context_.facts.input_tokens, output_bytes_), context_.request);
  if (relay_.lost()) return;
  const auto& usage = entry().usage;
  auto& one = context_.as_one;
  // Who starts afresh gives all of the answer, who goes on the rest of it.
  const bool rest = continuing_ && !continuation_->from_start();
  one.output = rest ? saturating_add(one.output, usage.output) : std::max(one.output, usage.output);
  one.reasoning = rest ? saturating_add(one.reasoning, usage.reasoning) : std::max(one.reasoning, usage.reasoning);
  one.input = std::max(one.input, usage.input);
  one.cached = std::max(one.cached, usage.cached);
  one.written = std::max(one.written, usage.written);
}

}  // namespace weir
