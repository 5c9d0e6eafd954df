// Pieces of several calls that come mixed, as OpenAI's format allows: what every client format is told of them, and
// what its own model side reads of that.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/format.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

StreamEvent piece(int64_t call, AnswerToolCall tool) {
  return {.kind = Kind::tool_call, .tool_index = call, .tool = std::move(tool)};
}

Response shown(std::string_view format, std::span<const StreamEvent> events) {
  Request request;
  request.format = format;
  request.show_thinking = true;
  const auto writer = client_face(format).stream(request);
  writer->begin({.id = "x", .model = "m", .created = 1});
  std::string bytes;
  for (const auto& event : events) writer->write(event, bytes);
  writer->end(bytes);
  const auto reader = model_face(format).stream(request);
  EventFramer framer(format == "ollama" ? Framing::ndjson : Framing::sse);
  AnswerAssembler assembler;
  json::Document scratch;
  FramedEvent framed;
  framer.feed(bytes);
  while (framer.next(framed).value_or(false)) {
    std::vector<StreamEvent> read;
    EXPECT_TRUE(reader->read(framed, scratch, read)) << framed.raw;
    for (auto& event : read) EXPECT_TRUE(assembler.add(std::move(event))) << framed.raw;
  }
  auto response = assembler.take(Operation::chat, reader->state());
  EXPECT_TRUE(response) << bytes;
  return response ? std::move(*response) : Response{};
}

TEST(mixed_calls, are_told_whole_and_in_their_order_in_every_format) {
  const std::vector<StreamEvent> events = {
      {.kind = Kind::text, .text = "Let me look."},
      piece(0, {.id = "call_a", .name = "f"}),
      piece(1, {.id = "call_b", .name = "g"}),
      piece(0, {.arguments = "{\"river\":"}),
      piece(1, {.arguments = "{\"days\":[1,"}),
      piece(2, {.id = "call_c", .name = "f", .arguments = "{}"}),
      piece(1, {.arguments = "\"}\"]}"}),
      piece(0, {.arguments = "\"Rh\\\"ine {\"}"}),
      {.kind = Kind::finish, .finish = FinishReason::tool_calls},
      {.kind = Kind::usage, .usage = {.input = 1, .output = 2, .known = true}},
  };
  for (const std::string_view format : {"openai", "responses", "anthropic", "gemini", "ollama", "cohere"}) {
    SCOPED_TRACE(format);
    const auto response = shown(format, events);
    ASSERT_EQ(response.choices.size(), 1U);
    std::vector<std::pair<std::string, std::string>> calls;
    for (const auto& part : response.choices.front().parts) {
      if (part.kind == Part::Kind::tool_call) calls.emplace_back(part.call.name, part.call.arguments);
    }
    std::sort(calls.begin(), calls.end());
    const std::vector<std::pair<std::string, std::string>> wanted = {
        {"f", R"({"river":"Rh\"ine {"})"}, {"f", "{}"}, {"g", R"({"days":[1,"}"]})"}};
    EXPECT_EQ(calls, wanted);
    EXPECT_EQ(response.choices.front().text(), "Let me look.");
  }
}

}  // namespace
}  // namespace weir
