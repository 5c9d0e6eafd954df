// Whatever is said in canonical form survives Gemini's format: asked, answered whole, and answered as a stream.
//
// With WEIR_GEMINI_BODIES set, every body that is written here is also appended to the file of that name, one JSON
// object a line, for tests/conformance/check_gemini.py.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/sse.h"
#include "formats/conversations.h"
#include "formats/format.h"
#include "formats/gemini/names.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

const Format& format() { return *find_format("gemini"); }

// Without what the format has no place for, or says in another way; each of these has a test of its own.
constexpr Carries carried = {.several_systems = false,
                             .sealed_calls = true,
                             .images_by_url = false,
                             .documents = true,
                             .audio = true,
                             .result_names = true,
                             .text_after_calls = true,
                             .several_result_parts = false,
                             .empty_results = false,
                             .strict_tools = false,
                             .named_choice = false,
                             .parallel_switch = false,
                             .penalties = false,
                             .schema_names = false,
                             .several_answers = true};

void keep_for_the_schema(std::string_view schema, std::string_view body) {
  const char* const path = std::getenv("WEIR_GEMINI_BODIES");
  if (path == nullptr) return;
  std::string line;
  json::Writer writer(line);
  writer.begin_object().key("schema").value(schema).key("value").raw(body).end_object();
  std::ofstream(path, std::ios::app) << line << '\n';
}

std::string written(const Request& request, const std::string& model_name) {
  const ProviderSettings provider;
  const ModelSettings model{.name = model_name};
  auto http = format().model->write(request, {.provider = provider, .model = model}, {});
  EXPECT_TRUE(http.has_value()) << (http ? "" : http.error().message);
  if (!http) return {};
  const bool batch = http->path.ends_with(":batchEmbedContents");
  const bool one = http->path.ends_with(":embedContent");
  keep_for_the_schema(batch ? "BatchEmbedContentsRequest"
                      : one ? "EmbedContentRequest"
                            : "GenerateContentRequest",
                      http->body);
  return http->body;
}

// What its own clients see of a seal that its own model made.
void name_seals(Request& request) {
  for (auto& message : request.messages) {
    for (auto& part : message.parts) {
      if (!part.signature.empty()) part.signature = request.keep("weir.gemini." + std::string(part.signature));
    }
  }
}

void strip_seals(Request& request) {
  for (auto& message : request.messages) {
    for (auto& part : message.parts) {
      if (part.signature.starts_with("weir.gemini.")) part.signature.remove_prefix(12);
      if (part.signature == gemini::no_seal) part.signature = {};
    }
  }
}

TEST(gemini_round_trip, requests_come_back_as_they_were_written) {
  json::DocumentPool pool;
  for (const std::string model : {"the-model", "gemini-3-flash-preview"}) {
    for (uint64_t seed = 1; seed <= 400; ++seed) {
      auto asked = random_conversation(seed, carried);
      asked.format = "elsewhere";
      name_seals(asked);
      auto back = format().client->read(
          {.operation = Operation::chat, .named = "the-model", .streams = asked.stream, .body = written(asked, model)},
          pool);
      ASSERT_TRUE(back.has_value()) << seed << ": " << back.error().message;
      EXPECT_TRUE(back->foreign.empty()) << back->foreign.front().place;
      EXPECT_TRUE(back->left_out.empty());
      strip_seals(asked);
      strip_seals(*back);
      ASSERT_EQ(difference(asked, *back), "") << "seed " << seed;
    }
  }
}

// Without ids a result still finds its call, as long as results come in the order of the calls.
TEST(gemini_round_trip, results_find_their_calls_without_ids) {
  auto without_ids = carried;
  without_ids.call_ids = false;
  json::DocumentPool pool;
  std::size_t results = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    auto asked = random_conversation(seed, without_ids);
    asked.format = "elsewhere";
    const auto back = format().client->read(
        {.operation = Operation::chat, .named = "the-model", .body = written(asked, "the-model")}, pool);
    ASSERT_TRUE(back.has_value()) << seed << ": " << back.error().message;
    std::vector<std::string_view> calls;
    for (const auto& message : back->messages) {
      for (const auto& part : message.parts) {
        if (part.kind != Part::Kind::tool_call) continue;
        EXPECT_EQ(std::count(calls.begin(), calls.end(), part.id), 0) << "every call has an id of its own";
        calls.push_back(part.id);
      }
      if (message.role != Role::tool) continue;
      const auto call = std::find(calls.begin(), calls.end(), message.tool_call_id);
      EXPECT_NE(call, calls.end()) << "seed " << seed;
      ++results;
    }
  }
  EXPECT_GT(results, 100U);
}

Request asking() {
  Request request;
  request.format = "gemini";
  request.show_thinking = true;
  return request;
}

constexpr Carries answered = {.texts_in_a_row = false, .sealed_calls = true, .text_after_calls = true};

TEST(gemini_round_trip, answers_come_back_as_they_were_written) {
  json::DocumentPool pool;
  const auto request = asking();
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    const auto said = random_answer(seed, answered);
    const auto body = format().client->write(said, request);
    keep_for_the_schema("GenerateContentResponse", body);
    const auto back = format().model->read(request, body, pool);
    ASSERT_TRUE(back.has_value()) << seed << ": " << back.error().message;
    ASSERT_EQ(difference(said, *back), "") << "seed " << seed << ": " << body;
  }
}

TEST(gemini_round_trip, streams_come_back_as_they_were_written) {
  const auto request = asking();
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    const auto said = random_answer(seed, answered);
    const auto writer = format().client->stream(request);
    writer->begin({.id = said.id, .model = said.model});
    std::string stream;
    for (const auto& event : events_of(said)) {
      if (event.kind != StreamEvent::Kind::done) writer->write(event, stream);
    }
    writer->end(stream);
    const auto reader = format().model->stream(request);
    EventFramer framer(Framing::sse);
    AnswerAssembler assembler;
    json::Document scratch;
    std::vector<StreamEvent> events;
    FramedEvent framed;
    framer.feed(stream);
    while (framer.next(framed).value_or(false)) {
      keep_for_the_schema("GenerateContentResponse", framed.data);
      ASSERT_TRUE(reader->read(framed, scratch, events));
    }
    for (auto& event : events) ASSERT_TRUE(assembler.add(std::move(event)));
    const auto back = assembler.take(Operation::chat, reader->state());
    ASSERT_TRUE(back.has_value()) << back.error().message;
    ASSERT_EQ(difference(said, *back), "") << "seed " << seed << ": " << stream;
  }
}

TEST(gemini_round_trip, embeddings_come_back_as_they_were_written) {
  json::DocumentPool pool;
  Request asked;
  asked.operation = Operation::embedding;
  asked.format = "elsewhere";
  asked.task = "search_query";
  asked.dimensions = 16;
  for (const std::string_view input : {"a", "b\n", "水"}) {
    asked.inputs.push_back(input);
    const auto back =
        format().client->read({.operation = Operation::embedding, .named = "m", .body = written(asked, "e")}, pool);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(back->inputs, asked.inputs);
    EXPECT_EQ(back->task, asked.task);
    EXPECT_EQ(back->dimensions, asked.dimensions);
    Response said{.operation = Operation::embedding};
    for (std::size_t i = 0; i < asked.inputs.size(); ++i) said.embeddings.push_back({0.5F, static_cast<float>(i)});
    said.usage = {.input = 3, .known = true};
    const auto body = format().client->write(said, *back);
    keep_for_the_schema(asked.inputs.size() > 1 ? "BatchEmbedContentsResponse" : "EmbedContentResponse", body);
    const auto heard = format().model->read(asked, body, pool);
    ASSERT_TRUE(heard.has_value()) << heard.error().message;
    EXPECT_EQ(heard->embeddings, said.embeddings);
    EXPECT_EQ(heard->usage.input, 3);
  }
}

}  // namespace
}  // namespace weir
