// `usageMetadata` → Usage. Thoughts are counted beside the candidates, what tools put into the prompt beside the
// prompt; what was cached is part of the prompt.
#include "core/saturating.h"
#include "formats/gemini/answer_reader.h"
#include "formats/gemini/names.h"
#include "formats/shared/token_count.h"

namespace weir::gemini {
namespace {

using json::Element;

struct Counts {
  int64_t prompt = 0;
  int64_t tools = 0;
  int64_t cached = 0;
  int64_t candidates = 0;
  int64_t thoughts = 0;
  int64_t total = 0;
};

// Tokens of sound in the prompt, of sound and images in the answer: those have prices of their own.
int64_t media_in(const json::Object& usage, std::string_view name, std::string_view other_kind) {
  Element value;
  json::Array list;
  int64_t sum = 0;
  if (!find(usage, name, value) || value.get(list) != simdjson::SUCCESS) return 0;
  for (const auto element : list) {
    json::Object one;
    if (element.get(one) != simdjson::SUCCESS) continue;
    const auto kind = text_of(one, "modality");
    if (kind != "AUDIO" && kind != other_kind) continue;
    if (find(one, "tokenCount", value)) sum = saturating_add(sum, read_token_count(value).value);
  }
  return sum;
}

ServiceTier tier_of(std::string_view name) {
  if (name == "flex" || name == "FLEX") return ServiceTier::flex;
  if (name == "priority" || name == "PRIORITY") return ServiceTier::priority;
  return ServiceTier::standard;
}

}  // namespace

Usage read_usage(const json::Object& object) {
  Counts counts;
  Usage usage;
  const auto count = [&](std::string_view name, int64_t& into) {
    Element value;
    if (!find(object, name, value)) return;
    const auto read = read_token_count(value);
    into = read.value;
    usage.implausible |= read.doubtful;
    usage.known = true;
  };
  count("promptTokenCount", counts.prompt);
  count("toolUsePromptTokenCount", counts.tools);
  count("cachedContentTokenCount", counts.cached);
  count("candidatesTokenCount", counts.candidates);
  if (counts.candidates == 0) count("responseTokenCount", counts.candidates);
  count("thoughtsTokenCount", counts.thoughts);
  count("totalTokenCount", counts.total);
  usage.input = saturating_add(counts.prompt, counts.tools);
  usage.output = saturating_add(counts.candidates, counts.thoughts);
  usage.reasoning = counts.thoughts;
  const auto told = saturating_add(usage.input, usage.output);
  if (counts.total > told) {  // some leave a part out, never the sum
    const auto rest = counts.total - told;
    (usage.input == 0 ? usage.input : usage.output) += rest;
  }
  usage.cached = std::min(counts.cached, usage.input);
  usage.media = saturating_add(media_in(object, "promptTokensDetails", "AUDIO"),
                               media_in(object, "candidatesTokensDetails", "IMAGE"));
  usage.tier = tier_of(text_of(object, "serviceTier"));
  return usage;
}

}  // namespace weir::gemini
