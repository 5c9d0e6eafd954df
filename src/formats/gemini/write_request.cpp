// Canonical form → the bodies of generateContent, embedContent and batchEmbedContents, for requests that came in
// another format.
#include <algorithm>

#include <fmt/format.h>

#include "formats/gemini/body_writer.h"
#include "formats/gemini/model_face.h"
#include "formats/gemini/tasks.h"
#include "formats/shared/translation.h"

namespace weir::gemini {
namespace {

constexpr int64_t most_answers = 8;
constexpr std::size_t most_stops = 5;
constexpr std::size_t longest_name = 128;

// A letter or `_`, then letters, digits and `_ . : -`.
bool is_function_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || name.size() > longest_name || !letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-'; });
}

// Protobuf's is a 32-bit integer with a sign: a wider one is folded, the same to the same.
int64_t folded_seed(int64_t seed) {
  return static_cast<int64_t>((static_cast<uint64_t>(seed) ^ (static_cast<uint64_t>(seed) >> 32U)) & 0x7fff'ffffU);
}
bool fits_seed(int64_t seed) { return seed >= INT32_MIN && seed <= INT32_MAX; }

}  // namespace

Status BodyWriter::write(std::string_view prefill) {
  if (auto fits = check(); !fits) return fits;
  writer_.begin_object();
  if (auto written = system(); !written) return written;
  if (auto written = contents(prefill); !written) return written;
  tools();
  tool_config();
  settings();
  writer_.end_object();
  return {};
}

Status BodyWriter::check() const {
  if (request_.document && request_.document->left_out() > 0) {
    return failure(unsupported("Lists of thousands of numbers are not translated to Gemini's format.", "messages"));
  }
  if (request_.n > most_answers) {
    return failure(unsupported(fmt::format("Gemini gives at most {} answers to a request.", most_answers), "n"));
  }
  if (request_.stop.size() > most_stops) {
    return failure(unsupported(fmt::format("Gemini takes at most {} stop sequences.", most_stops), "stop"));
  }
  for (std::size_t i = 0; i < request_.tools.size(); ++i) {
    if (is_function_name(request_.tools[i].name)) continue;
    return failure(unsupported(fmt::format("Gemini takes no function with the name '{}': a letter or `_` comes first, "
                                           "then letters, digits and `_ . : -`, at most {} in all.",
                                           request_.tools[i].name, longest_name),
                               fmt::format("tools[{}].name", i)));
  }
  const bool calls = !request_.tools.empty() && request_.tool_choice.mode != ToolChoice::Mode::none;
  if (calls && request_.response_format != ResponseFormat::text && !traits_.takes_json_with_tools) {
    return failure(
        unsupported("This model of Gemini does not take tools and a JSON answer at once.", "response_format"));
  }
  return {};
}

void BodyWriter::tools() {
  if (request_.tools.empty()) return;
  writer_.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
  for (const auto& tool : request_.tools) {
    writer_.begin_object().key("name").value(tool.name);
    if (!tool.description.empty()) writer_.key("description").value(tool.description);
    if (tool.parameters) writer_.key("parametersJsonSchema").value(*tool.parameters);
    writer_.end_object();
  }
  writer_.end_array().end_object().end_array();
}

void BodyWriter::tool_config() {
  using Mode = ToolChoice::Mode;
  const auto mode = request_.tool_choice.mode;
  if (request_.tools.empty() || mode == Mode::unset || mode == Mode::foreign) return;
  writer_.key("toolConfig").begin_object().key("functionCallingConfig").begin_object().key("mode");
  writer_.value(mode == Mode::automatic ? "AUTO" : mode == Mode::none ? "NONE" : "ANY");
  if (mode == Mode::named) {
    writer_.key("allowedFunctionNames").begin_array().value(request_.tool_choice.name).end_array();
  }
  writer_.end_object().end_object();
}

void BodyWriter::settings() {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  sampling(writer);
  if (request_.response_format != ResponseFormat::text) {
    writer.key("responseMimeType").value("application/json");
    if (request_.json_schema) writer.key("responseJsonSchema").value(*request_.json_schema);
  }
  thinking(writer);
  writer.end_object();
  if (text != "{}") writer_.key("generationConfig").raw(text);
}

void BodyWriter::sampling(json::Writer& writer) const {
  const auto number = [&writer](std::string_view key, const auto& value) {
    if (value) writer.key(key).value(*value);
  };
  number("temperature", request_.temperature);
  number("topP", request_.top_p);
  number("topK", request_.top_k);
  number("maxOutputTokens", request_.max_tokens);
  if (request_.seed) writer.key("seed").value(fits_seed(*request_.seed) ? *request_.seed : folded_seed(*request_.seed));
  if (traits_.takes_penalties) {
    number("presencePenalty", request_.presence_penalty);
    number("frequencyPenalty", request_.frequency_penalty);
  }
  if (request_.n != 1) writer.key("candidateCount").value(request_.n);
  if (!request_.stop.empty()) {
    writer.key("stopSequences").begin_array();
    for (const auto stop : request_.stop) writer.value(stop);
    writer.end_array();
  }
  if (request_.logprobs) {
    writer.key("responseLogprobs").boolean(true);
    if (request_.top_logprobs.value_or(0) > 0) writer.key("logprobs").value(*request_.top_logprobs);
  }
}

int64_t BodyWriter::budget(int64_t tokens) const {
  if (tokens < 0) return -1;  // as many as it likes
  if (tokens == 0) return traits_.may_not_think ? 0 : traits_.least_budget;
  return std::clamp(tokens, traits_.least_budget, traits_.most_budget);
}

std::string_view BodyWriter::level(std::string_view effort) const {
  const bool least = effort == "none" || effort == "minimal";
  if (least && traits_.knows_minimal) return "MINIMAL";
  if (least || effort == "low") return "LOW";
  return effort == "medium" && traits_.knows_medium ? "MEDIUM" : "HIGH";
}

void BodyWriter::thinking(json::Writer& writer) const {
  using Thinking = ModelTraits::Thinking;
  if (traits_.thinking == Thinking::none) return;
  const auto effort = request_.reasoning_effort;
  const bool asked = !effort.empty() || request_.thinking_tokens;
  const auto tokens = request_.thinking_tokens ? *request_.thinking_tokens : thinking_tokens_of(effort);
  std::string text;
  json::Writer config(text);
  config.begin_object();
  // Whoever asks a model to think is shown its thoughts, as with other formats, unless it says otherwise.
  if (request_.show_thinking || (asked && tokens != 0))
    config.key("includeThoughts").boolean(request_.show_thinking.value_or(true));
  if (asked && traits_.thinking == Thinking::budget) {
    config.key("thinkingBudget").value(budget(tokens));
  } else if (asked && tokens >= 0) {
    config.key("thinkingLevel").value(level(effort.empty() ? effort_of(tokens) : effort));
  }
  config.end_object();
  if (text != "{}") writer.key("thinkingConfig").raw(text);
}

Result<std::string> translate_body(const Request& request, const Target& target, std::string_view prefill) {
  std::string out;
  out.reserve(request.text_bytes + 512);
  if (auto written = BodyWriter(request, target, out).write(prefill); !written) {
    return failure(std::move(written.error()));
  }
  return out;
}

Result<std::string> translate_embedding(const Request& request, const Target& target) {
  if (request.inputs_are_tokens || (request.document && request.document->left_out() > 0)) {
    return failure(unsupported("Gemini embeds texts, not token ids.", "input"));
  }
  std::string_view task;
  for (std::size_t i = 1; i < common_tasks.size(); ++i) {
    if (request.task == common_tasks[i]) task = google_tasks[i];
  }
  const auto resource = resource_of(target.model.name);
  std::string out;
  json::Writer writer(out);
  const auto one = [&](std::string_view text) {
    writer.begin_object().key("model").value(resource).key("content").begin_object().key("parts").begin_array();
    writer.begin_object().key("text").value(text).end_object().end_array().end_object();
    if (!task.empty()) writer.key("taskType").value(task);
    if (request.dimensions) writer.key("outputDimensionality").value(*request.dimensions);
    writer.end_object();
  };
  if (!is_batch(request)) {
    one(request.inputs.front());
    return out;
  }
  writer.begin_object().key("requests").begin_array();
  for (const auto input : request.inputs) one(input);
  writer.end_array().end_object();
  return out;
}

}  // namespace weir::gemini
