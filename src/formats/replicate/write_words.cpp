// A conversation → the inputs of a model of words: one prompt and a system prompt.
#include <fmt/format.h>

#include <algorithm>

#include "formats/replicate/model_face.h"
#include "formats/shared/translation.h"

namespace weir::replicate {
namespace {

// What these inputs cannot say.
Status check(const Request& request) {
  if (!request.tools.empty()) return failure(unsupported("Replicate's models of words take no tools.", "tools"));
  if (request.n > 1) return failure(unsupported("Replicate gives one answer to a request.", "n"));
  if (request.logprobs) return failure(unsupported("Replicate tells no log probabilities.", "logprobs"));
  if (request.response_format != ResponseFormat::text) {
    return failure(unsupported("Replicate's models of words promise no JSON.", "response_format"));
  }
  if (request.document && request.document->left_out() > 0) {
    return failure(unsupported("Replicate is sent no long lists of numbers.", "messages"));
  }
  return {};
}

Status append_parts(std::string& out, const Message& message, std::size_t index) {
  if (message.role == Role::tool || message.has_calls()) {
    return failure(
        unsupported("Replicate's models of words know no calls of tools.", fmt::format("messages[{}]", index)));
  }
  for (std::size_t part = 0; part < message.parts.size(); ++part) {
    if (message.parts[part].kind == Part::Kind::thinking) continue;  // another model's own
    if (!is_text(message.parts[part])) {
      return failure(unsupported("Replicate's models of words take text only.",
                                 fmt::format("messages[{}].content[{}]", index, part)));
    }
    out += message.parts[part].text;
  }
  return {};
}

void write_settings(json::Writer& writer, const Request& request) {
  const auto number = [&](std::string_view key, const auto& value) {
    if (value) writer.key(key).value(*value);
  };
  number("max_tokens", request.max_tokens);
  number("temperature", request.temperature);
  number("top_p", request.top_p);
  number("top_k", request.top_k);
  number("presence_penalty", request.presence_penalty);
  number("frequency_penalty", request.frequency_penalty);
  number("seed", request.seed);
  if (!request.reasoning_effort.empty()) writer.key("reasoning_effort").value(request.reasoning_effort);
}

// The model's own inputs, as the caller wrote them.
void write_own_input(json::Writer& writer, const Request& request, std::string_view key) {
  const auto& fields = request.fields();
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const json::Field& one) { return one.key == key; });
  if (field == fields.end()) return;
  const std::string_view text = request.document->text();
  writer.key(key).raw(text.substr(field->value_begin, field->value_end - field->value_begin));
}

}  // namespace

// One turn of the user's is the prompt. More of them are told as what they are: a dialogue that the model continues.
Status write_words_input(json::Writer& writer, const Request& request) {
  if (auto good = check(request); !good) return good;
  std::string system;
  std::string prompt;
  std::size_t turns = 0;
  for (const auto& message : request.messages) {
    turns += message.role == Role::user || message.role == Role::assistant ? 1U : 0U;
  }
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const auto& message = request.messages[i];
    const bool rules = message.role == Role::system || message.role == Role::developer;
    auto& out = rules ? system : prompt;
    if (!out.empty()) out += rules ? "\n" : "\n\n";
    if (!rules && turns > 1) out += message.role == Role::assistant ? "Assistant: " : "User: ";
    if (auto written = append_parts(out, message, i); !written) return written;
  }
  if (turns == 0) return failure(unsupported("Replicate's models of words want a turn of the user's.", "messages"));
  if (turns > 1 && request.messages.back().role != Role::assistant) prompt += "\n\nAssistant:";
  writer.key("prompt").value(prompt);
  if (!system.empty()) writer.key("system_prompt").value(system);
  write_settings(writer, request);
  if (!request.stop.empty()) {
    std::string joined;
    for (const auto stop : request.stop) {
      if (stop.find(',') != std::string_view::npos) {
        return failure(unsupported("Replicate takes stop sequences in one text, with commas between them.", "stop"));
      }
      joined.append(joined.empty() ? "" : ",").append(stop);
    }
    writer.key("stop_sequences").value(joined);
  }
  for (const auto field : request.left_out) {
    if (is_model_input(field)) write_own_input(writer, request, field);
  }
  return {};
}

}  // namespace weir::replicate
