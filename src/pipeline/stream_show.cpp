// What of a stream's events its client is shown, and how: as bytes that pass, rewritten, or written anew; joined to
// what another model began. Methods of StreamRelay.
#include "core/event_bytes.h"
#include "pipeline/stream_relay.h"

namespace weir {
namespace {

// Formats whose events say their type, which is their name too: some SDKs go by the name alone, others by the type.
bool says_types(std::string_view wire) { return wire == "anthropic" || wire == "responses" || wire == "cohere"; }

// `data`, a JSON object, with its `type` as its first member.
std::string with_type(std::string_view data, std::string_view type) {
  std::string out = R"({"type":)";
  json::append_string(out, type);
  const auto rest = data.find_first_not_of(" \t\r\n", 1);
  if (rest != std::string_view::npos && data[rest] != '}') out += ',';
  return out.append(data.substr(1));
}

bool is_thought(const StreamEvent& event) {
  return event.kind == StreamEvent::Kind::reasoning || event.kind == StreamEvent::Kind::signature;
}

}  // namespace

Status StreamRelay::show(const FramedEvent& framed) {
  collect();
  if (added_logprobs_) drop_logprobs(framed);
  if (continuing_ && !join()) return failure(disagreement());
  if (context_.plan.on_stream_failure == OnStreamFailure::resume && progress_.continuable) {
    for (const auto& event : events_) {
      if (event.kind == StreamEvent::Kind::text) progress_.said += event.text;
    }
  }
  open_writer();
  if (pass_through_ && format_.passes_in_order(context_.request.operation)) {
    show_in_order(framed);
  } else if (pass_through_) {
    show_as_it_came(framed);
  } else {
    show_events();
  }
  return {};
}

// Also of a stream that passes as bytes: another model may have to go on with it.
void StreamRelay::open_writer() {
  if (std::exchange(progress_.opened, true)) return;
  const bool same = format_.wire == context_.request.format && !state_.id.empty();
  progress_.writer->begin({.id = same ? state_.id : relay_.own_id(),
                           .model = state_.model.empty() ? context_.model(model_).name : state_.model,
                           .created = state_.created != 0 ? state_.created : context_.entry.time_us / 1'000'000,
                           .input_tokens = context_.facts.input_tokens});
}

// The bytes go on as they stand, last words included.
void StreamRelay::show_in_order(const FramedEvent& framed) {
  for (const auto& event : events_) {
    if (event.kind == StreamEvent::Kind::finish) ending_.finish(event, {});
  }
  if (state_.forwarding.way == Forwarding::Way::from_events) return show_events();
  const bool chat = context_.request.operation == Operation::chat;
  std::string typed;
  auto told = framed;
  if (says_types(format_.wire) && framed.data.starts_with('{')) {
    json::Object body;
    const bool readable = context_.worker.scratch.root().get(body) == simdjson::SUCCESS;
    if (const auto type = readable ? json::string_or(body, "type") : std::string_view(); !type.empty()) {
      told.name = type;
    } else if (!framed.name.empty()) {
      told.data = typed = with_type(framed.data, framed.name);
    }
  } else if (chat) {
    told.name = {};
  }
  append_as_it_came(told, out_);
  progress_.writer->passed(told, events_);
}

// The bytes go on, but for what has to wait for the end: a finish with nothing beside it, and the usage.
void StreamRelay::show_as_it_came(const FramedEvent& framed) {
  auto& forwarding = state_.forwarding;
  if (!forwarding.usage.empty()) ending_.usage(fmt::format("data: {}\n\n", forwarding.usage));
  const bool usage_only = !events_.empty() && std::all_of(events_.begin(), events_.end(), [](const auto& event) {
    return event.kind == StreamEvent::Kind::usage;
  });
  if (usage_only) return;
  if (forwarding.way == Forwarding::Way::from_events) return show_events();
  progress_.writer->passed(framed, events_);
  auto unnamed = framed;
  unnamed.name = {};
  const StreamEvent* finish = nullptr;
  std::size_t finishes = 0;
  bool more = events_.empty();
  for (const auto& event : events_) {
    if (event.kind == StreamEvent::Kind::finish) {
      finish = &event;
      ++finishes;
    } else {
      more = more || event.kind != StreamEvent::Kind::usage;
    }
  }
  if (finishes == 1 && !more) {
    std::string bytes;
    append_as_it_came(unnamed, bytes);
    ending_.finish(*finish, std::move(bytes));
    return;
  }
  for (const auto& event : events_) {
    if (event.kind == StreamEvent::Kind::finish) ending_.finish(event, {});
  }
  if (more) append_as_it_came(unnamed, out_);
}

void StreamRelay::append_as_it_came(const FramedEvent& framed, std::string& out) const {
  const auto framing = format_.framing == Framing::ndjson ? Framing::ndjson : Framing::sse;
  const auto& forwarding = state_.forwarding;
  if (forwarding.way == Forwarding::Way::rewritten) {
    append_event(out, framing, framed.name, forwarding.text);
  } else if (is_plain(framed, framing)) {
    out += framed.raw;
  } else {
    append_event(out, framing, framed.name, framed.data);
  }
}

void StreamRelay::show_events() {
  for (const auto& event : events_) {
    if (event.kind == StreamEvent::Kind::done || event.kind == StreamEvent::Kind::error) continue;
    // The reader has had the beginning, and the thoughts that led to it; usage is said once, of all parts together.
    const bool told = event.kind == StreamEvent::Kind::lifecycle || event.kind == StreamEvent::Kind::usage ||
                      (is_thought(event) && !progress_.said.empty()) ||
                      (event.kind == StreamEvent::Kind::text && event.text.empty());
    if (continuing_ && told) continue;
    if (event.kind == StreamEvent::Kind::finish) {
      ending_.finish(event, {});
    } else {
      progress_.writer->write(event, out_);
    }
  }
}

bool StreamRelay::join() {
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const auto kind = events_[i].kind;
    if (kind == StreamEvent::Kind::text) {
      const auto size = events_[i].text.size();
      auto fresh = continuation_->take(std::move(events_[i].text));
      if (!fresh) return false;
      if (fresh->size() != size) events_[i].logprobs.clear();
      events_[i].text = std::move(*fresh);
    } else if (kind == StreamEvent::Kind::finish || kind == StreamEvent::Kind::tool_call ||
               kind == StreamEvent::Kind::done) {
      if (!join_end(i)) return false;
      if (events_[i].kind == StreamEvent::Kind::text) ++i;  // stands before it now
    }
  }
  return true;
}

// No more text follows: what was held back comes before event number `before`.
bool StreamRelay::join_end(std::size_t before) {
  auto rest = continuation_->finish();
  if (!rest) return false;
  if (rest->empty()) return true;
  StreamEvent event{.kind = StreamEvent::Kind::text};
  event.text = std::move(*rest);
  events_.insert(events_.begin() + static_cast<std::ptrdiff_t>(before), std::move(event));
  return true;
}

Error StreamRelay::disagreement() {
  disagreed_ = true;
  return {.code = ErrorCode::upstream_truncated,
          .message = context_.model(model_).id + " would go on differently from what was already said"};
}

void StreamRelay::write_ending() {
  auto& writer = *progress_.writer;
  open_writer();
  if (pass_through_ && format_.passes_in_order(context_.request.operation)) {
    if (!done_) writer.end(out_);
  } else {
    ending_.write(writer, context_.request, out_);
    if (!ending_.has_usage() && context_.request.include_usage) {
      writer.write({.kind = StreamEvent::Kind::usage, .usage = context_.used()}, out_);
    }
    writer.end(out_);
  }
}

}  // namespace weir
