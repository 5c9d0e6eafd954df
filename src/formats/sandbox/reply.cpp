// The sandbox's answer as bytes and delays, in OpenAI's wire format.
#include <cmath>

#include <fmt/format.h>

#include "core/base64.h"
#include "core/stable_hash.h"
#include "formats/sandbox/wire.h"

namespace weir {
namespace {

constexpr int64_t born = 1'767'225'600;  // 2026-01-01; there is no clock here

SandboxReply begin_reply(const SandboxScript& script, const SandboxPersona& persona, std::string_view type) {
  SandboxReply reply;
  reply.head_delay_ms = script.head_ms.value_or(persona.head_ms);
  reply.headers.add("Content-Type", std::string(type));
  reply.headers.add("x-sandbox", std::string(persona.model));
  return reply;
}

void write_usage(json::Writer& writer, const Usage& usage) {
  writer.key("usage")
      .begin_object()
      .key("prompt_tokens")
      .value(usage.input)
      .key("completion_tokens")
      .value(usage.output);
  writer.key("total_tokens").value(usage.input + usage.output).end_object();
}

// Made up, but the same for the same token.
void write_logprobs(json::Writer& writer, std::span<const std::string> tokens) {
  writer.key("logprobs").begin_object().key("content").begin_array();
  for (const auto& token : tokens) {
    const auto spread = static_cast<double>(fnv1a(token) % 1000) / 1000.0;
    writer.begin_object().key("token").value(token).key("logprob").value(-0.001 - spread).key("bytes").begin_array();
    for (const char c : token) writer.value(static_cast<int>(static_cast<unsigned char>(c)));
    writer.end_array().key("top_logprobs").begin_array().end_array().end_object();
  }
  writer.end_array().key("refusal").null().end_object();
}

// What a piece of an answer adds: role, some tokens, tool calls, the end.
struct Piece {
  bool role = false;
  std::span<const std::string> tokens;
  bool calls = false;
  bool ends = false;
};

void write_calls(json::Writer& writer, const std::vector<AnswerToolCall>& calls, bool streamed) {
  writer.key("tool_calls").begin_array();
  int64_t index = 0;
  for (const auto& call : calls) {
    writer.begin_object();
    if (streamed) writer.key("index").value(index++);
    writer.key("id").value(call.id).key("type").value("function").key("function").begin_object();
    writer.key("name").value(call.name).key("arguments").value(call.arguments).end_object().end_object();
  }
  writer.end_array();
}

void write_choice(json::Writer& writer, const SandboxAnswer& answer, int64_t index, const Piece& piece) {
  std::string text;
  for (const auto& token : piece.tokens) text += token;
  writer.begin_object().key("index").value(index);
  if (!answer.chat) {
    writer.key("text").value(text);
  } else {
    writer.key(answer.stream ? "delta" : "message").begin_object();
    if (piece.role) writer.key("role").value("assistant");
    if (piece.calls) {
      if (!answer.stream) writer.key("content").null();
      write_calls(writer, answer.calls, answer.stream);
    } else if (piece.role || !piece.tokens.empty()) {
      writer.key("content").value(text);
    }
    if (!answer.stream) writer.key("refusal").null();
    writer.end_object();
  }
  if (answer.logprobs && answer.chat && !piece.tokens.empty()) {
    write_logprobs(writer, piece.tokens);
  } else {
    writer.key("logprobs").null();
  }
  writer.key("finish_reason");
  if (piece.ends) {
    writer.value(answer.finish);
  } else {
    writer.null();
  }
  writer.end_object();
}

std::string head_of(const SandboxAnswer& answer) {
  const auto object = answer.chat ? (answer.stream ? "chat.completion.chunk" : "chat.completion") : "text_completion";
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("id").value(answer.id).key("object").value(object).key("created").value(born);
  writer.key("model").value(answer.model).key("system_fingerprint").value("sandbox").end_object();
  out.pop_back();  // open for choices
  return out;
}

std::string event(const SandboxAnswer& answer, int64_t index, const Piece& piece) {
  std::string out = "data: " + head_of(answer) + ",\"choices\":[";
  json::Writer writer(out);
  write_choice(writer, answer, index, piece);
  return out + (answer.include_usage ? "],\"usage\":null}\n\n" : "]}\n\n");
}

std::string usage_event(const SandboxAnswer& answer) {
  std::string out = "data: " + head_of(answer) + ",\"choices\":[],";
  std::string usage;
  json::Writer writer(usage);
  writer.begin_object();
  write_usage(writer, answer.usage);
  writer.end_object();
  return out + usage.substr(1) + "\n\n";
}

// The events of a stream with their delays, faults not yet in them.
std::vector<SandboxStep> events_of(const SandboxAnswer& answer, const SandboxScript& script,
                                   const SandboxPersona& persona) {
  const auto first = script.first_token_ms.value_or(persona.first_token_ms);
  const auto next = script.token_ms.value_or(persona.token_ms);
  std::vector<SandboxStep> events;
  for (int64_t index = 0; index < answer.choices && answer.chat; ++index) {
    events.push_back({.bytes = event(answer, index, {.role = true})});
  }
  bool waited = false;
  const auto delay = [&] { return std::exchange(waited, true) ? next : first; };
  if (!answer.calls.empty()) {
    for (int64_t index = 0; index < answer.choices; ++index) {
      events.push_back({.delay_ms = delay(), .bytes = event(answer, index, {.calls = true})});
    }
  }
  for (std::size_t i = 0; i < answer.tokens.size(); ++i) {
    for (int64_t index = 0; index < answer.choices; ++index) {
      events.push_back({.delay_ms = index == 0 ? delay() : 0,
                        .bytes = event(answer, index, {.tokens = std::span(answer.tokens).subspan(i, 1)})});
    }
  }
  for (int64_t index = 0; index < answer.choices; ++index) {
    events.push_back({.bytes = event(answer, index, {.ends = true})});
  }
  if (answer.include_usage) events.push_back({.bytes = usage_event(answer)});
  if (!script.omit_done) events.push_back({.bytes = "data: [DONE]\n\n"});
  return events;
}

void apply_faults(const SandboxScript& script, SandboxReply& reply) {
  const auto at = [&](const std::optional<int64_t>& position) -> SandboxStep* {
    if (!position || *position < 1 || std::cmp_greater(*position, reply.steps.size())) return nullptr;
    return &reply.steps[static_cast<std::size_t>(*position - 1)];
  };
  if (auto* step = at(script.malformed_at)) step->bytes = "data: {\"choices\":[{\"delta\":{\"content\":\n\n";
  if (auto* step = at(script.error_at)) {
    step->bytes =
        "data: {\"error\":{\"message\":\"sandbox: this error was scripted by the request.\",\"type\":\"server_error\","
        "\"code\":\"sandbox\"}}\n\n";
    reply.steps.resize(static_cast<std::size_t>(*script.error_at));
  }
  const auto& end = script.cut_after ? script.cut_after : script.stall_after;
  if (!end || *end < 0 || std::cmp_greater_equal(*end, reply.steps.size())) return;
  reply.steps.resize(static_cast<std::size_t>(*end));
  reply.end = script.cut_after ? SandboxReply::End::cut : SandboxReply::End::stall;
}

// A bag of words: each word is a direction of its own, so that texts that share words are near each other.
std::vector<float> embed(std::string_view text, int64_t dimensions) {
  std::vector<double> sums(static_cast<std::size_t>(dimensions), 0.0);
  sums[0] = 1e-3;  // never the zero vector
  std::string word;
  const auto add = [&] {
    if (word.empty()) return;
    auto seed = fnv1a(word);
    for (auto& sum : sums) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      sum += static_cast<double>(seed >> 40) / static_cast<double>(1ULL << 24) - 0.5;
    }
    word.clear();
  };
  for (const char c : text) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0;
    if (letter) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      add();
    }
  }
  add();
  double norm = 0;
  for (const double sum : sums) norm += sum * sum;
  std::vector<float> embedding;
  embedding.reserve(sums.size());
  for (const double sum : sums) embedding.push_back(static_cast<float>(sum / std::sqrt(norm)));
  return embedding;
}

}  // namespace

int64_t sandbox_tokens(std::size_t bytes) { return static_cast<int64_t>((bytes + 3) / 4); }

SandboxReply render_answer(const SandboxAnswer& answer, const SandboxScript& script, const SandboxPersona& persona) {
  if (answer.stream) {
    auto reply = begin_reply(script, persona, "text/event-stream");
    reply.steps = events_of(answer, script, persona);
    apply_faults(script, reply);
    return reply;
  }
  auto reply = begin_reply(script, persona, "application/json");
  std::string body = head_of(answer) + ",\"choices\":[";
  for (int64_t index = 0; index < answer.choices; ++index) {
    if (index != 0) body += ',';
    json::Writer writer(body);
    write_choice(writer, answer, index,
                 {.role = true, .tokens = answer.tokens, .calls = !answer.calls.empty(), .ends = true});
  }
  body += "],";
  std::string usage;
  json::Writer writer(usage);
  writer.begin_object();
  write_usage(writer, answer.usage);
  writer.end_object();
  body += usage.substr(1);
  const auto tokens = static_cast<int64_t>(answer.tokens.size());
  const auto delay =
      script.first_token_ms.value_or(persona.first_token_ms) + tokens * script.token_ms.value_or(persona.token_ms);
  if (script.malformed_at) body.resize(body.size() / 2);
  reply.steps.push_back({.delay_ms = delay, .bytes = std::move(body)});
  if (script.cut_after || script.stall_after) {
    reply.steps.back().bytes.resize(reply.steps.back().bytes.size() / 2);
    reply.end = script.cut_after ? SandboxReply::End::cut : SandboxReply::End::stall;
  }
  return reply;
}

SandboxReply render_embeddings(const std::vector<std::string_view>& inputs, int64_t dimensions, bool packed,
                               const SandboxScript& script, const SandboxPersona& persona) {
  auto reply = begin_reply(script, persona, "application/json");
  std::string body;
  json::Writer writer(body);
  int64_t tokens = 0;
  int64_t index = 0;
  writer.begin_object().key("object").value("list").key("data").begin_array();
  for (const auto input : inputs) {
    tokens += sandbox_tokens(input.size());
    const auto embedding = embed(input, dimensions);
    writer.begin_object().key("object").value("embedding").key("index").value(index++).key("embedding");
    if (packed) {
      writer.value(pack_floats(embedding));
    } else {
      writer.begin_array();
      for (const float value : embedding) writer.value(value);
      writer.end_array();
    }
    writer.end_object();
  }
  writer.end_array().key("model").value(persona.model).key("usage").begin_object();
  writer.key("prompt_tokens").value(tokens).key("total_tokens").value(tokens).end_object().end_object();
  reply.steps.push_back({.delay_ms = script.first_token_ms.value_or(persona.first_token_ms), .bytes = std::move(body)});
  return reply;
}

SandboxReply render_models(const SandboxPersona& persona) {
  auto reply = begin_reply({}, persona, "application/json");
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("object").value("list").key("data").begin_array().begin_object();
  writer.key("id").value(persona.model).key("object").value("model").key("created").value(born);
  writer.key("owned_by").value("sandbox").end_object().end_array().end_object();
  reply.steps.push_back({.bytes = std::move(body)});
  return reply;
}

SandboxReply render_error(int status, std::string_view message, const SandboxScript& script,
                          const SandboxPersona& persona) {
  auto reply = begin_reply(script, persona, script.html ? "text/html" : "application/json");
  reply.status = status;
  if (script.retry_after) reply.headers.add("Retry-After", std::to_string(*script.retry_after));
  std::string body;
  if (script.html) {
    body =
        fmt::format("<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>", status, message);
  } else {
    json::Writer writer(body);
    writer.begin_object().key("error").begin_object().key("message").value(message);
    writer.key("type").value(status >= 500   ? "server_error"
                             : status == 429 ? "rate_limit_error"
                                             : "invalid_request_error");
    writer.key("param").null().key("code").value("sandbox").end_object().end_object();
  }
  reply.steps.push_back({.bytes = std::move(body)});
  return reply;
}

}  // namespace weir
