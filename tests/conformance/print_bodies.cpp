// Prints what the adapters put on the wire, one JSON object a line: {"schema": name, "spec": file, "from": fixture,
// "value": …}. check_schemas.py holds each against the provider's own OpenAPI description.
#include <cstdio>

#include "formats/format.h"
#include "fixture.h"
#include "formats/format.h"

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

std::string_view request_schema(std::string_view adapter, Operation operation) {
  const bool ollama = adapter == "ollama";
  switch (operation) {
    case Operation::chat:
      return ollama ? "Request" : "CreateChatCompletionRequest";
    case Operation::completion:
      return ollama ? "GenerateRequest" : "CreateCompletionRequest";
    case Operation::embedding:
      return ollama ? "EmbedRequest" : "CreateEmbeddingRequest";
  }
  return "";
}

std::string_view answer_schema(Operation operation) {
  switch (operation) {
    case Operation::chat:
      return "CreateChatCompletionResponse";
    case Operation::completion:
      return "CreateCompletionResponse";
    case Operation::embedding:
      return "CreateEmbeddingResponse";
  }
  return "";
}

void print_requests(json::DocumentPool& pool) {
  for (const auto& fixture : load("dialects/openai/decode")) {
    for (const std::string_view adapter : {"openai", "ollama"}) {
      auto request = find_dialect("openai")->decode(fixture.operation(), fixture.body("/body"), pool);
      if (!request || request->inputs_are_tokens) continue;
      request->dialect = "elsewhere";
      const ProviderSettings settings{.url = {.host = "h"}};
      const ModelSettings model{.name = "the-model"};
      const auto http = find_provider(adapter)->encode(*request, {.provider = settings, .model = model}, "");
      if (http) print(adapter, request_schema(adapter, fixture.operation()), fixture.name, http->body);
    }
  }
}

void print_answers(json::DocumentPool& pool) {
  for (const auto* provider : providers()) {
    const std::string folder = "providers/" + std::string(provider->info().name);
    for (const auto& fixture : load(folder + "/decode")) {
      Request request;
      request.operation = fixture.operation();
      const auto response = provider->decode(request, fixture.body("/body"), pool);
      if (!response) continue;
      print("openai", answer_schema(fixture.operation()), fixture.name,
            find_dialect("openai")->encode(*response, request));
    }
    for (const auto& fixture : load(folder + "/stream")) {
      if (fixture.operation() != Operation::chat) continue;
      Request request;
      request.include_usage = true;
      StreamState state;
      json::Document scratch;
      std::vector<StreamEvent> events;
      json::Element lines;
      if (!fixture.find("/events", lines)) continue;
      const json::Array list = lines.get_array();
      for (std::size_t i = 0; i < list.size(); ++i) {
        (void)provider->decode_event(fixture.body("/events/" + std::to_string(i)), state, scratch, events);
      }
      for (const auto& event : events) {
        std::string bytes;
        find_dialect("openai")->encode_event(event, request, state, bytes);
        if (!bytes.starts_with("data: {\"id\"")) continue;
        print("openai", "CreateChatCompletionStreamResponse", fixture.name,
              std::string_view(bytes).substr(6, bytes.find("\n\n") - 6));
      }
    }
  }
  for (const auto code : {ErrorCode::invalid_request, ErrorCode::upstream_timeout, ErrorCode::rate_limited}) {
    print("openai", "ErrorResponse", to_string(code),
          find_dialect("openai")->encode_error({.code = code, .message = "m"}));
  }
}

}  // namespace
}  // namespace weir::conformance

int main() {
  weir::json::DocumentPool pool;
  weir::conformance::print_requests(pool);
  weir::conformance::print_answers(pool);
}
