#include "economics/sizing/measurement.h"

#include <gtest/gtest.h>

namespace weir::plan {
namespace {

TEST(measurement, a_level_by_hand) {
  // Two streams of 11 tokens: the first token after 100 and 200 ms, the others in 1 s and 2 s; a third one failed.
  const auto level = summarise(
      2, {{.begin_us = 0, .first_token_us = 100'000, .end_us = 1'100'000, .input_tokens = 5, .output_tokens = 11},
          {.begin_us = 100'000, .first_token_us = 300'000, .end_us = 2'300'000, .input_tokens = 6, .output_tokens = 11},
          {.begin_us = 0}});
  EXPECT_EQ(level.requests, 2);
  EXPECT_EQ(level.failed, 1);
  EXPECT_EQ(level.input_tokens, 11);
  EXPECT_EQ(level.output_tokens, 22);
  EXPECT_FALSE(level.estimated);
  EXPECT_DOUBLE_EQ(level.seconds, 2.3);
  EXPECT_DOUBLE_EQ(level.tokens_per_s, 22 / 2.3);
  EXPECT_DOUBLE_EQ(level.stream_tokens_per_s, 5);
  EXPECT_DOUBLE_EQ(level.ttft_p50_ms, 100);
  EXPECT_DOUBLE_EQ(level.ttft_p95_ms, 200);
  EXPECT_DOUBLE_EQ(level.latency_p50_ms, 1100);
  EXPECT_DOUBLE_EQ(level.latency_p95_ms, 2200);
}

TEST(measurement, percentiles_are_the_nearest_rank) {
  std::vector<Sample> samples;
  for (int64_t i = 1; i <= 100; ++i)
    samples.push_back({.begin_us = 0, .first_token_us = i * 1000, .end_us = i * 2000, .output_tokens = 2});
  const auto level = summarise(1, samples);
  EXPECT_DOUBLE_EQ(level.ttft_p50_ms, 50);
  EXPECT_DOUBLE_EQ(level.ttft_p95_ms, 95);
  EXPECT_DOUBLE_EQ(level.latency_p95_ms, 190);
}

TEST(measurement, nothing_answered_is_no_rate) {
  const auto level = summarise(4, {{}, {}});
  EXPECT_EQ(level.requests, 0);
  EXPECT_EQ(level.failed, 2);
  EXPECT_EQ(level.tokens_per_s, 0);
  EXPECT_EQ(summarise(1, {}).failed, 0);
}

TEST(measurement, estimates_are_marked) {
  EXPECT_TRUE(summarise(1, {{.end_us = 10, .output_tokens = 3, .estimated = true}}).estimated);
}

TEST(measurement, what_is_written_is_read_back) {
  Measurement measurement{.model = "a \"model\"",
                          .url = "http://127.0.0.1:8080",
                          .at = "2026-11-25T00:00:00Z",
                          .gpu = "l4",
                          .prompt_tokens = 256,
                          .output_tokens = 128};
  measurement.levels = {{.concurrency = 1,
                         .requests = 8,
                         .failed = 1,
                         .input_tokens = 100,
                         .output_tokens = 1024,
                         .estimated = true,
                         .seconds = 10.5,
                         .tokens_per_s = 97.52,
                         .stream_tokens_per_s = 99.5,
                         .ttft_p50_ms = 12.5,
                         .ttft_p95_ms = 20,
                         .latency_p50_ms = 1300,
                         .latency_p95_ms = 1400.25},
                        {.concurrency = 4, .requests = 16, .output_tokens = 2048, .seconds = 5, .tokens_per_s = 409.6}};
  const auto read = parse_measurement(to_json(measurement));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(measurement));
  ASSERT_NE(read->at_concurrency(4), nullptr);
  EXPECT_DOUBLE_EQ(read->at_concurrency(4)->tokens_per_s, 409.6);
  EXPECT_EQ(read->at_concurrency(2), nullptr);
}

TEST(measurement, what_is_none_is_refused) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"levels":1})", R"({"levels":[1]})", R"({"levels":[{"concurrency":1}]})",
        R"({"levels":[{"concurrency":1,"tokens_per_s":-5}]})", R"({"levels":[{"concurrency":0,"tokens_per_s":5}]})"}) {
    EXPECT_FALSE(parse_measurement(text)) << text;
  }
}

TEST(measurement, a_file_is_named_after_the_model_and_stays_in_its_folder) {
  const std::pair<std::string_view, std::string_view> rows[] = {{"llama-3-8b", "llama-3-8b.json"},
                                                                {"meta-llama/Llama-3.1-8B", "Llama-3.1-8B.json"},
                                                                {"llama3.2:3b", "llama3.2_3b.json"},
                                                                {"../../etc/passwd", "passwd.json"},
                                                                {"..", "_...json"},
                                                                {"", "_.json"},
                                                                {"/models/tiny.gguf", "tiny.gguf.json"}};
  for (const auto& [model, file] : rows) EXPECT_EQ(measurement_file(model), file);
  EXPECT_LE(measurement_file(std::string(5000, 'x')).size(), 205U);
}

}  // namespace
}  // namespace weir::plan
