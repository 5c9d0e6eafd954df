// StreamEvents → lines of JSON in Ollama's format.
#include <algorithm>
#include <utility>
#include <vector>

#include "formats/ollama/client_face.h"

namespace weir::ollama_client {
namespace {

using Kind = StreamEvent::Kind;

class Writer final : public EventWriter {
 public:
  explicit Writer(const Request& request)
      : generate_(request.variant == generate), shows_thoughts_(request.show_thinking.value_or(true)) {}

  void begin(const StreamHead& head) override { head_ = head; }

  void write(const StreamEvent& event, std::string& out) override {
    // Calls go out whole, so their end is what comes after them; the pieces of several may come mixed.
    if (event.kind != Kind::tool_call && event.kind != Kind::lifecycle && event.kind != Kind::error) write_calls(out);
    switch (event.kind) {
      case Kind::text:
      case Kind::refusal:
        return write_line(event.text, {}, event.logprobs, out);
      case Kind::reasoning:
        if (shows_thoughts_) write_line({}, event.text, {}, out);
        return;
      case Kind::tool_call:
        return add_to_call(event);
      case Kind::finish:
        if (event.index == 0) finish_ = event.finish;
        return;
      case Kind::usage:
        usage_ = event.usage;
        return;
      case Kind::error:
        return fail(event.error, out);
      case Kind::lifecycle:  // nothing opens a stream here
      case Kind::signature:  // has no place here
      case Kind::other:      // another format's
      case Kind::done:
        return;
    }
  }

  void passed(const FramedEvent&, std::span<const StreamEvent> events) override {
    for (const auto& event : events) {
      over_ = over_ || event.kind == Kind::done;
      if (event.kind == Kind::tool_call) next_call_ = std::max(next_call_, event.tool_index + 1);
    }
  }

  void end(std::string& out) override {
    if (std::exchange(over_, true)) return;
    write_calls(out);
    json::Writer writer(out);
    open(writer);
    write_content(writer, {}, {});
    write_tail(writer, finish_, usage_);
    close(writer, out);
  }

  void fail(const Error& error, std::string& out) override {
    over_ = true;
    calls_.clear();
    out += write_error(error);
    out += '\n';
  }

 private:
  void open(json::Writer& writer) const {
    writer.begin_object();
    write_head(writer, head_.model, head_.created);
  }
  static void close(json::Writer& writer, std::string& out) {
    writer.end_object();
    out += '\n';
  }

  void write_content(json::Writer& writer, std::string_view text, std::string_view thought) const {
    if (generate_) {
      writer.key("response").value(text);
      if (!thought.empty()) writer.key("thinking").value(thought);
      return;
    }
    writer.key("message").begin_object().key("role").value("assistant").key("content").value(text);
    if (!thought.empty()) writer.key("thinking").value(thought);
    writer.end_object();
  }

  void write_line(std::string_view text, std::string_view thought, const std::string& logprobs,
                  std::string& out) const {
    if (text.empty() && thought.empty() && logprobs.empty()) return;
    json::Writer writer(out);
    open(writer);
    write_content(writer, text, thought);
    write_logprobs(writer, logprobs);
    writer.key("done").boolean(false);
    close(writer, out);
  }

  void add_to_call(const StreamEvent& event) {
    auto found =
        std::find_if(calls_.begin(), calls_.end(), [&](const auto& one) { return one.first == event.tool_index; });
    if (found == calls_.end()) found = calls_.emplace(found, event.tool_index, AnswerToolCall{});
    auto& call = found->second;
    if (call.id.empty()) call.id = event.tool.id;
    call.name += event.tool.name;
    call.arguments += event.tool.arguments;
  }

  // In a line each.
  void write_calls(std::string& out) {
    for (const auto& [index, call] : std::exchange(calls_, {})) {
      if (generate_) continue;  // nobody asks with tools there
      json::Writer writer(out);
      open(writer);
      writer.key("message").begin_object().key("role").value("assistant").key("content").value("");
      writer.key("tool_calls").begin_array();
      write_call(writer, call, next_call_++);
      writer.end_array().end_object().key("done").boolean(false);
      close(writer, out);
    }
  }

  const bool generate_;
  const bool shows_thoughts_;
  StreamHead head_;
  std::vector<std::pair<int64_t, AnswerToolCall>> calls_;  // that are coming in, by the provider side's number
  int64_t next_call_ = 0;                                  // as the client sees it
  FinishReason finish_ = FinishReason::none;
  Usage usage_;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request); }

}  // namespace weir::ollama_client
