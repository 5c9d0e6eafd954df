#include "ledger/js_literal.h"

#include <cstddef>

#include "core/json.h"

namespace weir {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<std::string> array() {
    at_ = text_.find('[');
    if (at_ == std::string_view::npos) return std::nullopt;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '[' || c == '{') {
        ++depth;
        out_ += c;
        ++at_;
      } else if (c == ']' || c == '}') {
        out_ += c;
        ++at_;
        if (--depth == 0) return std::move(out_);
      } else if (!token(c)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  bool token(char c) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' || c == ':') {
      out_ += c;
      ++at_;
      return true;
    }
    if (c == '"' || c == '\'' || c == '`') return string(c);
    if (c == '!' && at_ + 1 < text_.size() && (text_[at_ + 1] == '0' || text_[at_ + 1] == '1')) {
      out_ += text_[at_ + 1] == '0' ? "true" : "false";
      at_ += 2;
      return true;
    }
    if (c == '-' || c == '.' || (c >= '0' && c <= '9')) return number();
    return is_word(c) && word();
  }

  bool number() {
    const auto begin = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.' || text_[at_] == '-' || text_[at_] == '+'))
      ++at_;
    const auto digits = text_.substr(begin, at_ - begin);
    if (digits.starts_with('.')) out_ += '0';
    out_ += digits;
    return true;
  }

  bool word() {
    const auto begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const auto name = text_.substr(begin, at_ - begin);
    const bool literal = name == "true" || name == "false" || name == "null";
    auto next = at_;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\n')) ++next;
    const bool is_key = next < text_.size() && text_[next] == ':';
    if (is_key) {
      json::append_string(out_, name);
    } else if (literal) {
      out_ += name;
    } else {
      return false;
    }
    return true;
  }

  bool string(char quote) {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        json::append_string(out_, value);
        return true;
      }
      if (quote == '`' && c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '{') return false;
      if (c != '\\') {
        value += c;
      } else if (!escape(value)) {
        return false;
      }
    }
    return false;
  }

  bool escape(std::string& value) {
    if (++at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case 'n':
        value += '\n';
        return true;
      case 't':
        value += '\t';
        return true;
      case 'r':
        value += '\r';
        return true;
      case 'u':
        return code_point(value);
      default:
        if (is_word(text_[at_])) return false;
        value += text_[at_];
        return true;
    }
  }

  // `\u00e9`, of the basic plane.
  bool code_point(std::string& value) {
    if (at_ + 4 >= text_.size()) return false;
    unsigned point = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[++at_];
      const bool digit = c >= '0' && c <= '9';
      const char low = static_cast<char>(c | 0x20);
      if (!digit && (low < 'a' || low > 'f')) return false;
      point = point * 16 + static_cast<unsigned>(digit ? c - '0' : low - 'a' + 10);
    }
    if (point < 0x80) {
      value += static_cast<char>(point);
    } else if (point < 0x800) {
      value += static_cast<char>(0xc0U | (point >> 6U));
      value += static_cast<char>(0x80U | (point & 0x3fU));
    } else {
      value += static_cast<char>(0xe0U | (point >> 12U));
      value += static_cast<char>(0x80U | ((point >> 6U) & 0x3fU));
      value += static_cast<char>(0x80U | (point & 0x3fU));
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string> first_array(std::string_view text) { return Reader(text).array(); }

}  // namespace weir
