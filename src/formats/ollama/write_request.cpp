// Request → bodies of Ollama's API.
#include <fmt/format.h>

#include "core/role_name.h"
#include "formats/ollama/model_face.h"
#include "formats/shared/tool_result.h"
#include "formats/shared/translation.h"

namespace weir::ollama_provider {
namespace {

class Encoder {
 public:
  Encoder(const Request& request, const Target& target, std::string& out)
      : request_(request), target_(target), writer_(out) {}

  Result<void> chat(std::string_view prefill) {
    if (auto fits = check(); !fits) return fits;
    begin();
    writer_.key("messages").begin_array();
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      if (auto written = message(i); !written) return written;
    }
    if (!prefill.empty()) {
      writer_.begin_object().key("role").value("assistant").key("content").value(prefill).end_object();
    }
    writer_.end_array();
    tools();
    format();
    options();
    think();
    logprobs();
    writer_.key("stream").boolean(request_.stream).end_object();
    return {};
  }

  Result<void> completion() {
    if (auto fits = check(); !fits) return fits;
    if (request_.inputs_are_tokens || request_.inputs.size() != 1) {
      return failure(
          unsupported("Ollama takes one prompt as a string, neither token ids nor several prompts.", "prompt"));
    }
    begin();
    writer_.key("prompt").value(request_.inputs.front());
    // A completion continues the text itself. Filling a gap needs the model's template.
    if (request_.suffix.empty()) {
      writer_.key("raw").boolean(true);
    } else {
      writer_.key("suffix").value(request_.suffix);
    }
    options();
    logprobs();
    writer_.key("stream").boolean(request_.stream).end_object();
    return {};
  }

  Result<void> embedding() {
    if (request_.inputs_are_tokens) return failure(unsupported("Ollama embeds strings, not token ids.", "input"));
    begin();
    writer_.key("input");
    if (request_.inputs.size() == 1) {
      writer_.value(request_.inputs.front());
    } else {
      writer_.begin_array();
      for (const auto input : request_.inputs) writer_.value(input);
      writer_.end_array();
    }
    // Its default cuts a text that is too long without a word; OpenAI's API refuses it.
    writer_.key("truncate").boolean(false);
    if (request_.dimensions) writer_.key("dimensions").value(*request_.dimensions);
    writer_.end_object();
    return {};
  }

 private:
  void begin() { writer_.begin_object().key("model").value(target_.model.name); }

  [[nodiscard]] Status check() const {
    if (request_.n != 1) return failure(unsupported("Ollama gives one answer a request: 'n' must be 1.", "n"));
    return {};
  }

  Status message(std::size_t index) {
    const auto& message = request_.messages[index];
    std::vector<std::string_view> images;
    std::string content;
    std::string thoughts;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const auto& part = message.parts[i];
      if (is_text(part)) {
        content += part.text;
      } else if (part.kind == Part::Kind::thinking) {
        thoughts += part.text;
      } else if (part.kind == Part::Kind::media) {
        const auto place = fmt::format("messages[{}].content[{}]", index, i);
        if (part.media.kind != Media::Kind::image)
          return failure(unsupported("Ollama takes text and images; this part is neither.", place + ".type"));
        if (part.media.data.empty())
          return failure(unsupported("Ollama cannot fetch images: give the image inline, as a `data:` URL in base64.",
                                     place + ".image_url.url"));
        images.push_back(part.media.data);
      }
    }
    if (message.is_error) {
      std::string buffer;
      content = result_text(message, buffer);
    }
    writer_.begin_object().key("role").value(common_role_name(message.role)).key("content").value(content);
    if (!thoughts.empty()) writer_.key("thinking").value(thoughts);
    if (!images.empty()) {
      writer_.key("images").begin_array();
      for (const auto image : images) writer_.value(image);
      writer_.end_array();
    }
    if (message.role == Role::tool) tool_result(message, index);
    if (message.has_calls()) tool_calls(message);
    writer_.end_object();
    return {};
  }

  // Ollama finds the call of a result by the tool's name; clients of other formats send the call's id.
  void tool_result(const Message& message, std::size_t index) {
    const auto name = tool_name_of(request_, index);
    if (!name.empty()) writer_.key("tool_name").value(name);
    if (!message.tool_call_id.empty()) writer_.key("tool_call_id").value(message.tool_call_id);
  }

  void tool_calls(const Message& message) {
    writer_.key("tool_calls").begin_array();
    for (const auto& call : message.parts) {
      if (call.kind != Part::Kind::tool_call) continue;
      writer_.begin_object();
      if (!call.id.empty()) writer_.key("id").value(call.id);
      writer_.key("function").begin_object().key("name").value(call.name).key("arguments");
      write_arguments(writer_, call.text);
      writer_.end_object().end_object();
    }
    writer_.end_array();
  }

  // There is no `tool_choice`: `none` leaves the tools out, a named one leaves the others out; `required` cannot be
  // forced.
  void tools() {
    if (request_.tools.empty() || request_.tool_choice.mode == ToolChoice::Mode::none) return;
    const bool named = request_.tool_choice.mode == ToolChoice::Mode::named;
    const auto only = named ? request_.tool_choice.name : std::string_view();
    writer_.key("tools").begin_array();
    for (const auto& tool : request_.tools) {
      if (!only.empty() && tool.name != only) continue;
      writer_.begin_object().key("type").value("function").key("function").begin_object().key("name").value(tool.name);
      if (!tool.description.empty()) writer_.key("description").value(tool.description);
      writer_.key("parameters");
      if (tool.parameters) {
        writer_.value(*tool.parameters);
      } else {
        writer_.raw(R"({"type":"object","properties":{}})");
      }
      writer_.end_object().end_object();
    }
    writer_.end_array();
  }

  void format() {
    if (request_.response_format == ResponseFormat::text) return;
    writer_.key("format");
    if (request_.json_schema) {
      writer_.value(*request_.json_schema);
    } else {
      writer_.value("json");
    }
  }

  // A field of the caller's body that OpenAI's format does not have.
  [[nodiscard]] bool own_field(std::string_view key, json::Element& out) const {
    json::Object body;
    return request_.document && request_.document->root().get(body) == simdjson::SUCCESS &&
           body.at_key(key).get(out) == simdjson::SUCCESS && !out.is_null();
  }

  // The caller's own `options`, as Ollama's clients send them, hold before what is said in OpenAI's words.
  void options() {
    json::Element given;
    json::Object own;
    const bool has_own = own_field("options", given) && given.get(own) == simdjson::SUCCESS;
    const auto is_free = [&](std::string_view key) { return !has_own || own.at_key(key).error() != simdjson::SUCCESS; };
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    if (has_own) {
      for (const auto field : own) writer.key(field.key).value(field.value);
    }
    const auto option = [&](std::string_view key, const auto& value) {
      if (value && is_free(key)) writer.key(key).value(*value);
    };
    option("temperature", request_.temperature);
    option("top_p", request_.top_p);
    option("top_k", request_.top_k);
    option("seed", request_.seed);
    option("num_predict", request_.max_tokens);
    if (target_.context > 0 && is_free("num_ctx")) writer.key("num_ctx").value(target_.context);
    option("presence_penalty", request_.presence_penalty);
    option("frequency_penalty", request_.frequency_penalty);
    for (const std::string_view key : {"min_p", "repeat_penalty"}) {
      if (json::Element value; is_free(key) && own_field(key, value)) writer.key(key).value(value);
    }
    if (!request_.stop.empty() && is_free("stop")) {
      writer.key("stop").begin_array();
      for (const auto stop : request_.stop) writer.value(stop);
      writer.end_array();
    }
    writer.end_object();
    if (text != "{}") writer_.key("options").raw(text);
    if (json::Element kept; own_field("keep_alive", kept)) writer_.key("keep_alive").value(kept);
  }

  void think() {
    auto effort = request_.reasoning_effort;
    if (effort.empty() && request_.thinking_tokens) effort = effort_of(*request_.thinking_tokens);
    const bool freely = effort.empty() && request_.thinking_tokens && *request_.thinking_tokens < 0;
    if (effort.empty() && !freely) return;
    writer_.key("think");
    if (freely) {
      writer_.boolean(true);
      return;
    }
    if (effort == "none") {
      writer_.boolean(false);
    } else if (effort == "minimal" || effort == "low") {
      writer_.value("low");
    } else if (effort == "medium") {
      writer_.value("medium");
    } else {
      writer_.value(effort == "xhigh" || effort == "max" ? "max" : "high");
    }
  }

  void logprobs() {
    if (!request_.logprobs) return;
    writer_.key("logprobs").boolean(true);
    if (request_.top_logprobs) writer_.key("top_logprobs").value(*request_.top_logprobs);
  }

  const Request& request_;
  const Target& target_;
  json::Writer writer_;
};

}  // namespace

Result<std::string> write_body(const Request& request, const Target& target, std::string_view prefill) {
  if (request.document && request.document->left_out() > 0) {
    return failure(unsupported("Lists of thousands of numbers are not translated to Ollama's format.", ""));
  }
  std::string out;
  out.reserve(request.text_bytes + 512);
  Encoder encoder(request, target, out);
  Status written;
  if (request.operation == Operation::completion) {
    written = encoder.completion();
  } else if (request.operation == Operation::embedding) {
    written = encoder.embedding();
  } else {
    written = encoder.chat(prefill);
  }
  if (!written) return failure(std::move(written.error()));
  return out;
}

}  // namespace weir::ollama_provider
