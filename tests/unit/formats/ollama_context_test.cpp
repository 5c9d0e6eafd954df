// The context that Ollama is asked to run with, and the caller's own options.
#include <gtest/gtest.h>

#include "formats/ollama/model_face.h"

namespace weir {
namespace {

json::Element options_of(json::Document& sent, const std::string& body, int64_t context) {
  json::DocumentPool pool;
  Request request;
  request.document = pool.take();
  EXPECT_TRUE(request.document->parse(body));
  request.document->survey();
  json::Object object;
  EXPECT_EQ(request.document->root().get(object), simdjson::SUCCESS);
  request.messages.push_back({.parts = {{.text = json::string_or(object, "prompt")}}});
  if (const auto most = json::int_or(object, "max_tokens"); most > 0) request.max_tokens = most;
  const ProviderSettings provider;
  const ModelSettings model{.name = "tiny"};
  const auto encoded = ollama_provider::write_body(request, {provider, model, context}, "");
  EXPECT_TRUE(encoded);
  EXPECT_TRUE(sent.parse_copy(*encoded));
  json::Element options;
  if (sent.root().at_pointer("/options").get(options) != simdjson::SUCCESS) return {};
  return options;
}

TEST(ollama_context, is_sent_where_one_is_needed) {
  for (const int64_t context : {0, 8'192, 131'072}) {
    json::Document sent;
    json::Object options;
    ASSERT_EQ(options_of(sent, R"({"prompt":"hello","max_tokens":5})", context).get(options), simdjson::SUCCESS);
    EXPECT_EQ(json::int_or(options, "num_ctx"), context);
  }
}

TEST(ollama_context, the_callers_own_options_hold) {
  json::Document sent;
  const std::string body =
      R"({"prompt":"hello","max_tokens":5,"top_k":20,"keep_alive":"30m","options":{"num_ctx":9000,"mirostat":1,"top_k":7}})";
  json::Object options;
  ASSERT_EQ(options_of(sent, body, 32'768).get(options), simdjson::SUCCESS);
  EXPECT_EQ(json::int_or(options, "num_ctx"), 9'000);
  EXPECT_EQ(json::int_or(options, "mirostat"), 1);
  EXPECT_EQ(json::int_or(options, "top_k"), 7);
  EXPECT_EQ(json::int_or(options, "num_predict"), 5);
  for (const std::string_view key : {"num_ctx", "top_k"}) {
    EXPECT_EQ(std::count_if(options.begin(), options.end(), [&](const auto& field) { return field.key == key; }), 1)
        << "which of two counts, every server decides for itself: " << key;
  }
  std::string_view kept;
  EXPECT_EQ(sent.root().at_pointer("/keep_alive").get(kept), simdjson::SUCCESS);
  EXPECT_EQ(kept, "30m");
}

}  // namespace
}  // namespace weir
