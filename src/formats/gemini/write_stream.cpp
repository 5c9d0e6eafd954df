// StreamEvents → chunks in Gemini's format, each a whole GenerateContentResponse: as server-sent events, or as the
// elements of one JSON array. A call comes whole in one chunk, so its pieces are held back until something else
// follows; the last chunk has the finish reasons and the usage.
//
// A client of the array cannot be given the bytes of a provider's events. The chunks themselves go on all the same:
// the model side hands each over as it is (StreamEvent::other with a text), and what it means is not written again.
#include "formats/gemini/client_face.h"
#include "formats/gemini/logprobs.h"
#include "formats/gemini/names.h"

namespace weir::gemini {
namespace {

using Kind = StreamEvent::Kind;

class Writer final : public EventWriter {
 public:
  explicit Writer(const Request& request)
      : thoughts_(request.show_thinking == true), array_(request.answer_shape == shape_array) {}

  void begin(const StreamHead& head) override { head_ = head; }

  void write(const StreamEvent& event, std::string& out) override {
    if (event.kind == Kind::other && !event.text.empty()) {
      mirrors_ = true;
      put(event.text, out);
    }
    if (mirrors_) return;
    if (event.kind != Kind::tool_call && event.kind != Kind::lifecycle && event.kind != Kind::usage)
      flush(event.index, out);
    switch (event.kind) {
      case Kind::text:
      case Kind::refusal:
        text(event, out);
        break;
      case Kind::reasoning:
        if (thoughts_) thought(event.index, event.text, {}, out);
        break;
      case Kind::signature:
        if (thoughts_) thought(event.index, {}, event.text, out);
        break;
      case Kind::tool_call:
        hold(event);
        break;
      case Kind::finish:
        if (!is_closed(event.index)) finishes_.emplace_back(event.index, event.finish);
        break;
      case Kind::usage:
        if (!usage_passed_) usage_ = event.usage;
        usage_due_ = !usage_passed_;
        break;
      case Kind::error:
        fail(event.error, out);
        break;
      case Kind::lifecycle:  // nothing opens an answer here
      case Kind::other:
      case Kind::done:
        break;
    }
  }

  void passed(const FramedEvent&, std::span<const StreamEvent> events) override {
    for (const auto& event : events) {
      if (event.kind == Kind::finish) closed_.push_back(event.index);
      if (event.kind == Kind::usage) usage_passed_ = true;
    }
  }

  void end(std::string& out) override {
    while (!calls_.empty()) flush(calls_.front().choice, out);
    if (!mirrors_ && (!finishes_.empty() || usage_due_)) put(last_chunk(), out);
    finishes_.clear();
    usage_due_ = false;
    if (array_) out += std::exchange(begun_, true) ? "\n]" : "[]";
  }

  // Older SDKs only see an error that comes as a bare body, newer ones also one in an event: both are told.
  void fail(const Error& error, std::string& out) override {
    const auto body = write_error(error);
    if (array_) {
      put(body, out);
      out += "\n]";
    } else {
      out.append("data: ").append(body).append("\n\n").append(body).append("\n");
    }
  }

 private:
  struct Held {
    int64_t choice = 0;
    int64_t index = 0;
    AnswerToolCall call;
  };

  void put(std::string_view chunk, std::string& out) {
    if (array_) {
      out.append(std::exchange(begun_, true) ? ",\n" : "[").append(chunk);
    } else {
      out.append("data: ").append(chunk).append("\n\n");
    }
  }

  // A chunk with these parts of one candidate.
  void put_parts(int64_t index, std::string_view parts, std::string_view logprobs, std::string& out) {
    std::string chunk;
    json::Writer writer(chunk);
    writer.begin_object().key("candidates").begin_array().begin_object();
    writer.key("content").begin_object().key("parts").begin_array().raw(parts).end_array();
    writer.key("role").value("model").end_object().key("index").value(index);
    write_logprobs(writer, logprobs);
    writer.end_object().end_array();
    tail(writer);
    put(chunk, out);
  }

  void tail(json::Writer& writer) const {
    writer.key("modelVersion").value(head_.model);
    if (!head_.id.empty()) writer.key("responseId").value(head_.id);
    writer.end_object();
  }

  void text(const StreamEvent& event, std::string& out) {
    if (event.text.empty() && event.logprobs.empty()) return;
    std::string part;
    json::Writer(part).begin_object().key("text").value(event.text).end_object();
    put_parts(event.index, part, event.logprobs, out);
  }

  void thought(int64_t index, std::string_view text, std::string_view seal, std::string& out) {
    std::string part;
    json::Writer writer(part);
    writer.begin_object().key("text").value(text).key("thought").boolean(true);
    if (!seal.empty()) writer.key("thoughtSignature").value(wrapped_seal(seal));
    writer.end_object();
    put_parts(index, part, {}, out);
  }

  void hold(const StreamEvent& event) {
    for (auto& held : calls_) {
      if (held.choice != event.index || held.index != event.tool_index) continue;
      if (held.call.id.empty()) held.call.id = event.tool.id;
      if (held.call.signature.empty()) held.call.signature = event.tool.signature;
      held.call.name += event.tool.name;
      held.call.arguments += event.tool.arguments;
      return;
    }
    calls_.push_back({.choice = event.index, .index = event.tool_index, .call = event.tool});
  }

  // The calls of one choice, which are whole now.
  void flush(int64_t choice, std::string& out) {
    std::string parts;
    json::Writer writer(parts);
    for (const auto& held : calls_) {
      if (held.choice == choice) write_call(writer, held.call);
    }
    if (parts.empty()) return;
    std::erase_if(calls_, [choice](const Held& held) { return held.choice == choice; });
    put_parts(choice, parts, {}, out);
  }

  [[nodiscard]] bool is_closed(int64_t index) const {
    return std::find(closed_.begin(), closed_.end(), index) != closed_.end();
  }

  [[nodiscard]] std::string last_chunk() const {
    std::string chunk;
    json::Writer writer(chunk);
    writer.begin_object();
    if (!finishes_.empty()) {
      writer.key("candidates").begin_array();
      for (const auto& [index, finish] : finishes_) {
        writer.begin_object().key("content").begin_object().key("parts").begin_array();
        writer.begin_object().key("text").value("").end_object().end_array().key("role").value("model").end_object();
        writer.key("finishReason").value(finish_name(finish)).key("index").value(index).end_object();
      }
      writer.end_array();
    }
    if (usage_due_) {
      writer.key("usageMetadata");
      write_usage(writer, usage_);
    }
    tail(writer);
    return chunk;
  }

  const bool thoughts_;  // the client wants to see them
  const bool array_;
  bool begun_ = false;    // the array is open
  bool mirrors_ = false;  // chunks come as the provider made them
  bool usage_due_ = false;
  bool usage_passed_ = false;
  StreamHead head_;
  Usage usage_;
  std::vector<Held> calls_;
  std::vector<std::pair<int64_t, FinishReason>> finishes_;
  std::vector<int64_t> closed_;  // choices whose finish went out as bytes
};

}  // namespace

std::unique_ptr<EventWriter> make_writer(const Request& request) { return std::make_unique<Writer>(request); }

}  // namespace weir::gemini
