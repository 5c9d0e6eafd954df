// JsonState: where in a JSON text one is, told byte by byte, without keeping the text: whether inside a string, and
// whether a value may begin. Of a text that may be anything, whether it is JSON at all is guessed by its first bytes.
// A value; one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::redaction {

class JsonState {
 public:
  enum class Of : uint8_t { json, text };
  explicit JsonState(Of of = Of::json) : state_(of == Of::json ? State::json : State::undecided) {}

  void pass(char c) {
    if (state_ != State::json && !decide(c)) return;
    if (string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        string_ = false;
        last_ = '"';
      }
    } else if (c == '"') {
      string_ = true;
    } else if (!is_blank(c)) {
      last_ = c;
    }
  }
  void pass(std::string_view text) {
    for (const char c : text) pass(c);
  }

  [[nodiscard]] bool is_json() const { return state_ == State::json; }
  [[nodiscard]] bool in_string() const { return string_; }
  [[nodiscard]] bool in_escape() const { return string_ && escaped_; }
  // Outside of strings, where a value may begin.
  [[nodiscard]] bool awaits_value() const {
    return is_json() && !string_ && (last_ == ':' || last_ == ',' || last_ == '[' || last_ == '\0');
  }

 private:
  enum class State : uint8_t { undecided, object, list, json, prose };
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  // `{"…` and `{}`, `["…`, `[{…` and `[[…`. True: it is JSON.
  bool decide(char c) {
    if (state_ == State::prose || is_blank(c)) return false;
    if (state_ == State::undecided) {
      state_ = c == '{' ? State::object : c == '[' ? State::list : State::prose;
      last_ = c;
      return false;
    }
    const bool json = c == '"' || (state_ == State::object ? c == '}' : c == '{' || c == '[' || c == ']');
    state_ = json ? State::json : State::prose;
    return json;
  }

  State state_;
  bool string_ = false;
  bool escaped_ = false;
  char last_ = '\0';  // that is no blank, outside of strings
};

}  // namespace weir::redaction
