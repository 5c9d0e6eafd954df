#include "pipeline/scrub.h"

#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

ProviderSettings provider_with_secrets() {
  ProviderSettings provider;
  provider.id = "p";
  provider.api_key = "tk-live-0123456789-wxyz";
  provider.headers = {{"Authorization", "Basic dXNlcjpodW50ZXItcGFzcw=="},
                      {"X-Tenant", "tenant-77-secret"},
                      {"Content-Type", "application/json"}};
  return provider;
}

std::string caller_reads(std::string message) {
  Error error{.code = ErrorCode::upstream_rejected, .message = std::move(message)};
  hide_credentials(error, provider_with_secrets());
  return error.message;
}

TEST(scrub, our_credential_does_not_reach_the_caller_whole_or_in_pieces) {
  struct Case {
    std::string_view message;
    std::string_view secret;
  };
  constexpr Case cases[] = {
      {"Incorrect API key provided: tk-live-0123456789-wxyz.", "0123456789"},
      {"key tk-live-0123… is unknown", "0123"},
      {"The key ending in wxyz may not do this", "wxyz"},
      {"key=tk-l...wxyz", "wxyz"},
      {"tk***yz is no key", "yz"},
      {"sk-...abcd is no key", "abcd"},
      {"no such key: ********abcd", "abcd"},
      {"key sk-••••••abcd", "abcd"},
      {"header X-Tenant: tenant-77-secret", "77-secret"},
      {"tenant 77-secret is blocked", "77-secret"},
      {"user hunter-pass is blocked", "hunter-pass"},
      {"Authorization: Basic dXNlcjpodW50ZXItcGFzcw==", "dXNlcjpodW50ZXI"},
      {"sk-proj-abcdefghijklmnopqrstuvwxyz0123 is somebody's key", "abcdefghij"},
  };
  for (const auto& [message, secret] : cases) {
    const auto read = caller_reads(std::string(message));
    EXPECT_EQ(read.find(secret), std::string::npos) << read;
    EXPECT_NE(read.find("[redacted]"), std::string::npos) << read;
  }
}

TEST(scrub, other_words_stay) {
  for (const std::string message : {
           "temperature must be below 2",
           "Please wait... then try again",
           "The model `gpt-4o` does not exist, see https://example.com/docs",
           "messages.0.content: Input should be a valid string (application/json)",
           "5 * 3 ** 2",
       }) {
    EXPECT_EQ(caller_reads(message), message);
  }
}

TEST(scrub, code_and_param_are_read_too) {
  Error error{.code = ErrorCode::upstream_rejected,
              .message = "no",
              .param = "tenant-77-secret",
              .provider_code = "tk-live-0123456789-wxyz"};
  hide_credentials(error, provider_with_secrets());
  EXPECT_EQ(error.param, "[redacted]");
  EXPECT_EQ(error.provider_code, "[redacted]");
}

TEST(scrub, a_placeholder_for_a_key_is_no_secret) {
  ProviderSettings provider;
  provider.api_key = "ollama";
  Error error{.message = "ollama ended its stream"};
  hide_credentials(error, provider);
  EXPECT_EQ(error.message, "ollama ended its stream");
}

class echo : public testing::Test {
 protected:
  std::string ledger_reads(std::string_view message, std::string body) {
    const auto request = client_face("openai").read({.body = std::move(body)}, pool_);
    EXPECT_TRUE(request.has_value());
    return without_echo(message, *request);
  }
  json::DocumentPool pool_;
  const std::string body_ =
      R"({"model":"gpt-4o-mini-2024","temperature":0.5,"max_tokens":4096,"metadata":{"name":"Jane Q. Doe-Smith"},)"
      R"("messages":[{"role":"user","content":"Patient Zoë Huber, born 1970-01-02,\nhas diabetes"},{"role":"user","content":"Rex"}]})";
};

TEST_F(echo, of_the_prompt_is_not_kept) {
  for (const std::string_view message : {
           "Invalid input: 'Patient Zoë Huber, born 1970-01-02,\nhas diabetes'",
           R"(Invalid input: "Patient Zo\u00eb Huber, born 1970-01-02,\nhas diabetes")",
           "Invalid input: PATIENT ZOë HUBER, BORN 1970-01-02",
           "Invalid input: …tient Zoë Hube…",
           "Invalid metadata: Jane Q. Doe-Smith",
           "Unknown dog: Rex",
       }) {
    const auto kept = ledger_reads(message, body_);
    for (const std::string_view word : {"Huber", "HUBER", "1970", "diabetes", "Jane", "Doe", "Rex"}) {
      EXPECT_EQ(kept.find(word), std::string::npos) << kept;
    }
    EXPECT_NE(kept.find("[…]"), std::string::npos) << kept;
  }
}

TEST_F(echo, leaves_the_providers_own_words) {
  for (const std::string_view message : {
           "This model's maximum context length is 4096 tokens",
           "Invalid value for 'temperature'",
           "max_tokens is too large: 4096",
           "The model `gpt-4o-mini-2024` is overloaded",
           "",
       }) {
    EXPECT_EQ(ledger_reads(message, body_), message);
  }
}

}  // namespace
}  // namespace weir
