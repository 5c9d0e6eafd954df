// ObjectEnd: tells where a JSON object ends that comes in pieces. A value; one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

class ObjectEnd {
 public:
  void feed(std::string_view piece) {
    for (const char c : piece) {
      if (in_string_) {
        in_string_ = escaped_ || c != '"';
        escaped_ = !escaped_ && c == '\\';
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
        begun_ = true;
      } else if (c == '}' || c == ']') {
        --depth_;
      }
    }
  }
  [[nodiscard]] bool reached() const { return begun_ && depth_ <= 0 && !in_string_; }

 private:
  int64_t depth_ = 0;
  bool begun_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace weir
