#include "core/json_mend.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/json.h"
#include "core/text_halves.h"

namespace weir::json {
namespace {

class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) { out_.text.reserve(text.size() + 16); }

  Mended run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    out_.usable = value_or_end();
    while (out_.usable && !nesting_.empty()) out_.usable = step();
    out_.consumed = at_;
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return ended() ? '\0' : text_[at_]; }
  [[nodiscard]] bool in_object() const { return nesting_.back() == '{'; }
  void skip_blanks() {
    while (!ended() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }
  void skip_separators() {
    for (skip_blanks(); peek() == ','; skip_blanks()) ++at_;
  }
  void separate() {
    if (comma_due_) out_.text += ',';
    comma_due_ = false;
  }

  // The text ends before its brackets do.
  bool close_all() {
    out_.cut = true;
    if (value_due_) out_.text += "null";
    for (; !nesting_.empty(); nesting_.pop_back()) out_.text += in_object() ? '}' : ']';
    return true;
  }

  bool close(char kind) {
    if ((kind == '}') != in_object()) return false;
    if (value_due_) out_.text += "null";
    value_due_ = false;
    out_.text += kind;
    nesting_.pop_back();
    comma_due_ = true;
    ++at_;
    return true;
  }

  // One key with its colon, one value, or one closing bracket.
  bool step() {
    if (value_due_) {
      skip_blanks();
    } else {
      skip_separators();
    }
    if (ended()) return close_all();
    if (peek() == '}' || peek() == ']') return close(peek());
    if (in_object() && !value_due_) return key();
    return value_or_end();
  }

  bool key() {
    if (peek() != '"' && peek() != '\'') return false;
    separate();
    if (!string()) return false;
    skip_blanks();
    out_.text += ':';
    value_due_ = true;
    comma_due_ = false;
    if (ended()) return close_all();
    if (peek() != ':') return false;
    ++at_;
    return true;
  }

  bool value_or_end() {
    skip_blanks();
    if (ended()) return false;
    separate();
    value_due_ = false;
    if (peek() == '{' || peek() == '[') {
      if (nesting_.size() + 1 >= max_depth) return false;
      nesting_ += peek();
      out_.text += text_[at_++];
      return true;
    }
    comma_due_ = true;
    return peek() == '"' || peek() == '\'' ? string() : bare();
  }

  bool bare() {
    const auto begin = at_;
    const auto inside = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
             c == '.' || c == '_';
    };
    while (!ended() && inside(peek())) ++at_;
    return word(text_.substr(begin, at_ - begin));
  }

  bool word(std::string_view word) {
    constexpr std::string_view empties[] = {"null",     "None", "undefined", "NaN",       "nan", "NAN",
                                            "Infinity", "inf",  "Inf",       "+Infinity", "-NaN"};
    constexpr std::string_view never[] = {"-Infinity", "-inf", "-Inf", "-INF"};
    if (word == "true" || word == "True") {
      out_.text += "true";
    } else if (word == "false" || word == "False") {
      out_.text += "false";
    } else if (std::find(std::begin(empties), std::end(empties), word) != std::end(empties)) {
      out_.text += "null";
    } else if (std::find(std::begin(never), std::end(never), word) != std::end(never)) {
      out_.text += "-9999.0";
    } else {
      return number(word);
    }
    return true;
  }

  bool number(std::string_view digits) {
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') digits.remove_prefix(1);
    if (digits.empty()) return false;
    const char* const end = digits.data() + digits.size();
    double real = 0;
    const auto read = std::from_chars(digits.data(), end, real);
    if (read.ptr != end || !std::isfinite(real)) return false;  // `iNf` is a number to it
    const bool beyond =
        read.ec == std::errc::result_out_of_range && !std::isfinite(std::strtod(std::string(digits).c_str(), nullptr));
    if (beyond) {
      out_.text += digits[0] == '-' ? "-9999.0" : "null";
    } else if (is_number(digits)) {  // stays as it was written, however long
      out_.text += digits;
    } else {
      number_.clear();
      Writer(number_).value(real);
      out_.text += number_;
    }
    return true;
  }

  bool string() {
    const char quote = text_[at_++];
    out_.text += '"';
    for (;;) {
      if (ended()) {
        out_.cut = true;
        return false;
      }
      const auto c = static_cast<unsigned char>(peek());
      if (c == static_cast<unsigned char>(quote)) break;
      if (c == '\\') {
        if (!escape()) return false;
      } else if (c == '"' || c < 0x20) {
        append_plain(text_.substr(at_++, 1));
      } else {
        character(c);
      }
    }
    ++at_;
    out_.text += '"';
    return true;
  }

  // A string's inside, with what has to be escaped escaped.
  void append_plain(std::string_view plain) {
    std::string quoted;
    append_string(quoted, plain);
    out_.text.append(quoted, 1, quoted.size() - 2);
  }

  void character(unsigned char c) {
    const auto length = utf8_sequence_length(text_.substr(at_, 4));
    if (length == 0) {
      append_byte_mark(out_.text, c);
      out_.halves = true;
      ++at_;
      return;
    }
    out_.text += text_.substr(at_, length);
    at_ += length;
  }

  bool hex(std::size_t from, std::size_t count, unsigned& code) const {
    if (from + count > text_.size()) return false;
    const char* const begin = text_.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + count, code, 16);
    return error == std::errc{} && end == begin + count;
  }

  bool escape() {
    const auto begin = at_++;
    if (ended()) {
      out_.cut = true;
      return false;
    }
    const char kind = text_[at_++];
    unsigned code = 0;
    if (kind == 'u' && hex(at_, 4, code)) {
      at_ += 4;
      unicode(begin, code);
    } else if (kind == 'x' && hex(at_, 2, code)) {
      at_ += 2;
      out_.text += "\\u00";
      out_.text += text_.substr(at_ - 2, 2);
    } else if (kind == '\'') {
      out_.text += '\'';
    } else if (std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos) {
      out_.text += text_.substr(begin, 2);
    } else {  // an escape that JSON does not have stands for itself
      out_.text += "\\\\";
      --at_;
    }
    return true;
  }

  // `begin`: of the escape, which has been read.
  void unicode(std::size_t begin, unsigned code) {
    unsigned low = 0;
    const bool high = code >= 0xd800 && code <= 0xdbff;
    const bool pair = high && text_.substr(at_, 2) == "\\u" && hex(at_ + 2, 4, low) && low >= 0xdc00 && low <= 0xdfff;
    if (pair) at_ += 6;
    if (pair || code < 0xd800 || code > 0xdfff) {
      out_.text += text_.substr(begin, at_ - begin);
      return;
    }
    append_half_mark(out_.text, code);
    out_.halves = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string nesting_;
  std::string number_;
  bool comma_due_ = false;
  bool value_due_ = false;
  Mended out_;
};

}  // namespace

bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const auto begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  const bool leading_zero = at < text.size() && text[at] == '0';
  const auto whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

Mended mend(std::string_view text) { return Mender(text).run(); }

}  // namespace weir::json
