// AnswerReader: GenerateContentResponse → StreamEvents. A chunk of a stream and a whole answer have the same form, so
// both are read here. One per answer; used by one thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"

namespace weir::gemini {

class AnswerReader {
 public:
  AnswerReader(const Request& request, StreamState& state);

  // One parsed response. An error in it becomes an event; upstream_malformed for what is none.
  Status read(const json::Element& root, std::vector<StreamEvent>& out);

 private:
  void candidate(const json::Object& object, int64_t position, std::vector<StreamEvent>& out);
  void content(const json::Element& content, int64_t index, std::vector<StreamEvent>& out);
  void part(const json::Object& object, int64_t index, std::vector<StreamEvent>& out);
  void call(const json::Object& object, std::string_view seal, int64_t index, std::vector<StreamEvent>& out);
  void finish(const json::Object& object, int64_t index, std::vector<StreamEvent>& out);
  void blocked(const json::Object& root, std::vector<StreamEvent>& out);
  [[nodiscard]] int64_t& calls_of(int64_t choice);

  StreamState& state_;
  const std::string format_;  // in which the client asked
  // A seal on a plain text is of use to nobody else: Google does not ask for it back, and clients of other formats
  // would be shown a thought without words behind the answer's text, which some take for the answer.
  const bool seals_of_texts_;
  std::vector<std::pair<int64_t, int64_t>> calls_;  // choice, how many it has
  std::vector<int64_t> spoken_;                     // choices with any content
};

// usageMetadata, of answers and embeddings.
[[nodiscard]] Usage read_usage(const json::Object& usage);

}  // namespace weir::gemini
