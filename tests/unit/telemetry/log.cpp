#include "telemetry/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "core/json.h"

namespace weir {
namespace {

// The line without its time, which is another one at each run.
std::string after_time(const std::string& line) {
  constexpr std::size_t time = sizeof("2026-01-01T00:00:00.000Z ") - 1;
  return line.size() < time ? line : line.substr(time);
}

std::string text_line(Logger::Fields fields) {
  std::string out;
  Logger::to_string(LogFormat::text, LogLevel::trace, out).info("event", fields);
  return after_time(out);
}

TEST(log, text_is_one_line_of_named_fields) {
  EXPECT_EQ(text_line({{"address", "127.0.0.1:4077"}, {"threads", 2}, {"tls", false}, {"ratio", 0.5}}),
            "info  event address=127.0.0.1:4077 threads=2 tls=false ratio=0.5\n");
}

TEST(log, text_that_would_break_the_line_is_quoted) {
  EXPECT_EQ(text_line({{"a", "two words"}, {"b", "line\nbreak"}, {"c", ""}, {"d", "x=y"}, {"e", "say \"hi\""}}),
            "info  event a=\"two words\" b=\"line\\nbreak\" c=\"\" d=\"x=y\" e=\"say \\\"hi\\\"\"\n");
}

TEST(log, json_is_one_valid_object_whatever_the_values) {
  const std::vector<std::string> values = {"",
                                           "plain",
                                           "quote \" backslash \\ tab \t",
                                           std::string("nul \0 in it", 11),
                                           "\x1b[31mred",
                                           "bad utf-8 \xff\xfe",
                                           std::string(5'000, 'x'),
                                           "späť ✓"};
  for (const std::string& value : values) {
    std::string out;
    Logger::to_string(LogFormat::json, LogLevel::trace, out)
        .warn("event", {{"value", value}, {"big", std::numeric_limits<uint64_t>::max()}, {"not_a_number", 0.0 / 0.0}});
    ASSERT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
    json::Document document;
    ASSERT_TRUE(document.parse(out).has_value()) << out;
    const json::Object line = document.root().get_object();
    EXPECT_EQ(json::string_or(line, "level"), "warn");
    EXPECT_EQ(json::string_or(line, "event"), "event");
    EXPECT_LE(json::string_or(line, "value").size(), 500U);
    EXPECT_EQ(json::string_or(line, "time").size(), 24U);
  }
}

TEST(log, a_long_text_is_not_cut_inside_a_character) {
  std::string text(499, 'x');
  text += "ü and more";
  EXPECT_EQ(text_line({{"v", text}}), "info  event v=" + std::string(499, 'x') + "\n");
}

TEST(log, fields_named_like_a_credential_are_never_written) {
  const std::string line = text_line({{"key", "abc"},
                                      {"api_key", "abc"},
                                      {"openai_api_key", "abc"},
                                      {"authorization", "Basic abc"},
                                      {"token", "abc"},
                                      {"client_secret", "abc"},
                                      {"db_password", "abc"}});
  EXPECT_EQ(line.find("abc"), std::string::npos) << line;
  EXPECT_EQ(text_line({{"key_id", "abc"}, {"input_tokens", 7}}), "info  event key_id=abc input_tokens=7\n");
}

struct Redaction {
  const char* text;
  const char* expected;
};
class Redacted : public testing::TestWithParam<Redaction> {};

TEST_P(Redacted, hides_credentials_and_nothing_else) { EXPECT_EQ(redact(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    table, Redacted,
    testing::Values(Redaction{"Incorrect API key provided: sk-proj-abc***************wxyz. You can find",
                              "Incorrect API key provided: [redacted] You can find"},
                    Redaction{"sk-ant-api03-AAAAAAAAAAAA", "[redacted]"},
                    Redaction{"key=gsk_0123456789abcdef", "key=[redacted]"},
                    Redaction{"(AKIAIOSFODNN7EXAMPLE)", "([redacted])"},
                    Redaction{"Authorization: Bearer eyJhbGciOi.payload.sig", "Authorization: [redacted]"},
                    Redaction{"authorization: bearer x", "authorization: [redacted]"},
                    Redaction{"http://user:pass@host:80/path", "http://[redacted]@host:80/path"},
                    Redaction{"https://api.openai.com/v1?email=a@b.example",
                              "https://api.openai.com/v1?email=a@b.example"},
                    Redaction{"scikit: sk-learn, task-12345678901, desk_0123456789",
                              "scikit: sk-learn, task-12345678901, desk_0123456789"},
                    Redaction{"model gpt-4o in 12 ms", "model gpt-4o in 12 ms"},
                    Redaction{"wk-abcdefghijkl and AIzaSyA-1234567890", "[redacted] and [redacted]"}));

TEST(log, a_credential_across_the_cut_is_not_shown_in_part) {
  std::string message(490, ' ');
  message += "sk-abcdefghijklmnopqrstuvwxyz";
  const std::string line = text_line({{"message", message}});
  EXPECT_EQ(line.find("sk-"), std::string::npos);
  EXPECT_EQ(line.find("abc"), std::string::npos);
}

TEST(log, lines_below_the_level_are_not_written_and_the_level_of_all_copies_can_change) {
  std::string out;
  const Logger logger = Logger::to_string(LogFormat::text, LogLevel::info, out);
  const Logger copy = logger;
  copy.debug("request");
  EXPECT_TRUE(out.empty());
  logger.set_level(LogLevel::debug);
  copy.debug("request");
  EXPECT_EQ(after_time(out), "debug request\n");
  EXPECT_FALSE(copy.enabled(LogLevel::trace));
}

TEST(log, a_default_logger_writes_nothing) {
  const Logger logger;
  EXPECT_FALSE(logger.enabled(LogLevel::error));
  logger.error("event", {{"a", 1}});
}

TEST(log, lines_of_many_threads_do_not_mix) {
  std::string out;
  const Logger logger = Logger::to_string(LogFormat::text, LogLevel::info, out);
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([logger, id] {
      for (int n = 0; n < 200; ++n) logger.info("event", {{"thread", id}, {"n", n}});
    });
  }
  for (auto& thread : threads) thread.join();
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < out.size(); ++lines) {
    const std::size_t end = out.find('\n', begin);
    ASSERT_TRUE(after_time(out.substr(begin, end - begin)).starts_with("info  event thread="));
    begin = end + 1;
  }
  EXPECT_EQ(lines, 800U);
}

TEST(log, levels_and_formats_are_read_from_the_config) {
  LogLevel level = LogLevel::off;
  EXPECT_TRUE(parse_log_level("debug", level));
  EXPECT_EQ(level, LogLevel::debug);
  EXPECT_FALSE(parse_log_level("verbose", level));
  LogFormat format = LogFormat::text;
  EXPECT_TRUE(parse_log_format("json", format));
  EXPECT_EQ(format, LogFormat::json);
  EXPECT_FALSE(parse_log_format("xml", format));
}

}  // namespace
}  // namespace weir
