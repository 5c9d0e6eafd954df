#include "judges/features.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "judges/answer_text.h"
#include "judges/confidence.h"
#include "judges/judge.h"

namespace weir {
namespace {

constexpr std::size_t most_read = 16'384;  // bytes

constexpr std::array doubts = {
    "perhaps",    "maybe",   "might",         "possibly",      "probably",
    "unsure",     "unclear", "unfortunately", "vielleicht",    "möglicherweise",
    "vermutlich", "leider",  "peut",          "probablement",  "malheureusement",
    "quizás",     "tal",     "forse",         "probabilmente", "talvez",
    "возможно",   "может",   "可能",          "たぶん",        "아마",
};

double log_of(std::size_t count) { return std::log1p(static_cast<double>(count)) / 8; }

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool ends_well(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  if (text.empty()) return false;
  constexpr std::string_view ends = ".!?)]}\"'`*|:;>";
  const bool wide = text.ends_with("。") || text.ends_with("！") || text.ends_with("？") || text.ends_with("।");
  return wide || ends.find(text.back()) != std::string_view::npos;
}

}  // namespace

Features features_of(const Request& request, const Response& answer) {
  const auto asked = words_of(std::string_view(question_text(request)).substr(0, most_read));
  const auto text = answer.choices.empty() ? std::string() : said_text(answer.choices.front());
  const auto said = words_of(std::string_view(text).substr(0, most_read));
  const std::unordered_set<std::string_view> different(said.begin(), said.end());
  const auto is_number = [](const std::string& word) {
    return word.find_first_not_of("0123456789") == std::string::npos;
  };
  const auto is_doubt = [](const std::string& word) {
    return std::find(doubts.begin(), doubts.end(), std::string_view(word)) != doubts.end();
  };
  const auto taken_up = static_cast<std::size_t>(
      std::count_if(asked.begin(), asked.end(), [&](const std::string& word) { return different.contains(word); }));
  const auto sure = answer.choices.empty() ? std::nullopt : confidences_of(answer.choices.front().logprobs);
  const auto structural = find_judge("structural")->judge(request, {.response = answer});
  const auto count_of = [](const std::vector<std::string>& words, auto which) {
    return static_cast<std::size_t>(std::count_if(words.begin(), words.end(), which));
  };
  return {log_of(asked.size()),
          log_of(said.size()),
          log_of(request.messages.size()),
          structural ? structural->score : 1,
          sure ? 1.0 : 0.0,
          sure ? std::exp(sure->mean) : 0,
          sure ? std::exp(sure->lowest) : 0,
          share(different.size(), said.size()),
          share(taken_up, asked.size()),
          share(count_of(said, is_doubt), said.size()) * 10,
          share(count_of(asked, is_number), asked.size()),
          text.find("```") != std::string::npos ? 1.0 : 0.0,
          std::min(1.0, static_cast<double>(std::count(text.begin(), text.end(), '?')) / 3),
          ends_well(text) ? 1.0 : 0.0,
          request.tools.empty() ? 0.0 : 1.0};
}

}  // namespace weir
