// `usage` in the many dialects of servers that otherwise speak OpenAI's format → Usage. docs/compatibility.md says who
// writes what. One pass over the fields: this is on the path of streams that send it with every chunk.
#include <charconv>
#include <cmath>

#include "core/saturating.h"
#include "formats/openai/model_face.h"
#include "formats/shared/token_count.h"

namespace weir::openai_provider {
namespace {

using json::Element;

enum class Role : uint8_t {
  prompt,  // `prompt_tokens`: as `input`, but what is cached stands inside by its convention
  input,
  output,
  total,
  cached,         // inside or beside the input: the sums tell
  cached_beside,  // Anthropic's name: beside `input_tokens`, mostly inside `prompt_tokens`
  written,
  written_long,
  reasoning,
  sound,
  image,
  cost,
  cost_ticks,
  upstream_cost,
  own_key,
  tier,
  input_details,
  output_details,
  details,
};

struct Name {
  std::string_view text;
  Role role;
};
constexpr std::array names = {
    Name{"prompt_tokens", Role::prompt},
    Name{"completion_tokens", Role::output},
    Name{"total_tokens", Role::total},
    Name{"prompt_tokens_details", Role::input_details},
    Name{"completion_tokens_details", Role::output_details},
    Name{"cached_tokens", Role::cached},
    Name{"reasoning_tokens", Role::reasoning},
    Name{"audio_tokens", Role::sound},
    Name{"image_tokens", Role::image},
    // OpenAI's Responses, Anthropic, Cohere.
    Name{"input_tokens", Role::input},
    Name{"output_tokens", Role::output},
    Name{"input_tokens_details", Role::input_details},
    Name{"output_tokens_details", Role::output_details},
    Name{"thinking_tokens", Role::reasoning},
    Name{"cache_read_input_tokens", Role::cached_beside},
    Name{"cache_creation_input_tokens", Role::written},
    Name{"cache_creation", Role::details},
    Name{"ephemeral_1h_input_tokens", Role::written_long},
    Name{"cache_write_tokens", Role::written},
    Name{"cache_read_tokens", Role::cached},
    Name{"tokens", Role::details},
    Name{"service_tier", Role::tier},
    // DeepSeek, Mistral.
    Name{"prompt_cache_hit_tokens", Role::cached},
    Name{"num_cached_tokens", Role::cached},
    // Gemini and Bedrock behind proxies.
    Name{"promptTokenCount", Role::input},
    Name{"candidatesTokenCount", Role::output},
    Name{"totalTokenCount", Role::total},
    Name{"cachedContentTokenCount", Role::cached},
    Name{"thoughtsTokenCount", Role::reasoning},
    Name{"inputTokens", Role::input},
    Name{"outputTokens", Role::output},
    Name{"totalTokens", Role::total},
    Name{"cacheReadInputTokens", Role::cached_beside},
    Name{"cacheWriteInputTokens", Role::written},
    // Local servers.
    Name{"prompt_eval_count", Role::input},
    Name{"eval_count", Role::output},
    Name{"generated_tokens", Role::output},
    // What the answer cost.
    Name{"cost", Role::cost},
    Name{"total_cost", Role::cost},
    Name{"cost_usd", Role::cost},
    Name{"total_cost_usd", Role::cost},
    Name{"estimated_cost", Role::cost},
    Name{"cost_in_usd_ticks", Role::cost_ticks},
    Name{"cost_details", Role::details},
    Name{"upstream_inference_cost", Role::upstream_cost},
    Name{"is_byok", Role::own_key},
};

std::optional<Role> role_of(std::string_view name) {
  for (const auto& one : names) {
    if (one.text == name) return one.role;
  }
  return std::nullopt;
}

std::optional<double> real_of(const Element& element) {
  double real = 0;
  if (element.get(real) == simdjson::SUCCESS) return real;
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return real;
}

// Dollars, or a part of them, to micro-dollars; -1 for what is no amount.
MicroDollars money_of(const Element& element, double per_dollar) {
  constexpr double most = 9e12;
  const auto real = real_of(element);
  if (!real || !std::isfinite(*real) || *real < 0) return -1;
  const double micro = *real / per_dollar * 1e6;
  return micro > most ? -1 : static_cast<MicroDollars>(std::llround(micro));
}

class UsageReader {
 public:
  Usage read(const json::Object& object) {
    fields(object, Role::details);
    place_cached();
    place_rest();
    if (usage_.stated >= 0 && own_key_ && upstream_cost_ > 0) usage_.stated += upstream_cost_;
    usage_.input = std::max<int64_t>(usage_.input, 0);
    usage_.output = std::max<int64_t>(usage_.output, 0);
    usage_.cached = std::clamp<int64_t>(usage_.cached, 0, usage_.input);
    usage_.written = std::clamp<int64_t>(usage_.written, 0, usage_.input - usage_.cached);
    usage_.written_long = std::clamp<int64_t>(usage_.written_long, 0, usage_.written);
    usage_.reasoning = std::clamp<int64_t>(usage_.reasoning, 0, usage_.output);
    usage_.known = has_count_;
    usage_.units = read_searches(object);
    return usage_;
  }

 private:
  void fields(const json::Object& object, Role within) {
    for (const auto field : object) {
      const auto role = role_of(field.key);
      if (role) {
        take(*role, field.value, within);
      } else if (other_cache_ == 0 && field.key.find("ache") != std::string_view::npos && field.key != miss) {
        other_cache_ = read_token_count(field.value).value;
      }
    }
  }

  void take(Role role, const Element& value, Role within) {
    json::Object inner;
    if (value.get(inner) == simdjson::SUCCESS) {
      const bool holds_counts =
          role == Role::details || role == Role::input_details || role == Role::output_details || role == Role::cost;
      if (holds_counts && depth_ == 0) {
        ++depth_;
        fields(inner, role);
        --depth_;
      }
      return;
    }
    switch (role) {
      case Role::cost:
        state_cost(money_of(value, 1));
        return;
      case Role::cost_ticks:  // xAI
        state_cost(money_of(value, 1e10));
        return;
      case Role::upstream_cost:
        upstream_cost_ = money_of(value, 1);
        return;
      case Role::own_key:
        json::read_if(value, own_key_);
        return;
      case Role::tier: {
        std::string_view name;
        if (value.get(name) == simdjson::SUCCESS) usage_.tier = read_tier(name);
        return;
      }
      default:
        count(role, value, within);
    }
  }

  void count(Role role, const Element& value, Role within) {
    if (value.is_null()) return;
    const auto read = read_token_count(value);
    usage_.implausible |= read.doubtful;
    const auto number = read.value;
    switch (role) {
      case Role::prompt:
      case Role::input:
        has_count_ = true;
        prompt_tokens_ |= role == Role::prompt;
        usage_.input = std::max(usage_.input, number);
        break;
      case Role::output:
        has_count_ = true;
        usage_.output = std::max(usage_.output, number);
        break;
      case Role::total:
        has_count_ = true;
        total_ = number;
        break;
      case Role::cached:
        usage_.cached = std::max(usage_.cached, number);
        break;
      case Role::cached_beside:
        beside_by_name_ = true;
        usage_.cached = std::max(usage_.cached, number);
        break;
      case Role::written:
        usage_.written = std::max(usage_.written, number);
        break;
      case Role::written_long:
        usage_.written_long = number;
        break;
      case Role::reasoning:
        usage_.reasoning = std::max(usage_.reasoning, number);
        break;
      case Role::sound:
        usage_.media = saturating_add(usage_.media, number);
        break;
      case Role::image:  // what is looked at is counted as text; what is made is not
        if (within == Role::output_details) usage_.media = saturating_add(usage_.media, number);
        break;
      default:
        break;
    }
  }

  // The same sum under several names, or in parts and as a whole: the whole counts.
  void state_cost(MicroDollars cost) { usage_.stated = std::max(usage_.stated, cost); }

  [[nodiscard]] bool adds_up(int64_t sum) const {
    return total_ > 0 && (total_ == sum || total_ == saturating_add(sum, usage_.reasoning));
  }

  // What was read from a cache, or written to it, stands inside the input at some and beside it at others.
  void place_cached() {
    const auto aside = saturating_add(usage_.cached, usage_.written);
    if (aside == 0) return;
    const auto told = saturating_add(usage_.input, usage_.output);
    const bool inside_fits = adds_up(told);
    const bool beside_fits = adds_up(saturating_add(told, aside));
    bool beside = aside > usage_.input || (beside_by_name_ && !prompt_tokens_);
    if (inside_fits != beside_fits) beside = beside_fits;
    if (beside) usage_.input = saturating_add(usage_.input, aside);
  }

  // What the total holds beyond input and output: reasoning that is counted beside the output, or what only the total
  // says.
  void place_rest() {
    const auto told = saturating_add(usage_.input, usage_.output);
    const auto rest = total_ > told ? total_ - told : 0;
    if (rest == 0) {
      if (total_ == 0 && usage_.reasoning > usage_.output) {
        usage_.output = saturating_add(usage_.output, usage_.reasoning);
      }
      return;
    }
    if (usage_.input == 0 && usage_.output == 0) {
      usage_.output = total_;
      usage_.total_only = true;
    } else if (usage_.input == 0) {
      usage_.input = rest;
    } else if (rest != usage_.reasoning && rest == other_cache_) {
      usage_.input += rest;
      usage_.cached += rest;
    } else {
      usage_.output += rest;
    }
  }

  static constexpr std::string_view miss = "prompt_cache_miss_tokens";

  Usage usage_;
  int64_t total_ = 0;
  int64_t other_cache_ = 0;  // under a name that only sounds like one of a cache
  MicroDollars upstream_cost_ = -1;
  int depth_ = 0;
  bool own_key_ = false;  // the caller's own contract with whoever serves behind a broker
  bool has_count_ = false;
  bool beside_by_name_ = false;
  bool prompt_tokens_ = false;
};

}  // namespace

ServiceTier read_tier(std::string_view name) {
  if (name == "flex") return ServiceTier::flex;
  if (name == "batch") return ServiceTier::batch;
  if (name == "priority" || name == "fast") return ServiceTier::priority;
  constexpr std::array standard = {"", "default", "auto", "standard", "standard_only", "on_demand"};
  const bool usual = std::any_of(standard.begin(), standard.end(), [&](const char* one) { return name == one; });
  return usual ? ServiceTier::standard : ServiceTier::other;
}

Usage read_usage(const json::Object& usage) { return UsageReader().read(usage); }

// llama-server: what it had in its cache stands in `timings`, and all counts where there is no `usage`.
void add_timings(const json::Object& timings, Usage& usage) {
  const auto count = [&](std::string_view name) {
    Element element;
    return timings.at_key(name).get(element) == simdjson::SUCCESS ? read_token_count(element).value : 0;
  };
  const auto cached = count("cache_n");
  if (!usage.known) {
    usage.input = saturating_add(count("prompt_n"), cached);
    usage.output = count("predicted_n");
    usage.known = usage.input != 0 || usage.output != 0;
  }
  if (usage.cached == 0) usage.cached = std::min(cached, usage.input);
}

}  // namespace weir::openai_provider
