// What Ollama's model side writes, its client side reads, and the other way round: for conversations and answers of any
// shape, by bytes and translated.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/conversations.h"
#include "formats/ollama/client_face.h"
#include "formats/ollama/model_face.h"
#include "formats/ollama/splice_request.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

// A message has one text and its images before it; thoughts have no seals; tools have no choice.
constexpr Carries carries{.several_systems = true,
                          .later_systems = true,
                          .same_role_twice = true,
                          .prefill = true,
                          .texts_in_a_row = false,
                          .refusals = false,
                          .open_thoughts = true,
                          .sealed_thoughts = false,
                          .hidden_thoughts = false,
                          .images_inline = false,
                          .images_by_url = false,
                          .result_names = true,
                          .result_errors = false,
                          .result_images = false,
                          .several_result_parts = false,
                          .empty_results = false,
                          .bare_tools = false,
                          .strict_tools = false,
                          .named_choice = false,
                          .parallel_switch = false,
                          .temperature_above_1 = true,
                          .schema_names = false};

const ProviderSettings provider{.id = "p", .url = {.host = "h"}};
const ModelSettings model{.name = "the-model"};

TEST(ollama_round_trip, conversations_come_back_as_they_were) {
  json::DocumentPool pool;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    auto asked = random_conversation(seed, carries);
    asked.tool_choice = {};
    const auto sent = ollama_provider::face().write(asked, {provider, model}, "");
    ASSERT_TRUE(sent.has_value()) << seed << ": " << sent.error().message;
    EXPECT_EQ(sent->path, "/api/chat");
    const auto read = ollama_client::face().read({.operation = Operation::chat, .body = sent->body}, pool);
    ASSERT_TRUE(read.has_value()) << seed << ": " << read.error().message;
    EXPECT_TRUE(read->foreign.empty());
    EXPECT_EQ(difference(asked, *read), "") << "seed " << seed << "\n" << sent->body;
  }
}

TEST(ollama_round_trip, answers_come_back_as_they_were) {
  json::DocumentPool pool;
  Request request;
  request.format = ollama_client::name;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto told = random_answer(seed, carries);
    const auto body = ollama_client::face().write(told, request);
    const auto read = ollama_provider::face().read(request, body, pool);
    ASSERT_TRUE(read.has_value()) << seed << ": " << read.error().message;
    EXPECT_EQ(difference(told, *read), "") << "seed " << seed << "\n" << body;
    EXPECT_EQ(read->raw, body);
  }
}

TEST(ollama_round_trip, streams_come_back_as_they_were_wherever_they_are_cut) {
  Request request;
  request.format = ollama_client::name;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const auto told = random_answer(seed, carries);
    const auto writer = ollama_client::face().stream(request);
    writer->begin({.model = told.model, .created = 1});
    std::string bytes;
    for (const auto& event : events_of(told)) {
      if (event.kind != StreamEvent::Kind::done) writer->write(event, bytes);
    }
    writer->end(bytes);
    for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + seed % 5) {
      const auto reader = ollama_provider::face().stream(request);
      EventFramer framer(Framing::ndjson);
      json::Document scratch;
      AnswerAssembler assembler;
      for (const auto chunk : {std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}) {
        framer.feed(chunk);
        FramedEvent framed;
        while (framer.next(framed).value_or(false)) {
          std::vector<StreamEvent> events;
          ASSERT_TRUE(reader->read(framed, scratch, events));
          for (auto& event : events) ASSERT_TRUE(assembler.add(std::move(event)));
        }
      }
      const auto read = assembler.take(Operation::chat, reader->state());
      ASSERT_TRUE(read.has_value()) << read.error().message;
      ASSERT_EQ(difference(told, *read), "") << "seed " << seed << ", cut at " << cut << "\n" << bytes;
    }
  }
}

struct Spliced {
  std::string_view body;
  int64_t context;
  std::string_view sent;
  Operation operation = Operation::chat;
};

TEST(ollama_round_trip, bytes_change_only_where_they_must) {
  json::DocumentPool pool;
  for (const auto& one : {
           Spliced{R"({"model":"m","messages":[ ]})", 0, R"({"model":"the-model","messages":[ ]})"},
           Spliced{R"({"model":"m","messages":[]})", 4096,
                   R"({"model":"the-model","messages":[],"options":{"num_ctx":4096}})"},
           Spliced{R"({"options":{ },"model":"m"})", 4096, R"({"options":{"num_ctx":4096 },"model":"the-model"})"},
           Spliced{R"({"options":{"seed":1},"model":"m"})", 4096,
                   R"({"options":{"num_ctx":4096,"seed":1},"model":"the-model"})"},
           Spliced{R"({"options":null,"model":"m"})", 4096, R"({"options":{"num_ctx":4096},"model":"the-model"})"},
           Spliced{R"({"options":{"num_ctx":7},"model":"m"})", 4096,
                   R"({"options":{"num_ctx":7},"model":"the-model"})"},
           Spliced{R"({"options":{"num\u005fctx":7},"model":"m"})", 4096,
                   R"({"options":{"num\u005fctx":7},"model":"the-model"})"},
           Spliced{R"({"mod\u0065l":"m","input":"a"})", 4096, R"({"mod\u0065l":"the-model","input":"a"})",
                   Operation::embedding},
       }) {
    const auto request = ollama_client::face().read({.operation = one.operation, .body = std::string(one.body)}, pool);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const auto sent = ollama_provider::face().write(*request, {provider, model, one.context}, "");
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->body, one.sent);
  }
}

TEST(ollama_round_trip, the_stream_flag_says_what_is_wanted) {
  json::DocumentPool pool;
  for (const std::string_view flag : {"", R"(,"stream":true)", R"(,"stream":false)", R"(,"stream":null)"}) {
    for (const bool wanted : {true, false}) {
      const auto body = fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"hi"}}]{}}})", flag);
      auto request = ollama_client::face().read({.operation = Operation::chat, .body = body}, pool);
      ASSERT_TRUE(request.has_value());
      request->stream = wanted;
      const auto sent = ollama_provider::face().write(*request, {provider, model}, "");
      const auto again = ollama_client::face().read({.operation = Operation::chat, .body = sent->body}, pool);
      ASSERT_TRUE(again.has_value()) << sent->body;
      EXPECT_EQ(again->stream, wanted) << sent->body;
    }
  }
}

}  // namespace
}  // namespace weir
