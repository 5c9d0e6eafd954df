// What translation costs, before any socket: from each client's format to each model's and back, of a conversation of
// about 1 KB with a tool, and a streamed piece of an answer. The goals: 25 us for a request with its answer, 2 us a
// piece.
#include <benchmark/benchmark.h>

#include <string>

#include "core/sse.h"
#include "formats/format.h"

namespace weir {
namespace {

constexpr std::string_view asked =
    R"({"model":"m","messages":[{"role":"system","content":"You are the support desk of a bicycle shop."},)"
    R"({"role":"user","content":"The rear wheel of the blue city bike clicks when I pedal uphill, and the chain jumps over the )"
    R"(third cog whenever it rains. I had it in for service in May; the mechanic said that the cassette would last another )"
    R"(year. What should I look at first, and can I ride it to work until then?"},{"role":"assistant","content":"Let me look up )"
    R"(when it was last serviced, and what was done to it then."},{"role":"user","content":"The number on the frame is 4077."}],)"
    R"("tools":[{"type":"function","function":{"name":"service_history","description":"What was done to a bike, and when.",)"
    R"("parameters":{"type":"object","properties":{"frame":{"type":"string"}},"required":["frame"]}}}],"temperature":0.7,"max_tokens":256)";

Response answer() {
  Response response{.operation = Operation::chat, .id = "answer", .model = "m", .created = 1'700'000'000};
  auto& choice = response.choices.emplace_back();
  for (int i = 0; i < 12; ++i)
    choice.add_text(Part::Kind::text, "Begin with the derailleur: a bent hanger lets the chain jump under load. ");
  choice.finish = FinishReason::stop;
  response.usage = {.input = 160, .output = 140, .known = true};
  return response;
}

// A client's format and a model's; both have both sides.
struct Pair {
  std::string_view client;
  std::string_view model;
};
constexpr Pair pairs[] = {{"openai", "anthropic"},    {"openai", "gemini"},    {"openai", "ollama"},
                          {"openai", "cohere"},       {"openai", "responses"}, {"anthropic", "openai"},
                          {"anthropic", "gemini"},    {"anthropic", "ollama"}, {"gemini", "openai"},
                          {"responses", "anthropic"}, {"ollama", "openai"},    {"cohere", "openai"}};

struct World {
  ProviderSettings provider;
  ModelSettings model{.name = "m"};
  json::DocumentPool pool;

  World() { provider.url = {.host = "h"}; }
  [[nodiscard]] Target target() const { return {.provider = provider, .model = model}; }
  // The same conversation as a client of that format says it, and the same answer as a model of that format gives it.
  std::string body_of(std::string_view format, bool stream) {
    auto request = *client_face("openai").read(
        {.operation = Operation::chat, .body = std::string(asked) + (stream ? R"(,"stream":true})" : "}")}, pool);
    request.format = "elsewhere";
    return model_face(format).write(request, target(), {})->body;
  }
  Result<Request> read(std::string_view format, std::string body, bool stream) {
    return client_face(format).read(
        {.operation = Operation::chat, .named = "m", .streams = stream, .body = std::move(body)}, pool);
  }
};

void request_and_answer(benchmark::State& state) {
  const auto [client, model] = pairs[state.range(0)];
  World world;
  const auto body = world.body_of(client, false);
  Request nothing;
  const auto told = client_face(model).write(answer(), nothing);
  for (auto _ : state) {
    const auto request = world.read(client, body, false);
    benchmark::DoNotOptimize(model_face(model).write(*request, world.target(), {}));
    const auto response = model_face(model).read(*request, told, world.pool);
    benchmark::DoNotOptimize(client_face(client).write(*response, *request));
  }
  state.SetLabel(std::string(client) + " to " + std::string(model));
}
BENCHMARK(request_and_answer)->DenseRange(0, std::size(pairs) - 1)->Unit(benchmark::kMicrosecond);

void streamed_piece(benchmark::State& state) {
  const auto [client, model] = pairs[state.range(0)];
  World world;
  const auto request = *world.read(client, world.body_of(client, true), true);
  Request as_asked;
  const auto& format = *find_format(model);
  const auto pieces = client_face(model).stream(as_asked);
  pieces->begin({.id = "a", .model = "m", .created = 1});
  std::string begin;
  std::string piece;
  pieces->write({.kind = StreamEvent::Kind::text, .text = "Be"}, begin);
  pieces->write({.kind = StreamEvent::Kind::text, .text = "gin with"}, piece);
  const auto reader = model_face(model).stream(request);
  const auto writer = client_face(client).stream(request);
  writer->begin({.id = "a", .model = "m", .created = 1});
  EventFramer framer(format.framing);
  json::Document scratch;
  std::vector<StreamEvent> events;
  std::string out;
  const auto pass = [&](std::string_view bytes) {
    framer.feed(bytes);
    FramedEvent event;
    while (framer.next(event).value_or(false)) {
      events.clear();
      if (!reader->read(event, scratch, events)) continue;
      for (const auto& one : events) writer->write(one, out);
    }
  };
  pass(begin);
  for (auto _ : state) {
    out.clear();
    pass(piece);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetLabel(std::string(client) + " to " + std::string(model));
}
BENCHMARK(streamed_piece)->DenseRange(0, std::size(pairs) - 1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir
