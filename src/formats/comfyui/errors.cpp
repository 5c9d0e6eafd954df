// What ComfyUI says when a workflow is refused or fails: the node, its kind, and what it did not like.
#include <fmt/format.h>

#include "formats/comfyui/model_face.h"
#include "formats/shared/errors.h"

namespace weir::comfyui {
namespace {

constexpr std::size_t most_told = 3;  // faults of nodes
constexpr std::size_t longest_told = 300;

std::string fault(const json::Object& error) {
  std::string words(json::string_or(error, "message"));
  const auto details = json::string_or(error, "details");
  if (!details.empty()) words += fmt::format(": {}", details.substr(0, longest_told));
  return words;
}

// `node 4 (CheckpointLoaderSimple): Value not in list: ckpt_name …`
void append_node(std::string& message, std::string_view id, const json::Object& node) {
  json::Array errors;
  if (node["errors"].get(errors) != simdjson::SUCCESS) return;
  std::size_t told = 0;
  for (const auto element : errors) {
    json::Object error;
    if (element.get(error) != simdjson::SUCCESS || ++told > most_told) continue;
    message +=
        fmt::format("; node {} ({}): {}", id.substr(0, 40), json::string_or(node, "class_type", "?"), fault(error));
  }
}

}  // namespace

// The workflow is the config's, not the caller's: what it does not like is no fault of the request.
Error classify(const HttpResponse& response) {
  json::Document document;
  json::Object said;
  if (response.status != 400 || !document.parse_copy(response.body) || document.root().get(said) != simdjson::SUCCESS ||
      said["node_errors"].error() != simdjson::SUCCESS) {
    return classify_response(response);
  }
  std::string message = "ComfyUI refused the workflow";
  json::Object error;
  if (said["error"].get(error) == simdjson::SUCCESS) message += fmt::format(": {}", fault(error));
  json::Object nodes;
  std::size_t told = 0;
  if (said["node_errors"].get(nodes) == simdjson::SUCCESS) {
    for (const auto member : nodes) {
      json::Object node;
      if (member.value.get(node) == simdjson::SUCCESS && ++told <= most_told) append_node(message, member.key, node);
    }
  }
  return {.code = ErrorCode::upstream_no_model,
          .message = std::move(message),
          .provider_code = std::string(json::string_or(error, "type"))};
}

Error failed_run(const json::Object& entry) {
  json::Array messages;
  if (entry["status"]["messages"].get(messages) == simdjson::SUCCESS) {
    for (const auto element : messages) {
      json::Array pair;
      std::string_view event;
      if (element.get(pair) != simdjson::SUCCESS || pair.at(0).get(event) != simdjson::SUCCESS) continue;
      json::Object data;
      json::read_if(pair.at(1), data);
      if (event == "execution_interrupted") {
        return {.code = ErrorCode::upstream_server_error,
                .message = fmt::format("Somebody stopped the workflow at ComfyUI, in node {}.",
                                       json::string_or(data, "node_id", "?"))};
      }
      if (event != "execution_error") continue;
      return {.code = ErrorCode::upstream_server_error,
              .message =
                  fmt::format("The workflow failed at ComfyUI in node {} ({}): {}",
                              json::string_or(data, "node_id", "?"), json::string_or(data, "node_type", "?"),
                              json::string_or(data, "exception_message", "without saying why").substr(0, longest_told)),
              .provider_code = std::string(json::string_or(data, "exception_type").substr(0, longest_told))};
    }
  }
  return {.code = ErrorCode::upstream_server_error, .message = "The workflow failed at ComfyUI without saying where."};
}

}  // namespace weir::comfyui
