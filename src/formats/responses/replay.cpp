// A kept answer, told as a stream.
#include <fmt/format.h>

#include "formats/responses/conversation.h"

namespace weir::responses {
namespace {

// The names of the events for a text that stands in a field.
struct TextEvents {
  std::string_view delta;
  std::string_view done;
  std::string_view field;  // of `done`
  bool logprobs = false;
};

// Of a part in its item: `content_index`, `summary_index`; no key: the item has no parts.
struct Place {
  std::string_view key;
  int64_t index = 0;
};

class Replay {
 public:
  explicit Replay(int64_t starting_after) : starting_after_(starting_after) {}

  std::string run(std::string_view answer) {
    auto begun = with_member(answer, "status", R"("in_progress")");
    for (const std::string_view key : {"usage", "completed_at", "incomplete_details"}) {
      if (!json::member(begun, key).empty()) begun = with_member(begun, key, "null");
    }
    begun = with_member(begun, "output", "[]");
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
      emit(type, [&](json::Writer& writer) { writer.key("response").raw(begun); });
    }
    for (const auto item : json::elements(json::member(answer, "output"))) {
      tell(item);
      ++index_;
    }
    const bool whole = json::member(answer, "status") != R"("incomplete")";
    emit(whole ? "response.completed" : "response.incomplete",
         [&](json::Writer& writer) { writer.key("response").raw(answer); });
    return std::move(out_);
  }

 private:
  template <typename Fields>
  void emit(std::string_view type, const Fields& fields) {
    const auto number = number_++;
    if (number <= starting_after_) return;
    out_.append("event: ").append(type).append("\ndata: ");
    json::Writer writer(out_);
    writer.begin_object().key("type").value(type).key("sequence_number").value(number);
    fields(writer);
    writer.end_object();
    out_ += "\n\n";
  }

  // Within the item that is told.
  template <typename Fields>
  void emit_in(std::string_view type, const Fields& fields) {
    emit(type, [&](json::Writer& writer) {
      if (!id_.empty()) writer.key("item_id").raw(id_);
      writer.key("output_index").value(index_);
      fields(writer);
    });
  }

  void tell_item(std::string_view type, std::string_view item) {
    emit(type, [&](json::Writer& writer) { writer.key("output_index").value(index_).key("item").raw(item); });
  }

  void tell(std::string_view item) {
    id_ = {};
    if (!item.starts_with('{')) {
      tell_item("response.output_item.added", item);
      tell_item("response.output_item.done", item);
      return;
    }
    const auto type = json::member(item, "type");
    id_ = json::member(item, "id");
    auto begun =
        json::member(item, "status").empty() ? std::string(item) : with_member(item, "status", R"("in_progress")");
    if (type == R"("message")") {
      tell_item("response.output_item.added", with_member(begun, "content", "[]"));
      parts(json::member(item, "content"), "content_index", "response.content_part");
    } else if (type == R"("reasoning")") {
      begun = with_member(begun, "summary", "[]");
      if (!json::member(begun, "content").empty()) begun = with_member(begun, "content", "[]");
      tell_item("response.output_item.added", begun);
      parts(json::member(item, "summary"), "summary_index", "response.reasoning_summary_part");
      parts(json::member(item, "content"), "content_index", "response.content_part");
    } else if (type == R"("function_call")") {
      tell_item("response.output_item.added", with_member(begun, "arguments", R"("")"));
      text(item, {"response.function_call_arguments.delta", "response.function_call_arguments.done", "arguments"}, {});
    } else if (type == R"("custom_tool_call")") {
      tell_item("response.output_item.added", with_member(begun, "input", R"("")"));
      text(item, {"response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "input"}, {});
    } else {
      tell_item("response.output_item.added", begun);
    }
    tell_item("response.output_item.done", item);
  }

  void parts(std::string_view list, std::string_view place, std::string_view events) {
    if (!list.starts_with('[')) return;
    int64_t index = 0;
    for (const auto part : json::elements(list)) {
      if (!part.starts_with('{')) continue;
      const auto events_of_text = text_of(json::member(part, "type"));
      const Place at{.key = place, .index = index++};
      const auto empty = with_member(part, events_of_text.field, R"("")");
      emit_in(fmt::format("{}.added", events), [&](json::Writer& writer) { put(writer, at, "part", empty); });
      text(part, events_of_text, at);
      emit_in(fmt::format("{}.done", events), [&](json::Writer& writer) { put(writer, at, "part", part); });
    }
  }

  static TextEvents text_of(std::string_view type) {
    if (type == R"("refusal")") return {"response.refusal.delta", "response.refusal.done", "refusal"};
    if (type == R"("summary_text")")
      return {"response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "text"};
    if (type == R"("reasoning_text")") return {"response.reasoning_text.delta", "response.reasoning_text.done", "text"};
    return {"response.output_text.delta", "response.output_text.done", "text", true};
  }

  static void put(json::Writer& writer, const Place& at, std::string_view key, std::string_view value) {
    if (!at.key.empty()) writer.key(at.key).value(at.index);
    writer.key(key).raw(value);
  }

  static std::string_view or_empty(std::string_view json) { return json.empty() ? std::string_view(R"("")") : json; }

  void text(std::string_view of, const TextEvents& events, const Place& at) {
    const auto said = json::member(of, events.field);
    const auto logprobs = json::member(of, "logprobs");
    const auto tell_text = [&](std::string_view type, std::string_view key) {
      emit_in(type, [&](json::Writer& writer) {
        put(writer, at, key, or_empty(said));
        if (events.logprobs) writer.key("logprobs").raw(logprobs.empty() ? std::string_view("[]") : logprobs);
      });
    };
    if (said.size() > 2) tell_text(events.delta, "delta");
    if (events.field != "arguments") return tell_text(events.done, events.field);
    emit_in(events.done, [&](json::Writer& writer) {
      writer.key("name").raw(or_empty(json::member(of, "name")));
      put(writer, at, events.field, or_empty(said));
    });
  }

  const int64_t starting_after_;
  std::string out_;
  std::string_view id_;  // of the item that is told, as JSON
  int64_t index_ = 0;    // of it
  int64_t number_ = 0;   // of the next event
};

}  // namespace

// One event is one line, and a provider's answer may have many.
std::string replay(std::string_view answer, int64_t starting_after) {
  std::string line(answer.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  if (simdjson::minify(answer.data(), answer.size(), line.data(), size) != simdjson::SUCCESS) return {};
  return Replay(starting_after).run(std::string_view(line).substr(0, size));
}

}  // namespace weir::responses
