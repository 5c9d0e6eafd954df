// Files of answers: what is wrong gets one clear line with its place and the mend; what is asked on a terminal is
// checked by the same rules.
#include "economics/advice/answers.h"

#include <gtest/gtest.h>

namespace weir::plan {
namespace {

const std::string good =
    "requests_per_month: 20000\n"
    "input_tokens: 500\n"
    "output_tokens: 300\n"
    "sensitive: [personal]\n"
    "sensitive_share: 30%\n"
    "people: none\n";

// The good file with the line of `key` replaced; "" removes it.
std::string with(const std::string& key, const std::string& line) {
  std::string out;
  bool found = false;
  for (std::size_t at = 0; at < good.size();) {
    const std::size_t end = good.find('\n', at);
    const std::string one = good.substr(at, end - at);
    if (one.starts_with(key + ":")) {
      found = true;
      if (!line.empty()) out += line + "\n";
    } else {
      out += one + "\n";
    }
    at = end + 1;
  }
  if (!found && !line.empty()) out += line + "\n";
  return out;
}

std::string problems_of(const AnswersRead& read) {
  std::string out;
  for (const Problem& one : read.problems) {
    out += fmt::format("{}:{}:{} {} | {}\n", one.file, one.line, one.column, one.message, one.mend);
  }
  return out;
}

TEST(answers, a_good_file_becomes_values) {
  const AnswersRead read = read_answers(good, "a.yaml");
  ASSERT_TRUE(read.answers) << problems_of(read);
  EXPECT_EQ(read.answers->workload.requests, 20'000);
  EXPECT_EQ(read.answers->workload.tokens, (Tokens{.input = 10'000'000, .output = 6'000'000}));
  EXPECT_EQ(read.answers->sensitive, ClassSet{class_personal});
  EXPECT_EQ(read.answers->sensitive_share, 300'000);
  EXPECT_EQ(read.answers->people, People::none);
  EXPECT_FALSE(read.answers->budget);
}

TEST(answers, what_is_wrong_gets_one_line_with_place_and_mend) {
  struct Case {
    std::string text;
    std::string problem;
  };
  const std::string whole = "must be a whole number from 1 to 1000000000000, not ";
  const std::vector<Case> cases = {
      {with("requests_per_month", "requests_per_month: -5"),
       "a.yaml:1:21 `requests_per_month` " + whole + "`-5` | write requests_per_month: 20000\n"},
      {with("requests_per_month", "requests_per_month: 0"),
       "a.yaml:1:21 `requests_per_month` " + whole + "`0` | write requests_per_month: 20000\n"},
      {with("requests_per_month", "requests_per_month: NaN"),
       "a.yaml:1:21 `requests_per_month` " + whole + "`NaN` | write requests_per_month: 20000\n"},
      {with("requests_per_month", "requests_per_month: 1e30"),
       "a.yaml:1:21 `requests_per_month` " + whole + "`1e30` | write requests_per_month: 20000\n"},
      {with("requests_per_month", "requests_per_month: 999999999999999999999999"),
       "a.yaml:1:21 `requests_per_month` " + whole + "`999999999999999999999999` | write requests_per_month: 20000\n"},
      {with("requests_per_month", ""), "a.yaml:1:1 `requests_per_month` is missing | add requests_per_month: 20000\n"},
      {with("requests_per_month", "requests_per_month:"),
       "a.yaml:1:1 `requests_per_month` has no value | give it one, as in requests_per_month: 20000, or remove the "
       "key\n"},
      {with("requests_per_month", "requests_per_month: 1000000000000").replace(48, 3, "5000"),
       "a.yaml:1:21 `requests_per_month` times tokens is more than a quadrillion tokens a month | check "
       "`requests_per_month`, `input_tokens` and `output_tokens`\n"},
      {with("input_tokens", "input_tokens: 129999"),
       "a.yaml:2:15 `input_tokens` and `output_tokens` are more than 130000 together | write averages: of a request, "
       "not "
       "of a day\n"},
      {with("sensitive", "sensitive: [helth]"),
       "a.yaml:4:13 `sensitive` cannot be `helth` | did you mean `health`? It can be none, personal, financial, "
       "health, "
       "secret\n"},
      {with("sensitive", "sensitive: [none, personal]"),
       "a.yaml:4:13 `sensitive` cannot be `none` and something else | remove `none`, or all others\n"},
      {with("sensitive_share", ""),
       "a.yaml:4:13 `sensitive_share` is missing: how many requests hold such data | add sensitive_share: 30%\n"},
      {with("sensitive_share", "sensitive_share: 0%"),
       "a.yaml:5:18 `sensitive_share` cannot be 0 when `sensitive` names something | write its share, as in 30%, or "
       "sensitive: none\n"},
      {with("people", "people: nobody"),
       "a.yaml:6:9 `people` cannot be `nobody` | it can be none, part_time, dedicated\n"},
      {with("latency", "latency: realtme"),
       "a.yaml:7:10 `latency` cannot be `realtme` | did you mean `realtime`? It can be realtime, interactive, relaxed, "
       "batch\n"},
      {with("budget_per_month", "budget_per_month: -100"),
       "a.yaml:7:19 `budget_per_month` must be an amount of dollars, not `-100` | write budget_per_month: 2000\n"},
      {with("budget_per_month", "budget_per_month: nan"),
       "a.yaml:7:19 `budget_per_month` must be an amount of dollars, not `nan` | write budget_per_month: 2000\n"},
      {with("budget_per_month", "budget_per_month: 0"),
       "a.yaml:7:19 `budget_per_month` cannot be `0`: nothing costs nothing | write what it may cost, or leave the key "
       "out where there is no limit\n"},
      {"",
       "a.yaml:0:0 answers are a map, and this is nothing | begin with requests_per_month: 20000; `weir examples` "
       "has whole files\n"}};
  for (const Case& one : cases) {
    const AnswersRead read = read_answers(one.text, "a.yaml");
    EXPECT_FALSE(read.answers) << one.text;
    EXPECT_EQ(problems_of(read), one.problem);
  }
  const std::string unknown = problems_of(read_answers(with("latncy", "latncy: batch"), "a.yaml"));
  EXPECT_TRUE(unknown.starts_with("a.yaml:7:1 unknown key `latncy` | did you mean `latency`? Keys here: ")) << unknown;
  const std::string share = problems_of(read_answers(with("sensitive_share", "sensitive_share: 130%"), "a.yaml"));
  EXPECT_TRUE(share.starts_with("a.yaml:5:18 `sensitive_share` ")) << share;
}

TEST(answers, measured_traffic_takes_the_place_of_volume_tokens_and_load) {
  Workload measured{.requests = 1000, .tokens = {.input = 5000, .output = 7000}, .source = "ledger"};
  measured.hours = {};
  measured.hours[9] = 0.5;
  measured.hours[10] = 0.5;
  const AnswersRead read = read_answers("sensitive: none\npeople: none\n", "a.yaml", measured);
  ASSERT_TRUE(read.answers) << problems_of(read);
  EXPECT_EQ(read.answers->workload.requests, 1000);
  EXPECT_EQ(read.answers->input_per_request(), 5);
  EXPECT_EQ(read.answers->load, LoadShape::bursty);
}

TEST(answers, the_interview_asks_what_a_file_must_say_and_leads_to_a_good_file) {
  std::vector<GivenAnswer> given;
  std::vector<std::string> asked;
  while (const auto question = next_question(given, std::nullopt)) {
    ASSERT_LT(given.size(), 20U);
    asked.emplace_back(question->key);
    std::string answer(question->fallback.empty() ? question->example : "");
    if (question->key == "sensitive") answer = "personal, health";
    EXPECT_FALSE(check_answer({question->key, answer})) << question->key;
    given.push_back({question->key, answer});
  }
  EXPECT_EQ(asked, (std::vector<std::string>{"name", "requests_per_month", "input_tokens", "output_tokens", "load",
                                             "sensitive", "sensitive_share", "regulation", "residency", "latency",
                                             "quality", "customisation", "people", "budget_per_month"}));
  const AnswersRead read = read_answers(answers_text(given), "answers");
  ASSERT_TRUE(read.answers) << problems_of(read) << answers_text(given);
  EXPECT_EQ(read.answers->sensitive, ClassSet{class_personal | class_health});
}

TEST(answers, the_interview_leaves_out_what_there_is_no_need_to_ask) {
  std::vector<GivenAnswer> given = {{"sensitive", "none"}};
  std::vector<std::string> asked;
  while (const auto question = next_question(given, Workload{.requests = 1})) {
    asked.emplace_back(question->key);
    given.push_back({question->key, ""});
  }
  EXPECT_EQ(asked, (std::vector<std::string>{"name", "regulation", "residency", "latency", "quality", "customisation",
                                             "people", "budget_per_month"}));
}

TEST(answers, a_wrong_answer_is_told_at_once) {
  EXPECT_EQ(check_answer({"latency", "fastt"})->message, "`latency` cannot be `fastt`");
  EXPECT_EQ(check_answer({"requests_per_month", "many"})->mend, "write requests_per_month: 20000");
  EXPECT_TRUE(check_answer({"sensitive", "personal, helth"}));
  EXPECT_TRUE(check_answer({"name", std::string("it's \x01 [a, {b: c}")}) == std::nullopt);
}

}  // namespace
}  // namespace weir::plan
