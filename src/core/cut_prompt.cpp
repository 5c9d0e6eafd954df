#include "core/cut_prompt.h"

#include <algorithm>

namespace weir {
namespace {

constexpr int64_t context_step = 1'024;
constexpr int64_t below_the_edge = 16;  // what a template keeps for itself
constexpr int64_t longest_token = 6;    // visible bytes of a token, on average over a long text, in any script

int64_t visible_bytes(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; });
}

int64_t fewest_tokens(const Request& request) {
  int64_t bytes = 0;
  for (const auto& message : request.messages) {
    for (const auto& part : message.parts) {
      if (part.kind == Part::Kind::text) bytes += visible_bytes(part.text);
    }
  }
  for (const auto input : request.inputs) bytes += visible_bytes(input);
  return bytes / longest_token;
}

}  // namespace

int64_t context_to_ask(int64_t input_tokens, int64_t max_tokens, int64_t context_length) {
  constexpr int64_t usual_answer = 1'024;
  constexpr int64_t always_there = 4'096;
  constexpr int64_t most = 1'048'576;
  const auto input = std::clamp<int64_t>(input_tokens, 0, most);
  const auto answer = std::clamp<int64_t>(max_tokens > 0 ? max_tokens : usual_answer, 0, most);
  const auto needed = input + input / 4 + answer;
  if (needed <= always_there) return 0;
  const auto limit = context_length > 0 ? context_length : most;
  auto context = always_there;
  while (context < needed && context < limit) context *= 2;
  return std::min(context, limit);
}

bool was_cut(const Request& request, const Usage& usage) {
  if (!usage.known || usage.estimated || usage.cached > 0 || usage.input < context_step) return false;
  const auto under_edge = (context_step - usage.input % context_step) % context_step;
  return under_edge <= below_the_edge && fewest_tokens(request) > usage.input;
}

}  // namespace weir
