// Media as blocks of Converse: what they are called there, and what is too large. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/media.h"
#include "core/result.h"

namespace weir::bedrock {

// Where the block is to stand: a tool's result takes no sound.
enum class MediaHolder : uint8_t { message, tool_result };

// Writes the media of one request. One thread; the writer stays the caller's.
class MediaWriter {
 public:
  explicit MediaWriter(json::Writer& writer) : writer_(writer) {}

  // One block, `{"image": {…}}`. unsupported with `place` where Converse has none like it.
  [[nodiscard]] Status write(const Media& media, MediaHolder holder, const std::string& place);
  // A new turn begins: the limits hold for each.
  void begin_turn() { images_ = documents_ = 0; }
  [[nodiscard]] bool has_documents() const { return documents_ > 0; }

 private:
  [[nodiscard]] Status check(const Media& media, const std::string& place);
  [[nodiscard]] std::string document_name(std::string_view wanted);

  json::Writer& writer_;
  int images_ = 0;
  int documents_ = 0;
  std::vector<std::string> names_;  // of documents: each its own
};

}  // namespace weir::bedrock
