// The shape of a config file, a header for each topic: one struct per map, and one `fields` function per struct that
// lists its keys, once. Whoever wants to know the keys calls `fields` with a visitor: the Reader fills the struct from
// YAML (reader.h), the Describer makes the JSON Schema and the reference page (describe.h). So the loader, the schema
// and the page cannot disagree.
//
// References to other entries are still texts here, with the place they were written at; `load.cpp` resolves them.
#pragma once

#include <vector>

#include "config/experiments_document.h"
#include "config/guards_document.h"
#include "config/model_document.h"
#include "config/provider_document.h"
#include "config/route_document.h"
#include "config/server_document.h"

namespace weir::config {

struct Document {
  const yaml::Node* at = nullptr;
  ServerDoc server;
  LimitsDoc limits;
  ResponsesDoc responses;
  GuardsDoc guards;
  std::vector<ProviderDoc> providers;
  std::vector<ModelDoc> models;
  Given<std::vector<RouteDoc>> routes;
  std::vector<ExperimentDoc> experiments;
};

template <typename V>
void fields(V& v, Document& d) {
  v.object("server", d.server, {"How Weir listens.", "{listen: [127.0.0.1:4077]}"});
  v.object("limits", d.limits, {"What clients and providers may send.", "{body: 64MiB}"});
  v.object(
      "responses", d.responses,
      {"Answers of OpenAI's Responses API that are kept in the data folder, unless the caller says `store: false`.",
       "{keep: 7d}"});
  v.object("guards", d.guards, {"What makes a request sensitive.", "{off: [ip_address]}"});
  v.list("providers", d.providers, {"Where models are served.", "[{id: openai, kind: openai}]", {}, Need::required});
  v.list("models", d.models,
         {"The models that rules and callers can name.", "[{id: large, provider: openai, name: gpt-4o}]"});
  v.list("routes", d.routes,
         {"Names for callers, each with its rules.", "[{name: assistant, rules: [{use: [large]}]}]",
          "`auto` (local first, sensitive data stays local) and `private` (local only)"});
  v.list("experiments", d.experiments,
         {"Two models side by side, to know which one is good enough.",
          "[{name: trial, kind: shadow, route: assistant, models: [small]}]", "none"});
}

}  // namespace weir::config
