#include "ledger/catalog_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "core/json.h"
#include "ledger/js_literal.h"
#include "ledger/pricing.h"

namespace weir {
namespace {

using json::Array;
using json::Element;
using json::Object;

// In this order, with what else a preset or a config may call them. Other providers of the source resell open models
// under names of their own and have no preset.
struct Listed {
  std::string_view id;
  std::string_view aliases = "-";
};
constexpr std::array listed = {Listed{"openai"},
                               Listed{"anthropic"},
                               Listed{"google", "gemini,vertex"},
                               Listed{"azure", "azure-openai"},
                               Listed{"aws", "bedrock"},
                               Listed{"mistral"},
                               Listed{"cohere"},
                               Listed{"groq"},
                               Listed{"deepseek"},
                               Listed{"together", "together-ai"},
                               Listed{"fireworks"},
                               Listed{"openrouter"},
                               Listed{"x-ai", "xai"},
                               Listed{"cerebras"},
                               Listed{"perplexity"},
                               Listed{"moonshotai", "moonshot"},
                               Listed{"zhipuai", "zhipu"},
                               Listed{"minimax"},
                               Listed{"voyageai", "voyage"}};

constexpr std::size_t most_models = 100'000;

std::string_view text_at(const Object& object, std::string_view key) { return json::string_or(object, key); }

std::optional<double> number_of(const Element& element) {
  double number = 0;
  if (element.get(number) != simdjson::SUCCESS || !std::isfinite(number) || number < 0 || number > 1e9) {
    return std::nullopt;
  }
  return number;
}

// Dollars per million tokens → micro-dollars.
std::optional<int64_t> micro(const Element& element) {
  const auto dollars = number_of(element);
  return dollars ? std::optional<int64_t>(std::llround(*dollars * 1e6)) : std::nullopt;
}

// One price of the source: a number, or a base and one step for long prompts.
struct Price {
  std::optional<int64_t> base;
  std::optional<int64_t> above;  // the step's price
  int64_t start = 0;
};

// Thrown in this file only, caught by model_line: what the catalog's format cannot say.
struct Unsayable {
  std::string why;
};

Price price_of(const Object& prices, std::string_view key) {
  Element value;
  if (prices.at_key(key).get(value) != simdjson::SUCCESS) return {};
  Object stepped;
  if (value.get(stepped) != simdjson::SUCCESS) {
    const auto base = micro(value);
    if (!base) throw Unsayable{fmt::format("{} is no price", key)};
    return {.base = base};
  }
  Element base;
  Array steps;
  if (stepped.at_key("base").get(base) != simdjson::SUCCESS ||
      stepped.at_key("tiers").get(steps) != simdjson::SUCCESS || steps.size() != 1) {
    throw Unsayable{fmt::format("{} has other than one step", key)};
  }
  Price price{.base = micro(base)};
  Object step;
  Element at;
  if (!price.base || steps.at(0).get(step) != simdjson::SUCCESS || step.at_key("start").get(at) != simdjson::SUCCESS ||
      !number_of(at)) {
    throw Unsayable{fmt::format("{} has a step that cannot be read", key)};
  }
  price.start = std::llround(*number_of(at));
  Element raised;
  if (step.at_key("price").get(raised) == simdjson::SUCCESS) price.above = micro(raised);
  if (!price.above) throw Unsayable{fmt::format("{} has a step without a price", key)};
  return price;
}

enum class Prompt : uint8_t { any, beyond_the_step };

// `input/cached/output` and, where writing to a cache has a price, `/written/written_long`. No price of output: `-`.
std::string rates_text(const std::array<Price, 5>& prices, Prompt prompt) {
  const auto one = [&](const Price& price, int64_t otherwise) {
    if (!price.base) return otherwise;
    return prompt == Prompt::beyond_the_step ? price.above.value_or(*price.base) : *price.base;
  };
  const auto& [input, cached, output, written, written_long] = prices;
  const auto fresh = one(input, 0);
  auto text = fmt::format("{}/{}/{}", fresh, one(cached, fresh), output.base ? std::to_string(one(output, 0)) : "-");
  if (written.base || written_long.base) text += fmt::format("/{}", one(written, fresh));
  if (written_long.base) text += fmt::format("/{}", one(written_long, fresh));
  return text;
}

bool has(const Object& object, std::string_view key) { return object.at_key(key).error() == simdjson::SUCCESS; }

// `-` where it is not priced by tokens.
std::string edition_text(const Object& source) {
  if (!has(source, "input_mtok")) return "-";
  // What an answer is made of beside text, or is paid for beside tokens, and no price of text holds for.
  constexpr std::array other_output = {"output_image_mtok", "output_video_mtok", "output_citation_mtok",
                                       "requests_kcount"};
  const bool other =
      std::any_of(other_output.begin(), other_output.end(), [&](const char* key) { return has(source, key); });
  std::array prices = {price_of(source, "input_mtok"), price_of(source, "cache_read_mtok"),
                       price_of(source, "output_mtok"), price_of(source, "cache_write_mtok"),
                       price_of(source, "cache_write_1h_mtok")};
  if (other) prices[2] = {};
  int64_t start = 0;
  for (const auto& price : prices) {
    if (price.start == 0) continue;
    if (start != 0 && start != price.start) throw Unsayable{"its prices have steps at different lengths"};
    start = price.start;
  }
  auto text = rates_text(prices, Prompt::any);
  if (start > 0) text += fmt::format(";>{}:{}", start, rates_text(prices, Prompt::beyond_the_step));
  return text;
}

// `01:00:00Z` → `0100`.
std::string hour_text(std::string_view time) {
  if (time.size() < 5 || time[2] != ':') throw Unsayable{"an hour of its prices cannot be read"};
  return std::string(time.substr(0, 2)) + std::string(time.substr(3, 2));
}

std::string prices_text(const Element& source) {
  Object plain;
  if (source.get(plain) == simdjson::SUCCESS) return edition_text(plain);
  Array parts;
  if (source.get(parts) != simdjson::SUCCESS) throw Unsayable{"its prices are of a new form"};
  std::string text;
  for (const auto element : parts) {
    Object part;
    Object prices;
    if (element.get(part) != simdjson::SUCCESS || part.at_key("prices").get(prices) != simdjson::SUCCESS) {
      throw Unsayable{"its prices are of a new form"};
    }
    auto rates = edition_text(prices);
    if (rates == "-") return rates;
    Object constraint;
    std::string condition;
    if (part.at_key("constraint").get(constraint) == simdjson::SUCCESS) {
      for (const auto field : constraint) {
        if (field.key != "start_date" && field.key != "start_time" && field.key != "end_time" && field.key != "type") {
          throw Unsayable{fmt::format("its prices depend on {}", field.key)};
        }
      }
      if (has(constraint, "start_time")) {
        condition = fmt::format("@{}-{}:", hour_text(text_at(constraint, "start_time")),
                                hour_text(text_at(constraint, "end_time")));
      } else {
        condition = std::string(text_at(constraint, "start_date")) + ":";
      }
    }
    text += (text.empty() ? "" : ";") + condition + rates;
  }
  if (!parse_prices(text, "9999-12-31")) throw Unsayable{"its prices cannot be told in one line"};
  return text;
}

// `^gpt-6-\d{4}-\d{2}$` → `~gpt-6-####-##`; `^gemini-3\.5-flash-\d` → `~gemini-3.5-flash-#*`.
std::string pattern_of(std::string_view regex) {
  if (!regex.starts_with('^')) throw Unsayable{fmt::format("a name's pattern is of a new form: {}", regex)};
  std::string pattern;
  bool ends = false;
  for (std::size_t i = 1; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '$' && i + 1 == regex.size()) {
      ends = true;
    } else if (c == '\\' && i + 1 < regex.size() && regex[i + 1] == 'd') {
      std::size_t count = 1;
      i += 1;
      if (i + 3 < regex.size() && regex[i + 1] == '{' && regex[i + 3] == '}') {
        count = static_cast<std::size_t>(regex[i + 2] - '0');
        i += 3;
      }
      if (count == 0 || count > 9) throw Unsayable{fmt::format("a name's pattern is of a new form: {}", regex)};
      pattern.append(count, '#');
    } else if (c == '\\' && i + 1 < regex.size() &&
               std::string_view(".-/:[]").find(regex[i + 1]) != std::string_view::npos) {
      pattern += regex[++i];
    } else if (std::string_view("()[]{}|+*?.^$\\#").find(c) != std::string_view::npos) {
      throw Unsayable{fmt::format("a name's pattern is of a new form: {}", regex)};
    } else {
      pattern += c;
    }
  }
  return "~" + pattern + (ends ? "" : "*");
}

void add_rules(const Object& match, std::vector<std::string>& rules);

// Both, where the second only says what is not meant.
std::string both(const Array& parts) {
  // The one shape that occurs: a beginning, but no name of a voice.
  constexpr std::string_view no_voice = "^(?!.*-[tT][tT][sS](?:$|-))";
  std::string rule;
  bool voice_left_out = false;
  for (const auto element : parts) {
    Object part;
    if (element.get(part) != simdjson::SUCCESS) throw Unsayable{"a name's rule is of a new form"};
    if (has(part, "starts_with")) rule = "^" + std::string(text_at(part, "starts_with"));
    voice_left_out = voice_left_out || text_at(part, "regex") == no_voice;
  }
  if (parts.size() != 2 || rule.empty() || !voice_left_out) throw Unsayable{"a name's rule is of a new form"};
  return rule + "!-tts";
}

void add_rules(const Object& match, std::vector<std::string>& rules) {
  for (const auto field : match) {
    Array parts;
    if (field.value.get(parts) == simdjson::SUCCESS) {
      if (field.key == "and") {
        rules.push_back(both(parts));
        continue;
      }
      if (field.key != "or") throw Unsayable{fmt::format("a name's rule is of a new kind: {}", field.key)};
      for (const auto element : parts) {
        Object part;
        if (element.get(part) != simdjson::SUCCESS) throw Unsayable{"a name's rule is of a new form"};
        add_rules(part, rules);
      }
      continue;
    }
    std::string_view text;
    if (field.value.get(text) != simdjson::SUCCESS || text.empty()) throw Unsayable{"a name's rule is of a new form"};
    if (field.key == "regex") {
      rules.push_back(pattern_of(text));
      continue;
    }
    struct Kind {
      std::string_view name;
      char letter;
    };
    char letter = 0;
    for (const auto& kind :
         {Kind{"equals", '='}, Kind{"starts_with", '^'}, Kind{"contains", '*'}, Kind{"ends_with", '$'}}) {
      if (kind.name == field.key) letter = kind.letter;
    }
    if (letter == 0 || text.find('!') != std::string_view::npos) {
      throw Unsayable{fmt::format("a name's rule is of a new kind: {}", field.key)};
    }
    rules.push_back(letter + std::string(text));
  }
}

std::string model_line(const Object& model) {
  const std::string id(text_at(model, "id"));
  Object match;
  Element prices;
  if (id.empty() || model.at_key("match").get(match) != simdjson::SUCCESS ||
      model.at_key("prices").get(prices) != simdjson::SUCCESS) {
    throw Unsayable{"it has no id, no rules or no prices"};
  }
  std::vector<std::string> rules;
  add_rules(match, rules);
  std::string all;
  for (const auto& rule : rules) all += (all.empty() ? "" : " ") + rule;
  Element context;
  const auto window =
      model.at_key("context_window").get(context) == simdjson::SUCCESS ? number_of(context) : std::nullopt;
  bool deprecated = false;
  json::read_if(model.at_key("deprecated"), deprecated);
  auto line = fmt::format("{}\t{}\t{}\t{}\t{}", id, std::llround(window.value_or(0)), prices_text(prices),
                          deprecated ? "deprecated" : "-", all);
  const auto tabs = std::count(line.begin(), line.end(), '\t');
  const bool spaced = std::any_of(rules.begin(), rules.end(),
                                  [](const auto& rule) { return rule.find_first_of(" \t\n") != std::string::npos; });
  if (tabs != 4 || spaced || line.find('\n') != std::string::npos) throw Unsayable{"a name of it has blanks"};
  return line;
}

class Converter {
 public:
  explicit Converter(const CatalogSource& source) : source_(source) {
    out_.text = fmt::format(
        "# Prices of hosted models; catalog/README.md describes the format.\n"
        "# Source: {}\n",
        source.name);
  }

  Result<ConvertedCatalog> run(const Array& providers) {
    for (const auto& one : listed) {
      for (const auto element : providers) {
        Object provider;
        if (element.get(provider) == simdjson::SUCCESS && text_at(provider, "id") == one.id) add(one, provider);
      }
    }
    if (models_ == 0)
      return failure(ErrorCode::invalid_request, "These data hold none of the providers that are known.");
    if (out_.left_out.size() * 20 > models_) {
      return failure(ErrorCode::invalid_request,
                     fmt::format("{} of {} models are told in a way that is not understood; the first: {}",
                                 out_.left_out.size(), models_, out_.left_out.front()));
    }
    return std::move(out_);
  }

 private:
  void add(const Listed& one, const Object& provider) {
    std::string resells;
    Array others;
    if (provider.at_key("fallback_model_providers").get(others) == simdjson::SUCCESS) {
      for (const auto other : others) {
        std::string_view id;
        if (other.get(id) == simdjson::SUCCESS) resells += (resells.empty() ? "" : ",") + std::string(id);
      }
    }
    out_.text += fmt::format("@\t{}\t{}\t{}\t{}\t{}\n", one.id, text_at(provider, "name"), source_.date, one.aliases,
                             resells.empty() ? "-" : resells);
    Array models;
    if (provider.at_key("models").get(models) != simdjson::SUCCESS) return;
    for (const auto element : models) {
      Object model;
      if (element.get(model) != simdjson::SUCCESS || ++models_ > most_models) continue;
      try {
        out_.text += model_line(model) + '\n';
      } catch (const Unsayable& what) {
        out_.left_out.push_back(fmt::format("{}/{}: {}", one.id, text_at(model, "id"), what.why));
      }
    }
  }

  const CatalogSource& source_;
  ConvertedCatalog out_;
  std::size_t models_ = 0;
};

}  // namespace

bool is_price_source(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string_view::npos) return false;
  const auto head = text.substr(first);
  return head.front() == '[' || head.starts_with("const ") || head.starts_with("\"use strict\"") ||
         head.starts_with("var ");
}

Result<ConvertedCatalog> convert_prices(std::string_view text, const CatalogSource& source) {
  const auto array = first_array(text);
  if (!array) return failure(ErrorCode::invalid_request, "No list of providers is in it.");
  json::Document document;
  if (auto parsed = document.parse(*array); !parsed) return failure(std::move(parsed.error()));
  Array providers;
  if (document.root().get(providers) != simdjson::SUCCESS) {
    return failure(ErrorCode::invalid_request, "It holds no list of providers.");
  }
  return Converter(source).run(providers);
}

}  // namespace weir
