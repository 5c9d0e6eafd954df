// Prints what the adapters put on the wire, one JSON object a line: {"schema": name, "spec": file, "from": fixture,
// "value": …}. check_schemas.py holds each against the provider's own OpenAPI description.
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

std::string_view request_schema(std::string_view format, Operation operation) {
  const bool ollama = format == "ollama";
  if (operation == Operation::completion) return ollama ? "GenerateRequest" : "CreateCompletionRequest";
  if (operation == Operation::embedding) return ollama ? "EmbedRequest" : "CreateEmbeddingRequest";
  return ollama ? "ChatRequest" : "CreateChatCompletionRequest";
}

std::string_view answer_schema(Operation operation) {
  if (operation == Operation::completion) return "CreateCompletionResponse";
  return operation == Operation::embedding ? "CreateEmbeddingResponse" : "CreateChatCompletionResponse";
}

void print_requests(json::DocumentPool& pool) {
  for (const auto& fixture : load("formats/openai/client/decode")) {
    for (const std::string_view format : {"openai", "ollama"}) {
      auto request =
          client_face("openai").read({.operation = fixture.operation(), .body = fixture.body("/body")}, pool);
      if (!request || request->inputs_are_tokens || !request->foreign.empty()) continue;
      request->format = "elsewhere";
      const ProviderSettings settings{.url = {.host = "h"}};
      const ModelSettings model{.name = "the-model"};
      const auto http = model_face(format).write(*request, {.provider = settings, .model = model}, "");
      if (http) print(format, request_schema(format, fixture.operation()), fixture.name, http->body);
    }
  }
}

// What a vendor is sent whose description is at hand, by bytes and translated.
struct Vendor {
  std::string_view kind, spec, chat, embedding;
};
constexpr Vendor vendors[] = {
    {"mistral", "mistral", "ChatCompletionRequest", "EmbeddingRequest"},
    {"together", "together", "ChatCompletionRequest", "EmbeddingsRequest"},
    {"tgi", "tgi", "ChatRequest", ""},
    {"azure_openai", "azure-openai-v1", "AzureCreateChatCompletionRequest", ""},
    {"bedrock", "bedrock-converse", "ConverseRequest", ""},
};

void print_vendor(const Vendor& vendor, json::DocumentPool& pool) {
  const auto& preset = *find_preset(vendor.kind);
  const auto& format = *find_format(preset.adapter);
  for (const auto& fixture : load("formats/openai/client/decode")) {
    const auto schema = fixture.operation() == Operation::chat ? vendor.chat : vendor.embedding;
    const bool served = fixture.operation() != Operation::completion && holds(format.serves, fixture.operation());
    if (!served || schema.empty()) continue;
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

void print_stream(const Format& format, const Fixture& fixture) {
  Request request;
  request.include_usage = true;
  const auto reader = format.model->stream(request);
  json::Document scratch;
  std::vector<StreamEvent> events;
  const auto stream = framed(format, fixture);
  EventFramer asked(format.framing);
  asked.feed(stream);
  for (FramedEvent event; asked.next(event).value_or(false);) (void)reader->read(event, scratch, events);
  const auto bytes = shown(client_face("openai"), request, events, reader->state());
  EventFramer framer(Framing::sse);
  framer.feed(bytes);
  FramedEvent event;
  while (framer.next(event).value_or(false)) {
    if (event.data.starts_with("{\"id\""))
      print("openai", "CreateChatCompletionStreamResponse", fixture.name, event.data);
  }
}

void print_answers(json::DocumentPool& pool) {
  for (const auto* format : formats()) {
    if (format->model == nullptr) continue;
    const std::string folder = "formats/" + std::string(format->name) + "/model";
    for (const auto& fixture : load(folder + "/decode")) {
      Request request;
      request.operation = fixture.operation();
      const auto response = format->model->read(request, fixture.body("/body"), pool);
      if (!response) continue;
      print("openai", answer_schema(fixture.operation()), fixture.name,
            client_face("openai").write(*response, request));
    }
    for (const auto& fixture : load(folder + "/stream")) {
      if (fixture.operation() == Operation::chat) print_stream(*format, fixture);
    }
  }
  for (const auto code : {ErrorCode::invalid_request, ErrorCode::upstream_timeout, ErrorCode::rate_limited}) {
    print("openai", "ErrorResponse", to_string(code),
          client_face("openai").write_error({.code = code, .message = "m"}));
  }
}

}  // namespace
}  // namespace weir::conformance

int main() {
  weir::json::DocumentPool pool;
  weir::conformance::print_requests(pool);
  for (const auto& vendor : weir::conformance::vendors) weir::conformance::print_vendor(vendor, pool);
  weir::conformance::print_answers(pool);
}
