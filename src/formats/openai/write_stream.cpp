// StreamEvents → `data: {…}` events in OpenAI's format.
#include "formats/openai/client_face.h"

namespace weir::openai_dialect {
namespace {

using Kind = StreamEvent::Kind;

class Writer final : public EventWriter {
 public:
  explicit Writer(const Request& request) : request_(request), chat_(request.operation == Operation::chat) {}

  void begin(const StreamHead& head) override {
    head_ = head;
    if (head_.id.empty()) head_.id = chat_ ? "chatcmpl-0" : "cmpl-0";
  }

  void write(const StreamEvent& event, std::string& out) override {
    // Some providers count more than once; the client gets the last count, once, at the end.
    if (event.kind == Kind::usage) {
      usage_ = event.usage;
      usage_due_ = true;
      return;
    }
    if (event.kind == Kind::error) return fail(event.error, out);
    if (!is_shown(event)) return;
    auto writer = open(out);
    write_choice(writer, event);
    close(writer, out, nullptr);
  }

  void passed(const FramedEvent&, std::span<const StreamEvent>) override { roles_sent_ |= 1U; }

  void end(std::string& out) override {
    if (std::exchange(usage_due_, false) && request_.include_usage) {
      auto writer = open(out);
      close(writer, out, &usage_);
    }
    out += "data: [DONE]\n\n";
  }

  void fail(const Error& error, std::string& out) override {
    out += "data: ";
    json::Writer writer(out);
    writer.begin_object();
    write_error(writer, error);
    writer.end_object();
    out += "\n\n";
  }

 private:
  // One chunk: the head here, choices or usage by the caller, the tail in close().
  json::Writer open(std::string& out) const {
    out += "data: ";
    json::Writer writer(out);
    writer.begin_object().key("id").value(head_.id);
    writer.key("object").value(chat_ ? "chat.completion.chunk" : "text_completion");
    writer.key("created").value(head_.created).key("model").value(head_.model).key("choices").begin_array();
    return writer;
  }

  void close(json::Writer& writer, std::string& out, const Usage* usage) const {
    writer.end_array();
    if (usage != nullptr) {
      writer.key("usage");
      write_usage(writer, *usage);
    } else if (request_.include_usage) {
      writer.key("usage").null();
    }
    writer.end_object();
    out += "\n\n";
  }

  // True the first time it is asked for a choice.
  bool claim_role(int64_t index) {
    if (index < 0 || index >= 64) return false;
    const auto bit = uint64_t{1} << static_cast<unsigned>(index);
    const bool first = (roles_sent_ & bit) == 0;
    roles_sent_ |= bit;
    return first;
  }

  static void write_tool_delta(json::Writer& writer, const StreamEvent& event) {
    writer.key("tool_calls").begin_array().begin_object().key("index").value(event.tool_index);
    if (!event.tool.id.empty()) writer.key("id").value(event.tool.id).key("type").value("function");
    writer.key("function").begin_object();
    if (!event.tool.name.empty()) writer.key("name").value(event.tool.name);
    writer.key("arguments").value(event.tool.arguments).end_object();
    write_seal(writer, event.tool.signature);
    writer.end_object().end_array();
  }

  void write_delta(json::Writer& writer, const StreamEvent& event) {
    writer.key("delta").begin_object();
    if (claim_role(event.index)) writer.key("role").value("assistant");
    switch (event.kind) {
      case Kind::lifecycle:
        writer.key("content").value("");
        break;
      case Kind::text:
        writer.key("content").value(event.text);
        break;
      case Kind::reasoning:
        writer.key("reasoning_content").value(event.text);
        break;
      case Kind::refusal:
        writer.key("refusal").value(event.text);
        break;
      case Kind::tool_call:
        write_tool_delta(writer, event);
        break;
      default:
        break;
    }
    writer.end_object();
  }

  void write_choice(json::Writer& writer, const StreamEvent& event) {
    writer.begin_object().key("index").value(event.index);
    if (chat_) {
      write_delta(writer, event);
    } else {
      writer.key("text").value(event.kind == Kind::text ? std::string_view(event.text) : std::string_view());
    }
    writer.key("logprobs").raw(event.logprobs.empty() ? "null" : std::string_view(event.logprobs));
    writer.key("finish_reason");
    if (event.kind == Kind::finish) {
      const auto reason = to_string(event.finish);
      writer.value(reason.empty() ? std::string_view("stop") : reason);
    } else {
      writer.null();
    }
    writer.end_object();
  }

  // Does this format show the event at all?
  [[nodiscard]] bool is_shown(const StreamEvent& event) const {
    switch (event.kind) {
      case Kind::lifecycle:
        return chat_ && (roles_sent_ & 1U) == 0 && event.index == 0;
      case Kind::text:
      case Kind::finish:
        return true;
      case Kind::reasoning:
      case Kind::refusal:
      case Kind::tool_call:
        return chat_;
      case Kind::signature:  // has no place here
      case Kind::other:      // another format's
      case Kind::usage:
      case Kind::error:
      case Kind::done:
        return false;  // not chunks
    }
    return false;
  }

  const Request& request_;
  const bool chat_;
  StreamHead head_;
  uint64_t roles_sent_ = 0;  // bit per choice, the first 64
  Usage usage_;
  bool usage_due_ = false;
};

}  // namespace

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request); }

}  // namespace weir::openai_dialect
