// StreamEvents → server-sent events of Anthropic's format: message_start, then each block of the answer with its start,
// deltas and stop, then message_delta with the end and the usage, and message_stop.
#include <fmt/format.h>

#include "formats/anthropic/client_face.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/object_end.h"
#include "formats/shared/translation.h"

namespace weir::anthropic {
namespace {

using Kind = StreamEvent::Kind;

// A call, of which pieces may come while an earlier one is still open: blocks stand one behind the other here, so they
// wait until that one is whole.
struct Call {
  int64_t index = 0;
  AnswerToolCall said;  // its arguments: what was not shown yet
  ObjectEnd end;
  bool open = false;
  bool shown = false;  // and closed
};

class Writer final : public EventWriter {
 public:
  explicit Writer(std::string_view model) : model_(model) {}

  void begin(const StreamHead& head) override { head_ = head; }

  void write(const StreamEvent& event, std::string& out) override {
    if (event.index != 0) return;  // there is but one answer
    // Another model goes on: only a text can be continued.
    if (std::exchange(bytes_passed_, false) && block_ != Block::text) close(out);
    switch (event.kind) {
      case Kind::lifecycle:
        return start(out);
      case Kind::text:
      case Kind::refusal:
        refused_ = refused_ || event.kind == Kind::refusal;
        return text(event.text, out);
      case Kind::reasoning:
        return thought(event.text, out);
      case Kind::signature:
        return seal(event.text, out);
      case Kind::tool_call:
        return call(event, out);
      case Kind::finish:
        finish_ = event.finish;
        stop_sequence_ = event.text;
        return;
      case Kind::usage:
        usage_ = event.usage;
        return;
      case Kind::error:
        return fail(event.error, out);
      case Kind::other:  // another format's
      case Kind::done:
        return;
    }
  }

  void passed(const FramedEvent& framed, std::span<const StreamEvent> events) override;

  void end(std::string& out) override {
    if (stopped_) return;
    if (!ending_passed_) {
      start(out);
      flush_calls(out);
      close(out);
      write_ending(out);
    }
    event("message_stop", out, [](json::Writer&) {});
    stopped_ = true;
  }

  void fail(const Error& error, std::string& out) override {
    out.append("event: error\ndata: ").append(write_error_body(error)).append("\n\n");
  }

 private:
  enum class Block : uint8_t { none, text, thinking, call, other };

  template <typename Members>
  void event(std::string_view type, std::string& out, Members members) {
    out.append("event: ").append(type).append("\ndata: ");
    json::Writer writer(out);
    writer.begin_object().key("type").value(type);
    members(writer);
    writer.end_object();
    out += "\n\n";
  }

  void start(std::string& out) {
    if (std::exchange(started_, true)) return;
    event("message_start", out, [&](json::Writer& writer) {
      writer.key("message").begin_object().key("id").value(head_.id).key("type").value("message");
      writer.key("role")
          .value("assistant")
          .key("model")
          .value(model_.empty() ? std::string_view(head_.model) : model_)
          .key("content")
          .begin_array()
          .end_array();
      writer.key("stop_reason").null().key("stop_sequence").null().key("stop_details").null();
      writer.key("container").null().key("usage").begin_object();
      write_usage(writer, {.input = head_.input_tokens, .output = 0});
      writer.end_object().end_object();
    });
  }

  template <typename Members>
  void open(Block kind, std::string& out, Members members) {
    close(out);
    event("content_block_start", out, [&](json::Writer& writer) {
      writer.key("index").value(next_index_).key("content_block").begin_object();
      members(writer);
      writer.end_object();
    });
    block_ = kind;
    block_index_ = next_index_++;
  }

  void close(std::string& out) {
    if (block_ == Block::none) return;
    event("content_block_stop", out, [&](json::Writer& writer) { writer.key("index").value(block_index_); });
    block_ = Block::none;
  }

  void delta(std::string_view type, std::string_view key, std::string_view text, std::string& out) {
    event("content_block_delta", out, [&](json::Writer& writer) {
      writer.key("index").value(block_index_).key("delta").begin_object();
      writer.key("type").value(type).key(key).value(text).end_object();
    });
  }

  void text(std::string_view text, std::string& out) {
    start(out);
    if (text.empty()) return;
    flush_calls(out);
    if (block_ != Block::text) open(Block::text, out, [](json::Writer& writer) { write_text_block(writer, {}); });
    delta("text_delta", "text", text, out);
  }

  void thought(std::string_view text, std::string& out) {
    start(out);
    if (text.empty()) return;
    flush_calls(out);
    open_thought(out);
    delta("thinking_delta", "thinking", text, out);
  }

  void open_thought(std::string& out) {
    if (block_ == Block::thinking) return;
    open(Block::thinking, out, [](json::Writer& writer) { write_thought_block(writer, {}, {}); });
  }

  void seal(std::string_view seal, std::string& out) {
    start(out);
    flush_calls(out);
    if (is_redacted(seal)) {
      open(Block::thinking, out, [&](json::Writer& writer) { write_thought_block(writer, {}, seal); });
    } else {
      open_thought(out);
      delta("signature_delta", "signature", seal, out);
    }
    close(out);
  }

  void call(const StreamEvent& event, std::string& out) {
    start(out);
    const auto found =
        std::find_if(calls_.begin(), calls_.end(), [&](const Call& one) { return one.index == event.tool_index; });
    auto& call = found != calls_.end() ? *found : calls_.emplace_back();
    call.index = event.tool_index;
    if (call.shown) return;  // what follows the end of its arguments is nothing that could be read
    if (call.said.id.empty()) call.said.id = event.tool.id;
    if (call.said.signature.empty()) call.said.signature = event.tool.signature;
    if (!call.open) call.said.name += event.tool.name;
    call.said.arguments += event.tool.arguments;
    call.end.feed(event.tool.arguments);
    show_calls(out);
  }

  // As many as can be shown now, in their order.
  void show_calls(std::string& out) {
    for (auto& call : calls_) {
      if (call.shown) continue;
      if (!call.open && call.said.name.empty()) return;
      show(call, out);
      if (!call.end.reached()) return;
      finish(call, out);
    }
  }

  void show(Call& call, std::string& out) {
    if (!call.open) {
      if (call.said.id.empty()) call.said.id = fmt::format("toolu_{}_{}", head_.id, call.index);
      if (!call.said.signature.empty()) seal_call(call.said.signature, out);
      open(Block::call, out,
           [&](json::Writer& writer) { write_call_block(writer, spell(call.said.id), call.said.name, "{}"); });
      call.open = true;
    }
    if (!call.said.arguments.empty()) delta("input_json_delta", "partial_json", call.said.arguments, out);
    call.said.arguments.clear();
  }

  void seal_call(std::string_view seal, std::string& out) {
    open(Block::thinking, out, [&](json::Writer& writer) {
      write_thought_block(writer, {}, mark_redacted(fmt::format("{}{}", call_seal_mark, seal)));
    });
    close(out);
  }

  void finish(Call& call, std::string& out) {
    close(out);
    call.shown = true;
  }

  // Nothing more comes of them.
  void flush_calls(std::string& out) {
    for (auto& call : calls_) {
      if (call.shown) continue;
      show(call, out);
      finish(call, out);
    }
  }

  void write_ending(std::string& out) {
    auto reason = finish_;
    if (refused_ && reason != FinishReason::tool_calls) reason = FinishReason::content_filter;
    if (reason == FinishReason::none && !calls_.empty()) reason = FinishReason::tool_calls;
    if (usage_.input == 0) usage_.input = head_.input_tokens;
    event("message_delta", out, [&](json::Writer& writer) {
      writer.key("delta").begin_object().key("stop_reason").value(stop_reason(reason, !stop_sequence_.empty()));
      writer.key("stop_sequence");
      if (stop_sequence_.empty()) {
        writer.null();
      } else {
        writer.value(stop_sequence_);
      }
      writer.key("stop_details").null().key("container").null().end_object();
      writer.key("usage").begin_object();
      write_usage(writer, usage_);
      writer.end_object();
    });
  }

  void passed_start(std::string_view data);

  std::string_view model_;  // that was asked for: named_as_asked()
  StreamHead head_;
  Usage usage_;
  FinishReason finish_ = FinishReason::none;
  std::string stop_sequence_;
  std::vector<Call> calls_;
  Block block_ = Block::none;
  int64_t block_index_ = 0;
  int64_t next_index_ = 0;
  bool started_ = false;
  bool refused_ = false;
  bool bytes_passed_ = false;   // the last event went out as bytes
  bool ending_passed_ = false;  // message_delta did
  bool stopped_ = false;
};

// `data` was read as JSON before it passed; the text of a member is found in it without parsing it again.
void Writer::passed_start(std::string_view data) {
  constexpr int64_t most = 1'000'000;
  int64_t index = next_index_;
  const auto number = json::member(data, "index");
  std::from_chars(number.data(), number.data() + number.size(), index);
  block_index_ = std::clamp<int64_t>(index, 0, most);
  next_index_ = std::max(next_index_, block_index_ + 1);
  const auto type = json::member(json::member(data, "content_block"), "type");
  block_ = Block::other;
  if (type == R"("text")") block_ = Block::text;
  if (type == R"("thinking")") block_ = Block::thinking;
}

void Writer::passed(const FramedEvent& framed, std::span<const StreamEvent>) {
  bytes_passed_ = true;
  auto type = framed.name;
  if (type.empty()) {
    type = json::member(framed.data, "type");
    if (type.size() >= 2) type = type.substr(1, type.size() - 2);
  }
  if (type == "content_block_delta") return;  // most of them are
  if (type == "message_start") {
    started_ = true;
  } else if (type == "content_block_start") {
    passed_start(framed.data);
  } else if (type == "content_block_stop") {
    block_ = Block::none;
  } else if (type == "message_delta") {
    ending_passed_ = true;
  } else if (type == "message_stop") {
    stopped_ = true;
  }
}

}  // namespace

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request.model); }

}  // namespace weir::anthropic
