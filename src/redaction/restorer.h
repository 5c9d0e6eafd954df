// Restorer: puts values back into a text that comes in pieces, however they are cut. Keeps back no more than what may
// become a placeholder. In JSON a value is written as JSON has it; of a text that is no surely JSON, its first bytes
// say. One text, one thread; the Replacements outlive it.
#pragma once

#include <string>
#include <string_view>

#include "redaction/json_state.h"
#include "redaction/replacements.h"

namespace weir::redaction {

class Restorer {
 public:
  explicit Restorer(const Replacements& known, JsonState::Of of = JsonState::Of::text)
      : known_(&known), of_(of), state_(of) {}

  // What can be said by now.
  [[nodiscard]] std::string add(std::string_view piece);
  // Nothing follows: what was kept back.
  [[nodiscard]] std::string end();
  [[nodiscard]] bool holds_back() const { return !waiting_.empty(); }

 private:
  [[nodiscard]] std::string restore(Placeholders::Ends ends);
  void pass(char c, std::string& out);
  void put(std::string_view name, std::string_view value, std::string& out);

  const Replacements* known_;
  JsonState::Of of_;
  JsonState state_;
  std::string waiting_;
  char before_ = '\0';
  char last_ = '\0';  // that is no blank
};

[[nodiscard]] std::string restored(const Replacements& known, std::string_view text,
                                   JsonState::Of of = JsonState::Of::text);
// Of a tool or a field.
[[nodiscard]] std::string restored_name(const Replacements& known, std::string_view name);

}  // namespace weir::redaction
