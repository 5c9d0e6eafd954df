#include "admission/demand.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

class DemandTest : public ::testing::Test {
 protected:
  DemandTest() {
    snapshot_.providers.push_back({.id = "cloud"});
    ModelSettings model{.id = "paid"};
    model.prices = {.input = 1'000'000, .cached = 1'000'000, .output = 10'000'000, .known = true};  // 1 and 10 a token
    snapshot_.models.push_back(model);
    model.id = "short";
    model.max_output = 100;
    snapshot_.models.push_back(model);
  }

  Demand demand(const Request& request, int64_t input, int64_t output, std::vector<uint32_t> models = {0}) {
    RequestFacts facts{.operation = request.operation};
    facts.input_tokens = input;
    facts.output_tokens = output;
    return demand_of(request, facts, snapshot_, models);
  }

  Snapshot snapshot_;
};

TEST_F(DemandTest, one_answer) {
  const Request request;
  EXPECT_EQ(demand(request, 50, 20).tokens, 70);
  EXPECT_EQ(demand(request, 50, 20).cost, 250);
  EXPECT_EQ(demand(request, 50, 0).tokens, 50 + 1'024) << "without a limit";
  EXPECT_EQ(demand(request, 50, 0).cost, 50 + 40'960);
  EXPECT_EQ(demand(request, 50, 0, {1}).cost, 50 + 1'000) << "the model says where an answer ends";
  EXPECT_EQ(demand(request, 50, 5'000, {1}).cost, 50 + 1'000);
  EXPECT_EQ(demand(request, 50, 5'000, {1, 0}).cost, 50 + 50'000) << "the dearest counts";
}

TEST_F(DemandTest, choices_candidates_and_prompts_multiply) {
  struct Case {
    int64_t n, best_of, prompts, answers;
  };
  for (const auto& [n, best_of, prompts, answers] : {Case{1, 1, 1, 1}, Case{3, 1, 1, 3}, Case{2, 5, 1, 5},
                                                     Case{5, 2, 1, 5}, Case{2, 1, 10, 20}, Case{1, 3, 4, 12}}) {
    Request request;
    request.operation = Operation::completion;
    request.n = n;
    request.best_of = best_of;
    request.prompts = prompts;
    EXPECT_EQ(demand(request, 50, 20).tokens, 50 + 20 * answers);
    EXPECT_EQ(demand(request, 50, 20).cost, 50 + 200 * answers);
    EXPECT_EQ(demand(request, 50, 0).tokens, 50 + 1'024 * answers);
    EXPECT_EQ(demand(request, 50, 0).cost, 50 + 40'960 * answers);
  }
}

TEST_F(DemandTest, embeddings_generate_nothing) {
  Request request;
  request.operation = Operation::embedding;
  request.prompts = 1'000;
  EXPECT_EQ(demand(request, 50, 0).tokens, 50);
  EXPECT_EQ(demand(request, 50, 0).cost, 50);
}

TEST_F(DemandTest, no_product_wraps) {
  Request request;
  request.n = 128;
  for (const int64_t length : {INT64_MAX, INT64_MAX / 64, INT64_MAX / 128 + 1}) {
    EXPECT_EQ(demand(request, 50, length).tokens, INT64_MAX) << length;
    EXPECT_EQ(demand(request, 50, length).cost, INT64_MAX) << length;
  }
  request.n = 1;
  EXPECT_EQ(demand(request, INT64_MAX, INT64_MAX).tokens, INT64_MAX);
  EXPECT_EQ(demand(request, INT64_MAX, 1).cost, INT64_MAX);
  request.best_of = INT64_MIN;
  request.prompts = -1;
  EXPECT_EQ(demand(request, 50, 20).tokens, 70);
}

}  // namespace
}  // namespace weir
