// An answer as bytes and back, and what is none.
#include "answers/stored_answer.h"

#include <gtest/gtest.h>

#include <random>

namespace weir {
namespace {

StoredAnswer sample() {
  StoredAnswer answer{
      .model = "small", .zone = "local", .settings = 0xfedcba9876543210ULL, .cost = 42, .made_us = 1'700};
  auto& response = answer.response;
  response.model = "llama";
  response.usage = {.input = 10, .cached = 3, .output = 5, .reasoning = 2, .stated = -1, .known = true};
  auto& choice = response.choices.emplace_back();
  choice.finish = FinishReason::tool_calls;
  choice.logprobs = R"({"content":[]})";
  choice.add_text(Part::Kind::thinking, "the river…");
  choice.add_signature("sealed");
  choice.add_text(Part::Kind::text, "A \"weir\"\n is a dam. \xF0\x9F\x8C\x8A");
  choice.add_call({.name = "level", .arguments = R"({"river":"Rhine"})", .signature = "s"});
  return answer;
}

TEST(stored_answer, comes_back_from_bytes_as_it_was) {
  const auto answer = sample();
  const auto back = stored_answer_of(to_bytes(answer));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->model, "small");
  EXPECT_EQ(back->zone, "local");
  EXPECT_EQ(back->settings, answer.settings);
  EXPECT_EQ(back->cost, 42);
  EXPECT_EQ(back->made_us, 1'700);
  EXPECT_EQ(back->response.usage, answer.response.usage);
  ASSERT_EQ(back->response.choices.size(), 1U);
  const auto& parts = back->response.choices[0].parts;
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].text, "the river…");
  EXPECT_EQ(parts[0].signature, "sealed");
  EXPECT_EQ(parts[1].text, answer.response.choices[0].parts[1].text);
  EXPECT_EQ(parts[2].call.arguments, R"({"river":"Rhine"})");
  EXPECT_EQ(parts[2].call.signature, "s");
  EXPECT_EQ(back->response.choices[0].finish, FinishReason::tool_calls);
  EXPECT_EQ(back->response.choices[0].logprobs, R"({"content":[]})");
  EXPECT_EQ(to_bytes(*back), to_bytes(answer));
}

TEST(stored_answer, vectors_and_rankings_come_back_exactly) {
  StoredAnswer vectors{.model = "v", .zone = "local"};
  vectors.response.operation = Operation::embedding;
  vectors.response.embeddings = {{0.1F, -3e-30F, 1e30F}, {0, 1, 2}};
  const auto back = stored_answer_of(to_bytes(vectors));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->response.embeddings, vectors.response.embeddings);
  StoredAnswer ranking{.model = "r", .zone = "local"};
  ranking.response.operation = Operation::rerank;
  ranking.response.ranking = {{.index = 2, .score = 0.75}, {.index = 0, .score = 1}};
  const auto ranked = stored_answer_of(to_bytes(ranking));
  ASSERT_TRUE(ranked);
  EXPECT_EQ(ranked->response.ranking[1].score, 1.0);
  EXPECT_EQ(ranked->response.ranking[0].index, 2);
}

TEST(stored_answer, what_did_not_end_by_itself_is_not_kept) {
  const auto with = [](auto change) {
    auto response = sample().response;
    change(response);
    return can_be_kept(response);
  };
  EXPECT_TRUE(with([](Response&) {}));
  EXPECT_FALSE(with([](Response& r) { r.choices[0].finish = FinishReason::length; }));
  EXPECT_FALSE(with([](Response& r) { r.choices[0].finish = FinishReason::content_filter; }));
  EXPECT_FALSE(with([](Response& r) { r.choices[0].finish = FinishReason::none; }));
  EXPECT_FALSE(with([](Response& r) { r.choices[0].has_other = true; }));
  EXPECT_FALSE(with([](Response& r) { r.choices[0].parts.clear(); }));
  EXPECT_FALSE(with([](Response& r) { r.choices.clear(); }));
  EXPECT_FALSE(with([](Response& r) { r.choices.emplace_back().finish = FinishReason::length; }));
  EXPECT_FALSE(with([](Response& r) { r.operation = Operation::image; }));
}

TEST(stored_answer, bytes_that_were_cut_or_changed_are_no_answer_or_a_whole_one) {
  const auto bytes = to_bytes(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(stored_answer_of(bytes.substr(0, size))) << size;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    auto changed = bytes;
    for (int k = 0; k < 3; ++k) changed[random() % changed.size()] = static_cast<char>(random());
    const auto read = stored_answer_of(changed);
    EXPECT_TRUE(!read || can_be_kept(read->response));
  }
}

TEST(stored_answer, wrong_types_in_any_place_are_no_answer) {
  for (const std::string_view wrong :
       {"[]", "{}", "1", R"({"version":2})", R"({"version":1,"model":1})",
        R"({"version":1,"model":"m","zone":"z","settings":1,"cost":-5,"made":1,"operation":0,"name":"n","choices":[],)"
        R"("vectors":[],"ranking":[],"usage":[]})",
        R"({"version":1,"model":"m","zone":"z","settings":1,"cost":5,"made":1,"operation":99,"name":"n","choices":[],)"
        R"("vectors":[],"ranking":[],"usage":[0,0,0,0,0,0,0,0,0,0,false,false,false,false]})",
        R"({"version":1,"model":"m","zone":"z","settings":1,"cost":5,"made":1,"operation":0,"name":"n","choices":[{}],)"
        R"("vectors":["!"],"ranking":[[1]],"usage":[0,0,0,0,0,0,0,0,0,9,false,false,false,false]})"}) {
    EXPECT_FALSE(stored_answer_of(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace weir
