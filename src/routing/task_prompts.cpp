#include "routing/task_prompts.h"

#include <map>

#include "routing/dice.h"
#include "routing/tasks.h"

namespace weir::routing {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

using Phrases = std::map<std::string, std::vector<std::string_view>, std::less<>>;  // `de/x`

// `{x}` put in, each by one of its phrases; a name without phrases stays as it is (braces are also code). `\n` is a
// line.
std::string filled(std::string_view text, std::string_view language, const Phrases& phrases, Dice& dice) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("\\n")) {
      out += '\n';
      text.remove_prefix(2);
      continue;
    }
    const auto end = text.front() == '{' ? text.find('}') : std::string_view::npos;
    const auto known = end == std::string_view::npos
                           ? phrases.end()
                           : phrases.find(std::string(language) + "/" + std::string(text.substr(1, end - 1)));
    if (known == phrases.end()) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    out += known->second[dice.below(known->second.size())];
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

Result<std::vector<LabelledRow>> task_prompts(std::string_view file, PromptSet set, std::size_t each) {
  std::vector<LabelledRow> out;
  Phrases phrases;
  Dice dice(set == PromptSet::training ? 1 : 2);
  PromptSet now = PromptSet::training;
  std::size_t number = 0;
  for (const auto line : split(file, '\n')) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (line == "test") {
      now = PromptSet::test;
      phrases.clear();
      continue;
    }
    const auto fields = split(line, '\t');
    if (fields.front() == "=" && fields.size() == 4) {
      phrases[std::string(fields[1]) + "/" + std::string(fields[2])] = split(fields[3], '|');
      continue;
    }
    if (fields.size() != 3 || !find_task(fields.front())) {
      return failure(ErrorCode::invalid_request,
                     fmt::format("line {} is neither a template nor a list of phrases", number));
    }
    if (now != set) continue;
    const std::size_t count = fields[2].find('{') == std::string_view::npos ? 1 : each;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back({.prompt = filled(fields[2], fields[1], phrases, dice),
                     .subject = std::string(fields[1]),
                     .task = std::string(fields.front())});
    }
  }
  return out;
}

}  // namespace weir::routing
