// What one request costs before any socket: reading it, its guards, the decision, and the bytes for the model side.
#include <benchmark/benchmark.h>

#include <string>

#include "formats/format.h"
#include "guards/guard.h"
#include "pipeline/pipeline.h"
#include "policies/policy.h"

namespace weir {
namespace {

std::string chat_body(std::size_t size) {
  std::string body =
      R"({"model":"assistant","messages":[{"role":"system","content":"You are the support desk of a bicycle shop."},)"
      R"({"role":"user","content":")";
  const std::string tail = R"("}],"temperature":0.7,"max_tokens":256,"stream":true})";
  while (body.size() + tail.size() < size) body += "The rear wheel of the blue city bike clicks when I pedal uphill. ";
  return body + tail;
}

Snapshot two_models() {
  Snapshot snapshot;
  ProviderSettings near;
  near.id = "box";
  near.kind = near.adapter = "openai";
  near.url = {.host = "127.0.0.1", .port = 1, .path = "/v1"};
  near.zone = {.kind = ZoneKind::local, .region = ""};
  snapshot.providers.push_back(near);
  for (const auto* id : {"small", "large"}) {
    ModelSettings model;
    model.id = model.name = id;
    snapshot.model_by_id[id] = static_cast<uint32_t>(snapshot.models.size());
    snapshot.models.push_back(model);
  }
  RouteSettings route;
  route.name = "assistant";
  Rule guard;
  guard.when.sensitive = class_personal | class_secret;
  guard.zones = {near.zone};
  Rule use;
  use.use = {0, 1};
  route.rules = {guard, use};
  snapshot.route_by_name[route.name] = 0;
  snapshot.routes.push_back(route);
  return snapshot;
}

void decode_decide_encode(benchmark::State& state) {
  const std::string text = chat_body(static_cast<std::size_t>(state.range(0)));
  const Snapshot snapshot = two_models();
  const GuardSet guards{GuardSettings{}};
  const ClientFace& client = client_face("openai");
  const ModelFace& server = model_face("openai");
  json::DocumentPool pool;
  for (auto _ : state) {
    std::string body;
    body.reserve(text.size() + 64);
    body = text;
    const auto request = client.read({.body = std::move(body)}, pool);
    const auto facts = gather_facts(*request, snapshot, read_contents(guards, *request), "app", "", "");
    const auto plan = decide(*facts, snapshot, {});
    const auto& model = snapshot.models[plan->candidates.front().model];
    benchmark::DoNotOptimize(server.write(*request, {snapshot.providers.front(), model}, ""));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(decode_decide_encode)->Arg(1024)->Arg(16 * 1024)->Arg(256 * 1024);

}  // namespace
}  // namespace weir
