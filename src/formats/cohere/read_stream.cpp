// The events of Cohere's chat → StreamEvents. Citations and what is new to us are no content of other formats: they go
// on to Cohere's own clients as bytes, and are nothing to anybody else.
#include <fmt/format.h>

#include "formats/cohere/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/said.h"

namespace weir::cohere_provider {
namespace {

using json::Element;
using Kind = StreamEvent::Kind;

class Reader final : public EventReader {
 public:
  Status read(const FramedEvent& framed, json::Document& scratch, std::vector<StreamEvent>& out) override {
    if (!framed.has_data) return {};
    if (framed.data == "[DONE]") {
      out.push_back({.kind = Kind::done});
      return {};
    }
    if (auto parsed = scratch.parse_copy(framed.data); !parsed) {
      return failure(ErrorCode::upstream_malformed, "An event of the stream is no JSON: " + parsed.error().message);
    }
    json::Object event;
    if (scratch.root().get(event) != simdjson::SUCCESS) {
      return failure(ErrorCode::upstream_malformed, "An event of the stream is JSON, but no object.");
    }
    const auto said = json::string_or(event, "type");
    const auto type = said.empty() ? framed.name : said;
    if (type.empty() || type == "error" || is_error_body(event)) return read_error(scratch.root(), out);
    read_event(type, event, out);
    return {};
  }

 private:
  // `{"message": "…"}` without a type is an error; other data is not understood.
  static Status read_error(const Element& root, std::vector<StreamEvent>& out) {
    auto error = classify_body(root, 0);
    if (error.message.empty()) return failure(ErrorCode::upstream_malformed, "An event of the stream has no type.");
    out.push_back({.kind = Kind::error, .error = std::move(error)});
    return {};
  }

  void read_event(std::string_view type, const json::Object& event, std::vector<StreamEvent>& out) {
    if (type == "message-start") {
      state_.id = json::string_or(event, "id");
      out.push_back({.kind = Kind::lifecycle});
    } else if (type == "content-start" || type == "content-delta") {
      read_content(event, out);
    } else if (type == "tool-plan-delta") {
      add_text(Kind::text, said_at(event, "/delta/message/tool_plan"), out);
    } else if (type == "tool-call-start" || type == "tool-call-delta") {
      read_call(type == "tool-call-start" ? Piece::first : Piece::further, event, out);
    } else if (type == "tool-call-end") {
      end_call(out);
    } else if (type == "message-end") {
      read_end(event, out);
    }
  }

  static std::string_view text_at(const json::Object& object, std::string_view pointer) {
    std::string_view text;
    json::read_if(object.at_pointer(pointer), text);
    return text;
  }

  static std::string said_at(const json::Object& object, std::string_view pointer) {
    Element value;
    return object.at_pointer(pointer).get(value) == simdjson::SUCCESS ? said_text(value) : std::string();
  }

  static void add_text(Kind kind, std::string text, std::vector<StreamEvent>& out) {
    if (!text.empty()) out.push_back({.kind = kind, .text = std::move(text)});
  }

  static void read_content(const json::Object& event, std::vector<StreamEvent>& out) {
    const auto before = out.size();
    Element item;
    if (event.at_pointer("/delta/message/content").get(item) == simdjson::SUCCESS) {
      each_of(item, [&](const Element& part) {
        json::Object content;
        if (part.get(content) != simdjson::SUCCESS) return add_text(Kind::text, said_text(part), out);
        add_text(Kind::reasoning, said_text(content, "thinking"), out);
        add_text(Kind::text, said_text(content, "text"), out);
      });
    }
    if (event.at_key("logprobs").get(item) != simdjson::SUCCESS) return;
    auto logprobs = read_logprobs(item);
    if (logprobs.empty()) return;
    if (out.size() == before || out.back().kind != Kind::text) out.push_back({.kind = Kind::text});
    out.back().logprobs = std::move(logprobs);
  }

  enum class Piece : uint8_t { first, further };
  // Only one call is open at a time; further pieces belong to it.
  void read_call(Piece piece, const json::Object& event, std::vector<StreamEvent>& out) {
    Element calls;
    if (event.at_pointer("/delta/message/tool_calls").get(calls) != simdjson::SUCCESS) return;
    each_of(calls, [&](const Element& element) {
      json::Object call;
      if (element.get(call) == simdjson::SUCCESS) read_call_piece(piece, call, out);
    });
  }
  void read_call_piece(Piece piece, const json::Object& call, std::vector<StreamEvent>& out) {
    StreamEvent told{.kind = Kind::tool_call};
    if (piece == Piece::first || state_.next_tool_index == 0) {
      told.tool.id = json::string_or(call, "id");
      told.tool.name = text_at(call, "/function/name");
      ++state_.next_tool_index;
    }
    told.tool_index = state_.next_tool_index - 1;
    told.tool.arguments = said_at(call, "/function/arguments");
    if (piece == Piece::first) said_arguments_ = false;
    said_arguments_ = said_arguments_ || !told.tool.arguments.empty();
    out.push_back(std::move(told));
  }

  // A call without arguments says none; elsewhere they are an empty object.
  void end_call(std::vector<StreamEvent>& out) {
    if (state_.next_tool_index == 0 || std::exchange(said_arguments_, true)) return;
    out.push_back({.kind = Kind::tool_call, .tool_index = state_.next_tool_index - 1, .tool = {.arguments = "{}"}});
  }

  void read_end(const json::Object& event, std::vector<StreamEvent>& out) {
    const auto reason = text_at(event, "/delta/finish_reason");
    const auto words = text_at(event, "/delta/error");
    json::Object usage;
    if (event.at_pointer("/delta/usage").get(usage) == simdjson::SUCCESS) {
      state_.usage = read_usage(usage);
      state_.usage_seen = state_.usage.known;
    }
    const auto finish = read_finish(reason);
    if (finish == FinishReason::none && (!reason.empty() || !words.empty())) {
      out.push_back({.kind = Kind::error, .error = generation_failed(reason.empty() ? "ERROR" : reason, words)});
      return;
    }
    state_.finish = finish;
    if (finish == FinishReason::none) {
      state_.finish = state_.next_tool_index > 0 ? FinishReason::tool_calls : FinishReason::stop;
    }
    out.push_back({.kind = Kind::finish, .finish = state_.finish});
    if (state_.usage_seen) out.push_back({.kind = Kind::usage, .usage = state_.usage});
    out.push_back({.kind = Kind::done});
  }

  bool said_arguments_ = true;  // of the call that is open
};

}  // namespace

std::unique_ptr<EventReader> make_reader() { return std::make_unique<Reader>(); }

}  // namespace weir::cohere_provider
