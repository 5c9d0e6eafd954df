#include "ledger/usage_bounds.h"

#include <algorithm>

#include "core/saturating.h"

namespace weir {
namespace {

constexpr int64_t unknown_context = 16 * 1024 * 1024;
constexpr int64_t margin = 1'024;  // and a quarter: templates, tools of the provider's own, another tokenizer

int64_t with_margin(int64_t tokens) { return saturating_add(tokens, saturating_add(tokens / 4, margin)); }

int64_t cut(int64_t value, int64_t most, Usage& usage) {
  const auto possible = std::clamp<int64_t>(value, 0, most);
  usage.implausible |= possible != value;
  return possible;
}

}  // namespace

int64_t asked_units(const Request& request) {
  constexpr int64_t one = 1'000;
  if (request.operation == Operation::image) return saturating_multiply(std::max<int64_t>(request.n, 1), one);
  if (request.operation == Operation::rerank) return one;
  if (request.operation == Operation::transcription) return request.sound_ms > 0 ? request.sound_ms : -1;
  if (request.operation != Operation::speech) return 0;
  int64_t characters = 0;
  for (const auto text : request.inputs) {
    characters += std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });  // UTF-8
  }
  return saturating_multiply(characters, one);
}

Usage with_units(Usage usage, const Request& request) {
  constexpr int64_t most = 1'000'000'000'000;  // a provider's own word beyond it is a lie
  const auto asked = asked_units(request);
  if (request.operation == Operation::chat) {
    usage.units = std::clamp<int64_t>(usage.units, 0, most);  // searches, which only the provider counts
  } else if (asked == 0) {
    usage.units = 0;
  } else if (usage.units <= 0 || usage.units > most) {
    usage.units = asked;
  }
  return usage;
}

int64_t answers_of(const Request& request) {
  if (request.operation != Operation::chat && request.operation != Operation::completion) return 0;
  const auto each = std::max<int64_t>({request.n, request.best_of, 1});
  return saturating_multiply(each, std::max<int64_t>(request.prompts, 1));
}

UsageBounds usage_bounds(const ModelSettings& model, const Request& request, int64_t input_estimate) {
  const auto context = model.context_length > 0 ? model.context_length : unknown_context;
  const auto prompts = std::max<int64_t>(request.prompts, 1);
  const auto longest_answer = std::max(context, model.max_output);
  return {.input = std::max(saturating_multiply(with_margin(context), prompts), saturating_multiply(input_estimate, 2)),
          .output = saturating_multiply(with_margin(longest_answer), std::max<int64_t>(answers_of(request), 1))};
}

Usage plausible_usage(Usage reported, const UsageBounds& bounds) {
  if (!reported.known) return reported;
  reported.input = cut(reported.input, bounds.input, reported);
  reported.output = cut(reported.output, bounds.output, reported);
  if (reported.implausible && reported.input == 0 && reported.output == 0) return {};
  reported.cached = std::clamp<int64_t>(reported.cached, 0, reported.input);
  reported.reasoning = std::clamp<int64_t>(reported.reasoning, 0, reported.output);
  return reported;
}

}  // namespace weir
