#include "fixture.h"

#include "../unit/amazon_stream.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "../unit/amazon_stream.h"

namespace weir::conformance {
namespace {

using json::Element;
using json::Writer;

std::string_view role_name(Role role) {
  constexpr std::string_view names[] = {"system", "developer", "user", "assistant", "tool"};
  return names[static_cast<std::size_t>(role)];
}

std::string_view part_name(Part::Kind kind) {
  constexpr std::string_view names[] = {"text", "refusal", "thinking", "media", "tool_call", "foreign"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view media_name(Media::Kind kind) {
  constexpr std::string_view names[] = {"image", "audio", "video", "document"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view event_name(StreamEvent::Kind kind) {
  constexpr std::string_view names[] = {"lifecycle", "text",   "reasoning", "signature", "refusal", "tool_call",
                                        "other",     "finish", "usage",     "error",     "done"};
  return names[static_cast<std::size_t>(kind)];
}

void put(Writer& writer, std::string_view key, std::string_view value) {
  if (!value.empty()) writer.key(key).value(value);
}
void put(Writer& writer, std::string_view key, int64_t value, int64_t otherwise = 0) {
  if (value != otherwise) writer.key(key).value(value);
}
template <typename T>
void put(Writer& writer, std::string_view key, const std::optional<T>& value) {
  if (value) writer.key(key).value(*value);
}
void put_if(Writer& writer, std::string_view key, const bool& value) {
  if (value) writer.key(key).boolean(true);
}

void put_list(Writer& writer, std::string_view key, const std::vector<std::string_view>& values) {
  if (values.empty()) return;
  writer.key(key).begin_array();
  for (const auto value : values) writer.value(value);
  writer.end_array();
}

void write_media(Writer& writer, const Media& media) {
  writer.key(media_name(media.kind)).begin_object();
  put(writer, "mime", media.mime);
  put(writer, "data", media.data);
  put(writer, "url", media.url);
  put(writer, "file", media.file);
  put(writer, "name", media.name);
  put(writer, "detail", media.detail);
  writer.end_object();
}

void write_part(Writer& writer, const Part& part) {
  writer.begin_object();
  switch (part.kind) {
    case Part::Kind::media:
      write_media(writer, part.media);
      break;
    case Part::Kind::foreign:
      writer.key("foreign").value(part.raw);
      break;
    case Part::Kind::tool_call:
      writer.key("tool_call").begin_object();
      put(writer, "id", part.id);
      put(writer, "name", part.name);
      put(writer, "arguments", part.text);
      writer.end_object();
      break;
    default:
      writer.key(part_name(part.kind)).value(part.text);
  }
  put(writer, "signature", part.signature);
  put_if(writer, "cache", part.cache);
  writer.end_object();
}

void write_message(Writer& writer, const Message& message) {
  writer.begin_object().key("role").value(role_name(message.role));
  if (!message.parts.empty()) {
    writer.key("parts").begin_array();
    for (const auto& part : message.parts) write_part(writer, part);
    writer.end_array();
  }
  put(writer, "name", message.name);
  put(writer, "tool_call_id", message.tool_call_id);
  put_if(writer, "is_error", message.is_error);
  writer.end_object();
}

void write_foreign(Writer& writer, const Request& request) {
  if (request.foreign.empty()) return;
  writer.key("foreign").begin_array();
  for (const auto& one : request.foreign) {
    writer.begin_object().key("place").value(one.place).key("what").value(one.what).end_object();
  }
  writer.end_array();
}

void write_tool_choice(Writer& writer, const ToolChoice& choice) {
  constexpr std::string_view names[] = {"unset", "auto", "any", "none", "named", "foreign"};
  if (choice.mode == ToolChoice::Mode::unset) return;
  const auto mode = names[static_cast<std::size_t>(choice.mode)];
  writer.key("tool_choice").value(choice.name.empty() ? mode : choice.name);
}

void write_answer_part(Writer& writer, const AnswerPart& part) {
  writer.begin_object();
  if (part.kind == Part::Kind::tool_call) {
    writer.key("tool_call").begin_object();
    put(writer, "id", part.call.id);
    put(writer, "name", part.call.name);
    put(writer, "arguments", part.call.arguments);
    put(writer, "signature", part.call.signature);
    writer.end_object();
  } else {
    writer.key(part_name(part.kind)).value(part.text);
  }
  put(writer, "signature", part.signature);
  writer.end_object();
}

void write_tool(Writer& writer, const Tool& tool) {
  writer.begin_object().key("name").value(tool.name);
  put(writer, "description", tool.description);
  if (tool.parameters) writer.key("parameters").value(*tool.parameters);
  writer.end_object();
}

void write_usage(Writer& writer, const Usage& usage) {
  if (!usage.known) return;
  writer.key("usage").begin_object().key("input").value(usage.input).key("output").value(usage.output);
  put(writer, "cached", usage.cached);
  put(writer, "reasoning", usage.reasoning);
  writer.end_object();
}

void write_error(Writer& writer, const Error& error) {
  writer.key("code")
      .value(to_string(error.code))
      .key("status")
      .value(error.status())
      .key("message")
      .value(error.message);
  put(writer, "param", error.param);
  put(writer, "provider_code", error.provider_code);
  put(writer, "retry_after_ms", error.retry_after_ms);
}

std::string differ(const Element& expected, const Element& actual, const std::string& where) {
  if (expected.is_object() && actual.is_object()) {
    const json::Object a = expected.get_object();
    const json::Object b = actual.get_object();
    for (const auto field : a) {
      Element other;
      const auto here = where + "/" + std::string(field.key);
      if (b.at_key(field.key).get(other) != simdjson::SUCCESS) return here + ": missing";
      if (auto found = differ(field.value, other, here); !found.empty()) return found;
    }
    for (const auto field : b) {
      if (a.at_key(field.key).error() != simdjson::SUCCESS)
        return where + "/" + std::string(field.key) + ": not expected";
    }
    return {};
  }
  if (expected.is_array() && actual.is_array()) {
    const json::Array a = expected.get_array();
    const json::Array b = actual.get_array();
    if (a.size() != b.size()) {
      return where + ": " + std::to_string(b.size()) + " elements, expected " + std::to_string(a.size());
    }
    std::size_t index = 0;
    auto other = b.begin();
    for (const auto element : a) {
      if (auto found = differ(element, *other, where + "/" + std::to_string(index++)); !found.empty()) return found;
      ++other;
    }
    return {};
  }
  double x = 0;
  double y = 0;
  if (expected.get(x) == simdjson::SUCCESS && actual.get(y) == simdjson::SUCCESS && x == y) return {};
  const std::string a = simdjson::minify(expected);
  const std::string b = simdjson::minify(actual);
  return a == b ? std::string() : where + ": " + b + ", expected " + a;
}

}  // namespace

bool Fixture::find(std::string_view pointer, Element& out) const {
  return document->root().at_pointer(pointer).get(out) == simdjson::SUCCESS;
}

std::string Fixture::text(std::string_view pointer, std::string_view otherwise) const {
  Element value;
  std::string_view text;
  if (!find(pointer, value) || value.get(text) != simdjson::SUCCESS) return std::string(otherwise);
  return std::string(text);
}

int64_t Fixture::number(std::string_view pointer, int64_t otherwise) const {
  Element value;
  if (find(pointer, value)) json::read_if(value, otherwise);
  return otherwise;
}

std::string Fixture::body(std::string_view pointer) const {
  Element value;
  std::string_view text;
  if (!find(pointer, value)) return {};
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

Operation Fixture::operation() const { return find_operation(text("/operation", "chat")).value_or(Operation::chat); }

std::vector<Fixture> load(std::string_view folder) {
  namespace fs = std::filesystem;
  std::vector<Fixture> fixtures;
  const auto root = fs::path(WEIR_FIXTURES) / folder;
  if (!fs::exists(root)) return fixtures;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    auto document = std::make_shared<json::Document>();
    const auto parsed = document->parse(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!parsed) throw std::runtime_error(entry.path().string() + ": " + parsed.error().message);
    auto name = fs::relative(entry.path(), WEIR_FIXTURES).replace_extension().generic_string();
    fixtures.push_back({.name = std::move(name), .document = std::move(document)});
  }
  std::sort(fixtures.begin(), fixtures.end(), [](const Fixture& a, const Fixture& b) { return a.name < b.name; });
  return fixtures;
}

ProviderSettings provider_settings(const Fixture& fixture) {
  ProviderSettings settings{.id = "p", .kind = "test"};
  if (!parse_url(fixture.text("/url", "http://127.0.0.1:9"), settings.url))
    throw std::runtime_error("a fixture's url is wrong");
  settings.api_key = fixture.text("/api_key");
  const auto quirk = [&](const std::string& name) {
    Element value;
    bool set = false;
    if (fixture.find("/quirks/" + name, value)) json::read_if(value, set);
    return set;
  };
  settings.quirks = {.no_stream_options = quirk("no_stream_options"),
                     .no_max_completion_tokens = quirk("no_max_completion_tokens"),
                     .no_developer_role = quirk("no_developer_role"),
                     .accepts_prefill = quirk("accepts_prefill"),
                     .prefill_flags = quirk("prefill_flags"),
                     .prefill_prefix = quirk("prefill_prefix"),
                     .no_max_tokens = quirk("no_max_tokens"),
                     .no_v1_path = quirk("no_v1_path"),
                     .api_key_header = quirk("api_key_header"),
                     .vertex_ai = quirk("vertex_ai"),
                     .rerank_texts = quirk("rerank_texts"),
                     .takes_top_k = quirk("takes_top_k"),
                     .bearer_key = quirk("bearer_key"),
                     .anthropic_2026 = quirk("anthropic_2026")};
  return settings;
}

ModelSettings model_settings(const Fixture& fixture) {
  return {.id = "m", .name = fixture.text("/model", "the-model")};
}

std::string framed(const Format& format, const Fixture& fixture) {
  std::string stream;
  json::Element events;
  if (!fixture.find("/events", events)) return stream;
  const json::Array list = events.get_array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto at = "/events/" + std::to_string(i);
    if (format.framing != Framing::amazon) {
      const auto body = fixture.body(at);
      stream += format.framing == Framing::sse ? "data: " + body + "\n\n" : body + "\n";
      continue;
    }
    const auto exception = fixture.text(at + "/exception");
    const auto payload = fixture.body(at + "/payload");
    stream += exception.empty() ? testing::amazon_event(fixture.text(at + "/event"), payload)
                                : testing::amazon_exception(exception, payload);
  }
  return stream;
}

std::string shown(const ClientFace& face, const Request& request, const std::vector<StreamEvent>& events,
                  const StreamState& state) {
  const auto writer = face.stream(request);
  writer->begin({.id = state.id, .model = state.model, .created = state.created});
  std::string out;
  for (const auto& event : events) {
    if (event.kind == StreamEvent::Kind::done) {
      writer->end(out);
    } else {
      writer->write(event, out);
    }
  }
  return out;
}

std::string dump(const Request& request) {
  std::string out;
  Writer writer(out);
  writer.begin_object().key("model").value(request.model);
  put_if(writer, "stream", request.stream);
  put_if(writer, "include_usage", request.include_usage);
  if (!request.messages.empty()) {
    writer.key("messages").begin_array();
    for (const auto& message : request.messages) write_message(writer, message);
    writer.end_array();
  }
  put_list(writer, "inputs", request.inputs);
  if (request.operation == Operation::rerank) {
    writer.key("rerank").begin_object().key("query").value(request.rerank.query);
    put_list(writer, "documents", request.rerank.documents);
    put(writer, "top_n", request.rerank.top_n);
    put_if(writer, "return_documents", request.rerank.return_documents);
    writer.end_object();
  }
  put_if(writer, "inputs_are_tokens", request.inputs_are_tokens);
  if (!request.tools.empty()) {
    writer.key("tools").begin_array();
    for (const auto& tool : request.tools) write_tool(writer, tool);
    writer.end_array();
  }
  write_foreign(writer, request);
  put_list(writer, "left_out", request.left_out);
  write_tool_choice(writer, request.tool_choice);
  if (request.parallel_tool_calls) writer.key("parallel_tool_calls").boolean(*request.parallel_tool_calls);
  if (request.response_format == ResponseFormat::json_object) writer.key("response_format").value("json_object");
  if (request.response_format == ResponseFormat::json_schema) writer.key("response_format").value("json_schema");
  if (request.json_schema) writer.key("json_schema").value(*request.json_schema);
  put(writer, "json_schema_name", request.json_schema_name);
  put(writer, "temperature", request.temperature);
  put(writer, "top_p", request.top_p);
  put(writer, "top_k", request.top_k);
  put(writer, "presence_penalty", request.presence_penalty);
  put(writer, "frequency_penalty", request.frequency_penalty);
  put(writer, "max_tokens", request.max_tokens);
  put(writer, "seed", request.seed);
  put(writer, "top_logprobs", request.top_logprobs);
  put(writer, "dimensions", request.dimensions);
  put(writer, "reasoning_effort", request.reasoning_effort);
  put_list(writer, "stop", request.stop);
  put_if(writer, "logprobs", request.logprobs);
  put(writer, "n", request.n, 1);
  put(writer, "suffix", request.suffix);
  put_if(writer, "wants_base64", request.wants_base64);
  put_if(writer, "has_images", request.has_images);
  writer.end_object();
  return out;
}

std::string dump_texts(const Request& request) {
  std::string out;
  Writer writer(out);
  writer.begin_array();
  for (const auto text : request.texts()) writer.value(text);
  writer.end_array();
  return out;
}

std::string dump(const Response& response) {
  std::string out;
  Writer writer(out);
  writer.begin_object();
  put(writer, "id", response.id);
  put(writer, "model", response.model);
  put(writer, "created", response.created);
  if (!response.choices.empty()) {
    writer.key("choices").begin_array();
    for (const auto& choice : response.choices) {
      writer.begin_object();
      put(writer, "index", choice.index);
      if (!choice.parts.empty()) {
        writer.key("parts").begin_array();
        for (const auto& part : choice.parts) write_answer_part(writer, part);
        writer.end_array();
      }
      if (!choice.logprobs.empty()) writer.key("logprobs").raw(choice.logprobs);
      put(writer, "finish", to_string(choice.finish));
      writer.end_object();
    }
    writer.end_array();
  }
  if (!response.embeddings.empty()) {
    writer.key("embeddings").begin_array();
    for (const auto& embedding : response.embeddings) {
      writer.begin_array();
      for (const float value : embedding) writer.value(value);
      writer.end_array();
    }
    writer.end_array();
  }
  if (!response.ranking.empty()) {
    writer.key("ranking").begin_array();
    for (const auto& ranked : response.ranking) {
      writer.begin_object().key("index").value(ranked.index).key("score").value(ranked.score).end_object();
    }
    writer.end_array();
  }
  write_usage(writer, response.usage);
  writer.end_object();
  return out;
}

std::string dump(const std::vector<StreamEvent>& events) {
  std::string out;
  Writer writer(out);
  writer.begin_array();
  for (const auto& event : events) {
    writer.begin_object().key("kind").value(event_name(event.kind));
    put(writer, "index", event.index);
    put(writer, "text", event.text);
    if (event.kind == StreamEvent::Kind::tool_call) {
      put(writer, "tool_index", event.tool_index);
      put(writer, "id", event.tool.id);
      put(writer, "name", event.tool.name);
      put(writer, "arguments", event.tool.arguments);
    }
    if (!event.logprobs.empty()) writer.key("logprobs").raw(event.logprobs);
    put(writer, "finish", to_string(event.finish));
    write_usage(writer, event.usage);
    if (event.kind == StreamEvent::Kind::error) write_error(writer, event.error);
    writer.end_object();
  }
  writer.end_array();
  return out;
}

std::string dump(const Error& error) {
  std::string out;
  Writer writer(out);
  writer.begin_object();
  write_error(writer, error);
  writer.end_object();
  return out;
}

std::string difference(std::string_view expected, std::string_view actual) {
  json::Document a;
  json::Document b;
  if (auto parsed = a.parse_copy(expected); !parsed) return "expected: " + parsed.error().message;
  if (auto parsed = b.parse_copy(actual); !parsed)
    return "actual: " + parsed.error().message + "\n" + std::string(actual);
  return differ(a.root(), b.root(), "");
}

std::string mismatch(const Fixture& fixture, std::string_view pointer, std::string_view actual) {
  auto found = difference(fixture.body(pointer), actual);
  if (found.empty() || std::getenv("WEIR_UPDATE") == nullptr) return found;
  const auto& text = fixture.document->text();
  for (const auto& field : json::top_level_fields(text)) {
    if (field.key != pointer.substr(1)) continue;
    std::ofstream file(std::string(WEIR_FIXTURES) + "/" + fixture.name + ".json", std::ios::binary);
    file << json::apply(text, {{.begin = field.value_begin, .end = field.value_end, .with = std::string(actual)}});
    return {};
  }
  return found;
}

}  // namespace weir::conformance
