// Whatever is said in canonical form survives Anthropic's format: asked, answered whole, and answered as a stream.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/conversations.h"
#include "formats/format.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

const Format& format() { return *find_format("anthropic"); }

// Without what the format has no place for, or says in another way; each of these has a test of its own.
constexpr Carries carried = {.speaker_names = false,
                             .documents = true,
                             .cache_marks = false,
                             .text_after_calls = true,
                             .bare_tools = false,
                             .penalties = false,
                             .seed = false,
                             .no_limit = false,
                             .json_object = false,
                             .schema_names = false};

HttpRequest written(const Request& request, const ProviderSettings& provider = {},
                    const ModelSettings& model = {.name = "the-model"}) {
  auto http = format().model->write(request, {.provider = provider, .model = model}, {});
  EXPECT_TRUE(http.has_value()) << (http ? "" : http.error().message);
  return http ? std::move(*http) : HttpRequest{};
}

Result<Request> read(std::string body, json::DocumentPool& pool) {
  return format().client->read({.operation = Operation::chat, .body = std::move(body)}, pool);
}

// System texts are one text, whatever they came in.
void join_systems(Request& request) {
  std::vector<Message> joined;
  for (auto& message : request.messages) {
    const bool goes_on = message.role == Role::system && !joined.empty() && joined.back().role == Role::system;
    if (!goes_on) {
      joined.push_back(std::move(message));
      continue;
    }
    for (auto& part : message.parts) joined.back().parts.push_back(part);
  }
  request.messages = std::move(joined);
}

// A seal of Anthropic's that came through another format carries its maker's name.
void name_seals(Request& request) {
  for (auto& message : request.messages) {
    for (auto& part : message.parts) {
      if (!part.signature.empty()) part.signature = request.keep("weir.anthropic." + std::string(part.signature));
    }
  }
}

void strip_seals(Request& request) {
  for (auto& message : request.messages) {
    for (auto& part : message.parts) {
      if (part.signature.starts_with("weir.anthropic.")) part.signature.remove_prefix(15);
    }
  }
}

TEST(anthropic_round_trip, requests_come_back_as_they_were_written) {
  json::DocumentPool pool;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    auto asked = random_conversation(seed, carried);
    asked.format = "elsewhere";
    name_seals(asked);
    auto back = read(written(asked).body, pool);
    ASSERT_TRUE(back.has_value()) << seed << ": " << back.error().message;
    EXPECT_TRUE(back->foreign.empty());
    EXPECT_TRUE(back->left_out.empty());
    strip_seals(asked);
    join_systems(asked);
    join_systems(*back);
    ASSERT_EQ(difference(asked, *back), "") << "seed " << seed;
  }
}

TEST(anthropic_round_trip, what_was_read_is_sent_on_byte_by_byte_but_for_the_model) {
  json::DocumentPool pool;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    auto asked = random_conversation(seed, carried);
    asked.format = "elsewhere";
    const auto body = written(asked).body;
    const auto back = read(body, pool);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(written(*back).body, body);
    const ModelSettings other{.name = "an\"other"};
    auto expected = body;
    expected.replace(expected.find("the-model"), 9, "an\\\"other");
    EXPECT_EQ(written(*back, {}, other).body, expected);
  }
}

TEST(anthropic_round_trip, marks_for_the_cache_come_back_up_to_four) {
  json::DocumentPool pool;
  auto marked = carried;
  marked.cache_marks = true;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    auto asked = random_conversation(seed, marked);
    asked.format = "elsewhere";
    const auto back = read(written(asked).body, pool);
    ASSERT_TRUE(back.has_value()) << seed;
    std::vector<bool> before;
    std::vector<bool> after;
    const auto collect = [](const Request& request, std::vector<bool>& marks) {
      for (const auto& tool : request.tools) marks.push_back(tool.cache);
      for (const auto& message : request.messages) {
        for (const auto& part : message.parts) {
          if (part.kind != Part::Kind::thinking) marks.push_back(part.cache);
        }
      }
    };
    collect(asked, before);
    collect(*back, after);
    // The last four stay: the longest beginnings.
    auto spare = std::count(before.begin(), before.end(), true) - 4;
    for (auto mark = before.begin(); spare > 0 && mark != before.end(); ++mark) {
      if (*mark) --spare;
      *mark = false;
    }
    ASSERT_EQ(before, after) << "seed " << seed;
  }
}

Response read_answer(const Request& request, const std::string& body, json::DocumentPool& pool) {
  auto read = format().model->read(request, body, pool);
  EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
  return read ? std::move(*read) : Response{};
}

Usage random_cache(uint64_t seed, Usage usage) {
  usage.written = usage.input * static_cast<int64_t>(seed % 3) / 4;
  usage.cached = (usage.input - usage.written) * static_cast<int64_t>(seed % 5) / 5;
  usage.reasoning = usage.output * static_cast<int64_t>(seed % 2) / 2;
  return usage;
}

TEST(anthropic_round_trip, answers_come_back_as_they_were_given) {
  json::DocumentPool pool;
  Request request;
  request.format = "anthropic";
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    auto answer = random_answer(seed, carried);
    answer.usage = random_cache(seed, answer.usage);
    const auto back = read_answer(request, format().client->write(answer, request), pool);
    ASSERT_EQ(difference(answer, back), "") << "seed " << seed;
    EXPECT_FALSE(back.raw.empty());
  }
}

// All events of a stream that is fed in two pieces.
std::vector<StreamEvent> read_stream(const Request& request, std::string_view bytes, std::size_t cut,
                                     StreamState& state) {
  const auto reader = format().model->stream(request);
  EventFramer framer(Framing::sse);
  json::Document scratch;
  std::vector<StreamEvent> events;
  FramedEvent event;
  const auto drain = [&] {
    for (;;) {
      const auto more = framer.next(event);
      if (!more || !*more) return;
      if (event.has_data) {
        EXPECT_TRUE(reader->read(event, scratch, events).has_value()) << event.data;
      }
    }
  };
  framer.feed(bytes.substr(0, cut));
  drain();
  framer.feed(bytes.substr(cut));
  drain();
  state = reader->state();
  return events;
}

std::string write_stream(const std::vector<StreamEvent>& events, const Request& request) {
  const auto writer = format().client->stream(request);
  std::string out;
  writer->begin({.id = "answer1", .model = "the-model", .created = 1, .input_tokens = 7});
  for (const auto& event : events) writer->write(event, out);
  writer->end(out);
  return out;
}

TEST(anthropic_round_trip, streams_come_back_as_the_answers_they_were) {
  Request request;
  request.format = "anthropic";
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    auto answer = random_answer(seed, carried);
    answer.id = "answer1";
    answer.usage = random_cache(seed, answer.usage);
    const auto bytes = write_stream(events_of(answer), request);
    StreamState state;
    AnswerAssembler assembler;
    for (auto& event : read_stream(request, bytes, seed % bytes.size(), state)) {
      ASSERT_TRUE(assembler.add(std::move(event)).has_value());
    }
    const auto back = assembler.take(Operation::chat, state);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    ASSERT_EQ(difference(answer, *back), "") << "seed " << seed << "\n" << bytes;
  }
}

TEST(anthropic_round_trip, a_stream_that_is_cut_anywhere_says_the_same) {
  Request request;
  request.format = "anthropic";
  const auto text_of = [](const std::vector<StreamEvent>& events) {
    std::string all;
    for (const auto& event : events) {
      all += fmt::format("{}|{}|{}|{}|{}|{}\n", static_cast<int>(event.kind), event.text, event.tool_index,
                         event.tool.id, event.tool.name, event.tool.arguments);
    }
    return all;
  };
  for (const uint64_t seed : {1U, 2U, 5U, 9U}) {
    const auto bytes = write_stream(events_of(random_answer(seed, carried)), request);
    StreamState state;
    const auto whole = text_of(read_stream(request, bytes, 0, state));
    for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
      ASSERT_EQ(text_of(read_stream(request, bytes, cut, state)), whole) << seed << " at " << cut;
    }
  }
}

}  // namespace
}  // namespace weir
