// Request → bodies of Ollama's API.
#include <fmt/format.h>

#include "formats/ollama/model_face.h"

namespace weir::ollama_provider {
namespace {

Error refuse(std::string message, std::string param) {
  return {.code = ErrorCode::unsupported, .message = std::move(message), .param = std::move(param)};
}

// Ollama takes inline images only, as bare base64.
bool base64_of_data_url(std::string_view url, std::string_view& out) {
  const auto comma = url.find(',');
  if (!url.starts_with("data:") || comma == std::string_view::npos) return false;
  if (!url.substr(0, comma).ends_with(";base64")) return false;
  out = url.substr(comma + 1);
  return true;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::system:
    case Role::developer:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
    case Role::tool:
      return "tool";
  }
  return "user";
}

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
      return failure(refuse("Ollama takes one prompt as a string, neither token ids nor several prompts.", "prompt"));
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
    if (request_.inputs_are_tokens) return failure(refuse("Ollama embeds strings, not token ids.", "input"));
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
    if (request_.n != 1) return failure(refuse("Ollama gives one answer a request: 'n' must be 1.", "n"));
    if (request_.has_other_tools) {
      return failure(refuse("Ollama knows tools of type 'function' only.", "tools"));
    }
    return {};
  }

  Status message(std::size_t index) {
    const auto& message = request_.messages[index];
    std::vector<std::string_view> images;
    std::string content;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const auto& part = message.parts[i];
      switch (part.kind) {
        case Part::Kind::text:
        case Part::Kind::refusal:
          content += part.text;
          break;
        case Part::Kind::image_url:
          if (base64_of_data_url(part.text, images.emplace_back())) break;
          return failure(refuse("Ollama cannot fetch images: give the image inline, as a `data:` URL in base64.",
                                fmt::format("messages[{}].content[{}].image_url.url", index, i)));
        case Part::Kind::other:
          return failure(refuse("Ollama takes text and images; this part is neither.",
                                fmt::format("messages[{}].content[{}].type", index, i)));
      }
    }
    writer_.begin_object().key("role").value(role_name(message.role)).key("content").value(content);
    if (!message.reasoning.empty()) writer_.key("thinking").value(message.reasoning);
    if (!images.empty()) {
      writer_.key("images").begin_array();
      for (const auto image : images) writer_.value(image);
      writer_.end_array();
    }
    if (message.role == Role::tool) tool_result(message, index);
    if (!message.tool_calls.empty()) tool_calls(message);
    writer_.end_object();
    return {};
  }

  // Ollama finds the call of a result by the tool's name; OpenAI's clients send the call's id.
  void tool_result(const Message& message, std::size_t index) {
    std::string_view name = message.name;
    for (std::size_t i = index; i-- > 0 && name.empty();) {
      for (const auto& call : request_.messages[i].tool_calls) {
        if (call.id == message.tool_call_id) name = call.name;
      }
    }
    if (!name.empty()) writer_.key("tool_name").value(name);
    if (!message.tool_call_id.empty()) writer_.key("tool_call_id").value(message.tool_call_id);
  }

  void tool_calls(const Message& message) {
    writer_.key("tool_calls").begin_array();
    for (const auto& call : message.tool_calls) {
      writer_.begin_object();
      if (!call.id.empty()) writer_.key("id").value(call.id);
      writer_.key("function").begin_object().key("name").value(call.name).key("arguments");
      arguments(call.arguments);
      writer_.end_object().end_object();
    }
    writer_.end_array();
  }

  // A string with JSON in it there, an object here. What is no object is kept under a name of its own.
  void arguments(std::string_view text) {
    json::Document document;
    if (text.empty()) {
      writer_.begin_object().end_object();
    } else if (document.parse_copy(text) && document.root().is_object()) {
      writer_.value(document.root());
    } else {
      writer_.begin_object().key("arguments").value(text).end_object();
    }
  }

  // There is no `tool_choice`: `none` leaves the tools out, a named one leaves the others out; `required` cannot be
  // forced.
  void tools() {
    if (request_.tools.empty() || request_.tool_choice == R"("none")") return;
    std::string_view only;
    json::Document choice;
    if (request_.tool_choice.starts_with('{') && choice.parse_copy(request_.tool_choice)) {
      json::read_if(choice.root().at_pointer("/function/name"), only);
    }
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
    option("seed", request_.seed);
    option("num_predict", request_.max_tokens);
    if (target_.context > 0 && is_free("num_ctx")) writer.key("num_ctx").value(target_.context);
    option("presence_penalty", request_.presence_penalty);
    option("frequency_penalty", request_.frequency_penalty);
    for (const std::string_view key : {"top_k", "min_p", "repeat_penalty"}) {
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
    const auto effort = request_.reasoning_effort;
    if (effort.empty()) return;
    writer_.key("think");
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

Result<std::string> encode_body(const Request& request, const Target& target, std::string_view prefill) {
  if (request.document && request.document->left_out() > 0) {
    return failure(refuse("Lists of thousands of numbers are not translated to Ollama's format.", ""));
  }
  std::string out;
  out.reserve(request.text_bytes + 512);
  Encoder encoder(request, target, out);
  Status written;
  switch (request.operation) {
    case Operation::chat:
      written = encoder.chat(prefill);
      break;
    case Operation::completion:
      written = encoder.completion();
      break;
    case Operation::embedding:
      written = encoder.embedding();
      break;
  }
  if (!written) return failure(std::move(written.error()));
  return out;
}

}  // namespace weir::ollama_provider
