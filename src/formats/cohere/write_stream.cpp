// StreamEvents → the events of Cohere's chat: blocks of content and calls that open and close, each named twice, in the
// event's `event:` line and in its data.
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/cohere/client_face.h"
#include "formats/shared/object_end.h"

namespace weir::cohere_client {
namespace {

using Kind = StreamEvent::Kind;

class Writer final : public EventWriter {
 public:
  explicit Writer(const Request& request) : shows_thoughts_(request.show_thinking.value_or(true)) {}

  void begin(const StreamHead& head) override { head_ = head; }

  void write(const StreamEvent& event, std::string& out) override {
    switch (event.kind) {
      case Kind::lifecycle:
        return start(out);
      case Kind::text:
      case Kind::refusal:
        return write_piece(Block::text, event, out);
      case Kind::reasoning:
        if (shows_thoughts_) write_piece(Block::thinking, event, out);
        return;
      case Kind::tool_call:
        return write_call_piece(event, out);
      case Kind::signature:  // has no place here, but ends the thought
        return close(out);
      case Kind::finish:
        if (event.index != 0) return;
        finish_ = event.finish;
        at_stop_sequence_ = !event.text.empty();
        return;
      case Kind::usage:
        usage_ = event.usage;
        return;
      case Kind::error:
        return fail(event.error, out);
      case Kind::other:
      case Kind::done:
        return;
    }
  }

  void passed(const FramedEvent& framed, std::span<const StreamEvent> events) override {
    auto type = framed.name;
    if (type.empty() && framed.data.starts_with('{')) type = json::member(framed.data, "type");
    if (type.starts_with('"') && type.size() >= 2) type = type.substr(1, type.size() - 2);
    if (type == "message-start") started_ = true;
    if (type == "message-end") over_ = true;
    if (type == "content-start")
      remember(framed.data.find("\"thinking\"") != std::string_view::npos ? Block::thinking : Block::text);
    if (type == "tool-call-start") remember(Block::call);
    if (type == "content-end" || type == "tool-call-end") block_ = Block::none;
    for (const auto& event : events) {
      if (event.kind == Kind::tool_call) call_index_ = event.tool_index;
    }
  }

  void end(std::string& out) override {
    if (std::exchange(over_, true)) return;
    start(out);
    close(out);
    auto writer = open("message-end", out);
    if (!head_.id.empty()) writer.key("id").value(head_.id);
    writer.key("delta").begin_object().key("finish_reason").value(finish_name(finish_, at_stop_sequence_));
    writer.key("usage");
    write_usage(writer, usage_);
    writer.end_object();
    finish(writer, out);
  }

  void fail(const Error& error, std::string& out) override {
    if (std::exchange(over_, true)) return;
    waiting_.clear();
    start(out);
    close(out);
    auto writer = open("message-end", out);
    writer.key("delta").begin_object().key("error").value(error.message).key("finish_reason").value("ERROR");
    writer.end_object();
    finish(writer, out);
  }

 private:
  enum class Block : uint8_t { none, text, thinking, call };

  static json::Writer open(std::string_view type, std::string& out) {
    out.append("event: ").append(type).append("\ndata: ");
    json::Writer writer(out);
    writer.begin_object().key("type").value(type);
    return writer;
  }
  static void finish(json::Writer& writer, std::string& out) {
    writer.end_object();
    out += "\n\n";
  }

  void start(std::string& out) {
    if (std::exchange(started_, true)) return;
    auto writer = open("message-start", out);
    writer.key("id").value(head_.id).key("delta").begin_object().key("message").begin_object();
    writer.key("role").value("assistant").end_object().end_object();
    finish(writer, out);
  }

  void remember(Block block) {
    block_ = block;
    index_ = block == Block::call ? next_call_++ : next_content_++;
  }

  void close(std::string& out) {
    while (!waiting_.empty()) write_next_waiting(out);
    close_block(out);
  }
  void close_block(std::string& out) {
    if (block_ == Block::none) return;
    auto writer = open(block_ == Block::call ? "tool-call-end" : "content-end", out);
    writer.key("index").value(index_);
    finish(writer, out);
    block_ = Block::none;
  }

  void open_content(Block block, std::string& out) {
    start(out);
    if (block_ == block) return;
    close(out);
    remember(block);
    const std::string_view type = block == Block::text ? "text" : "thinking";
    auto writer = open("content-start", out);
    writer.key("index").value(index_).key("delta").begin_object().key("message").begin_object();
    writer.key("content").begin_object().key("type").value(type).key(type).value("");
    writer.end_object().end_object().end_object();
    finish(writer, out);
  }

  void write_piece(Block block, const StreamEvent& event, std::string& out) {
    if (event.text.empty() && event.logprobs.empty()) return;
    open_content(block, out);
    auto writer = open("content-delta", out);
    writer.key("index").value(index_).key("delta").begin_object().key("message").begin_object();
    writer.key("content").begin_object().key(block == Block::text ? "text" : "thinking").value(event.text);
    writer.end_object().end_object().end_object();
    write_piece_logprobs(writer, event);
    finish(writer, out);
  }

  // One item an event there, with all of its tokens.
  static void write_piece_logprobs(json::Writer& writer, const StreamEvent& event) {
    const auto tokens = tokens_of(event.logprobs);
    if (tokens.empty()) return;
    writer.key("logprobs").begin_object().key("text").value(event.text);
    writer.key("token_ids").begin_array().end_array().key("logprobs").begin_array();
    for (const auto& token : tokens) writer.raw(token.logprob);
    writer.end_array().end_object();
  }

  // Calls stand one behind the other here: pieces of another one wait until the one that is open is whole.
  void write_call_piece(const StreamEvent& event, std::string& out) {
    start(out);
    const bool open_one = block_ == Block::call && event.tool_index == call_index_;
    if (!open_one && block_ == Block::call && !call_end_.reached()) return wait(event);
    if (!open_one) open_call(event.tool_index, event.tool, out);
    write_arguments(event.tool.arguments, out);
    if (call_end_.reached()) write_waiting(out);
  }

  void wait(const StreamEvent& event) {
    auto found =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& one) { return one.first == event.tool_index; });
    if (found == waiting_.end()) found = waiting_.emplace(found, event.tool_index, AnswerToolCall{});
    auto& call = found->second;
    if (call.id.empty()) call.id = event.tool.id;
    call.name += event.tool.name;
    call.arguments += event.tool.arguments;
  }

  void write_waiting(std::string& out) {
    while (!waiting_.empty() && (block_ != Block::call || call_end_.reached())) write_next_waiting(out);
  }
  void write_next_waiting(std::string& out) {
    const auto [index, call] = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    open_call(index, call, out);
    write_arguments(call.arguments, out);
  }

  void open_call(int64_t index, const AnswerToolCall& call, std::string& out) {
    close_block(out);
    remember(Block::call);
    call_index_ = index;
    call_end_ = {};
    auto writer = open("tool-call-start", out);
    writer.key("index").value(index_).key("delta").begin_object().key("message").begin_object().key("tool_calls");
    write_call(writer, call, "");
    writer.end_object().end_object();
    finish(writer, out);
  }

  void write_arguments(std::string_view arguments, std::string& out) {
    if (arguments.empty()) return;
    call_end_.feed(arguments);
    auto writer = open("tool-call-delta", out);
    writer.key("index").value(index_).key("delta").begin_object().key("message").begin_object();
    writer.key("tool_calls").begin_object().key("function").begin_object();
    writer.key("arguments").value(arguments);
    writer.end_object().end_object().end_object().end_object();
    finish(writer, out);
  }

  const bool shows_thoughts_;
  StreamHead head_;
  bool started_ = false;
  bool over_ = false;
  Block block_ = Block::none;
  int64_t index_ = 0;         // of the open block
  int64_t next_content_ = 0;  // contents and calls are counted apart
  int64_t next_call_ = 0;
  int64_t call_index_ = -1;  // as the provider's side counts
  ObjectEnd call_end_;       // of the call that is open
  std::vector<std::pair<int64_t, AnswerToolCall>> waiting_;
  FinishReason finish_ = FinishReason::none;
  bool at_stop_sequence_ = false;
  Usage usage_;
};

}  // namespace

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request); }

}  // namespace weir::cohere_client
