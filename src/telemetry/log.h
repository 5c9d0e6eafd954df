// Logger: structured logs to stderr, one line per event, as text or JSON. A value that is passed around (copying it is
// a shared_ptr); any thread. A line is an event and named fields; event and field names are compile-time literals, so
// free text cannot be logged by accident, and there is no function that takes a body. Never pass prompt or answer text.
//
// Secrets: a text field whose name is that of a credential (`key`, `api_key`, `*_key`, `authorization`, `cookie`,
// `password`, `secret`, `*_secret`, `credential`, `token`) is written as `[redacted]`; within other texts everything
// that looks like a credential (see `redact`) is replaced. Texts are cut at 500 bytes and control characters are
// escaped, so that a line stays a line.
//
// Levels: `error` and `warn` say that somebody should look, `info` is the life of the process (start, listen, reload,
// drain), `debug` has one line per request, `trace` one per attempt. The default is info: the access log is opt-in,
// because a line per request is one more system call on its event loop (0.8 µs to format it, and the write).
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace weir {

enum class LogLevel : uint8_t { trace, debug, info, warn, error, off };
enum class LogFormat : uint8_t { text, json };
// For config values; false when `text` names none.
[[nodiscard]] bool parse_log_level(std::string_view text, LogLevel& out);
[[nodiscard]] bool parse_log_format(std::string_view text, LogFormat& out);

// A literal, nothing else compiles.
class LogName {
 public:
  consteval LogName(const char* literal)  // NOLINT(google-explicit-constructor): meant to be written as "literal"
      : text_(literal), secret_(names_credential(literal)) {}
  [[nodiscard]] constexpr std::string_view text() const { return text_; }
  [[nodiscard]] constexpr bool secret() const { return secret_; }

 private:
  static consteval bool names_credential(std::string_view name) {
    for (std::string_view exact : {"key", "authorization", "cookie", "password", "secret", "credential", "token"}) {
      if (name == exact) return true;
    }
    return name.ends_with("_key") || name.ends_with("_secret") || name.ends_with("_password");
  }
  std::string_view text_;
  bool secret_;
};

// One named value. Texts are viewed, not copied: they must live until the call returns.
class LogField {
 public:
  LogField(LogName name, std::string_view value) : name_(name), value_(value) {}
  LogField(LogName name, const char* value) : name_(name), value_(std::string_view(value)) {}
  LogField(LogName name, const std::string& value) : name_(name), value_(std::string_view(value)) {}
  LogField(LogName name, double value) : name_(name), value_(value) {}
  template <std::integral T>
  LogField(LogName name, T value) : name_(name), value_(widen(value)) {}

  [[nodiscard]] LogName name() const { return name_; }
  using Value = std::variant<std::string_view, int64_t, uint64_t, double, bool>;
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  template <std::integral T>
  static Value widen(T value) {
    if constexpr (std::same_as<T, bool>)
      return value;
    else if constexpr (std::signed_integral<T>)
      return static_cast<int64_t>(value);
    else
      return static_cast<uint64_t>(value);
  }
  LogName name_;
  Value value_;
};

class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  Logger();  // writes nothing
  // To stderr. Start-up only: may throw when stderr cannot be opened.
  static Logger to_stderr(LogFormat format, LogLevel level);
  // Into `out`, for tests; `out` outlives every copy of the logger and is written under the logger's own lock.
  static Logger to_string(LogFormat format, LogLevel level, std::string& out);

  [[nodiscard]] bool enabled(LogLevel level) const { return level >= level_->load(std::memory_order_relaxed); }
  void set_level(LogLevel level) const { level_->store(level, std::memory_order_relaxed); }  // of all copies: on reload

  void trace(LogName event, Fields fields = {}) const { log(LogLevel::trace, event, fields); }
  void debug(LogName event, Fields fields = {}) const { log(LogLevel::debug, event, fields); }
  void info(LogName event, Fields fields = {}) const { log(LogLevel::info, event, fields); }
  void warn(LogName event, Fields fields = {}) const { log(LogLevel::warn, event, fields); }
  void error(LogName event, Fields fields = {}) const { log(LogLevel::error, event, fields); }
  void log(LogLevel level, LogName event, Fields fields) const {
    if (enabled(level)) write(level, event, fields);
  }

 private:
  struct Sink;
  Logger(std::shared_ptr<Sink> sink, LogLevel level);
  void write(LogLevel level, LogName event, Fields fields) const;
  std::shared_ptr<Sink> sink_;
  std::shared_ptr<std::atomic<LogLevel>> level_;
};

// `text` with everything that looks like a credential replaced by `[redacted]`: `sk-…` and the other vendors' key
// prefixes, Weir's own keys, `Bearer …`, and `user:password@` in a URL.
[[nodiscard]] std::string redact(std::string_view text);

}  // namespace weir
