#include "telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <cmath>
#include <mutex>

#include "core/http.h"
#include "core/json.h"
#include "core/utf8.h"

namespace weir {
namespace {

constexpr std::size_t longest_text = 500;
constexpr std::string_view redacted = "[redacted]";
constexpr std::array<std::string_view, 6> level_names = {"trace", "debug", "info", "warn", "error", "off"};

std::string_view name_of(LogLevel level) { return level_names[static_cast<std::size_t>(level)]; }

// What credentials start with: OpenAI and Anthropic (and those who imitate them), Groq, Hugging Face, xAI, AWS, Google,
// GitHub, Perplexity, Weir.
constexpr std::array<std::string_view, 11> credential_prefixes = {
    "sk-", "sk_", "gsk_", "hf_", "xai-", "AKIA", "AIza", "ghp_", "github_pat_", "pplx-", "wk-"};
constexpr std::size_t shortest_secret = 8;  // characters after the prefix

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '*' || c == '~' || c == '+' || c == '/' || c == '=';
}

std::size_t token_end(std::string_view text, std::size_t begin) {
  while (begin < text.size() && is_token_char(text[begin])) ++begin;
  return begin;
}

// The end of the credential that begins at `begin`, or `begin` when none does.
std::size_t credential_end(std::string_view text, std::size_t begin) {
  const std::string_view rest = text.substr(begin);
  for (const std::string_view prefix : credential_prefixes) {
    if (!rest.starts_with(prefix)) continue;
    const std::size_t end = token_end(text, begin + prefix.size());
    if (end - begin - prefix.size() >= shortest_secret) return end;
  }
  constexpr std::string_view bearer = "bearer ";
  if (rest.size() > bearer.size() && equals_ignoring_case(rest.substr(0, bearer.size()), bearer)) {
    const std::size_t end = token_end(text, begin + bearer.size());
    if (end > begin + bearer.size()) return end;
  }
  return begin;
}

// The end of `user:password` in `://user:password@`, given what follows `://`; `begin` when there is none.
std::size_t userinfo_end(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find_first_of("/?# \"", begin);
  const std::string_view authority = text.substr(begin, end == std::string_view::npos ? end : end - begin);
  const std::size_t at = authority.rfind('@');
  return at == std::string_view::npos ? begin : begin + at;
}

std::string_view cut(std::string_view text) { return cut_at_character(text, longest_text); }

// A text value of a line: redacted, cut, and quoted where `format` needs it.
void append_text(std::string& line, LogFormat format, LogName name, std::string_view value) {
  // Cut before scanning, with room for a credential that ends behind the cut: its head would be cut off its prefix's
  // rule.
  const std::string clean = name.secret() ? std::string(redacted) : redact(value.substr(0, 2 * longest_text));
  const std::string_view shown = cut(clean);
  const bool plain = !shown.empty() && std::all_of(shown.begin(), shown.end(), [](char c) {
    return c > ' ' && c != '"' && c != '=' && c != '\\' && c != 127;
  });
  if (format == LogFormat::text && plain)
    line += shown;
  else
    json::append_string(line, shown);
}

void append_field(std::string& line, LogFormat format, const LogField& field) {
  if (format == LogFormat::json) {
    line += ',';
    json::append_string(line, field.name().text());
    line += ':';
  } else {
    line += ' ';
    line += field.name().text();
    line += '=';
  }
  std::visit(
      [&](const auto& value) {
        using Held = std::decay_t<decltype(value)>;
        if constexpr (std::same_as<Held, std::string_view>)
          append_text(line, format, field.name(), value);
        else if constexpr (std::same_as<Held, bool>)
          line += value ? "true" : "false";
        else if constexpr (std::same_as<Held, double>) {
          if (std::isfinite(value))
            fmt::format_to(std::back_inserter(line), "{:.6g}", value);
          else
            line += format == LogFormat::json ? "null" : "nan";
        } else
          fmt::format_to(std::back_inserter(line), "{}", value);
      },
      field.value());
}

// Appends to a string, for tests.
class StringSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StringSink(std::string& out) : out_(out) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    out_.append(formatted.data(), formatted.size());
  }
  void flush_() override {}

 private:
  std::string& out_;
};

// The time is spdlog's part of the line, all else is ours.
constexpr const char* pattern_of(LogFormat format) {
  return format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %v";
}

}  // namespace

struct Logger::Sink {
  Sink(LogFormat line_format, spdlog::sink_ptr target) : format(line_format), logger("weir", std::move(target)) {
    logger.set_level(spdlog::level::trace);  // levels are the Logger's business
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern_of(format), spdlog::pattern_time_type::utc, "\n"));
  }
  const LogFormat format;
  spdlog::logger logger;
};

bool parse_log_level(std::string_view text, LogLevel& out) {
  const auto* const found = std::find(level_names.begin(), level_names.end(), text);
  if (found == level_names.end()) return false;
  out = static_cast<LogLevel>(found - level_names.begin());
  return true;
}

bool parse_log_format(std::string_view text, LogFormat& out) {
  if (text == "text")
    out = LogFormat::text;
  else if (text == "json")
    out = LogFormat::json;
  else
    return false;
  return true;
}

Logger::Logger() : Logger(nullptr, LogLevel::off) {}

Logger::Logger(std::shared_ptr<Sink> sink, LogLevel level)
    : sink_(std::move(sink)), level_(std::make_shared<std::atomic<LogLevel>>(level)) {}

Logger Logger::to_stderr(LogFormat format, LogLevel level) {
  return {std::make_shared<Sink>(format, std::make_shared<spdlog::sinks::stderr_sink_mt>()), level};
}

Logger Logger::to_string(LogFormat format, LogLevel level, std::string& out) {
  return {std::make_shared<Sink>(format, std::make_shared<StringSink>(out)), level};
}

void Logger::write(LogLevel level, LogName event, Fields fields) const {
  if (sink_ == nullptr || level == LogLevel::off) return;
  std::string line;
  line.reserve(256);
  if (sink_->format == LogFormat::json) {
    fmt::format_to(std::back_inserter(line), R"("level":"{}","event":)", name_of(level));
    json::append_string(line, event.text());
  } else {
    fmt::format_to(std::back_inserter(line), "{:<5} {}", name_of(level), event.text());
  }
  for (const LogField& field : fields) append_field(line, sink_->format, field);
  sink_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::string redact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool at_start = true;  // of a token
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = at_start ? credential_end(text, i) : i;
    if (end > i) {
      out += redacted;
      i = end;
      continue;
    }
    if (text.substr(i).starts_with("://")) {
      out += "://";
      i += 3;
      const std::size_t user_end = userinfo_end(text, i);
      if (user_end > i) out += redacted;
      i = user_end;
      at_start = true;
      continue;
    }
    at_start = !is_token_char(text[i]) || text[i] == '/' || text[i] == '=';
    out += text[i++];
  }
  return out;
}

}  // namespace weir
