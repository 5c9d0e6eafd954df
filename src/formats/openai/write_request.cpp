// Canonical form → a body in OpenAI's format, for requests that came in another dialect.
#include "formats/openai/model_face.h"

namespace weir::openai_provider {
namespace {

std::string_view role_name(Role role, const Quirks& quirks) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::developer:
      return quirks.no_developer_role ? "system" : "developer";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
    case Role::tool:
      return "tool";
  }
  return "user";
}

void write_part(json::Writer& writer, const Part& part) {
  using Kind = Part::Kind;
  switch (part.kind) {
    case Kind::text:
      writer.begin_object().key("type").value("text").key("text").value(part.text).end_object();
      break;
    case Kind::refusal:
      writer.begin_object().key("type").value("refusal").key("refusal").value(part.text).end_object();
      break;
    case Kind::image_url:
      writer.begin_object().key("type").value("image_url").key("image_url").begin_object().key("url").value(part.text);
      writer.end_object().end_object();
      break;
    case Kind::other:
      writer.value(part.raw);
      break;
  }
}

void write_content(json::Writer& writer, const Message& message) {
  writer.key("content");
  const auto& parts = message.parts;
  if (parts.empty()) {
    if (message.tool_calls.empty()) {
      writer.value("");
    } else {
      writer.null();
    }
  } else if (parts.size() == 1 && parts.front().kind == Part::Kind::text) {
    writer.value(parts.front().text);
  } else {
    writer.begin_array();
    for (const auto& part : parts) write_part(writer, part);
    writer.end_array();
  }
}

void write_message(json::Writer& writer, const Message& message, const Quirks& quirks) {
  // A result without the id of its call comes from the deprecated `function` role.
  const bool deprecated = message.role == Role::tool && message.tool_call_id.empty();
  writer.begin_object().key("role").value(deprecated ? "function" : role_name(message.role, quirks));
  write_content(writer, message);
  if (!message.name.empty()) writer.key("name").value(message.name);
  if (!message.tool_call_id.empty()) writer.key("tool_call_id").value(message.tool_call_id);
  if (!message.tool_calls.empty()) {
    writer.key("tool_calls").begin_array();
    for (const auto& call : message.tool_calls) {
      writer.begin_object().key("id").value(call.id).key("type").value("function").key("function").begin_object();
      writer.key("name").value(call.name).key("arguments").value(call.arguments).end_object().end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

void write_tools(json::Writer& writer, const Request& request) {
  writer.key("tools").begin_array();
  for (const auto& tool : request.tools) {
    writer.begin_object().key("type").value("function").key("function").begin_object().key("name").value(tool.name);
    if (!tool.description.empty()) writer.key("description").value(tool.description);
    if (tool.parameters) writer.key("parameters").value(*tool.parameters);
    writer.end_object().end_object();
  }
  writer.end_array();
  if (!request.tool_choice.empty()) writer.key("tool_choice").raw(request.tool_choice);
  if (request.parallel_tool_calls) writer.key("parallel_tool_calls").boolean(*request.parallel_tool_calls);
}

void write_response_format(json::Writer& writer, const Request& request) {
  if (request.response_format == ResponseFormat::text) return;
  writer.key("response_format").begin_object();
  if (request.response_format == ResponseFormat::json_object) {
    writer.key("type").value("json_object");
  } else {
    writer.key("type").value("json_schema").key("json_schema").begin_object();
    writer.key("name").value(request.json_schema_name.empty() ? std::string_view("answer") : request.json_schema_name);
    if (request.json_schema) writer.key("schema").value(*request.json_schema);
    writer.end_object();
  }
  writer.end_object();
}

template <typename T>
void write_if(json::Writer& writer, std::string_view key, const std::optional<T>& value) {
  if (value) writer.key(key).value(*value);
}

void write_sampling(json::Writer& writer, const Request& request) {
  write_if(writer, "temperature", request.temperature);
  write_if(writer, "top_p", request.top_p);
  write_if(writer, "presence_penalty", request.presence_penalty);
  write_if(writer, "frequency_penalty", request.frequency_penalty);
  write_if(writer, "seed", request.seed);
  if (request.n != 1) writer.key("n").value(request.n);
  if (request.stop.empty()) return;
  writer.key("stop").begin_array();
  for (const auto stop : request.stop) writer.value(stop);
  writer.end_array();
}

void write_stream(json::Writer& writer, const Request& request, const Quirks& quirks) {
  if (!request.stream) return;
  writer.key("stream").boolean(true);
  if (quirks.no_stream_options) return;
  writer.key("stream_options").begin_object().key("include_usage").boolean(true).end_object();
}

void write_inputs(json::Writer& writer, std::string_view key, const std::vector<std::string_view>& inputs) {
  writer.key(key);
  if (inputs.size() == 1) {
    writer.value(inputs.front());
    return;
  }
  writer.begin_array();
  for (const auto input : inputs) writer.value(input);
  writer.end_array();
}

void write_chat(json::Writer& writer, const Request& request, const Quirks& quirks, std::string_view prefill) {
  writer.key("messages").begin_array();
  for (const auto& message : request.messages) write_message(writer, message, quirks);
  if (!prefill.empty()) writer.raw(prefill_message(quirks, prefill));
  writer.end_array();
  if (!prefill.empty() && quirks.prefill_flags) {
    writer.key("continue_final_message").boolean(true).key("add_generation_prompt").boolean(false);
  }
  if (!request.tools.empty()) write_tools(writer, request);
  write_response_format(writer, request);
  write_sampling(writer, request);
  write_if(writer, quirks.no_max_completion_tokens ? "max_tokens" : "max_completion_tokens", request.max_tokens);
  if (request.logprobs) writer.key("logprobs").boolean(true);
  write_if(writer, "top_logprobs", request.top_logprobs);
  if (!request.reasoning_effort.empty()) writer.key("reasoning_effort").value(request.reasoning_effort);
  write_stream(writer, request, quirks);
}

void write_completion(json::Writer& writer, const Request& request, const Quirks& quirks) {
  write_inputs(writer, "prompt", request.inputs);
  if (!request.suffix.empty()) writer.key("suffix").value(request.suffix);
  write_sampling(writer, request);
  write_if(writer, "max_tokens", request.max_tokens);
  if (request.logprobs) writer.key("logprobs").value(request.top_logprobs.value_or(0));
  write_stream(writer, request, quirks);
}

}  // namespace

std::string translate_body(const Request& request, const Target& target, std::string_view prefill) {
  std::string out;
  out.reserve(request.text_bytes + 512);
  json::Writer writer(out);
  const auto& quirks = target.provider.quirks;
  writer.begin_object().key("model").value(target.model.name);
  switch (request.operation) {
    case Operation::chat:
      write_chat(writer, request, quirks, prefill);
      break;
    case Operation::completion:
      write_completion(writer, request, quirks);
      break;
    case Operation::embedding:
      write_inputs(writer, "input", request.inputs);
      write_if(writer, "dimensions", request.dimensions);
      if (request.wants_base64) writer.key("encoding_format").value("base64");
      break;
  }
  writer.end_object();
  return out;
}

}  // namespace weir::openai_provider
