#include "formats/openai/server_facts.h"

#include <algorithm>

#include "formats/openai/model_face.h"

namespace weir::openai_provider {
namespace {

constexpr std::string_view props = "/props";
constexpr std::string_view lm_studio = "/api/v0/models";
constexpr std::string_view info = "/info";

std::string_view path_of(std::string_view kind) {
  if (kind == "llama_server") return props;
  if (kind == "lmstudio") return lm_studio;
  return kind == "tgi" ? info : std::string_view();
}

std::optional<bool> flag_at(const json::Object& object, std::string_view pointer) {
  bool truth = false;
  return object.at_pointer(pointer).get(truth) == simdjson::SUCCESS ? std::optional(truth) : std::nullopt;
}

// `n_ctx` is what one slot has, and so one request.
void read_props(const json::Object& told, ListedModel& model) {
  json::read_if(told.at_pointer("/default_generation_settings/n_ctx"), model.context_length);
  model.images = flag_at(told, "/modalities/vision");
}

// What it is loaded with; for one that is not, what it may be loaded with.
void read_lm_studio(const json::Object& told, ListedModel& model) {
  model.context_length = json::int_or(told, "loaded_context_length", json::int_or(told, "max_context_length"));
  const auto type = json::string_or(told, "type");
  if (type == "embeddings") model.embeds = true;
  if (type == "llm" || type == "vlm") model.images = type == "vlm";
  json::Array capabilities;
  if (told.at_key("capabilities").get(capabilities) != simdjson::SUCCESS) return;
  model.tools = std::any_of(capabilities.begin(), capabilities.end(), [](const json::Element& one) {
    std::string_view name;
    return one.get(name) == simdjson::SUCCESS && name == "tool_use";
  });
}

}  // namespace

std::vector<ModelQuestion> ask_more(const ProviderSettings& provider, const ModelList& list) {
  const auto path = path_of(provider.kind);
  // Only LM Studio answers for several at once.
  if (path.empty() || list.models.empty() || (path != lm_studio && list.models.size() != 1)) return {};
  ModelQuestion question{.ask = {.method = "GET", .path = std::string(path)}, .at_root = true};
  add_credential(provider, question.ask.headers);
  std::vector<ModelQuestion> questions;
  questions.push_back(std::move(question));
  return questions;
}

void read_more(const ModelQuestion& question, std::string_view body, ModelList& list) {
  json::Document document;
  json::Object told;
  if (list.models.empty() || !document.parse_copy(body) || document.root().get(told) != simdjson::SUCCESS) return;
  if (question.ask.path == props) return read_props(told, list.models.front());
  if (question.ask.path == info) {
    list.models.front().context_length = json::int_or(told, "max_total_tokens");
    return;
  }
  json::Array all;
  if (told.at_key("data").get(all) != simdjson::SUCCESS) return;
  for (const auto element : all) {
    json::Object one;
    if (element.get(one) != simdjson::SUCCESS) continue;
    const auto model = std::find_if(list.models.begin(), list.models.end(), [&](const ListedModel& listed) {
      return listed.name == json::string_or(one, "id");
    });
    if (model != list.models.end()) read_lm_studio(one, *model);
  }
}

}  // namespace weir::openai_provider
