// What is served here, as Ollama's clients ask for it: the list of models, one model, those that are loaded.
#include <algorithm>

#include <fmt/format.h>

#include "formats/ollama/client_face.h"
#include "formats/presets.h"

namespace weir::ollama_client {
namespace {

// Clients ask for the version to know what a server of Ollama's can do: this is the one whose answers ours look like.
constexpr std::string_view version = "0.12.11";

void write_details(json::Writer& writer) {
  writer.key("details").begin_object();
  writer.key("parent_model").value("").key("format").value("").key("family").value("");
  writer.key("families").begin_array().end_array();
  writer.key("parameter_size").value("").key("quantization_level").value("").end_object();
}

std::string write_list(std::span<const ModelCard> models) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("models").begin_array();
  for (const auto& model : models) {
    writer.begin_object().key("name").value(model.id).key("model").value(model.id);
    writer.key("modified_at").value(write_time(model.created)).key("size").value(0).key("digest").value("");
    // Who takes this for an Ollama of its own must know whose machine answers.
    if (is_cloud_vendor(model.owner)) writer.key("remote_host").value(model.owner);
    write_details(writer);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

// Until when, and in how much memory, only their servers know.
std::string write_loaded(std::span<const ModelCard> models) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("models").begin_array();
  for (const auto& model : models) {
    if (!model.loaded) continue;
    writer.begin_object().key("name").value(model.id).key("model").value(model.id);
    writer.key("size").value(0).key("digest").value("");
    write_details(writer);
    writer.key("size_vram").value(0);
    if (model.context_length > 0) writer.key("context_length").value(model.context_length);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

void write_capabilities(json::Writer& writer, const ModelCard& model) {
  const bool chat = holds(model.serves, Operation::chat);
  writer.key("capabilities").begin_array();
  if (chat || holds(model.serves, Operation::completion)) writer.value("completion");
  if (chat && model.tools) writer.value("tools");
  if (chat && model.images) writer.value("vision");
  if (holds(model.serves, Operation::embedding)) writer.value("embedding");
  writer.end_array();
}

// Clients look for the context under the name of the model's architecture, which they look up first.
void write_model_info(json::Writer& writer, const ModelCard& model) {
  writer.key("model_info").begin_object().key("general.architecture").value("weir");
  writer.key("general.basename").value(model.id);
  if (model.context_length > 0) writer.key("weir.context_length").value(model.context_length);
  writer.end_object();
}

std::string write_model(const ModelCard& model) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("license").value("").key("modelfile").value("").key("parameters").value("");
  writer.key("template").value("").key("modified_at").value(write_time(model.created));
  write_details(writer);
  write_model_info(writer, model);
  write_capabilities(writer, model);
  writer.end_object();
  return out;
}

Result<std::string> show(std::string_view body, std::span<const ModelCard> models) {
  json::Document document;
  if (auto parsed = document.parse_request(std::string(body)); !parsed) return failure(std::move(parsed.error()));
  json::Object object;
  if (document.root().get(object) != simdjson::SUCCESS) {
    return failure(ErrorCode::invalid_request, "The body must be a JSON object.");
  }
  auto wanted = json::string_or(object, "model");
  if (wanted.empty()) wanted = json::string_or(object, "name");
  if (wanted.empty()) {
    return failure(
        Error{.code = ErrorCode::invalid_request, .message = "Missing required parameter: 'model'.", .param = "model"});
  }
  const auto named = [&](std::string_view id) {
    return std::find_if(models.begin(), models.end(), [id](const ModelCard& card) { return card.id == id; });
  };
  auto found = named(wanted);
  // What has no tag is the latest there.
  constexpr std::string_view latest = ":latest";
  if (found == models.end() && wanted.ends_with(latest)) found = named(wanted.substr(0, wanted.size() - latest.size()));
  if (found == models.end()) {
    return failure(Error{
        .code = ErrorCode::unknown_model, .message = fmt::format("model '{}' not found", wanted), .param = "model"});
  }
  return write_model(*found);
}

}  // namespace

Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> models) {
  if (inquiry.path == "/api/tags") return write_list(models);
  if (inquiry.path == "/api/show") return show(inquiry.body, models);
  if (inquiry.path == "/api/ps") return write_loaded(models);
  if (inquiry.path == "/api/version") return fmt::format(R"({{"version":"{}"}})", version);
  return failure(ErrorCode::not_found, "There is nothing here.");
}

}  // namespace weir::ollama_client
