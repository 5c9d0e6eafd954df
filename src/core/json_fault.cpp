// A strict JSON checker (RFC 8259) that runs only when simdjson has said no, to find out where and why. Iterative:
// nesting is a small stack on the heap, so hostile depth cannot overflow ours.
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/json.h"

namespace weir::json {
namespace {

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  Fault run() {
    check();
    fault_.offset = std::min(fault_.offset, text_.size());
    for (std::size_t i = 0; i < fault_.offset; ++i) {
      ++fault_.column;
      if (text_[i] == '\n') {
        ++fault_.line;
        fault_.column = 1;
      }
    }
    return fault_;
  }

 private:
  // Every step is false when it found the fault.
  bool fail(std::string_view what) { return fail_at(at_, what); }
  bool fail_at(std::size_t offset, std::string_view what) {
    fault_.offset = offset;
    fault_.what = what;
    return false;
  }

  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return ended() ? '\0' : text_[at_]; }
  void skip_blanks() {
    while (!ended() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }

  bool check() {
    if (text_.starts_with("\xEF\xBB\xBF")) return fail("a byte order mark; JSON starts without one");
    skip_blanks();
    if (ended()) return fail(text_.empty() ? "the body is empty" : "there is nothing but blanks");
    if (!value()) return false;
    while (!nesting_.empty()) {
      if (!after_value()) return false;
    }
    skip_blanks();
    return ended() || fail("something follows the end of the JSON value");
  }

  // A scalar, or the opening of an array or object with its first key.
  bool value() {
    skip_blanks();
    if (ended()) return fail("the text ends where a value was expected");
    switch (peek()) {
      case '{':
        return open('{') && (close_if('}') || key());
      case '[':
        if (!open('[')) return false;
        return close_if(']') || value_soon();
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      case ']':
      case '}':
        return fail("expected a value (a comma too many?)");
      case '\'':
        return fail("expected a value (strings take double quotes)");
      default:
        return number();
    }
  }

  // The first element of an array: read by the loop in check(), not by recursion.
  bool value_soon() {
    value_due_ = true;
    return true;
  }

  bool open(char kind) {
    if (nesting_.size() + 1 >= max_depth) return fail("nested too deeply (1024 levels are allowed)");
    nesting_ += kind;
    ++at_;
    return true;
  }

  bool close_if(char kind) {
    skip_blanks();
    if (peek() != kind) return false;
    ++at_;
    nesting_.pop_back();
    return true;
  }

  bool key() {
    skip_blanks();
    if (ended()) return fail("the text ends inside an object");
    if (peek() == '}') return fail("expected a key (a comma too many?)");
    if (peek() != '"') return fail("expected a key in double quotes");
    if (!string()) return false;
    skip_blanks();
    if (peek() != ':') return fail("expected ':' after the key");
    ++at_;
    return value_soon();
  }

  bool after_value() {
    if (value_due_) {
      value_due_ = false;
      return value();
    }
    skip_blanks();
    const bool in_object = nesting_.back() == '{';
    if (ended()) return fail(in_object ? "the text ends inside an object" : "the text ends inside an array");
    if (close_if(in_object ? '}' : ']')) return true;
    if (peek() != ',') return fail(in_object ? "expected ',' or '}'" : "expected ',' or ']'");
    ++at_;
    return in_object ? key() : value_soon();
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return fail("expected a value");
    const auto next = at_ + expected.size();
    if (next < text_.size() && std::isalnum(static_cast<unsigned char>(text_[next])) != 0)
      return fail("expected a value");
    at_ = next;
    return true;
  }

  bool digits() {
    const auto begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ != begin;
  }

  bool number() {
    const auto begin = at_;
    const bool negative = peek() == '-';
    if (negative) ++at_;
    const auto first = at_;
    if (!digits()) return negative ? fail("expected a digit after '-'") : fail_at(begin, "expected a value");
    if (text_[first] == '0' && at_ - first > 1) return fail_at(begin, "a number with leading zeros");
    if (peek() == '.') {
      ++at_;
      if (!digits()) return fail("expected a digit after the decimal point");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return fail("expected a digit in the exponent");
    }
    return in_range(begin);
  }

  bool in_range(std::size_t begin) {
    double real = 0;
    const char* const from = text_.data() + begin;
    const char* const to = text_.data() + at_;
    const auto result = std::from_chars(from, to, real);
    // Too small for a double is read as zero; only too large is an error.
    const bool overflow = result.ec == std::errc::result_out_of_range &&
                          std::abs(std::strtod(std::string(from, to).c_str(), nullptr)) > 1;
    return !overflow || fail_at(begin, "a number too large for a double");
  }

  bool string() {
    const auto begin = at_;
    ++at_;
    for (;;) {
      if (ended()) return fail_at(begin, "a string without its closing quote");
      const auto c = static_cast<unsigned char>(peek());
      if (c == '"') break;
      if (c == '\n') return fail("a line break inside a string; write \\n");
      if (c < 0x20) return fail("a control character inside a string; escape it");
      if (c == '\\' ? !escape() : !character()) return false;
    }
    ++at_;
    return true;
  }

  bool character() {
    const auto length = utf8_sequence_length(text_.substr(at_, 4));
    at_ += length;
    return length != 0 || fail("bytes that are not UTF-8");
  }

  bool hex(unsigned& code) {
    code = 0;
    if (at_ + 4 > text_.size()) return fail("the text ends inside an escape");
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc{} || end != text_.data() + at_ + 4)
      return fail("expected four hexadecimal digits after \\u");
    at_ += 4;
    return true;
  }

  bool escape() {
    const auto begin = at_++;
    if (ended()) return fail_at(begin, "the text ends inside an escape");
    const char kind = text_[at_++];
    if (kind != 'u') {
      const bool known = std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
      return known || fail_at(begin, "an escape that JSON does not have");
    }
    unsigned code = 0;
    if (!hex(code)) return false;
    if (code < 0xd800 || code > 0xdfff) return true;
    if (code > 0xdbff || text_.substr(at_, 2) != "\\u") return fail_at(begin, "half a surrogate pair");
    at_ += 2;
    unsigned low = 0;
    if (!hex(low)) return false;
    return (low >= 0xdc00 && low <= 0xdfff) || fail_at(begin, "half a surrogate pair");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string nesting_;
  bool value_due_ = false;
  Fault fault_;
};

}  // namespace

Fault locate_fault(std::string_view text) { return Checker(text).run(); }

}  // namespace weir::json
