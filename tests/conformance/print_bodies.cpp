// Prints what the adapters put on the wire, one JSON object a line: {"schema": name, "spec": file, "from": fixture,
// "value": …}. check_schemas.py holds each against the provider's own OpenAPI description.
#include <algorithm>
#include <array>
#include <cstdio>

#include "core/sse.h"
#include "fixture.h"
#include "formats/format.h"
#include "formats/presets.h"

namespace weir::conformance {
namespace {

void print(std::string_view spec, std::string_view schema, std::string_view from, std::string_view value) {
  std::string line;
  json::Writer writer(line);
  writer.begin_object().key("spec").value(spec).key("schema").value(schema).key("from").value(from).key("value").raw(
      value);
  writer.end_object();
  std::puts(line.c_str());
}

// What each operation's bodies are called in a format's description; "" = it has none.
struct Schemas {
  std::string_view format;
  Operation operation;
  std::string_view request;
  std::string_view answer;
  std::string_view event;
};
constexpr std::array schemas = {
    Schemas{"openai", Operation::chat, "CreateChatCompletionRequest", "CreateChatCompletionResponse",
            "CreateChatCompletionStreamResponse"},
    Schemas{"openai", Operation::completion, "CreateCompletionRequest", "CreateCompletionResponse", ""},
    Schemas{"openai", Operation::embedding, "CreateEmbeddingRequest", "CreateEmbeddingResponse", ""},
    Schemas{"responses", Operation::chat, "CreateResponse", "Response", "ResponseStreamEvent"},
    Schemas{"ollama", Operation::chat, "ChatRequest", "ChatResponse", "ChatStreamEvent"},
    Schemas{"ollama", Operation::completion, "GenerateRequest", "GenerateResponse", "GenerateStreamEvent"},
    Schemas{"ollama", Operation::embedding, "EmbedRequest", "EmbedResponse", ""},
    Schemas{"cohere", Operation::chat, "V2ChatRequest", "ChatResponseV2", "StreamedChatResponseV2"},
    Schemas{"cohere", Operation::embedding, "V2EmbedRequest", "EmbedByTypeResponse", ""},
    Schemas{"cohere", Operation::rerank, "V2RerankRequest", "V2RerankAnswer", ""},
    Schemas{"anthropic", Operation::chat, "CreateMessageParams", "Message", "MessageStreamEvent"},
};

const Schemas* find_schemas(std::string_view format, Operation operation) {
  const auto* const found = std::find_if(schemas.begin(), schemas.end(), [&](const Schemas& one) {
    return one.format == format && one.operation == operation;
  });
  return found == schemas.end() ? nullptr : &*found;
}

// What a client of `from` asks, as it is sent to a provider of `format`.
void print_requests(std::string_view from, std::string_view format, json::DocumentPool& pool) {
  for (const auto& fixture : load("formats/" + std::string(from) + "/client/decode")) {
    auto request = client_face(from).read({.operation = fixture.operation(), .body = fixture.body("/body")}, pool);
    if (!request || request->inputs_are_tokens || !request->foreign.empty()) continue;
    const auto* const names = find_schemas(format, request->operation);
    if (names == nullptr || !holds(find_format(format)->serves, request->operation)) continue;
    request->format = "elsewhere";
    const ProviderSettings settings{.url = {.host = "h"}};
    const ModelSettings model{.name = "the-model"};
    const auto http = model_face(format).write(*request, {.provider = settings, .model = model}, "");
    if (http) print(format, names->request, fixture.name, http->body);
  }
}

// What a vendor is sent whose description is at hand, by bytes and translated.
struct Vendor {
  std::string_view kind, spec, chat, embedding;
  std::string_view completion = {};
};
constexpr Vendor vendors[] = {
    {"mistral", "mistral", "ChatCompletionRequest", "EmbeddingRequest"},
    {"together", "together", "ChatCompletionRequest", "EmbeddingsRequest"},
    {"tgi", "tgi", "ChatRequest", ""},
    {"tgi_native", "tgi", "", "", "GenerateRequest"},
    {"azure_openai", "azure-openai-v1", "AzureCreateChatCompletionRequest", ""},
    {"bedrock", "bedrock-converse", "ConverseRequest", ""},
};

void print_vendor(const Vendor& vendor, json::DocumentPool& pool) {
  const auto& preset = *find_preset(vendor.kind);
  const auto& format = *find_format(preset.adapter);
  for (const auto& fixture : load("formats/openai/client/decode")) {
    auto schema = fixture.operation() == Operation::chat ? vendor.chat : vendor.embedding;
    if (fixture.operation() == Operation::completion) schema = vendor.completion;
    if (!holds(format.serves, fixture.operation()) || schema.empty()) continue;
    for (const bool translated : {false, true}) {
      auto request =
          client_face("openai").read({.operation = fixture.operation(), .body = fixture.body("/body")}, pool);
      if (!request || !request->foreign.empty()) continue;
      if (translated) request->format = "elsewhere";
      const ProviderSettings settings{.url = {.host = "h"}, .quirks = preset.quirks};
      const ModelSettings model{.name = "the-model"};
      const auto http = format.model->write(*request, {.provider = settings, .model = model}, "");
      const auto from = std::string(vendor.kind) + (translated ? ", translated: " : ": ") + fixture.name;
      if (http) print(vendor.spec, schema, from, http->body);
    }
  }
}

// A request as a client of `format` would have made it, for what is shown to it.
Request asked_in(std::string_view format, Operation operation) {
  Request request;
  request.operation = operation;
  request.include_usage = true;
  if (format == "ollama" && operation == Operation::completion) request.variant = "generate";
  return request;
}

void print_stream(const Format& format, const Fixture& fixture, std::string_view client) {
  const auto request = asked_in(client, fixture.operation());
  const auto* const names = find_schemas(client, fixture.operation());
  json::Element lines;
  if (names == nullptr || names->event.empty() || !fixture.find("/events", lines)) return;
  const auto reader = format.model->stream(request);
  json::Document scratch;
  std::vector<StreamEvent> events;
  const auto stream = framed(format, fixture);
  EventFramer asked(format.framing);
  asked.feed(stream);
  for (FramedEvent event; asked.next(event).value_or(false);) (void)reader->read(event, scratch, events);
  const auto& face = client_face(client);
  const auto bytes = shown(face, request, events, reader->state());
  const bool lined = face.stream_type(request).find("ndjson") != std::string_view::npos;
  EventFramer framer(lined ? Framing::ndjson : Framing::sse);
  framer.feed(bytes);
  FramedEvent event;
  while (framer.next(event).value_or(false)) {
    const bool told = event.data.starts_with('{') && !event.data.starts_with("{\"error\"") && event.name != "error";
    if (told) print(client, names->event, fixture.name, event.data);
  }
}

void print_answers(std::string_view client, json::DocumentPool& pool) {
  for (const auto* format : formats()) {
    if (format->model == nullptr) continue;
    const std::string folder = "formats/" + std::string(format->name) + "/model";
    for (const auto& fixture : load(folder + "/decode")) {
      const auto request = asked_in(client, fixture.operation());
      const auto* const names = find_schemas(client, fixture.operation());
      if (names == nullptr) continue;
      const auto response = format->model->read(request, fixture.body("/body"), pool);
      if (!response) continue;
      print(client, names->answer, fixture.name, client_face(client).write(*response, request));
    }
    for (const auto& fixture : load(folder + "/stream")) print_stream(*format, fixture, client);
  }
}

void print_rankings(json::DocumentPool& pool) {
  for (const auto& fixture : load("formats/cohere/client/encode")) {
    if (fixture.operation() != Operation::rerank) continue;
    const auto request =
        client_face("cohere").read({.operation = Operation::rerank, .body = fixture.body("/request")}, pool);
    if (!request) continue;
    const auto response = model_face("openai").read(*request, fixture.body("/answer"), pool);
    if (response) print("cohere", "V2RerankAnswer", fixture.name, client_face("cohere").write(*response, *request));
  }
}

void print_errors() {
  for (const auto code : {ErrorCode::invalid_request, ErrorCode::upstream_timeout, ErrorCode::rate_limited}) {
    for (const std::string_view format : {"openai", "ollama"}) {
      print(format, "ErrorResponse", to_string(code), client_face(format).write_error({.code = code, .message = "m"}));
    }
  }
}

}  // namespace
}  // namespace weir::conformance

int main() {
  using namespace weir::conformance;
  weir::json::DocumentPool pool;
  constexpr std::string_view described[] = {"openai", "responses", "ollama", "cohere", "anthropic"};
  for (const auto format : described) {
    for (const auto from : described) print_requests(from, format, pool);
    print_answers(format, pool);
  }
  print_rankings(pool);
  print_errors();
  for (const auto& vendor : vendors) print_vendor(vendor, pool);
}
