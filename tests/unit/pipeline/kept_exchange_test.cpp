// Answers on their way to the client that are kept: what the client gets, what is kept, however the stream is cut.
#include <filesystem>

#include "conversations/conversation_keeper.h"
#include "pipeline/kept_exchange.h"
#include "pipeline/kept_turns.h"
#include "two_models.h"

namespace weir::test {
namespace {

constexpr std::string_view created =
    "event: response.created\n"
    "data: "
    "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_9\",\"status\":\"in_progress\",\"output\":[]}}\n\n";
constexpr std::string_view delta =
    ": a comment\n\nevent: x\ndata: {\"type\":\"x\",\"delta\":\"\\\"response\\\":{}\"}\n\n";
constexpr std::string_view completed =
    "data: "
    "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_9\",\"status\":\"completed\",\"output\":[17]}}\n\n";
constexpr std::string_view failed =
    "data: {\"type\":\"response.failed\",\"response\":{\"id\":\"resp_9\",\"status\":\"failed\",\"output\":[]}}\n\n";

struct KeptExchanges : TwoModels {
  std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "weir-exchange-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    return name;
  }();
  ConversationKeeper keeper{folder + "/responses.db",
                            {.keep_us = 3'600'000'000, .most_bytes = 1 << 30},
                            [](const Error& error) { ADD_FAILURE() << error.message; },
                            [] { return wall_clock_us(); }};

  KeptExchanges() {
    serve();
    gateway.worker->conversations = &keeper;
    gateway.clock.patience_ms = 2'000;
  }
  ~KeptExchanges() override {
    gateway.worker->conversations = nullptr;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  // One request on its way; `body` is what the client sent.
  struct Exchange {
    Exchange(KeptExchanges& test, std::string body)
        : context(*test.gateway.worker, "req_kept", nullptr, Operation::chat), client(test.gateway.loop) {
      kept = KeptExchange::begin(client_face("responses"), context, client);
      test.gateway.run(read(std::move(body)));
    }
    net::Task<void> read(std::string body) {
      if (kept->may_continue(body)) expanded = co_await kept->expand(body);
      if (!expanded) co_return;
      auto request = client_face("responses").read({.body = body}, context.worker.documents);
      EXPECT_TRUE(request) << body;
      if (!request) co_return;
      context.request = std::move(*request);
      EXPECT_TRUE(kept->read_wish());
      kept->keep_if_allowed();
    }
    RequestContext context;
    ScriptedDownstream client;
    std::unique_ptr<KeptExchange> kept;
    Status expanded;
  };

  static net::Task<void> stream(KeptExchange& kept, std::string text, std::size_t piece) {
    AnswerHead head{.content_type = "text/event-stream"};
    kept.begin(head);
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const auto bytes = std::string_view(text).substr(at, piece);
      const auto written = co_await kept.write(bytes);
      EXPECT_TRUE(written);
    }
    const auto ended = co_await kept.end();
    EXPECT_TRUE(ended);
  }
  static net::Task<void> whole(KeptExchange& kept, std::string text, int status = 200) {
    const AnswerHead head{.status = status};
    const auto written = co_await kept.respond(head, text);
    EXPECT_TRUE(written);
  }
  Conversation find(std::string id) {
    Conversation found;
    gateway.run(look(std::move(id), found));
    return found;
  }
  net::Task<void> look(std::string id, Conversation& found) {
    std::function<Result<Conversation>(ConversationKeeper::Access&)> ask = [id](ConversationKeeper::Access& access) {
      return access.find("", id, ConversationShelf::Depth::all, INT64_MAX);
    };
    net::Cancellation none;
    auto answer = co_await ask_keeper(keeper, gateway.loop, none, std::move(ask));
    EXPECT_TRUE(answer);
    if (answer) found = std::move(*answer);
  }
};

std::string all_of(std::initializer_list<std::string_view> texts) {
  std::string out;
  for (const auto text : texts) out += text;
  return out;
}

TEST_F(KeptExchanges, a_stream_is_marked_and_kept_wherever_it_is_cut) {
  const auto text = all_of({created, delta, completed});
  std::string expected;
  for (std::size_t piece = text.size(); piece > 0; --piece) {
    Exchange one(*this, R"({"model":"both","input":"hello","stream":true})");
    gateway.run(stream(*one.kept, text, piece));
    const auto& got = one.client.answer;
    EXPECT_TRUE(got.ended);
    if (expected.empty()) expected = got.body;
    ASSERT_EQ(got.body, expected) << "in pieces of " << piece;
    for (const auto& [at, bytes] : got.pieces) ASSERT_FALSE(bytes.empty()) << "an empty piece ends a body";
    const auto found = find("resp_9");
    ASSERT_EQ(found.state, Conversation::State::whole) << piece;
    EXPECT_EQ(found.turns[0].answer, R"({"id":"resp_9","status":"completed","output":[17],"store":true})");
    EXPECT_NE(found.turns[0].input.find("\"hello\""), std::string::npos);
  }
  EXPECT_NE(expected.find(R"("status":"in_progress","output":[],"store":true}})"), std::string::npos) << expected;
  EXPECT_NE(expected.find(delta), std::string::npos) << "what says nothing of it goes on as it came";
  EXPECT_TRUE(expected.starts_with("event: response.created\ndata: ")) << expected;
}

TEST_F(KeptExchanges, a_stream_that_is_not_kept_goes_on_as_it_came) {
  const auto text = all_of({created, delta, completed});
  Exchange one(*this, R"({"model":"both","input":"hello","stream":true,"store":false})");
  gateway.run(stream(*one.kept, text, 7));
  EXPECT_EQ(one.client.answer.body, text);
  EXPECT_EQ(find("resp_9").state, Conversation::State::unknown);
}

TEST_F(KeptExchanges, an_answer_that_broke_is_not_kept) {
  for (const auto& text :
       {all_of({created, delta, failed}), all_of({created, delta}), all_of({created, completed}).substr(0, 200)}) {
    Exchange one(*this, R"({"model":"both","input":"hello","stream":true})");
    gateway.run(stream(*one.kept, text, 11));
    EXPECT_EQ(find("resp_9").state, Conversation::State::unknown) << text;
  }
  Exchange refused(*this, R"({"model":"both","input":"hello"})");
  gateway.run(whole(*refused.kept, R"({"id":"resp_9","status":"completed","output":[]})", 400));
  EXPECT_EQ(find("resp_9").state, Conversation::State::unknown);
}

TEST_F(KeptExchanges, the_next_turn_has_what_was_said_before_and_says_from_what_it_goes_on) {
  Exchange one(*this, R"({"model":"both","input":"hello"})");
  gateway.run(whole(
      *one.kept,
      R"({"id":"resp_9","status":"completed","output":[{"type":"message","role":"assistant","content":"well"}]})"));
  Exchange two(*this, R"({"model":"both","input":"go on","previous_response_id":"resp_9","store":false})");
  ASSERT_TRUE(two.expanded);
  ASSERT_EQ(two.context.request.messages.size(), 3U);
  EXPECT_EQ(two.context.request.messages[1].parts[0].text, "well");
  gateway.run(whole(*two.kept, R"({"id":"resp_10","status":"completed","output":[]})"));
  EXPECT_EQ(two.client.answer.body,
            R"({"id":"resp_10","status":"completed","output":[],"previous_response_id":"resp_9"})");
  EXPECT_EQ(find("resp_10").state, Conversation::State::unknown);
  Exchange three(*this, R"({"model":"both","input":"x","previous_response_id":"resp_10"})");
  ASSERT_FALSE(three.expanded);
  EXPECT_EQ(three.expanded.error().provider_code, "previous_response_not_found");
}

TEST_F(KeptExchanges, formats_without_conversations_and_gateways_that_keep_nothing_have_none) {
  RequestContext context(*gateway.worker, "req_none", nullptr, Operation::chat);
  ScriptedDownstream client(gateway.loop);
  EXPECT_EQ(KeptExchange::begin(client_face("openai"), context, client), nullptr);
  EXPECT_NE(KeptExchange::begin(client_face("responses"), context, client), nullptr);
  keeper.set({.keep_us = 0, .most_bytes = 0});
  EXPECT_EQ(KeptExchange::begin(client_face("responses"), context, client), nullptr);
  gateway.worker->conversations = nullptr;
  EXPECT_EQ(KeptExchange::begin(client_face("responses"), context, client), nullptr);
}

}  // namespace
}  // namespace weir::test
