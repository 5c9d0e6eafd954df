// What a config says of a model: its names, prices and what it can do. As document.h, which includes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/document_base.h"
#include "config/provider_document.h"

namespace weir::config {

struct PricesDoc {
  const yaml::Node* at = nullptr;
  std::optional<MicroDollars> input, cached, output, written, written_long;
  std::optional<MicroDollars> image, second, character, search;
  std::optional<int64_t> flex, batch, priority;  // hundredths
};

struct ModelDoc {
  const yaml::Node* at = nullptr;
  Text id, provider, name;
  PricesDoc prices;
  std::optional<int64_t> context_length, max_output;
  std::optional<bool> chat, embeddings, tools, images;
  Texts aliases, serves;
  Text zone, workflow;
  std::vector<std::pair<std::string, Text>> quality;
  ParametersDoc parameters;
};

template <typename V>
void fields(V& v, PricesDoc& d) {
  v.dollars("input", d.input,
            {"Dollars per million input tokens.", "2.50", "required, unless it is not paid by tokens"});
  v.dollars("cached", d.cached,
            {"Dollars per million input tokens that the provider had cached.", "1.25", "as `input`"});
  v.dollars("output", d.output, {"Dollars per million output tokens.", "10", "required where `input` is given"});
  v.dollars("written", d.written,
            {"Dollars per million input tokens that the provider wrote to its cache.", "3.125", "as `input`"});
  v.dollars("written_long", d.written_long,
            {"The same, where they are kept for an hour instead of minutes.", "5", "as `written`"});
  v.dollars("image", d.image, {"Dollars for one picture, beside its tokens.", "0.04", "by tokens alone"});
  v.dollars("second", d.second, {"Dollars for one second of sound that is written down.", "0.0001", "by tokens alone"});
  v.dollars("character", d.character, {"Dollars for one character that is spoken.", "0.000015", "by tokens alone"});
  v.dollars(
      "search", d.search,
      {"Dollars for one search unit of a rerank, or one search of the web that a provider counts beside an answer's "
       "tokens.",
       "0.002", "by tokens alone"});
  constexpr Decimal factor{.digits = 2, .least = 0, .most = 1'000};
  v.number("flex", d.flex, factor,
           {"What an answer of the service tier `flex` costs: times the standard price.", "0.5",
            "the kind's; where it has none, marked as unknown"});
  v.number("batch", d.batch, factor, {"The same of the tier `batch`.", "0.5", "the kind's, else unknown"});
  v.number("priority", d.priority, factor, {"The same of the tier `priority`.", "2", "the kind's, else unknown"});
}

template <typename V>
void fields(V& v, ModelDoc& d) {
  v.text("id", d.id,
         {"Your name for it; rules and callers use it.", "small", "the name; `PROVIDER/NAME` where that has a `*`"});
  v.text("provider", d.provider, {"The `id` of its provider.", "gpu1", {}, Need::required});
  v.text("name", d.name,
         {"Its name at the provider; with one `*` it stands for all of that pattern.",
          "meta-llama/Llama-3.1-8B-Instruct",
          {},
          Need::required});
  v.texts("aliases", d.aliases, {"Further names that callers may use for it.", "[fast, gpt-4o-mini]", "none"});
  v.object("prices", d.prices,
           {"What it costs; without it, the price catalog's.", "{input: 2.5, cached: 1.25, output: 10}"});
  v.integer("context_length", d.context_length, Range{1, any_count.most},
            {"Tokens it takes at most.", "131072", "the catalog's, else unknown"});
  v.integer("max_output", d.max_output, Range{1, any_count.most},
            {"Tokens it answers at most.", "16384", "the catalog's, else unknown"});
  v.flag("chat", d.chat,
         {"It serves chat and completions.", "true", "true, unless its name is one of an embedding model"});
  v.flag("embeddings", d.embeddings, {"It serves embeddings.", "false", "by its name"});
  v.texts("serves", d.serves,
          {"What it serves beside chat and embeddings: rerank, images, speech, transcriptions, moderations.",
           "[rerank]", "nothing"});
  v.flag("tools", d.tools, {"It takes tools.", "false", "true"});
  v.flag("images", d.images, {"It takes images.", "false", "true"});
  v.map("quality", d.quality,
        {"How good its answers are, 0 to 1: of `all`, or of a task. For `objective`.", "{all: 0.8, code: 0.6}",
         "unknown"});
  v.text("zone", d.zone,
         {"Where data goes when this model is asked, if its provider passes it on to somebody else.", "cloud",
          "its provider's; `cloud` for Ollama's cloud models"});
  v.text("workflow", d.workflow,
         {"ComfyUI: the workflow that this model runs, relative to the config file.", "flux.json", "its provider's"});
  v.object("parameters", d.parameters,
           {"What is changed in the bodies of requests to it, after what its provider says.",
            "{clamp: {max_tokens: [1, 4096]}}", "nothing is"});
}

}  // namespace weir::config
