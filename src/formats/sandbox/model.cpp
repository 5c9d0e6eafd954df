// The sandbox reads a request and decides what to say.
#include "formats/sandbox/model.h"

#include <array>

#include <fmt/format.h>

#include "core/stable_hash.h"
#include "formats/sandbox/instance.h"
#include "formats/sandbox/wire.h"

namespace weir {
namespace {

using json::Element;
using json::Object;

// A small model on a machine under the desk, and a large one behind a network.
constexpr std::array personas = {
    SandboxPersona{.model = "sandbox-local",
                   .place = "local",
                   .head_ms = 5,
                   .first_token_ms = 180,
                   .token_ms = 22,
                   .thorough = false},
    SandboxPersona{.model = "sandbox-cloud",
                   .place = "cloud",
                   .head_ms = 60,
                   .first_token_ms = 280,
                   .token_ms = 9,
                   .thorough = true},
};

std::optional<int64_t> optional_int(const Object& object, std::string_view key) {
  int64_t number = 0;
  if (object.at_key(key).get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

bool flag(const Object& object, std::string_view key) {
  bool set = false;
  return object.at_key(key).get(set) == simdjson::SUCCESS && set;
}

SandboxScript read_script(const Object& body, std::string_view model) {
  SandboxScript script;
  Object settings;
  if (body.at_key("sandbox").get(settings) != simdjson::SUCCESS) return script;
  Object own;
  bool per_model = false;
  for (const auto field : settings) per_model = per_model || field.value.is_object();
  if (settings.at_key(model).get(own) == simdjson::SUCCESS) {
    settings = own;
  } else if (per_model) {
    return script;  // meant for others
  }
  script.status = optional_int(settings, "status");
  script.retry_after = optional_int(settings, "retry_after");
  script.head_ms = optional_int(settings, "head_ms");
  script.first_token_ms = optional_int(settings, "first_token_ms");
  script.token_ms = optional_int(settings, "token_ms");
  script.cut_after = optional_int(settings, "cut_after");
  script.stall_after = optional_int(settings, "stall_after");
  script.malformed_at = optional_int(settings, "malformed_at");
  script.error_at = optional_int(settings, "error_at");
  script.html = flag(settings, "html");
  script.omit_done = flag(settings, "omit_done");
  script.say = json::string_or(settings, "say");
  script.finish = json::string_or(settings, "finish");
  return script;
}

std::string content_of(const Object& message) {
  Element content;
  if (message.at_key("content").get(content) != simdjson::SUCCESS) return {};
  std::string_view text;
  if (content.get(text) == simdjson::SUCCESS) return std::string(text);
  std::string joined;
  json::Array parts;
  if (content.get(parts) != simdjson::SUCCESS) return {};
  for (const auto part : parts) {
    Object object;
    if (part.get(object) == simdjson::SUCCESS) joined += json::string_or(object, "text");
  }
  return joined;
}

// The first words of a text, for quoting.
std::string beginning(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string out(text.substr(0, longest));
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
  if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
  for (char& c : out) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return text.size() > longest ? out + "…" : out;
}

std::string sentences(const SandboxPersona& persona, std::string_view asked) {
  auto text =
      fmt::format("This is a sandbox answer: no model was asked. It comes from {}, a scripted stand-in for a {} model.",
                  persona.model, persona.place);
  if (persona.thorough) {
    text += fmt::format(
        " You wrote: \"{}\" A real model would now take that apart, weigh what you may have meant, and answer at "
        "length; the "
        "stand-in only shows the way that your request took, how long such an answer takes, and what it would cost.",
        beginning(asked));
  }
  return text +
         " Start Ollama, vLLM, LM Studio or llama-server on this machine, or set an API key such as OPENAI_API_KEY, "
         "and Weir "
         "will ask a real model instead.";
}

// Words with the blank before them, as tokenizers cut.
std::vector<std::string> cut_into_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const auto next = text.find(' ', at + 1);
    tokens.emplace_back(text.substr(at, next == std::string_view::npos ? next : next - at));
    at = next == std::string_view::npos ? text.size() : next;
  }
  return tokens;
}

// What matters of a conversation.
struct Conversation {
  std::string asked;  // the last user message
  std::string last_role;
  std::string last_content;
  std::size_t bytes = 0;
};

Conversation read_messages(const json::Array& messages) {
  Conversation conversation;
  for (const auto element : messages) {
    Object message;
    if (element.get(message) != simdjson::SUCCESS) continue;
    conversation.last_role = json::string_or(message, "role");
    conversation.last_content = content_of(message);
    conversation.bytes += conversation.last_content.size();
    if (conversation.last_role == "user") conversation.asked = conversation.last_content;
  }
  return conversation;
}

bool call_tool(const Object& body, const Conversation& conversation, SandboxAnswer& answer) {
  json::Array tools;
  if (body.at_key("tools").get(tools) != simdjson::SUCCESS || conversation.last_role == "tool") return false;
  Element choice;
  std::string_view named;
  bool required = false;
  if (body.at_key("tool_choice").get(choice) == simdjson::SUCCESS) {
    std::string_view word;
    if (choice.get(word) == simdjson::SUCCESS) {
      if (word == "none") return false;
      required = word == "required";
    }
    json::read_if(choice.at_pointer("/function/name"), named);
  }
  for (const auto element : tools) {
    Object function;
    if (element.at_key("function").get(function) != simdjson::SUCCESS) continue;
    const auto name = json::string_or(function, "name");
    const bool mentioned = !name.empty() && conversation.asked.find(name) != std::string::npos;
    const bool wanted = named.empty() ? required || mentioned : name == named;
    if (!wanted) continue;
    Element parameters;
    const bool typed = function.at_key("parameters").get(parameters) == simdjson::SUCCESS;
    answer.calls.push_back({.id = fmt::format("call_{}", answer.id.substr(answer.id.size() - 8)),
                            .name = std::string(name),
                            .arguments = typed ? smallest_instance(parameters) : "{}"});
    return true;
  }
  return false;
}

std::string answer_text(const Object& body, const Conversation& conversation, const SandboxScript& script,
                        const SandboxPersona& persona) {
  if (!script.say.empty()) return script.say;
  Object format;
  if (body.at_key("response_format").get(format) == simdjson::SUCCESS) {
    const auto type = json::string_or(format, "type");
    Object described;
    Element schema;
    if (type == "json_schema" && format.at_key("json_schema").get(described) == simdjson::SUCCESS &&
        described.at_key("schema").get(schema) == simdjson::SUCCESS) {
      return smallest_instance(schema);
    }
    if (type != "text" && !type.empty()) return R"({"sandbox":true,"note":"no model was asked"})";
  }
  if (conversation.last_role == "tool") {
    return fmt::format("The tool said: \"{}\" ", beginning(conversation.last_content)) +
           sentences(persona, conversation.asked);
  }
  return sentences(persona, conversation.asked);
}

// Stops and limits, in the order in which a server applies them.
void limit(std::string text, const Object& body, SandboxAnswer& answer) {
  std::vector<std::string_view> stops;
  Element stop;
  if (body.at_key("stop").get(stop) == simdjson::SUCCESS) {
    std::string_view one;
    json::Array many;
    if (stop.get(one) == simdjson::SUCCESS) stops.push_back(one);
    if (stop.get(many) == simdjson::SUCCESS) {
      for (const auto element : many) {
        if (element.get(one) == simdjson::SUCCESS) stops.push_back(one);
      }
    }
  }
  for (const auto mark : stops) {
    if (!mark.empty()) text.resize(std::min(text.size(), text.find(mark)));
  }
  answer.tokens = cut_into_tokens(text);
  const auto most = json::int_or(body, "max_completion_tokens", json::int_or(body, "max_tokens", -1));
  if (most < 0 || std::cmp_less_equal(answer.tokens.size(), most)) return;
  answer.tokens.resize(static_cast<std::size_t>(most));
  answer.finish = "length";
}

SandboxReply reply_to_text(const Object& body, std::string_view path, std::string_view raw, const SandboxScript& script,
                           const SandboxPersona& persona) {
  SandboxAnswer answer;
  answer.chat = path.ends_with("/chat/completions");
  answer.stream = flag(body, "stream");
  answer.model = persona.model;
  answer.choices = std::clamp<int64_t>(json::int_or(body, "n", 1), 1, 128);
  answer.id = fmt::format("{}-sandbox{:016x}", answer.chat ? "chatcmpl" : "cmpl", fnv1a(raw));
  Object options;
  if (body.at_key("stream_options").get(options) == simdjson::SUCCESS)
    answer.include_usage = flag(options, "include_usage");
  answer.logprobs = flag(body, "logprobs");

  Conversation conversation;
  json::Array messages;
  if (answer.chat) {
    if (body.at_key("messages").get(messages) != simdjson::SUCCESS) {
      return render_error(400, "sandbox: 'messages' is missing.", script, persona);
    }
    conversation = read_messages(messages);
  } else {
    conversation.asked = json::string_or(body, "prompt");
    conversation.bytes = conversation.asked.size();
  }
  answer.usage = {.input = sandbox_tokens(conversation.bytes) + 4, .known = true};
  if (answer.chat && call_tool(body, conversation, answer)) {
    answer.finish = "tool_calls";
    answer.usage.output = sandbox_tokens(answer.calls.front().arguments.size()) + 4;
  } else {
    auto text = answer_text(body, conversation, script, persona);
    // A trailing assistant message is the begin of the answer: go on behind it.
    const bool continues = conversation.last_role == "assistant" && text.starts_with(conversation.last_content);
    limit(continues ? text.substr(conversation.last_content.size()) : std::move(text), body, answer);
    answer.usage.output = static_cast<int64_t>(answer.tokens.size()) * answer.choices;
  }
  if (!script.finish.empty()) answer.finish = script.finish;
  return render_answer(answer, script, persona);
}

SandboxReply reply_to_embedding(const Object& body, const SandboxScript& script, const SandboxPersona& persona) {
  std::vector<std::string_view> inputs;
  Element input;
  if (body.at_key("input").get(input) == simdjson::SUCCESS) {
    std::string_view one;
    json::Array many;
    if (input.get(one) == simdjson::SUCCESS) inputs.push_back(one);
    if (input.get(many) == simdjson::SUCCESS) {
      for (const auto element : many) {
        if (element.get(one) == simdjson::SUCCESS) inputs.push_back(one);
      }
    }
  }
  if (inputs.empty()) return render_error(400, "sandbox: 'input' must be a string or strings.", script, persona);
  const auto dimensions = std::clamp<int64_t>(json::int_or(body, "dimensions", 64), 1, 4096);
  return render_embeddings(inputs, dimensions, json::string_or(body, "encoding_format") == "base64", script, persona);
}

}  // namespace

std::span<const SandboxPersona> sandbox_personas() { return personas; }

SandboxReply sandbox_reply(const HttpRequest& request, const SandboxPersona& persona) {
  const auto path = std::string_view(request.path).substr(0, request.path.find('?'));
  if (request.method == "GET" && path.ends_with("/models")) return render_models(persona);
  const bool text = path.ends_with("/completions");
  if (request.method != "POST" || !(text || path.ends_with("/embeddings"))) {
    return render_error(404, fmt::format("sandbox: there is nothing at {} {}.", request.method, path), {}, persona);
  }
  json::Document document;
  Object body;
  if (auto parsed = document.parse_request(request.body); !parsed) {
    return render_error(400, "sandbox: " + parsed.error().message, {}, persona);
  }
  if (document.root().get(body) != simdjson::SUCCESS)
    return render_error(400, "sandbox: the body is no object.", {}, persona);
  const auto script = read_script(body, persona.model);
  if (script.status && *script.status != 200) {
    return render_error(static_cast<int>(*script.status), "sandbox: this error was scripted by the request.", script,
                        persona);
  }
  return text ? reply_to_text(body, path, request.body, script, persona) : reply_to_embedding(body, script, persona);
}

}  // namespace weir
