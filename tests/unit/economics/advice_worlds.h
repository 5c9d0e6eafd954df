// Answers at random and from the examples, for tests of advice.
#pragma once

#include <fstream>
#include <random>
#include <sstream>

#include "economics/advice/advice.h"
#include "economics/cost/comparison.h"
#include "economics/cost/cost_model.h"

namespace weir::plan::test {

inline constexpr std::string_view today = "2026-11-25";

inline std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class AnyAnswers {
 public:
  explicit AnyAnswers(uint64_t seed) : random_(seed) {}

  int64_t upto(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random_); }

  Answers make() {
    Answers answers;
    answers.load = static_cast<LoadShape>(upto(2));
    const auto requests = static_cast<int64_t>(std::pow(10, 1 + static_cast<double>(upto(700)) / 100));
    set_volume(answers, requests, 50 + upto(6000), 10 + upto(1500));
    answers.sensitive = static_cast<ClassSet>(upto(15));
    if (upto(2) == 0) answers.sensitive = 0;
    answers.sensitive_share = answers.sensitive == 0 ? 0 : 1 + upto(whole_share - 1);
    for (int i = 0; i < 6; ++i) {
      if (upto(5) == 0) answers.regulation.push_back(static_cast<Regulation>(i));
    }
    answers.residency = upto(5) == 0 ? Residency::on_premises : static_cast<Residency>(upto(2));
    answers.latency = static_cast<Latency>(upto(3));
    answers.quality = static_cast<Quality>(upto(2));
    answers.customisation = static_cast<Customisation>(upto(2));
    answers.people = static_cast<People>(upto(2));
    if (upto(4) == 0) answers.told.owned = {{.gpu = "rtx-4090", .cards = 1 + upto(3)}};
    if (upto(4) == 0) answers.told.staff = upto(4000) * 1'000'000;
    if (upto(4) == 0) answers.told.local_model = "gpt-oss-20b";
    if (upto(3) != 0) answers.budget = static_cast<int64_t>(std::pow(10, 7 + static_cast<double>(upto(400)) / 100));
    return answers;
  }

  static void set_volume(Answers& answers, int64_t requests, int64_t input, int64_t output) {
    const double peak = answers.load == LoadShape::steady ? 1 : answers.load == LoadShape::office_hours ? 3 : 6;
    answers.workload = {.requests = requests,
                        .tokens = {.input = requests * input, .output = requests * output},
                        .hours = hours_with_peak(peak),
                        .source = "stated"};
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace weir::plan::test
