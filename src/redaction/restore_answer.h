// Puts values back into answers: a whole one, in canonical form and as its provider wrote it, and a stream's events.
// Texts, thoughts, refusals, names and arguments of tool calls, stop sequences; ids, seals and usage stay as they came.
// One thread; the Replacements outlive what is made with them.
#pragma once

#include <vector>

#include "core/response.h"
#include "core/stream_event.h"
#include "redaction/restorer.h"

namespace weir::redaction {

void restore(const Replacements& known, Response& response);
// Every text of a JSON document; what is no JSON object is restored as a text.
[[nodiscard]] std::string restored_body(const Replacements& known, const std::string& body);

// The events of one stream. What a piece keeps back comes with a later one, or before the event that ends its text.
class StreamRestorer {
 public:
  explicit StreamRestorer(const Replacements& known) : known_(known) {}

  // In place; events may be put between.
  void restore(std::vector<StreamEvent>& events);
  // Nothing follows: what was kept back, as events.
  [[nodiscard]] std::vector<StreamEvent> end();

 private:
  struct Open {
    StreamEvent::Kind kind;
    int64_t choice = 0;
    int64_t tool_index = 0;
    Restorer restorer;
  };
  static bool is_piece(const StreamEvent& event);
  Restorer& restorer_of(const StreamEvent& event, std::vector<StreamEvent>& out);
  void close(std::size_t at, std::vector<StreamEvent>& out);
  void close_choice(int64_t choice, std::vector<StreamEvent>& out);

  const Replacements& known_;
  std::vector<Open> open_;
};

}  // namespace weir::redaction
