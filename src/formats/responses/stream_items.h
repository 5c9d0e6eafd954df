// The items of a streamed answer: which are open, what each holds so far, and the events that tell a client of it.
// Owning values; one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/stream_event.h"
#include "formats/responses/output_item.h"

namespace weir::responses {

class StreamItems {
 public:
  explicit StreamItems(DeclaredTools tools) : tools_(std::move(tools)) {}

  // `answer`: its id, of which the items' are made.
  void begin(std::string_view answer) { answer_ = answer; }
  // A piece of content.
  void write(const StreamEvent& event, std::string& out);
  // Closes what is open; the last one with that status.
  void close(std::string_view status, std::string& out);
  // An event that went out as it came: `type`, all of it, and what was read from it.
  void follow(std::string_view type, const json::Object& event, std::span<const StreamEvent> meaning);
  // Those that are closed, in order, each as JSON.
  [[nodiscard]] std::vector<std::string> finished() const;

  // One event: its number, and what `members` writes.
  template <typename Members>
  void emit(std::string& out, std::string_view type, Members&& members) {
    out.append("event: ").append(type).append("\ndata: ");
    json::Writer writer(out);
    writer.begin_object().key("type").value(type).key("sequence_number").value(sequence_++);
    std::forward<Members>(members)(writer);
    writer.end_object();
    out += "\n\n";
  }

 private:
  struct Open {
    OutputItem item;
    bool piece_open = false;  // message: its last piece; reasoning: its summary
    std::size_t summary = 0;  // reasoning: which summary is open
    int64_t tool_index = -1;  // of the call; -1 = no call
    std::string arguments;    // of a custom call: as the model wrote them
    InputReader input;
  };

  Open* find(OutputItem::Kind kind);
  Open* find_call(const StreamEvent& event);
  Open& open(OutputItem item, std::string_view prefix, std::string& out);
  void write_text(const StreamEvent& event, std::string& out);
  void write_thought(std::string_view text, std::string& out);
  void write_signature(std::string_view signature, std::string& out);
  void write_call(const StreamEvent& event, std::string& out);
  void add_arguments(Open& one, std::string_view piece, std::string& out);

  void close_piece(Open& one, std::string& out);
  void close_thought(Open& one, std::string& out);
  void close_call(Open& one, std::string& out);
  void close_item(Open& one, std::string_view status, std::string& out);
  // Closes those of other kinds, and calls that are whole unless they are number `keep`.
  void close_others(OutputItem::Kind kind, int64_t keep, std::string& out);

  void follow_item(const json::Object& event, int64_t index, std::span<const StreamEvent> meaning);
  void follow_done(const json::Object& event, int64_t index);
  void follow_delta(std::string_view type, const json::Object& event, Open& one);

  DeclaredTools tools_;
  std::string answer_;
  int64_t sequence_ = 0;
  std::vector<std::string> finished_;  // by index; "" = not yet
  std::vector<Open> open_;
};

}  // namespace weir::responses
