// `usage` as servers write it, and what is counted of it.
#include <gtest/gtest.h>

#include "formats/format.h"
#include "formats/openai/model_face.h"

namespace weir {
namespace {

Usage read(std::string_view text) {
  json::Document document;
  json::Object object;
  EXPECT_TRUE(document.parse_copy(text)) << text;
  EXPECT_EQ(document.root().get(object), simdjson::SUCCESS) << text;
  return openai_provider::read_usage(object);
}

struct Case {
  std::string_view what;
  std::string_view text;
  int64_t input;
  int64_t cached;
  int64_t written;
  int64_t output;
  int64_t reasoning = 0;
};

TEST(usage, is_read_in_all_its_dialects) {
  for (
      const auto& one : {
          Case{"OpenAI: cached and reasoning inside",
               R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
                    "prompt_tokens_details":{"cached_tokens":80},"completion_tokens_details":{"reasoning_tokens":20}})",
               100, 80, 0, 50, 20},
          Case{"Responses: other names",
               R"({"input_tokens":100,"output_tokens":50,"total_tokens":150,"input_tokens_details":{"cached_tokens":80},
                    "output_tokens_details":{"reasoning_tokens":20}})",
               100, 80, 0, 50, 20},
          Case{
              "Anthropic: cached and written beside",
              R"({"input_tokens":9,"cache_read_input_tokens":1000,"cache_creation_input_tokens":200,"output_tokens":50})",
              1'209, 1'000, 200, 50},
          Case{
              "Anthropic, all of it inside the cache's reach but smaller than the rest",
              R"({"input_tokens":900,"cache_read_input_tokens":100,"cache_creation_input_tokens":0,"output_tokens":50})",
              1'000, 100, 0, 50},
          Case{"a broker: OpenAI's names, cached beside, as the total says",
               R"({"prompt_tokens":9,"completion_tokens":100,"total_tokens":17211,"cache_read_input_tokens":17102,
                    "cache_creation_input_tokens":0})",
               17'111, 17'102, 0, 100},
          Case{"another broker: the same names, cached inside, as the total says",
               R"({"prompt_tokens":17111,"completion_tokens":100,"total_tokens":17211,"cache_read_input_tokens":17102,
                    "cache_creation_input_tokens":5})",
               17'111, 17'102, 5, 100},
          Case{"cached beside under OpenAI's own name",
               R"({"prompt_tokens":9,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":17102}})", 17'111,
               17'102, 0, 100},
          Case{"OpenAI's names with Anthropic's for the cache, and no total",
               R"({"prompt_tokens":900,"completion_tokens":50,"cache_read_input_tokens":100})", 900, 100, 0, 50},
          Case{"Anthropic's names, cached inside, as the total says",
               R"({"input_tokens":1000,"output_tokens":50,"total_tokens":1050,"cache_read_input_tokens":900})", 1'000,
               900, 0, 50},
          Case{"OpenAI's names, a little cached beside, as the total says",
               R"({"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1150,
                    "prompt_tokens_details":{"cached_tokens":100}})",
               1'100, 100, 0, 50},
          Case{"cached beside and reasoning beside",
               R"({"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1180,
                    "prompt_tokens_details":{"cached_tokens":100},"completion_tokens_details":{"reasoning_tokens":30}})",
               1'100, 100, 0, 80, 30},
          Case{"more cached and written than there was, which the total says",
               R"({"prompt_tokens":100,"completion_tokens":5,"total_tokens":105,
                    "prompt_tokens_details":{"cached_tokens":80},"cache_creation_input_tokens":50})",
               100, 80, 20, 5},
          Case{"DeepSeek",
               R"({"prompt_tokens":100,"completion_tokens":5,"total_tokens":105,"prompt_cache_hit_tokens":64,
                                "prompt_cache_miss_tokens":36})",
               100, 64, 0, 5},
          Case{"Mistral", R"({"prompt_tokens":100,"completion_tokens":5,"total_tokens":105,"num_cached_tokens":64})",
               100, 64, 0, 5},
          Case{"a cache under a name that nobody knows",
               R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":79,"kv_cache_reused":64})", 74, 64, 0, 5},
          Case{"xAI: reasoning beside", R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,
                                            "completion_tokens_details":{"reasoning_tokens":100}})",
               10, 0, 0, 105, 100},
          Case{"reasoning beside, without a total",
               R"({"prompt_tokens":10,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":100}})", 10,
               0, 0, 105, 100},
          Case{"Gemini: thoughts that only the total holds",
               R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":115})", 10, 0, 0, 105},
          Case{"Gemini's own names", R"({"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":7,
                                         "totalTokenCount":22,"cachedContentTokenCount":4})",
               10, 4, 0, 12, 7},
          Case{"Cohere: reals, billed units beside",
               R"({"billed_units":{"input_tokens":3.0,"output_tokens":2.0},"tokens":{"input_tokens":18.0,
                    "output_tokens":5.0},"cached_tokens":2.0})",
               18, 2, 0, 5},
          Case{"numbers in strings", R"({"prompt_tokens":"12","completion_tokens":"34"})", 12, 0, 0, 34},
          Case{"Ollama's names", R"({"prompt_eval_count":26,"eval_count":298})", 26, 0, 0, 298},
          Case{"no completion_tokens: the total tells", R"({"prompt_tokens":12,"total_tokens":46})", 12, 0, 0, 34},
          Case{"no prompt_tokens: the total tells", R"({"completion_tokens":34,"total_tokens":46})", 12, 0, 0, 34},
          Case{"a total that is too small says nothing",
               R"({"prompt_tokens":12,"completion_tokens":34,"total_tokens":1})", 12, 0, 0, 34},
      }) {
    const auto usage = read(one.text);
    EXPECT_TRUE(usage.known) << one.what;
    EXPECT_EQ(usage.input, one.input) << one.what;
    EXPECT_EQ(usage.cached, one.cached) << one.what;
    EXPECT_EQ(usage.written, one.written) << one.what;
    EXPECT_EQ(usage.output, one.output) << one.what;
    EXPECT_EQ(usage.reasoning, one.reasoning) << one.what;
  }
}

TEST(usage, a_total_alone_is_kept_as_such_and_nothing_is_nothing) {
  const auto total = read(R"({"total_tokens":50})");
  EXPECT_TRUE(total.total_only && total.known);
  EXPECT_EQ(total.output, 50);
  for (const auto* text : {"{}", R"({"prompt_tokens":null})", R"({"cost":0.1})"})
    EXPECT_FALSE(read(text).known) << text;
}

TEST(usage, tells_apart_how_long_a_cache_keeps_what_is_written) {
  const auto usage = read(
      R"({"input_tokens":5,"output_tokens":1,"cache_creation_input_tokens":300,
          "cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200}})");
  EXPECT_EQ(usage.input, 305);
  EXPECT_EQ(usage.written, 300);
  EXPECT_EQ(usage.written_long, 200);
}

TEST(usage, sound_is_counted_apart_and_pictures_that_are_looked_at_are_not) {
  EXPECT_EQ(read(R"({"prompt_tokens":100,"completion_tokens":9,"prompt_tokens_details":{"audio_tokens":60,
                    "image_tokens":30},"completion_tokens_details":{"audio_tokens":5}})")
                .media,
            65);
  EXPECT_EQ(read(R"({"prompt_tokens":1,"completion_tokens":9,"completion_tokens_details":{"image_tokens":8}})").media,
            8);
}

TEST(usage, what_the_provider_says_that_it_cost) {
  struct Said {
    std::string_view text;
    MicroDollars cost;
  };
  for (const auto& [text, cost] : {
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":0.0125})", 12'500},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":"0.0125"})", 12'500},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":{"input_tokens_cost":0.01,"total_cost":0.03}})",
                30'000},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost_in_usd_ticks":318319000})", 31'832},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"estimated_cost":0.5})", 500'000},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":0.001,"is_byok":true,
                    "cost_details":{"upstream_inference_cost":0.02}})",
                21'000},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":0.001,"is_byok":false,
                    "cost_details":{"upstream_inference_cost":0.02}})",
                1'000},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":-1})", -1},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":1e300})", -1},
           Said{R"({"prompt_tokens":1,"completion_tokens":1,"cost":"much"})", -1},
           Said{R"({"prompt_tokens":1,"completion_tokens":1})", -1},
       }) {
    EXPECT_EQ(read(text).stated, cost) << text;
  }
}

TEST(usage, tiers_have_names_and_what_everybody_gets_is_none) {
  using openai_provider::read_tier;
  for (const auto* name : {"", "default", "auto", "standard", "standard_only", "on_demand"}) {
    EXPECT_EQ(read_tier(name), ServiceTier::standard) << name;
  }
  EXPECT_EQ(read_tier("flex"), ServiceTier::flex);
  EXPECT_EQ(read_tier("batch"), ServiceTier::batch);
  for (const auto* name : {"priority", "fast"}) EXPECT_EQ(read_tier(name), ServiceTier::priority) << name;
  EXPECT_EQ(read_tier("scale"), ServiceTier::other);
}

Usage of_stream(std::initializer_list<std::string_view> events) {
  StreamState state;
  json::Document scratch;
  Usage usage;
  for (const auto event : events) {
    std::vector<StreamEvent> out;
    EXPECT_TRUE(openai_provider::read_stream(event, state, scratch, out)) << event;
    for (const auto& one : out) {
      if (one.kind == StreamEvent::Kind::usage) usage = one.usage;
    }
  }
  return usage;
}

TEST(usage, counts_the_searches_of_the_web_that_a_provider_tells) {
  struct Searched {
    std::string_view more;
    int64_t units;
  };
  for (const auto& one : {
           Searched{R"(,"server_tool_use":{"web_search_requests":3})", 3'000},
           Searched{R"(,"num_search_queries":2)", 2'000},
           Searched{R"(,"server_side_tool_usage_details":{"web_search_calls":1,"x_search_calls":4})", 1'000},
           Searched{R"(,"server_tool_use":null,"num_search_queries":2)", 2'000},
           Searched{R"(,"server_tool_use":{"web_search_requests":0})", 0},
           Searched{R"(,"server_tool_use":{"web_search_requests":-3})", 0},
           Searched{R"(,"server_tool_use":{"web_search_requests":1000001})", 0},
           Searched{R"(,"server_tool_use":{"web_search_requests":9223372036854775807})", 0},
           Searched{R"(,"server_tool_use":{"web_search_requests":[3]})", 0},
           Searched{R"(,"server_tool_use":[{"web_search_requests":3}])", 0},
           Searched{R"(,"num_search_queries":{})", 0},
           Searched{"", 0},
       }) {
    const auto usage = R"({"prompt_tokens":7,"completion_tokens":1)" + std::string(one.more) + "}";
    EXPECT_EQ(read(usage).units, one.units) << usage;
    EXPECT_EQ(read(usage).input, 7);
    json::DocumentPool pool;
    const Request asked;
    const auto answer =
        model_face("anthropic")
            .read(asked,
                  R"({"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"a"}],)"
                  R"("stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":1)" +
                      std::string(one.more) + "}}",
                  pool);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->usage.units, one.units) << usage;
  }
}

TEST(usage, of_streams_stands_in_the_last_chunks_of_whatever_kind) {
  constexpr std::string_view text = R"({"choices":[{"index":0,"delta":{"content":"a"}}],"service_tier":"flex"})";
  constexpr std::string_view end = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
  const auto usual = of_stream({text, end, R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}})"});
  EXPECT_EQ(usual.input, 7);
  EXPECT_EQ(usual.tier, ServiceTier::flex) << "said in an earlier chunk";
  EXPECT_EQ(of_stream({text, R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":
                              {"prompt_tokens":7,"completion_tokens":1}}})"})
                .input,
            7);
  const auto timed = of_stream({text, R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"timings":
                              {"cache_n":20,"prompt_n":5,"predicted_n":3}})"});
  EXPECT_EQ(timed.input, 25);
  EXPECT_EQ(timed.cached, 20);
  EXPECT_EQ(timed.output, 3);
  EXPECT_FALSE(of_stream({text, end, R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})"}).known);
}

}  // namespace
}  // namespace weir
