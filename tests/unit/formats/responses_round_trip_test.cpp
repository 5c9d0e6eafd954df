// Whatever is said in canonical form survives the Responses format: asked, answered whole, and answered as a stream.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/conversations.h"
#include "formats/format.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

// Without what the format has no place for; each of these has a test of its own.
constexpr Carries carried = {.later_systems = true,
                             .developers = true,
                             .prefill = true,
                             .refusals = true,
                             .documents = true,
                             .text_after_calls = true,
                             .result_errors = false,
                             .empty_results = false,
                             .bare_tools = false,
                             .temperature_above_1 = true,
                             .top_k = false,
                             .penalties = false,
                             .seed = false,
                             .stops = false,
                             .efforts = true};

std::string written(const Request& request) {
  const ProviderSettings provider{.url = {.host = "h"}};
  const ModelSettings model{.name = "the-model"};
  auto http = model_face("responses").write(request, {.provider = provider, .model = model}, {});
  EXPECT_TRUE(http.has_value()) << (http ? "" : http.error().message);
  return http ? std::move(http->body) : std::string();
}

Result<Request> read(std::string body, json::DocumentPool& pool) {
  return client_face("responses").read({.operation = Operation::chat, .body = std::move(body)}, pool);
}

// Seals of this format that came through another one carry its name.
void name_seals(Request& request) {
  for (auto& message : request.messages) {
    for (auto& part : message.parts) {
      if (!part.signature.empty()) part.signature = request.keep("weir.responses." + std::string(part.signature));
    }
  }
}

// What is said here where another format says nothing.
void without_defaults(Request& request) {
  for (auto& message : request.messages) {
    for (auto& part : message.parts) {
      if (part.media.detail == "auto") part.media.detail = {};
      if (part.media.name == "document") part.media.name = {};
      if (part.signature.starts_with("weir.responses.")) part.signature.remove_prefix(15);
    }
  }
  for (auto& tool : request.tools) {
    if (!tool.strict) tool.strict = false;
  }
  if (request.json_schema_name == "answer") request.json_schema_name = {};
}

TEST(responses_round_trip, requests_come_back_as_they_were_written) {
  json::DocumentPool pool;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    auto asked = random_conversation(seed, carried);
    asked.format = "elsewhere";
    name_seals(asked);
    auto back = read(written(asked), pool);
    ASSERT_TRUE(back.has_value()) << seed << ": " << back.error().message;
    EXPECT_TRUE(back->foreign.empty());
    EXPECT_TRUE(back->left_out.empty());
    without_defaults(asked);
    without_defaults(*back);
    ASSERT_EQ(difference(asked, *back), "") << "seed " << seed << "\n" << back->document->text();
  }
}

TEST(responses_round_trip, what_was_read_is_sent_on_byte_by_byte_but_for_the_model) {
  json::DocumentPool pool;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    auto asked = random_conversation(seed, carried);
    asked.format = "elsewhere";
    auto body = written(asked);
    body.replace(body.find("the-model"), 9, "a-route");
    const auto back = read(body, pool);
    ASSERT_TRUE(back.has_value());
    body.replace(body.find("a-route"), 7, "the-model");
    EXPECT_EQ(written(*back).find("a-route"), std::string::npos);
    // Made ids of items are taken away, for they mean nothing to a provider.
    if (body.find("_weir_") == std::string::npos) {
      EXPECT_EQ(written(*back), body);
    }
  }
}

Response streamed(const Response& response, const Request& request) {
  const auto writer = client_face("responses").stream(request);
  std::string bytes;
  writer->begin({.id = response.id, .model = response.model, .created = response.created});
  for (const auto& event : events_of(response)) writer->write(event, bytes);
  writer->end(bytes);
  EventFramer framer(Framing::sse);
  framer.feed(bytes);
  const auto reader = model_face("responses").stream(request);
  AnswerAssembler assembler;
  json::Document scratch;
  FramedEvent framed;
  while (framer.next(framed).value_or(false)) {
    std::vector<StreamEvent> events;
    EXPECT_TRUE(reader->read(framed, scratch, events));
    for (auto& event : events) EXPECT_TRUE(assembler.add(std::move(event)));
  }
  auto back = assembler.take(Operation::chat, reader->state());
  EXPECT_TRUE(back.has_value()) << (back ? "" : back.error().message);
  return back ? std::move(*back) : Response{};
}

TEST(responses_round_trip, answers_come_back_as_they_were_written_whole_and_streamed) {
  json::DocumentPool pool;
  const auto request = read(R"({"model":"m","input":"q"})", pool);
  ASSERT_TRUE(request.has_value());
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    const auto answer = random_answer(seed, carried);
    const auto whole = model_face("responses").read(*request, client_face("responses").write(answer, *request), pool);
    ASSERT_TRUE(whole.has_value()) << seed << ": " << whole.error().message;
    ASSERT_EQ(difference(answer, *whole), "") << "seed " << seed << "\n" << whole->raw;
    ASSERT_EQ(difference(answer, streamed(answer, *request)), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
