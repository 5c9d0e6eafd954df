// StreamEvents → `data: {…}` events of the OpenAI dialect.
#include "formats/openai/client_face.h"

namespace weir::openai_dialect {
namespace {

// One chunk: the head on construction, choices or usage by the caller, the tail on end().
class Chunk {
 public:
  Chunk(const Request& request, const StreamState& state, std::string& out)
      : out_(out), writer_(out), request_(request) {
    const bool chat = request.operation == Operation::chat;
    out_ += "data: ";
    writer_.begin_object().key("id");
    writer_.value(!state.id.empty() ? std::string_view(state.id) : std::string_view(chat ? "chatcmpl-0" : "cmpl-0"));
    writer_.key("object").value(chat ? "chat.completion.chunk" : "text_completion");
    writer_.key("created").value(state.created).key("model").value(state.model).key("choices").begin_array();
  }

  json::Writer& writer() { return writer_; }

  void end(const Usage* usage) {
    writer_.end_array();
    if (usage != nullptr) {
      writer_.key("usage");
      write_usage(writer_, *usage);
    } else if (request_.include_usage) {
      writer_.key("usage").null();
    }
    writer_.end_object();
    out_ += "\n\n";
  }

 private:
  std::string& out_;
  json::Writer writer_;
  const Request& request_;
};

// True the first time it is asked for a choice.
bool claim_role(StreamState& state, int64_t index) {
  if (index < 0 || index >= 64) return false;
  const auto bit = uint64_t{1} << static_cast<unsigned>(index);
  const bool first = (state.roles_sent & bit) == 0 && !(index == 0 && state.role_sent);
  state.roles_sent |= bit;
  if (index == 0) state.role_sent = true;
  return first;
}

void write_tool_delta(json::Writer& writer, const StreamEvent& event) {
  writer.key("tool_calls").begin_array().begin_object().key("index").value(event.tool_index);
  if (!event.tool.id.empty()) writer.key("id").value(event.tool.id).key("type").value("function");
  writer.key("function").begin_object();
  if (!event.tool.name.empty()) writer.key("name").value(event.tool.name);
  writer.key("arguments").value(event.tool.arguments).end_object().end_object().end_array();
}

void write_delta(json::Writer& writer, const StreamEvent& event, StreamState& state) {
  using Kind = StreamEvent::Kind;
  writer.key("delta").begin_object();
  if (claim_role(state, event.index)) writer.key("role").value("assistant");
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

void write_choice(json::Writer& writer, const StreamEvent& event, const Request& request, StreamState& state) {
  writer.begin_object().key("index").value(event.index);
  if (request.operation == Operation::chat) {
    write_delta(writer, event, state);
  } else {
    writer.key("text").value(event.kind == StreamEvent::Kind::text ? std::string_view(event.text) : std::string_view());
  }
  writer.key("logprobs").raw(event.logprobs.empty() ? "null" : std::string_view(event.logprobs));
  writer.key("finish_reason");
  if (event.kind == StreamEvent::Kind::finish) {
    const auto reason = to_string(event.finish);
    writer.value(reason.empty() ? std::string_view("stop") : reason);
  } else {
    writer.null();
  }
  writer.end_object();
}

// Does this dialect show the event at all?
bool is_shown(const StreamEvent& event, const Request& request, const StreamState& state) {
  using Kind = StreamEvent::Kind;
  const bool chat = request.operation == Operation::chat;
  switch (event.kind) {
    case Kind::lifecycle:
      return chat && !state.role_sent && event.index == 0;
    case Kind::text:
    case Kind::finish:
      return true;
    case Kind::reasoning:
    case Kind::refusal:
    case Kind::tool_call:
      return chat;
    case Kind::other:  // another format's
    case Kind::usage:
    case Kind::error:
    case Kind::done:
      return false;  // not chunks
  }
  return false;
}

}  // namespace

void encode_event(const StreamEvent& event, const Request& request, StreamState& state, std::string& out) {
  if (event.kind == StreamEvent::Kind::done) {
    if (std::exchange(state.usage_due, false) && request.include_usage) Chunk(request, state, out).end(&state.usage);
    out += "data: [DONE]\n\n";
    return;
  }
  // Some providers count more than once; the client gets the last count, once, at the end.
  if (event.kind == StreamEvent::Kind::usage) {
    state.usage = event.usage;
    state.usage_due = true;
    return;
  }
  if (event.kind == StreamEvent::Kind::error) {
    encode_stream_error(event.error, out);
    return;
  }
  if (!is_shown(event, request, state)) return;
  Chunk chunk(request, state, out);
  write_choice(chunk.writer(), event, request, state);
  chunk.end(nullptr);
}

void encode_stream_error(const Error& error, std::string& out) {
  out += "data: ";
  json::Writer writer(out);
  writer.begin_object();
  write_error(writer, error);
  writer.end_object();
  out += "\n\n";
}

}  // namespace weir::openai_dialect
