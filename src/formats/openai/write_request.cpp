// Canonical form → a body in OpenAI's format, for requests that came in another one.
#include "core/role_name.h"
#include "formats/openai/model_face.h"
#include "formats/shared/signature.h"
#include "formats/shared/tool_result.h"
#include "formats/shared/translation.h"

namespace weir::openai_provider {
namespace {

std::string_view role_name(Role role, const Quirks& quirks) {
  return role == Role::developer && !quirks.no_developer_role ? "developer" : common_role_name(role);
}

std::string_view sound_format(std::string_view mime) {
  if (mime == "audio/mpeg" || mime == "audio/mp3") return "mp3";
  return mime.starts_with("audio/") ? mime.substr(mime.find('/') + 1) : std::string_view("wav");
}

void write_media(json::Writer& writer, const Media& media) {
  writer.begin_object();
  if (media.kind == Media::Kind::image) {
    writer.key("type").value("image_url").key("image_url").begin_object().key("url").value(url_of(media));
    if (!media.detail.empty()) writer.key("detail").value(media.detail);
    writer.end_object();
  } else if (media.kind == Media::Kind::audio && !media.data.empty()) {
    writer.key("type").value("input_audio").key("input_audio").begin_object();
    writer.key("data").value(media.data).key("format").value(sound_format(media.mime)).end_object();
  } else {
    writer.key("type").value("file").key("file").begin_object();
    writer.key("filename").value(media.name.empty() ? std::string_view("document") : media.name);
    writer.key("file_data").value(url_of(media)).end_object();
  }
  writer.end_object();
}

// What stands in `content`; calls and thoughts have fields of their own.
bool is_content(const Part& part) { return is_text(part) || part.kind == Part::Kind::media; }

void write_part(json::Writer& writer, const Part& part) {
  if (part.kind == Part::Kind::media) return write_media(writer, part.media);
  const auto kind = part.kind == Part::Kind::refusal ? std::string_view("refusal") : std::string_view("text");
  writer.begin_object().key("type").value(kind).key(kind).value(part.text).end_object();
}

void write_content(json::Writer& writer, const Message& message) {
  writer.key("content");
  const auto count = std::count_if(message.parts.begin(), message.parts.end(), is_content);
  if (count == 0) {
    if (message.has_calls()) {
      writer.null();
    } else {
      writer.value("");
    }
    return;
  }
  const auto& first = *std::find_if(message.parts.begin(), message.parts.end(), is_content);
  if (count == 1 && first.kind == Part::Kind::text) {
    writer.value(first.text);
    return;
  }
  writer.begin_array();
  for (const auto& part : message.parts) {
    if (is_content(part)) write_part(writer, part);
  }
  writer.end_array();
}

void write_calls(json::Writer& writer, const Message& message, const Request& request) {
  if (!message.has_calls()) return;
  writer.key("tool_calls").begin_array();
  for (const auto& part : message.parts) {
    if (part.kind != Part::Kind::tool_call) continue;
    writer.begin_object().key("id").value(part.id).key("type").value("function").key("function").begin_object();
    writer.key("name").value(part.name).key("arguments");
    writer.value(part.text.empty() ? std::string_view("{}") : part.text).end_object();
    const auto seal = signature_for(part.signature, request.format, dialect);
    if (!seal.empty()) {
      writer.key("extra_content").begin_object().key("google").begin_object();
      writer.key("thought_signature").value(seal).end_object().end_object();
    }
    writer.end_object();
  }
  writer.end_array();
}

void write_message(json::Writer& writer, const Message& message, const Request& request, const Quirks& quirks) {
  // A result without the id of its call comes from the deprecated `function` role.
  const bool deprecated = message.role == Role::tool && message.tool_call_id.empty();
  writer.begin_object().key("role").value(deprecated ? "function" : role_name(message.role, quirks));
  if (message.is_error) {
    std::string buffer;
    writer.key("content").value(result_text(message, buffer));
  } else {
    write_content(writer, message);
  }
  if (!message.name.empty()) writer.key("name").value(message.name);
  if (!message.tool_call_id.empty()) writer.key("tool_call_id").value(message.tool_call_id);
  write_calls(writer, message, request);
  writer.end_object();
}

// Pictures that a tool gave stand in no tool message of this format: they follow it as the user's.
bool has_pictures(const Message& message) {
  return message.role == Role::tool && std::any_of(message.parts.begin(), message.parts.end(),
                                                   [](const Part& part) { return part.kind == Part::Kind::media; });
}

void write_tool_turn(json::Writer& writer, std::span<const Message> results, const Request& request,
                     const Quirks& quirks) {
  for (const auto& result : results) {
    auto texts = result;
    std::erase_if(texts.parts, [](const Part& part) { return part.kind == Part::Kind::media; });
    write_message(writer, texts, request, quirks);
  }
  Message pictures{.role = Role::user};
  for (const auto& result : results) {
    for (const auto& part : result.parts) {
      if (part.kind == Part::Kind::media) pictures.parts.push_back(part);
    }
  }
  if (!pictures.parts.empty()) write_message(writer, pictures, request, quirks);
}

void write_messages(json::Writer& writer, const Request& request, const Quirks& quirks) {
  const auto& messages = request.messages;
  for (std::size_t i = 0; i < messages.size();) {
    auto end = i;
    bool pictures = false;
    for (; end < messages.size() && messages[end].role == Role::tool; ++end)
      pictures = pictures || has_pictures(messages[end]);
    if (end > i && pictures) {
      write_tool_turn(writer, std::span(messages).subspan(i, end - i), request, quirks);
      i = end;
      continue;
    }
    write_message(writer, messages[i], request, quirks);
    ++i;
  }
}

void write_tool_choice(json::Writer& writer, const ToolChoice& choice) {
  switch (choice.mode) {
    case ToolChoice::Mode::unset:
    case ToolChoice::Mode::foreign:
      break;
    case ToolChoice::Mode::automatic:
      writer.key("tool_choice").value("auto");
      break;
    case ToolChoice::Mode::any:
      writer.key("tool_choice").value("required");
      break;
    case ToolChoice::Mode::none:
      writer.key("tool_choice").value("none");
      break;
    case ToolChoice::Mode::named:
      writer.key("tool_choice").begin_object().key("type").value("function").key("function").begin_object();
      writer.key("name").value(choice.name).end_object().end_object();
      break;
  }
}

void write_tools(json::Writer& writer, const Request& request) {
  writer.key("tools").begin_array();
  for (const auto& tool : request.tools) {
    writer.begin_object().key("type").value("function").key("function").begin_object().key("name").value(tool.name);
    if (!tool.description.empty()) writer.key("description").value(tool.description);
    if (tool.parameters) writer.key("parameters").value(*tool.parameters);
    if (tool.strict) writer.key("strict").boolean(*tool.strict);
    writer.end_object().end_object();
  }
  writer.end_array();
  write_tool_choice(writer, request.tool_choice);
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
    if (request.json_schema_strict) writer.key("strict").boolean(*request.json_schema_strict);
    writer.end_object();
  }
  writer.end_object();
}

template <typename T>
void write_if(json::Writer& writer, std::string_view key, const std::optional<T>& value) {
  if (value) writer.key(key).value(*value);
}

void write_sampling(json::Writer& writer, const Request& request, const Quirks& quirks) {
  write_if(writer, "temperature", request.temperature);
  write_if(writer, "top_p", request.top_p);
  write_if(writer, "presence_penalty", request.presence_penalty);
  write_if(writer, "frequency_penalty", request.frequency_penalty);
  write_if(writer, "seed", request.seed);
  if (quirks.takes_top_k) write_if(writer, "top_k", request.top_k);
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
  write_messages(writer, request, quirks);
  if (!prefill.empty()) writer.raw(prefill_message(quirks, prefill));
  writer.end_array();
  if (!prefill.empty() && quirks.prefill_flags) {
    writer.key("continue_final_message").boolean(true).key("add_generation_prompt").boolean(false);
  }
  if (!request.tools.empty()) write_tools(writer, request);
  write_response_format(writer, request);
  write_sampling(writer, request, quirks);
  write_if(writer, quirks.no_max_completion_tokens ? "max_tokens" : "max_completion_tokens", request.max_tokens);
  if (request.logprobs) writer.key("logprobs").boolean(true);
  write_if(writer, "top_logprobs", request.top_logprobs);
  auto effort = request.reasoning_effort;
  if (effort.empty() && request.thinking_tokens) effort = effort_of(*request.thinking_tokens);
  if (!effort.empty()) writer.key("reasoning_effort").value(effort);
  write_stream(writer, request, quirks);
}

void write_completion(json::Writer& writer, const Request& request, const Quirks& quirks) {
  write_inputs(writer, "prompt", request.inputs);
  if (!request.suffix.empty()) writer.key("suffix").value(request.suffix);
  write_sampling(writer, request, quirks);
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
  if (request.operation == Operation::chat) {
    write_chat(writer, request, quirks, prefill);
  } else if (request.operation == Operation::completion) {
    write_completion(writer, request, quirks);
  } else {
    write_inputs(writer, "input", request.inputs);
    write_if(writer, "dimensions", request.dimensions);
    if (request.wants_base64) writer.key("encoding_format").value("base64");
  }
  writer.end_object();
  return out;
}

}  // namespace weir::openai_provider
