// Continuation: joins the text of a model that takes over to what another had already said, so that the reader sees one
// text with nothing twice and nothing missing. Who was given the beginning is expected to go on behind it, but is
// recognised when it starts afresh all the same; who was not starts afresh. Text from the start is joined only where it
// agrees. A pure value; one stream, one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

class Continuation {
 public:
  enum class Begins : uint8_t {
    behind,   // it was given what was said
    at_start  // it was not
  };
  Continuation(std::string said, Begins begins);

  // What is new to the reader; "" while it is not clear yet. nullopt: it says something else than was said.
  [[nodiscard]] std::optional<std::string> take(std::string text);
  // Nothing follows: what was held back. nullopt: it ended before it had said what was said.
  [[nodiscard]] std::optional<std::string> finish();
  // From the start, as far as is known: then its answer is all of the text, and not only the rest.
  [[nodiscard]] bool from_start() const { return state_ == State::matching || from_start_; }

 private:
  enum class State : uint8_t { undecided, matching, joined };
  std::optional<std::string> match(std::string text);
  std::optional<std::string> decide();

  std::string said_;
  std::string held_;         // undecided: all of its text so far
  std::size_t matched_ = 0;  // matching: of said_
  State state_;
  bool from_start_ = false;
};

}  // namespace weir
