// Answers and stream lines of Ollama's API → canonical form. A stream line is a whole answer with a piece of text in
// it, so both are read by the same code.
#include <fmt/format.h>

#include "core/stable_hash.h"
#include "formats/ollama/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"
#include "formats/shared/token_count.h"

namespace weir::ollama_provider {
namespace {

using json::Element;
using Kind = StreamEvent::Kind;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

// Ollama gives neither answers nor tool calls an id; one is made from the time it states to the nanosecond.
uint64_t hash_of(std::string_view text) { return fnv1a(text); }

int64_t number_at(std::string_view text, std::size_t at, std::size_t count) {
  int64_t value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + (c - '0');
  }
  return value;
}

// `2025-10-02T15:04:05.123456789Z` or with an offset, to seconds since the epoch; 0 when it is no such thing.
int64_t parse_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[10] != 'T') return 0;
  const auto month = number_at(text, 5, 2);
  const auto year = number_at(text, 0, 4) - (month <= 2 ? 1 : 0);
  const auto day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + number_at(text, 8, 2) - 1;
  const auto of_era = year % 400;
  const auto days = year / 400 * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
  auto seconds = days * 86400 + number_at(text, 11, 2) * 3600 + number_at(text, 14, 2) * 60 + number_at(text, 17, 2);
  const auto offset = text.find_first_of("+-", 19);
  if (offset != std::string_view::npos && offset + 6 <= text.size()) {
    const auto shift = number_at(text, offset + 1, 2) * 3600 + number_at(text, offset + 4, 2) * 60;
    seconds += text[offset] == '+' ? -shift : shift;
  }
  return seconds;
}

// What one answer or line says.
struct Piece {
  std::string text;
  std::string thinking;
  std::vector<AnswerToolCall> calls;
  std::string logprobs;
  bool done = false;
  std::string_view done_reason;
  Usage usage;
};

AnswerToolCall read_call(const json::Object& object, std::string_view made_at, int64_t index) {
  AnswerToolCall call;
  call.id = json::string_or(object, "id");
  if (call.id.empty()) call.id = fmt::format("call_{:016x}", hash_of(fmt::format("{}#{}", made_at, index)));
  json::Object function;
  if (object.at_key("function").get(function) != simdjson::SUCCESS) return call;
  call.name = json::string_or(function, "name");
  call.arguments = said_arguments(function, "arguments");
  return call;
}

void write_token(json::Writer& writer, const json::Object& token) {
  writer.key("token").value(json::string_or(token, "token"));
  Element value;
  writer.key("logprob");
  if (token.at_key("logprob").get(value) == simdjson::SUCCESS) {
    writer.value(value);
  } else {
    writer.null();
  }
  writer.key("bytes");
  if (token.at_key("bytes").get(value) == simdjson::SUCCESS) {
    writer.value(value);
  } else {
    writer.null();
  }
}

// Ollama: a list of tokens. OpenAI: the same list under `content`, each with its alternatives.
std::string read_logprobs(const json::Array& tokens) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("content").begin_array();
  for (const auto element : tokens) {
    json::Object token;
    if (element.get(token) != simdjson::SUCCESS) continue;
    writer.begin_object();
    write_token(writer, token);
    writer.key("top_logprobs").begin_array();
    json::Array others;
    if (token.at_key("top_logprobs").get(others) == simdjson::SUCCESS) {
      for (const auto entry : others) {
        json::Object other;
        if (entry.get(other) != simdjson::SUCCESS) continue;
        writer.begin_object();
        write_token(writer, other);
        writer.end_object();
      }
    }
    writer.end_array().end_object();
  }
  writer.end_array().key("refusal").null().end_object();
  return out;
}

Usage read_usage(const json::Object& body) {
  Usage usage;
  const auto count = [&](std::string_view name) {
    json::Element element;
    if (body.at_key(name).get(element) != simdjson::SUCCESS) return int64_t{0};
    const auto read = read_token_count(element);
    usage.implausible |= read.doubtful;
    return read.value;
  };
  usage.input = count("prompt_eval_count");
  usage.output = count("eval_count");
  usage.known = usage.input != 0 || usage.output != 0;
  return usage;
}

// Somebody else's machine answers: Ollama says which in its lists and in each answer.
bool is_passed_on(const json::Object& object) {
  return !json::string_or(object, "remote_host").empty() || !json::string_or(object, "remote_model").empty();
}

// False when it is neither a chat nor a generate answer.
bool read_piece(const json::Object& body, int64_t first_call, Piece& piece) {
  json::Object message;
  Element response;
  if (body.at_key("message").get(message) == simdjson::SUCCESS) {
    piece.text = said_text(message, "content");
    piece.thinking = said_text(message, "thinking");
    Element calls;
    if (message.at_key("tool_calls").get(calls) == simdjson::SUCCESS) {
      const auto made_at = json::string_or(body, "created_at");
      each_of(calls, [&](const Element& element) {
        json::Object call;
        if (element.get(call) != simdjson::SUCCESS) return;
        piece.calls.push_back(read_call(call, made_at, first_call + static_cast<int64_t>(piece.calls.size())));
      });
    }
  } else if (body.at_key("response").get(response) == simdjson::SUCCESS) {
    piece.text = said_text(response);
    piece.thinking = said_text(body, "thinking");
  } else {
    return false;
  }
  json::read_if(body.at_key("done"), piece.done);
  piece.done_reason = json::string_or(body, "done_reason");
  piece.usage = read_usage(body);
  json::Array logprobs;
  if (body.at_key("logprobs").get(logprobs) == simdjson::SUCCESS && logprobs.size() != 0) {
    piece.logprobs = read_logprobs(logprobs);
  }
  return true;
}

FinishReason finish_of(const Piece& piece, bool has_calls) {
  if (piece.done_reason == "length") return FinishReason::length;
  return has_calls ? FinishReason::tool_calls : FinishReason::stop;
}

// The answer to a request without a prompt: nothing was to be said.
bool is_load(const Piece& piece) { return piece.done_reason == "load" || piece.done_reason == "unload"; }

std::string id_of(std::string_view created_at, Operation operation) {
  return fmt::format("{}-{:016x}", operation == Operation::chat ? "chatcmpl" : "cmpl", hash_of(created_at));
}

Status read_embedding(const Element& element, Response& response) {
  json::Array numbers;
  if (element.get(numbers) != simdjson::SUCCESS) return malformed("an embedding is no list");
  auto& embedding = response.embeddings.emplace_back();
  embedding.reserve(numbers.size());
  for (const auto number : numbers) {
    double real = 0;
    if (number.get(real) != simdjson::SUCCESS) return malformed("an embedding holds something that is no number");
    embedding.push_back(static_cast<float>(real));
  }
  return {};
}

Status read_embeddings(const json::Object& body, Response& response) {
  json::Array list;
  Element one;
  // `/api/embeddings`, the older way, gives one.
  if (body.at_key("embedding").get(one) == simdjson::SUCCESS) return read_embedding(one, response);
  if (body.at_key("embeddings").get(list) != simdjson::SUCCESS) return malformed("it has no 'embeddings'");
  for (const auto element : list) {
    if (auto read = read_embedding(element, response); !read) return read;
  }
  return {};
}

Status read_choice(const json::Object& body, const Request& request, Response& response) {
  Piece piece;
  if (!read_piece(body, 0, piece)) return malformed("it has neither 'message' nor 'response'");
  if (!piece.done) return malformed("it is not `done`");
  response.id = id_of(json::string_or(body, "created_at"), request.operation);
  Choice choice;
  choice.finish = finish_of(piece, !piece.calls.empty());
  if (!piece.thinking.empty()) choice.add_text(Part::Kind::thinking, piece.thinking);
  if (!piece.text.empty()) choice.add_text(Part::Kind::text, piece.text);
  for (auto& call : piece.calls) choice.add_call(std::move(call));
  choice.logprobs = std::move(piece.logprobs);
  choice.has_other = is_load(piece);
  response.choices.push_back(std::move(choice));
  return {};
}

void append_events(Piece piece, StreamState& state, std::vector<StreamEvent>& out) {
  if (!piece.thinking.empty()) out.push_back({.kind = Kind::reasoning, .text = std::move(piece.thinking)});
  if (!piece.text.empty() || !piece.logprobs.empty()) {
    out.push_back({.kind = Kind::text, .text = std::move(piece.text), .logprobs = std::move(piece.logprobs)});
  }
  for (auto& call : piece.calls) {
    out.push_back({.kind = Kind::tool_call, .tool_index = state.next_tool_index++, .tool = std::move(call)});
  }
  if (!piece.done) return;
  if (is_load(piece)) out.push_back({.kind = Kind::other});
  state.finish = finish_of(piece, state.next_tool_index > 0);
  out.push_back({.kind = Kind::finish, .finish = state.finish});
  if (piece.usage.known) {
    state.usage = piece.usage;
    state.usage_seen = true;
    out.push_back({.kind = Kind::usage, .usage = piece.usage});
  }
  out.push_back({.kind = Kind::done});
}

}  // namespace

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  if (is_error_body(object)) return failure(classify_body(document->root(), 0));
  Response response;
  response.operation = request.operation;
  response.model = json::string_or(object, "model");
  response.passed_on = is_passed_on(object);
  response.created = parse_time(json::string_or(object, "created_at"));
  response.usage = read_usage(object);
  auto read = request.operation == Operation::embedding ? read_embeddings(object, response)
                                                        : read_choice(object, request, response);
  if (!read) return failure(std::move(read.error()));
  response.raw = document->take_text();
  return response;
}

Status read_line(std::string_view line, StreamState& state, json::Document& scratch, std::vector<StreamEvent>& out) {
  if (auto parsed = scratch.parse_copy(line); !parsed) {
    return failure(ErrorCode::upstream_malformed, "A stream line is no JSON: " + parsed.error().message);
  }
  json::Object body;
  if (scratch.root().get(body) != simdjson::SUCCESS) return malformed("a stream line is JSON, but no object");
  if (is_error_body(body)) {
    out.push_back({.kind = Kind::error, .error = classify_body(scratch.root(), 0)});
    return {};
  }
  state.passed_on = state.passed_on || is_passed_on(body);
  Piece piece;
  if (!read_piece(body, state.next_tool_index, piece))
    return malformed("a stream line has neither 'message' nor 'response'");
  if (state.id.empty()) {
    const auto made_at = json::string_or(body, "created_at");
    const bool chat = body.at_key("message").error() == simdjson::SUCCESS;
    state.id = id_of(made_at, chat ? Operation::chat : Operation::completion);
    state.created = parse_time(made_at);
    state.model = json::string_or(body, "model");
  }
  const auto before = out.size();
  append_events(std::move(piece), state, out);
  if (out.size() == before) out.emplace_back();  // an empty piece: lifecycle
  return {};
}

// `/api/show`. The context is the longest that the model has: how long it is loaded with, each request says.
void read_model(std::string_view body, ListedModel& model) {
  json::Document document;
  json::Object told;
  if (!document.parse_copy(body) || document.root().get(told) != simdjson::SUCCESS) return;
  json::Object info;
  if (told.at_key("model_info").get(info) == simdjson::SUCCESS) {
    for (const auto member : info) {
      if (member.key.ends_with(".context_length")) json::read_if(member.value, model.context_length);
    }
  }
  json::Array capabilities;
  if (told.at_key("capabilities").get(capabilities) != simdjson::SUCCESS) return;  // an older version
  const auto can = [&](std::string_view what) {
    return std::any_of(capabilities.begin(), capabilities.end(), [&](const json::Element& one) {
      std::string_view name;
      return one.get(name) == simdjson::SUCCESS && name == what;
    });
  };
  model.tools = can("tools");
  model.images = can("vision");
  model.embeds = can("embedding") && !can("completion");
}

Result<ModelList> read_models(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Array list;
  if (document.root().at_pointer("/models").get(list) != simdjson::SUCCESS)
    return malformed("the list of models has no 'models'");
  ModelList found;
  for (const auto element : list) {
    json::Object model;
    if (element.get(model) != simdjson::SUCCESS) continue;
    auto name = json::string_or(model, "model");
    if (name.empty()) name = json::string_or(model, "name");
    if (name.empty()) continue;
    found.models.push_back({.name = std::string(name), .owner = {}, .passed_on = is_passed_on(model)});
  }
  return found;
}

}  // namespace weir::ollama_provider
