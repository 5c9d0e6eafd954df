// What Cohere's clients ask and are told, beyond what the fixtures hold, and round trips: what its model side writes,
// its client side reads, and the other way round.
#include <gtest/gtest.h>

#include <random>

#include "core/sse.h"
#include "formats/cohere/client_face.h"
#include "formats/cohere/model_face.h"
#include "formats/conversations.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

// Thoughts stand before all else and have no seals; texts beside calls are one plan; a tool cannot be named.
constexpr Carries carries{.later_systems = true,
                          .same_role_twice = true,
                          .prefill = true,
                          .texts_in_a_row = false,
                          .open_thoughts = true,
                          .sealed_thoughts = false,
                          .hidden_thoughts = false,
                          .result_errors = false,
                          .result_images = false,
                          .several_result_parts = false,
                          .empty_results = false,
                          .bare_tools = false,
                          .strict_tools = false,
                          .named_choice = false,
                          .parallel_switch = false,
                          .penalties = false,
                          .schema_names = false};

const ProviderSettings provider{.id = "p", .url = {.host = "h"}};
const ModelSettings model{.name = "the-model"};

class cohere : public testing::Test {
 protected:
  Result<Request> read(std::string body, Operation operation = Operation::chat) {
    return cohere_client::face().read({.operation = operation, .body = std::move(body)}, pool_);
  }
  json::DocumentPool pool_;
};

TEST_F(cohere, conversations_come_back_as_they_were) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    auto asked = random_conversation(seed, carries);
    if (asked.tool_choice.mode == ToolChoice::Mode::automatic) asked.tool_choice = {};
    if (!asked.tools.empty()) {
      asked.response_format = ResponseFormat::text;
      asked.json_schema.reset();
    }
    if (asked.top_p) asked.top_p = std::clamp(*asked.top_p, 0.01, 0.99);
    asked.stop.resize(std::min<std::size_t>(asked.stop.size(), 5));
    const auto sent = cohere_provider::face().write(asked, {provider, model}, "");
    ASSERT_TRUE(sent.has_value()) << seed << ": " << sent.error().message;
    const auto again = read(sent->body);
    ASSERT_TRUE(again.has_value()) << seed << ": " << again.error().message;
    EXPECT_TRUE(again->foreign.empty());
    EXPECT_EQ(difference(asked, *again), "") << "seed " << seed << "\n" << sent->body;
  }
}

Response told_by(uint64_t seed) {
  auto told = random_answer(seed, carries);
  told.model.clear();  // it is not told there
  return told;
}

TEST_F(cohere, answers_come_back_as_they_were) {
  Request request;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto told = told_by(seed);
    const auto body = cohere_client::face().write(told, request);
    const auto again = cohere_provider::face().read(request, body, pool_);
    ASSERT_TRUE(again.has_value()) << seed << ": " << again.error().message;
    EXPECT_EQ(difference(told, *again), "") << "seed " << seed << "\n" << body;
  }
}

std::string streamed(const Response& told, const Request& request) {
  const auto writer = cohere_client::face().stream(request);
  writer->begin({.id = told.id, .model = told.model, .created = 1});
  std::string bytes;
  for (const auto& event : events_of(told)) {
    if (event.kind != StreamEvent::Kind::done) writer->write(event, bytes);
  }
  writer->end(bytes);
  return bytes;
}

TEST_F(cohere, streams_come_back_as_they_were_wherever_they_are_cut) {
  Request request;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const auto told = told_by(seed);
    const auto bytes = streamed(told, request);
    for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + seed % 7) {
      const auto reader = cohere_provider::face().stream(request);
      EventFramer framer(Framing::sse);
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
      const auto again = assembler.take(Operation::chat, reader->state());
      ASSERT_TRUE(again.has_value()) << again.error().message;
      ASSERT_EQ(difference(told, *again), "") << "seed " << seed << ", cut at " << cut << "\n" << bytes;
    }
  }
}

// A stream passes as bytes up to any event; then another model goes on with it: every block that was opened is closed
// once, the numbers go on, and there is one end.
TEST_F(cohere, a_stream_that_passed_as_bytes_can_go_on) {
  Request request;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const auto bytes = streamed(told_by(seed), request);
    const auto count = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n')) / 3;
    for (std::size_t passed = 0; passed <= count; ++passed) {
      const auto reader = cohere_provider::face().stream(request);
      const auto writer = cohere_client::face().stream(request);
      writer->begin({.id = "i"});
      EventFramer framer(Framing::sse);
      framer.feed(bytes);
      std::string out;
      FramedEvent framed;
      json::Document scratch;
      for (std::size_t i = 0; i < passed && framer.next(framed).value_or(false); ++i) {
        std::vector<StreamEvent> events;
        ASSERT_TRUE(reader->read(framed, scratch, events));
        writer->passed(framed, events);
        out += framed.raw;
      }
      if (passed < count) {
        writer->write({.kind = StreamEvent::Kind::text, .text = "more"}, out);
        writer->write({.kind = StreamEvent::Kind::finish, .finish = FinishReason::stop}, out);
      }
      writer->end(out);
      int open = 0;
      std::map<std::string, int> seen;
      EventFramer again(Framing::sse);
      again.feed(out);
      while (again.next(framed).value_or(false)) {
        const std::string type(framed.name);
        const bool content = type.starts_with("content-");
        ++seen[type + std::string(content ? json::member(framed.data, "index") : std::string_view())];
        open += type.ends_with("-start") && type != "message-start" ? 1 : 0;
        open -= type.ends_with("-end") && type != "message-end" ? 1 : 0;
        ASSERT_TRUE(open == 0 || open == 1) << out;
      }
      ASSERT_EQ(open, 0) << out;
      ASSERT_EQ(seen["message-start"], 1) << out;
      ASSERT_EQ(seen["message-end"], 1) << out;
      for (const auto& [type, times] : seen) {
        if (type.starts_with("content-start") || type.starts_with("content-end")) {
          ASSERT_EQ(times, 1) << type << out;
        }
      }
    }
  }
}

TEST_F(cohere, thinking_is_on_or_off_or_has_a_budget) {
  struct Case {
    std::string_view thinking;
    std::optional<bool> shown;
    std::optional<int64_t> tokens;
  };
  for (const auto& one :
       {Case{R"({"type":"enabled"})", true, -1}, Case{R"({"type":"disabled"})", false, 0},
        Case{R"({"type":"enabled","token_budget":50})", true, 50},
        Case{R"({"type":"disabled","token_budget":50})", false, 0}, Case{"null", std::nullopt, std::nullopt}}) {
    const auto request = read(
        fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"hi"}}],"thinking":{}}})", one.thinking));
    ASSERT_TRUE(request) << one.thinking;
    EXPECT_EQ(request->show_thinking, one.shown) << one.thinking;
    EXPECT_EQ(request->thinking_tokens, one.tokens) << one.thinking;
  }
}

TEST_F(cohere, what_an_embedding_is_for_is_said_in_its_words) {
  struct Case {
    std::string_view task;
    std::string_view said;
  };
  for (const auto& one :
       {Case{"", "search_document"}, Case{"search_query", "search_query"}, Case{"RETRIEVAL_QUERY", "search_query"},
        Case{"RETRIEVAL_DOCUMENT", "search_document"}, Case{"CLUSTERING", "clustering"},
        Case{"classification", "classification"}, Case{"never heard of", "search_document"}}) {
    Request request;
    request.operation = Operation::embedding;
    request.inputs = {"a"};
    request.task = one.task;
    const auto body = cohere_provider::translate_body(request, {provider, model});
    ASSERT_TRUE(body);
    EXPECT_NE(body->find(fmt::format(R"("input_type":"{}")", one.said)), std::string::npos) << *body;
  }
}

TEST_F(cohere, a_ranking_names_documents_that_were_sent) {
  const auto request = read(R"({"model":"m","query":"q","documents":["a","b"]})", Operation::rerank);
  ASSERT_TRUE(request);
  const auto ranked = cohere_provider::face().read(
      *request,
      R"({"id":"r","results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":1}],"meta":{"billed_units":{"search_units":1}}})",
      pool_);
  ASSERT_TRUE(ranked) << ranked.error().message;
  ASSERT_EQ(ranked->ranking.size(), 2U);
  EXPECT_EQ(ranked->ranking[0].index, 1);
  EXPECT_EQ(ranked->ranking[1].score, 1.0);
  EXPECT_FALSE(ranked->usage.known);
  for (const char* results : {R"([{"index":2,"relevance_score":1}])", R"([{"index":-1,"relevance_score":1}])",
                              R"([{"relevance_score":1}])", R"([{"index":0}])", "[7]", "{}"}) {
    const auto wrong = cohere_provider::face().read(*request, fmt::format(R"({{"results":{}}})", results), pool_);
    ASSERT_FALSE(wrong) << results;
    EXPECT_EQ(wrong.error().code, ErrorCode::upstream_malformed);
  }
}

TEST_F(cohere, the_query_of_a_rerank_is_read_with_every_document) {
  const auto one = read(R"({"model":"m","query":"0123456789","documents":["a"]})", Operation::rerank);
  const auto three = read(R"({"model":"m","query":"0123456789","documents":["a","b","c"]})", Operation::rerank);
  EXPECT_EQ(one->text_bytes, 11U);
  EXPECT_EQ(three->text_bytes, 33U);
}

TEST_F(cohere, hostile_bodies_are_refused_or_understood) {
  const std::vector<std::string> values = {"null",
                                           "true",
                                           "-1",
                                           "1e400",
                                           "\"x\"",
                                           "[]",
                                           "{}",
                                           "[[1]]",
                                           "[null]",
                                           R"({"type":"enabled"})",
                                           R"({"type":3})",
                                           R"([{"content":[{"type":"text","text":"a"}]}])",
                                           R"([{"text":"a"}])",
                                           R"([{"role":"tool","tool_call_id":"c","content":[{"type":"document"}]}])",
                                           R"(["\ud83d\ude00"])",
                                           "18446744073709551615"};
  const std::vector<std::string> fields = {
      "messages",    "stream",   "tools",     "strict_tools",    "tool_choice",      "documents",   "citation_options",
      "k",           "p",        "seed",      "thinking",        "stop_sequences",   "texts",       "images",
      "inputs",      "query",    "top_n",     "embedding_types", "return_documents", "rank_fields", "response_format",
      "safety_mode", "logprobs", "input_type"};
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string body = "{\"model\":\"m\"";
    for (int i = 0; i < 4; ++i) {
      body += fmt::format(",\"{}\":{}", fields[random() % fields.size()], values[random() % values.size()]);
    }
    body += random() % 2 == 0 ? R"(,"messages":[{"role":"user","content":"hi"}]})" : R"(,"texts":["a"]})";
    for (const auto operation : {Operation::chat, Operation::embedding, Operation::rerank}) {
      const auto request = read(body, operation);
      if (!request) {
        EXPECT_FALSE(request.error().message.empty());
        continue;
      }
      EXPECT_EQ(request->model, "m");
      const auto sent = cohere_provider::face().write(*request, {provider, model}, "");
      ASSERT_TRUE(sent);
      json::Document document;
      EXPECT_TRUE(document.parse_copy(sent->body)) << sent->body;
    }
  }
}

TEST_F(cohere, hostile_answers_are_errors_or_answers) {
  const std::vector<std::string> values = {"null",
                                           "true",
                                           "-1",
                                           "1e400",
                                           "\"x\"",
                                           "[]",
                                           "{}",
                                           "[[1]]",
                                           "[null]",
                                           R"({"float":[["a"]]})",
                                           R"({"content":[3,{"type":7}]})",
                                           R"({"tool_calls":[{}],"content":"x"})",
                                           R"({"tokens":{"input_tokens":-3}})"};
  const std::vector<std::string> fields = {"id",   "message", "finish_reason", "usage",   "logprobs",
                                           "meta", "results", "embeddings",    "message", "error"};
  std::mt19937 random(9);
  for (int round = 0; round < 3000; ++round) {
    std::string body = "{\"a\":0";
    for (int i = 0; i < 4; ++i) {
      body += fmt::format(",\"{}\":{}", fields[random() % fields.size()], values[random() % values.size()]);
    }
    body += '}';
    for (const auto operation : {Operation::chat, Operation::embedding, Operation::rerank}) {
      Request request;
      request.operation = operation;
      const auto answer = cohere_provider::face().read(request, body, pool_);
      if (!answer) {
        EXPECT_FALSE(answer.error().message.empty()) << body;
      }
    }
    json::Document scratch;
    std::vector<StreamEvent> events;
    const auto reader = cohere_provider::face().stream({});
    for (const std::string_view type : {"message-start", "content-delta", "tool-call-start", "tool-call-end",
                                        "message-end", "tool-plan-delta", "later"}) {
      const auto data = fmt::format(R"({{"type":"{}","delta":{}}})", type, body);
      (void)reader->read({.data = data, .has_data = true}, scratch, events);
    }
  }
}

TEST_F(cohere, its_clients_are_told_what_is_served) {
  const std::vector<ModelCard> cards = {
      {.id = "big", .context_length = 8192, .serves = set_of(Operation::chat), .images = false},
      {.id = "vectors", .serves = set_of(Operation::embedding)},
      {.id = "painter", .serves = set_of(Operation::image)}};
  const auto tell = [&](std::string_view query, std::string_view named = {}) {
    return client_face("cohere").inform({.path = "/v1/models", .named = named, .query = query}, cards);
  };
  const std::string big =
      R"({"name":"big","is_deprecated":false,"endpoints":["chat"],"finetuned":false,"context_length":8192,)"
      R"("default_endpoints":[],"features":["tools"]})";
  const std::string vectors =
      R"({"name":"vectors","is_deprecated":false,"endpoints":["embed"],"finetuned":false,"default_endpoints":[],"features":[]})";
  EXPECT_EQ(*tell(""), R"({"models":[)" + big + "," + vectors + "]}");
  EXPECT_EQ(*tell("page_size=1&endpoint=embed"), R"({"models":[)" + vectors + "]}");
  EXPECT_EQ(*tell("endpoint=rerank"), R"({"models":[]})");
  EXPECT_EQ(*tell("", "big"), big);
  EXPECT_EQ(tell("", "painter").error().code, ErrorCode::unknown_model);
}

TEST_F(cohere, fewer_than_no_tokens_are_refused) {
  const auto request = read(R"({"model":"m","max_tokens":-5,"messages":[{"role":"user","content":"hi"}]})");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().param, "max_tokens");
}

}  // namespace
}  // namespace weir
