#include "experiments/scoring.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/json.h"

namespace weir::experiments {
namespace {

constexpr double cut_off = 0.3;
constexpr double refused = 0.2;
constexpr double repeats_itself = 0.2;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

// Words in lower case (ASCII), with how often each stands there.
std::map<std::string, int64_t> words_of(std::string_view text) {
  std::map<std::string, int64_t> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) ++words[word];
    word.clear();
  };
  for (const char c : text) {
    if (is_word(c)) {
      word += lower(c);
    } else {
      end_word();
    }
  }
  end_word();
  return words;
}

int64_t count(const std::map<std::string, int64_t>& words) {
  int64_t all = 0;
  for (const auto& [word, times] : words) all += times;
  return all;
}

bool is_json(std::string_view text) {
  json::Document document;
  return document.parse(std::string(text)).has_value();
}

bool begins_with_refusal(std::string_view text) {
  constexpr std::array<std::string_view, 9> beginnings = {
      "i'm sorry, but i can",    "i am sorry, but i can", "i can't help with", "i cannot help with",
      "i can't assist",          "i cannot assist",       "as an ai",          "i'm unable to help with",
      "i am unable to help with"};
  std::string start(text.substr(0, 40));
  for (auto& c : start) c = lower(c);
  const auto first = start.find_first_not_of(" \n\t\"");
  const auto from = first == std::string::npos ? std::string_view() : std::string_view(start).substr(first);
  return std::any_of(beginnings.begin(), beginnings.end(), [&](auto one) { return from.starts_with(one); });
}

// Its end is the same piece at least five times over.
bool ends_in_a_loop(std::string_view text) {
  constexpr std::size_t times = 5;
  constexpr std::size_t longest = 200;
  constexpr std::size_t shortest = 8;
  for (std::size_t size = shortest; size <= longest && size * times <= text.size(); ++size) {
    const auto last = text.substr(text.size() - size);
    bool same = true;
    for (std::size_t i = 1; i < times && same; ++i) same = text.substr(text.size() - size * (i + 1), size) == last;
    if (same) return true;
  }
  return false;
}

std::vector<std::pair<std::string, std::string>> calls_of(const Choice& choice) {
  std::vector<std::pair<std::string, std::string>> calls;
  for (const auto& part : choice.parts) {
    if (part.kind != Part::Kind::tool_call) continue;
    // Spaces mean nothing in arguments, as a rule; two that differ in them are the same call.
    std::string arguments = part.call.arguments;
    std::erase_if(arguments, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
    calls.emplace_back(part.call.name, std::move(arguments));
  }
  std::sort(calls.begin(), calls.end());
  return calls;
}

double shared_words(std::string_view a, std::string_view b) {
  const auto one = words_of(a);
  const auto other = words_of(b);
  if (one.empty() || other.empty()) return one.empty() && other.empty() && a == b ? 1 : 0;
  int64_t common = 0;
  for (const auto& [word, times] : one) {
    if (const auto found = other.find(word); found != other.end()) common += std::min(times, found->second);
  }
  return 2 * static_cast<double>(common) / static_cast<double>(count(one) + count(other));
}

}  // namespace

std::optional<double> structural_score(const Request& request, const Response& answer) {
  if (answer.choices.empty()) return 0;
  const auto& choice = answer.choices.front();
  const auto text = choice.text();
  const bool calls = choice.has(Part::Kind::tool_call);
  if (text.find_first_not_of(" \n\r\t") == std::string::npos && !calls && !choice.has_other) {
    return choice.has(Part::Kind::refusal) ? refused : 0;
  }
  for (const auto& part : choice.parts) {
    if (part.kind != Part::Kind::tool_call) continue;
    const bool known = std::any_of(request.tools.begin(), request.tools.end(),
                                   [&](const Tool& tool) { return tool.name == part.call.name; });
    if (!known || (!part.call.arguments.empty() && !is_json(part.call.arguments))) return 0;
  }
  if (request.response_format != ResponseFormat::text && !calls && !is_json(text)) return 0;
  double score = 1;
  if (choice.finish == FinishReason::content_filter || begins_with_refusal(text)) score = std::min(score, refused);
  // A limit that the caller set cuts off whoever answers.
  if (choice.finish == FinishReason::length && !request.max_tokens) score = std::min(score, cut_off);
  if (ends_in_a_loop(text)) score = std::min(score, repeats_itself);
  return score;
}

std::optional<double> agreement_score(const Response& answer, const Response& reference) {
  if (answer.choices.empty() || reference.choices.empty()) return 0;
  const auto& one = answer.choices.front();
  const auto& other = reference.choices.front();
  const auto calls = calls_of(one);
  const auto wanted = calls_of(other);
  if (!wanted.empty() || !calls.empty()) return calls == wanted ? 1 : 0;
  return shared_words(one.text(), other.text());
}

ScoreFunction find_score(std::string_view name) {
  if (name == "structural") {
    return [](const Request& request, const Response& answer, const Response* /*reference*/) {
      return structural_score(request, answer);
    };
  }
  if (name == "agreement") {
    return [](const Request& request, const Response& answer, const Response* reference) -> std::optional<double> {
      if (reference == nullptr) return structural_score(request, answer);
      return agreement_score(answer, *reference);
    };
  }
  return {};
}

}  // namespace weir::experiments
